// @ts-check
/** One row of the markets list: writes the cells that changed, and nothing else. */
import { turnover } from "../core/contract.js";
import { compare, isNumber, spreadBps } from "../core/decimal.js";
import { attribute, required, textOf, write } from "../core/dom.js";
import { age, sign } from "../core/format.js";
import { priceDigits, priceOf } from "../core/price.js";
import { Digits } from "./tints.js";

export const STATE_WORDS = {
  live: "Live",
  syncing: "Syncing",
  stale: "Stale",
  halted: "Halted",
  closed: "Closed",
  delisted: "Delisted",
  down: "Down",
  off: "Off",
};

/** Of a market that closes: what is traded before it opens is live all the same. */
const PHASE_WORDS = { "live pre": "Pre", "live post": "Post" };

/** @param {string} state @param {string} phase @returns {string} */
const stated = (state, phase) =>
  PHASE_WORDS[/** @type {keyof PHASE_WORDS} */ (`${state} ${phase}`)] ?? STATE_WORDS[/** @type {keyof STATE_WORDS} */ (state)] ?? state;

export class MarketRow {
  #element;
  #listed;
  #format;
  #digits;
  #texts;
  #cells;
  #link;
  #way;
  #mid;
  /** @type {Record<string, string>} */
  #before = {};

  /** @param {Element} element @param {import("../main.js").Listed} listed @param {import("../main.js").Page} page */
  constructor(element, listed, { format, tints }) {
    this.#element = element;
    this.#listed = listed;
    this.#format = format;
    const cell = (/** @type {string} */ name) => required(element, `[data-cell="${name}"]`);
    this.#cells = { change: cell("change"), spark: cell("spark"), state: cell("state") };
    this.#link = required(element, ".name > :first-child");
    this.#digits = { last: new Digits(cell("last"), tints), bid: new Digits(cell("bid"), tints), ask: new Digits(cell("ask"), tints) };
    this.#way = required(element, ".way");
    this.#mid = element.querySelector(".mid");
    this.#texts = {
      way: textOf(this.#way),
      change: textOf(cell("change")),
      spread: textOf(cell("spread")),
      volume: textOf(cell("volume")),
      state: textOf(cell("state")),
      substate: textOf(cell("substate")),
      age: textOf(cell("age")),
    };
  }

  get spark() {
    return this.#cells.spark;
  }

  /**
   * @param {import("../core/merge.js").Value} value @param {import("../core/age.js").Standing} standing
   * @param {boolean} tinted whether changes since the last drawing are news
   */
  draw(value, standing, tinted) {
    const live = standing.state === "live";
    const price = priceOf(this.#listed, value);
    const way = this.#drawPrice("last", price, priceDigits(this.#listed), tinted && live);
    this.#mid?.toggleAttribute("hidden", !isNumber(price));
    if (way !== 0) this.#drawWay(way);
    for (const name of /** @type {const} */ (["bid", "ask"])) this.#drawPrice(name, value[name], this.#listed.priceDecimals, tinted && live);
    this.#drawChange(value.change_pct);
    write(this.#texts.spread, this.#format.fixed(spreadBps(value.bid, value.ask), 2));
    write(this.#texts.volume, this.#format.compact(turnover(this.#listed, value)));
  }

  /** @param {number} ageS @param {import("../core/age.js").Standing} standing @param {import("../core/age.js").Phase} phase */
  drawStanding(ageS, standing, phase) {
    const word = stated(standing.state, phase.name);
    this.#drawState(standing, word, phase);
    this.#drawAge(ageS, standing.state === "live" && word === STATE_WORDS.live ? "" : word);
  }

  /** @param {number} ageS @param {string} word of what is not simply live */
  #drawAge(ageS, word) {
    const shown = age(ageS);
    write(this.#texts.age, shown);
    write(this.#texts.substate, word && Number.isFinite(ageS) ? `${word} ${shown}` : word);
  }

  /** @param {"last" | "bid" | "ask"} name @param {string | undefined} now @param {number} decimals @param {boolean} tinted @returns {number} the sign of the change */
  #drawPrice(name, now, decimals, tinted) {
    const way = this.#moved(name, now);
    this.#digits[name].write(this.#format.price(now, decimals), tinted ? way : 0);
    return way;
  }

  /** @param {string} name @param {string | undefined} now @returns {number} the sign of the change */
  #moved(name, now) {
    const before = this.#before[name];
    if (now === undefined || now === before) return 0;
    this.#before[name] = now;
    return isNumber(now) && isNumber(before) ? compare(now, before) : 0;
  }

  /** @param {number} way */
  #drawWay(way) {
    write(this.#texts.way, way > 0 ? "↑" : "↓");
    attribute(this.#way, "data-way", way > 0 ? "up" : "down");
  }

  /** @param {string | undefined} percent */
  #drawChange(percent) {
    write(this.#texts.change, this.#format.percent(percent));
    const way = sign(percent);
    for (const cell of [this.#cells.change, this.#cells.spark]) {
      cell.classList.toggle("up", way > 0);
      cell.classList.toggle("down", way < 0);
    }
  }

  /** @param {import("../core/age.js").Standing} standing @param {string} word @param {import("../core/age.js").Phase} phase */
  #drawState({ state, reason }, word, phase) {
    attribute(this.#element, "data-state", state);
    attribute(this.#cells.state, "title", reason || phase.words || null);
    write(this.#texts.state, word);
    // It covers the row, so it is what a pointer rests on, and where the focus stands.
    attribute(this.#link, "title", state === "live" || !reason ? null : `${word}: ${reason}`);
  }
}
