// @ts-check
/** One strike of a chain: a call and a put. Writes the cells that changed, of those that are shown. */
import { figure, RIGHTS } from "../core/chain.js";
import { isNumber } from "../core/decimal.js";
import { attribute, element, required, textOf, write } from "../core/dom.js";
import { estimate, FIGURES, NONE } from "../core/estimates.js";
import { age } from "../core/format.js";
import { compare } from "../core/decimal.js";
import { STATE_WORDS } from "./marketrow.js";
import { Digits } from "./tints.js";

/** @type {Record<string, string[]>} */
const SHOWN = {
  quotes: ["interest", "volume", "delta", "mark", "mark_iv", "bid_iv", "bid_qty", "bid", "ask", "ask_qty", "ask_iv"],
  greeks: ["rho", "theta", "vega", "gamma", "delta", "mark", "mark_iv", "bid", "ask"],
};
/** @type {Record<string, string>} */
const COUNTED = { interest: "open_interest", volume: "volume", bid_qty: "bid_qty", ask_qty: "ask_qty" };

/**
 * @typedef {{show: string, columns: string, side: string, magnitude: number, inCoin: boolean, venue: string}} Look shared by all rows
 * @typedef {{right: "call" | "put", symbol: string, slug: string, decimals: number, gone: string, terms: import("../core/estimates.js").Terms}} Option
 */

export class ChainRow {
  #element;
  #page;
  #look;
  #options;
  /** @type {Record<string, Text>} by `call.bid` */
  #texts = {};
  /** @type {Record<string, Digits>} */
  #digits = {};
  /** @type {Record<string, string | undefined>} */
  #before = {};
  /** @type {Record<string, string | null>} as they were written last */
  #titles = {};
  /** @type {Record<string, boolean>} which of the two was live when it was drawn last */
  #lives = {};
  #substate;

  /** @param {HTMLElement} row @param {import("../main.js").Page} page @param {Look} look @param {Option[]} options those that there are */
  constructor(row, page, look, options) {
    this.#element = row;
    this.#page = page;
    this.#look = look;
    this.#options = options;
    for (const cell of row.querySelectorAll("td[data-cell]")) {
      const name = cell.getAttribute("data-cell") ?? "";
      if (/\.(bid|ask)$/.test(name)) this.#digits[name] = digitsOf(cell, page.tints);
      else this.#texts[name] = textOf(cell);
    }
    this.#substate = textOf(required(row, '[data-cell="substate"]'));
  }

  /** @param {boolean} tinted whether changes since the last drawing are news */
  draw(tinted) {
    for (const option of this.#options) this.#drawSide(option, tinted);
  }

  /** @param {Option} option @param {boolean} tinted */
  #drawSide(option, tinted) {
    const { store, liveness } = this.#page;
    const entry = store.get({ channel: "option", symbol: option.symbol });
    const value = entry?.value ?? {};
    const standing = standingOf(this.#page, this.#look, option);
    const live = standing.state === "live";
    for (const name of /** @type {const} */ (["bid", "ask"])) this.#drawPrice(option, name, value[name], tinted && live);
    const ours = this.#look.show === "venue" ? NONE : estimate(option.terms, value);
    for (const name of SHOWN[this.#look.columns]) {
      if (name !== "bid" && name !== "ask") this.#drawCell(option, name, value, ours);
    }
    this.#drawState(option, standing, entry ? liveness.ageS(entry) : NaN);
  }

  /** @param {Option} option @param {"bid" | "ask"} name @param {string | undefined} now @param {boolean} tinted */
  #drawPrice({ right, decimals }, name, now, tinted) {
    const key = `${right}.${name}`;
    const before = this.#before[key];
    this.#before[key] = now;
    const way = tinted && isNumber(now) && isNumber(before) ? compare(now, before) : 0;
    this.#digits[key].write(this.#page.format.price(now, decimals), way);
  }

  /** @param {Option} option @param {string} name @param {Record<string, any>} value @param {import("../core/estimates.js").Estimate} ours */
  #drawCell({ right, decimals }, name, value, ours) {
    const { format } = this.#page;
    const text = this.#texts[`${right}.${name}`];
    if (name in COUNTED) return write(text, format.compact(value[COUNTED[name]]));
    const venues = name === "mark" || this.#look.show === "venue";
    this.#explain(text, `${right}.${name}`, (venues ? value[name] : ours.reasons[name]) ?? null);
    if (name === "mark") write(text, format.fixed(value.mark, decimals + 1));
    else if (FIGURES.includes(name)) write(text, figure(format, name, value, ours, this.#look));
  }

  /** All digits of a figure, or why there is none. @param {Text} text @param {string} key @param {string | null} title */
  #explain(text, key, title) {
    if (this.#titles[key] === title) return;
    this.#titles[key] = title;
    attribute(/** @type {Element} */ (text.parentElement), "title", title);
  }

  /** @param {Option} option @param {import("../core/age.js").Standing} standing @param {number} ageS */
  #drawState({ right }, { state, reason }, ageS) {
    const told = right !== this.#look.side || this.#substate.data === "";
    if (state === "live" && this.#lives[right] && told) return;
    this.#lives[right] = state === "live";
    const word = state === "live" ? "" : STATE_WORDS[/** @type {keyof STATE_WORDS} */ (state)] ?? state;
    const text = this.#texts[`${right}.state`];
    const cell = /** @type {Element} */ (text.parentElement);
    write(text, word);
    attribute(cell, "data-state", state);
    attribute(cell, "title", word && [reason, Number.isFinite(ageS) ? `${age(ageS)} old` : ""].filter(Boolean).join(", "));
    attribute(this.#element, `data-${right}`, state);
    if (right === this.#look.side) write(this.#substate, word && Number.isFinite(ageS) ? `${word} ${age(ageS)}` : word);
  }

  /** @param {string | null} inside which of the two is in the money @param {boolean} atMoney */
  place(inside, atMoney) {
    attribute(this.#element, "data-inside", inside);
    attribute(this.#element, "data-at-money", atMoney ? "" : null);
  }
}

/** The two pieces of a number. @param {Element} cell @param {import("./tints.js").Tints} tints */
function digitsOf(cell, tints) {
  if (cell.childElementCount !== 2) cell.replaceChildren(element("span", {}, cell.textContent ?? ""), element("span"));
  return new Digits(cell, tints);
}

/** Its state, and never live when something between it and this page is silent. @param {import("../main.js").Page} page @param {Look} look @param {Option} option */
export function standingOf({ store, liveness }, { venue }, { symbol, gone }) {
  const value = store.get({ channel: "option", symbol })?.value;
  return gone && !value ? { state: "delisted", reason: gone } : liveness.standing(venue, value);
}

/** A row like those of the first paint, without values yet. @param {Element} root @param {string} shown the strike @param {Record<"call" | "put", Option | undefined>} options @param {(option: Option) => string} name */
export function rowOf(root, shown, options, name) {
  const template = /** @type {HTMLTemplateElement} */ (required(root, "template[data-row]"));
  const row = /** @type {HTMLElement} */ (required(/** @type {DocumentFragment} */ (template.content.cloneNode(true)), "tr"));
  write(textOf(required(row, ".name b")), shown);
  for (const right of RIGHTS) {
    const option = options[right];
    const link = required(row, `.name .${right}`);
    if (option) {
      attribute(link, "href", `/instruments/${option.slug}/`);
      attribute(link, "aria-label", name(option));
      continue;
    }
    link.replaceWith(element("span", { class: right }));
    attribute(row, `data-${right}`, null);
    for (const cell of row.querySelectorAll(`td.${right}`)) {
      cell.replaceChildren();
      cell.removeAttribute("data-cell");
    }
  }
  return row;
}
