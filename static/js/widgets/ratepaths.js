// @ts-check
/**
 * The paths of rates between currencies. They come with the page; the server, which hears all markets, is asked for the
 * best of now where one of them is not live, and now and then while all are, since a shorter one may be back.
 */
import { Backoff } from "../core/backoff.js";
import { along, rateOf } from "../core/rates.js";
import { phrase } from "./portfolioreasons.js";
import { ask } from "./request.js";

/**
 * `said`: words that stand until a market of it was heard that had no live price.
 * @typedef {import("../core/rates.js").Path & {said: string}} Path
 * @typedef {Record<string, Path>} Paths by currency
 * `closed`: some market of it was not heard. `ageS` of the oldest price.
 * @typedef {{rate: import("../core/rates.js").Rate, live: boolean, why: string, ageS: number, closed: boolean, path: Path}} Found
 * @typedef {{paths: Paths, markets: Set<string>, leave: () => void}} Followed
 */

export const ADDRESS = "/portfolios/rates/";
const WHILE_LIVE_MS = 60_000;
/** What is not live is often so for a moment, and the server may know of it a little later than this page. */
const AFTER_MS = 1_000;

export class RatePaths {
  #page;
  #everyMs;
  #stir;
  #base;
  /** @type {Followed} */
  #now;
  /** Others, until their markets are heard. @type {Followed | null} */
  #next = null;
  #backoff = new Backoff();
  #wasLive = true;
  #dueMs = 0;
  #asking = false;
  #ended = false;
  /** @type {(() => void) | null} */
  #stop = null;

  /** @param {import("../main.js").Page} page @param {string} base into which they lead @param {Paths} paths @param {number} everyMs at most so often a rate is told @param {() => void} stir a rate moved */
  constructor(page, base, paths, everyMs, stir) {
    this.#page = page;
    this.#base = base;
    this.#everyMs = everyMs;
    this.#stir = stir;
    this.#now = { paths, markets: marketsOf(paths), leave: () => {} };
  }

  connect() {
    this.#dueMs = this.#page.clock.now() + WHILE_LIVE_MS;
    this.#now = this.#followed(this.#now.paths);
    this.#stop = this.#page.store.watch("ticker", ({ symbol }) => (this.#now.markets.has(symbol) || this.#next?.markets.has(symbol)) && this.#stir());
  }

  disconnect() {
    this.#ended = true;
    this.#stop?.();
    for (const each of [this.#now, this.#next]) each?.leave();
  }

  /** What one of each currency is, as seen from this page; null while a market that was live is not heard yet. @returns {Map<string, Found> | null} */
  found() {
    if (this.#next && this.#read(this.#next)) this.#change(this.#next);
    return this.#read(this.#now);
  }

  /** After each drawing. @param {boolean} isLive whether each rate that was needed was there and live */
  look(isLive) {
    const now = this.#page.clock.now();
    if (isLive && !this.#wasLive) this.#backoff.reset();
    const turned = isLive !== this.#wasLive;
    this.#wasLive = isLive;
    if (turned) this.#dueMs = now + this.#waitMs();
    if (now >= this.#dueMs && !this.#asking && this.#page.liveness.connected) void this.#ask();
  }

  #waitMs() {
    return this.#wasLive ? WHILE_LIVE_MS : AFTER_MS + this.#backoff.next();
  }

  async #ask() {
    this.#asking = true;
    const answer = await ask(ADDRESS);
    this.#asking = false;
    this.#dueMs = this.#page.clock.now() + this.#waitMs();
    if (this.#ended || answer?.currency !== this.#base) return; // in another one by now: this page is of the old one
    const before = this.#next;
    this.#next = said(answer.paths) === said(this.#now.paths) ? null : this.#followed(answer.paths);
    before?.leave();
    this.#stir();
  }

  /** @param {Paths} paths @returns {Followed} */
  #followed(paths) {
    const markets = marketsOf(paths);
    for (const symbol of markets) if (!this.#now.markets.has(symbol)) this.#page.store.forget({ channel: "ticker", symbol }); // of before
    const leave = markets.size > 0 ? this.#page.socket.want({ channel: "ticker", symbol: [...markets], interval_ms: this.#everyMs }) : () => {};
    return { paths, markets, leave };
  }

  /** @param {Followed} next */
  #change(next) {
    const before = this.#now;
    [this.#now, this.#next] = [next, null];
    before.leave();
  }

  /** @param {Followed} of @returns {Map<string, Found> | null} */
  #read({ paths }) {
    const found = Object.entries(paths).map(([code, path]) => [code, this.#found(path)]);
    return found.some(([, each]) => each === null) ? null : new Map(/** @type {[string, Found][]} */ (found));
  }

  /** @param {Path} path @returns {Found | null} */
  #found(path) {
    const { steps } = path;
    const heard = steps.map((step) => ({ step, entry: this.#page.store.get({ channel: "ticker", symbol: step.market }) }));
    if (heard.some(({ step, entry }) => step.live && entry === undefined)) return null;
    const standings = heard.map(({ step, entry }) => (entry ? this.#standing(step.market, entry.value) : { state: "stale" }));
    const worst = standings.find(({ state }) => state !== "live");
    const rate = along(steps, (step) => rateOf(heard.find((each) => each.step === step)?.entry?.value) ?? step.price);
    const ages = heard.map(({ entry }) => (entry ? this.#page.liveness.ageS(entry) : NaN));
    return { rate, live: !worst, why: worst ? phrase(worst) : "", ageS: Math.max(...ages), closed: heard.some(({ entry }) => !entry), path };
  }

  /** @param {string} market @param {import("../core/merge.js").Value} value */
  #standing(market, value) {
    const found = this.#page.liveness.standing(market.slice(0, market.indexOf(":")), value);
    return found.state === "live" && rateOf(value) === null ? { state: "stale" } : found;
  }
}

/** @param {Paths} paths */
function marketsOf(paths) {
  return new Set(Object.values(paths).flatMap(({ steps }) => steps.map(({ market }) => market)));
}

/** Which way they go, to compare. @param {Paths} paths */
function said(paths) {
  const ways = Object.entries(paths).map(([code, { steps }]) => [code, ...steps.map(({ market }) => market)].join(" "));
  return ways.sort().join("; ");
}
