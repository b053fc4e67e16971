// @ts-check
/** The head of the page: last price, best bid and ask, spread, imbalance, a day's figures, and whether it is live. */
import { behind, turnover } from "../core/contract.js";
import { add, compare, isNumber, ratio, spreadBps, subtract, sum } from "../core/decimal.js";
import { attribute, required, textOf, write } from "../core/dom.js";
import { ABSENT, age, sign } from "../core/format.js";
import { isMiddle, priceDigits, priceOf } from "../core/price.js";
import { zoneOf } from "../core/zone.js";
import { STATE_WORDS } from "./marketrow.js";
import { Part } from "./part.js";
import { Digits } from "./tints.js";

const DRAW_MS = 100;
const TITLE_MS = 1_000;
/** What is over sooner is neither written out nor read aloud. */
const PATIENCE_MS = 1_500;
const IMBALANCE_LEVELS = 10;
const PHASES = { pre: "pre-market", open: "open", post: "after hours", closed: "closed" };

export class Summary extends Part {
  #book;
  #entitles;
  #entitledAt = -Infinity;
  /** @type {HTMLElement | null} where the head of the page says why it is not live */
  #why;
  #liveAt = 0;
  /** @type {Element | null} in which part of its day the market is */
  #phase;
  #texts;
  #digits;
  #way;
  #mid;
  #change;
  /** @type {Record<string, string>} */
  #before = {};

  /**
   * @param {Element} root @param {import("../main.js").Page} page @param {import("../main.js").Listed} listed
   * @param {import("../core/store.js").Topic | null} book @param {boolean} [entitles] whether the page is named by its last price
   */
  constructor(root, page, listed, book, entitles = false) {
    super(root, page, listed, { channel: "ticker", symbol: listed.symbol }, DRAW_MS);
    this.#book = book;
    this.#entitles = entitles;
    this.#why = entitles ? document.querySelector("[data-why]") : null;
    this.#liveAt = page.clock.now();
    const cell = (/** @type {string} */ name) => required(root, `[data-cell="${name}"]`);
    const text = (/** @type {string} */ name) => textOf(cell(name));
    this.#digits = { last: new Digits(cell("last"), page.tints), bid: new Digits(cell("bid"), page.tints), ask: new Digits(cell("ask"), page.tints) };
    this.#way = required(root, ".way");
    this.#change = cell("change");
    for (const each of root.querySelectorAll("[data-figure]")) each.toggleAttribute("hidden", listed.untold.includes(each.getAttribute("data-figure") ?? ""));
    this.#mid = required(root, "[data-mid]");
    required(root, "[data-imbalance]").toggleAttribute("hidden", !book);
    this.#phase = root.querySelector('[data-cell="phase"]');
    this.#texts = {
      way: textOf(this.#way), change: text("change"), spread: text("spread"), bps: text("bps"), imbalance: text("imbalance"),
      high: text("high"), low: text("low"), volume: text("volume"), state: text("state"), age: text("age"),
    };
  }

  connect() {
    this.stops.push(this.page.socket.want({ channel: "ticker", symbol: [this.listed.symbol], interval_ms: DRAW_MS }));
    if (this.#book) this.stops.push(this.wantBook(this.#book));
    if (this.#entitles) this.stops.push(this.#whenHidden());
    super.connect();
  }

  draw() {
    const { format, liveness } = this.page;
    const { priceDecimals } = this.listed;
    const value = this.entry?.value ?? {};
    const standing = this.standing;
    attribute(this.root, "data-state", standing.state);
    attribute(required(this.root, '[data-cell="state"]'), "title", standing.reason || null);
    const word = STATE_WORDS[/** @type {keyof STATE_WORDS} */ (standing.state)] ?? standing.state;
    write(this.#texts.state, word);
    this.#explain(standing.state === "live" || !standing.reason ? "" : `${word}: ${standing.reason}.`);
    this.#drawPhase();
    write(this.#texts.age, age(this.entry ? liveness.ageS(this.entry) : NaN));
    this.#drawPrices(value, standing.state === "live");
    if (this.#entitles) this.#entitle(standing.state === "live" ? this.#price : word, standing.state !== "live");
    write(this.#texts.change, format.percent(value.change_pct));
    this.#change.classList.toggle("up", sign(value.change_pct) > 0);
    this.#change.classList.toggle("down", sign(value.change_pct) < 0);
    write(this.#texts.high, format.price(value.high, priceDecimals));
    write(this.#texts.low, format.price(value.low, priceDecimals));
    write(this.#texts.volume, format.compact(turnover(this.listed, value)));
    this.#drawSpread(value);
    write(this.#texts.imbalance, this.#imbalance());
    this.stand();
  }

  #drawPhase() {
    if (!this.#phase) return;
    const { name, words } = this.page.liveness.phase(this.listed.venue);
    const said = words || (PHASES[/** @type {keyof PHASES} */ (name)] ?? name);
    write(textOf(this.#phase), said && ` · ${said}`);
  }

  /** Changes with the reason, never with its age: it is read aloud. @param {string} words */
  #explain(words) {
    if (!this.#why) return;
    if (!words) this.#liveAt = this.page.clock.now();
    else if (this.page.clock.now() - this.#liveAt < PATIENCE_MS) return;
    attribute(this.#why, "data-state", this.standing.state);
    if (this.#why.textContent !== words) this.#why.textContent = words;
    this.#why.toggleAttribute("hidden", !words);
  }

  /** @param {import("../core/merge.js").Value} value @param {boolean} live */
  #drawPrices(value, live) {
    const prices = { last: priceOf(this.listed, value), bid: value.bid, ask: value.ask };
    this.#mid.toggleAttribute("hidden", !isMiddle(this.listed) || !isNumber(prices.last));
    for (const name of /** @type {const} */ (["last", "bid", "ask"])) {
      const [now, before] = [prices[name], this.#before[name]];
      const way = isNumber(now) && isNumber(before) ? compare(now, before) : 0;
      this.#before[name] = now;
      this.#digits[name].write(this.page.format.price(now, name === "last" ? priceDigits(this.listed) : this.listed.priceDecimals), live ? way : 0);
      if (name !== "last" || way === 0) continue;
      write(this.#texts.way, way > 0 ? "↑" : "↓");
      attribute(this.#way, "data-way", way > 0 ? "up" : "down");
    }
  }

  /** What is hidden is not drawn: in the name of its tab the price has the time that it is of. @returns {() => void} stop */
  #whenHidden() {
    const hidden = () => {
      if (document.visibilityState !== "hidden" || this.standing.state !== "live") return;
      this.#entitle(`${this.#price} at ${zoneOf(document.documentElement.dataset.zone, this.listed.zone).timeOfDay(Date.now() * 1000)}`, true);
    };
    document.addEventListener("visibilitychange", hidden);
    return () => document.removeEventListener("visibilitychange", hidden);
  }

  get #price() {
    const price = priceOf(this.listed, this.entry?.value);
    return `${isMiddle(this.listed) && isNumber(price) ? "mid " : ""}${this.page.format.price(price, priceDigits(this.listed))}`;
  }

  /** Once a second is enough for the name of a tab. @param {string} told its price, or in a word why there is none of now @param {boolean} atOnce */
  #entitle(told, atOnce) {
    const now = this.page.clock.now();
    if (!atOnce && now - this.#entitledAt < TITLE_MS) return;
    this.#entitledAt = now;
    const { base, contract, venueTitle } = this.listed;
    const title = `${told} ${base}${contract?.strike ? ` ${contract.short}` : behind(this.listed)} · ${venueTitle}`;
    if (document.title !== title) document.title = title;
  }

  /** @param {import("../core/merge.js").Value} value */
  #drawSpread({ bid, ask }) {
    const known = isNumber(bid) && isNumber(ask);
    write(this.#texts.spread, known ? this.page.format.price(subtract(ask, bid), this.listed.priceDecimals) : ABSENT);
    write(this.#texts.bps, known ? `${this.page.format.fixed(spreadBps(bid, ask), 2)} bp` : "");
  }

  /** Bids less asks as a share of both. */
  #imbalance() {
    const value = this.#book ? this.page.store.get(this.#book)?.value : undefined;
    if (!value?.bids || !value.asks) return ABSENT;
    const [bids, asks] = [value.bids, value.asks].map((side) => sum(side.slice(0, IMBALANCE_LEVELS).map((/** @type {any} */ level) => level[1])));
    const share = ratio(subtract(bids, asks), add(bids, asks), 2, 100n);
    return share === null ? ABSENT : `${this.page.format.signed(share, 0)}%`;
  }
}
