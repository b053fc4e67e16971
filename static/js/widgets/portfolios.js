// @ts-check
/** The list of portfolios, each moving by itself, those in one currency together, and all of them. */
import { attribute, required, textOf, write } from "../core/dom.js";
import { moneyIn } from "../core/money.js";
import { together } from "../core/overall.js";
import { Asking } from "./asking.js";
import { STILL } from "./portfoliomoment.js";
import { OverallTotal } from "./portfoliooverall.js";
import { RowSums } from "./portfoliorow.js";
import { PortfolioTopics } from "./portfoliotopic.js";
import { ADDRESS } from "./ratepaths.js";
import { ask } from "./request.js";

const DRAW_MS = 250;
const LOOK_MS = 60_000;

/** @typedef {import("../core/merge.js").Value} Value */

export default class Portfolios {
  #page;
  #root;
  #moment;
  #money;
  #topics;
  /** @type {{id: string, base: string, sums: RowSums}[]} */
  #rows;
  /** @type {{base: string, sums: RowSums}[]} */
  #together;
  #overall;
  #looking;
  #served;
  #areOthers = false;
  #wasKnown = false;

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#root = root;
    this.#page = page;
    this.#moment = textOf(required(root, "[data-moment]"));
    this.#money = moneyIn(page.format);
    this.#rows = [...root.querySelectorAll("tr[data-id]")].map((row) => ({ id: row.getAttribute("data-id") ?? "", base: row.getAttribute("data-base") ?? "", sums: new RowSums(row) }));
    this.#together = [...root.querySelectorAll("tr[data-together]")].map((row) => ({ base: row.getAttribute("data-together") ?? "", sums: new RowSums(row) }));
    this.#topics = new PortfolioTopics(page, root, this.#rows.map(({ id }) => id), () => this.#draw(), DRAW_MS);
    this.#looking = new Asking(page.clock, LOOK_MS, () => this.#look());
    this.#served = (root.getAttribute("data-portfolios") ?? "").trim();
    const foot = root.querySelector("tfoot:has([data-overall])");
    this.#overall = foot && new OverallTotal(foot, page, DRAW_MS, () => this.#topics.stir());
  }

  connect() {
    this.#topics.connect();
    this.#overall?.connect();
    this.#looking.connect();
    document.addEventListener("visibilitychange", this.#look);
  }

  disconnect() {
    this.#topics.disconnect();
    this.#overall?.disconnect();
    this.#looking.disconnect();
    document.removeEventListener("visibilitychange", this.#look);
  }

  /** Whether another page made one or deleted one: now and then, and when somebody comes back to this page. */
  #look = async () => {
    if (document.hidden || this.#areOthers) return;
    const answer = await ask(ADDRESS);
    const served = this.#served.split(/\s+/).map(Number).sort((one, other) => one - other);
    this.#areOthers = answer !== null && answer.portfolios.join() !== served.join();
    this.#topics.stir();
  };

  #draw() {
    const found = this.#rows.map(({ id, base, sums }) => ({ base, sums, value: this.#topics.entry(id)?.value }));
    // Of one that is measured in another currency by now this page has the old one's places and sums.
    const known = /** @type {{base: string, sums: RowSums, value: Value}[]} */ (found.filter(({ base, value }) => value?.total !== undefined && value.base === base));
    for (const { sums, value } of known) sums.draw(value, this.#money);
    const sums = this.#sums(known, found.map(({ base }) => base));
    for (const { base, sums: row } of this.#together) if (sums.has(base)) row.draw(/** @type {Value} */ (sums.get(base)), this.#money);
    const isWhole = !this.#overall || (known.length === found.length && this.#overall.draw(sums, this.#money));
    const isLive = isWhole && known.length === found.length && known.every(({ value }) => isMoving(value) && !this.#silent(value));
    const moving = this.#overall?.moves(sums) || known.some(({ value }) => hasPrice(value)) ? "live" : "still";
    const state = !this.#page.liveness.connected ? "down" : !isLive ? "stale" : this.#areOthers ? "others" : moving;
    attribute(this.#root, "data-state", state === "others" ? "stale" : state);
    const words = { others: `${moving === "live" ? "Live" : STILL}, but portfolios came or went: Refresh shows them.`, down: `Not live: ${this.#page.liveness.silence}.`, stale: "Not all of it is live.", live: "Live.", still: `${STILL}.` };
    if (known.length > 0 || this.#wasKnown) write(this.#moment, words[state]);
    this.#wasKnown ||= known.length > 0;
  }

  /** Whether the feed of one of its live prices is, seen from this page. @param {Value} value */
  #silent({ holdings, positions }) {
    const markets = [...holdings, ...positions].filter(({ live }) => live).flatMap((item) => ("name" in item ? [item.name] : item.by));
    const venues = new Set(markets.map((/** @type {string} */ market) => market.slice(0, market.indexOf(":"))));
    return [...venues].some((venue) => this.#page.liveness.standing(venue, { state: "live" }).state !== "live");
  }

  /** Of each currency of which all are known. @param {{base: string, value: Value}[]} known @param {string[]} bases of all @returns {Map<string, Value>} */
  #sums(known, bases) {
    const of = (/** @type {string} */ base) => known.filter((each) => each.base === base).map(({ value }) => value);
    const whole = [...new Set(bases)].filter((base) => of(base).length === bases.filter((each) => each === base).length);
    return new Map(whole.map((base) => [base, together(of(base))]));
  }
}

/** What has no price at all is said beside the total; what has one is live. @param {Value} value */
function isMoving({ state, missing, stale }) {
  return state === "live" || (missing.length > 0 && stale.length === 0);
}

/** Whether a market's price of now is in it. @param {Value} value */
function hasPrice({ holdings, positions }) {
  return [...holdings, ...positions].some(({ live, ts_received }) => live && ts_received !== null);
}
