// @ts-check
/** The rows of a chain: every strike of the expiries that are shown; one is made, or taken from the page, when it is first seen. */
import { around, forwardOf, insideOf, nearest, RIGHTS } from "../core/chain.js";
import { element, required, textOf, write } from "../core/dom.js";
import { ChainRow, rowOf } from "./chainrow.js";

/**
 * @typedef {import("./chainrow.js").Option} Option
 * @typedef {{price: string, options: Option[], section: Section, element: HTMLElement, row: ChainRow | null, place: number, dirty: boolean, drawnAt: number}} Line `place` among those that are shown; -1: it is not
 * @typedef {{expiry: import("../core/chain.js").Expiry, lines: Line[], head: HTMLElement | null, forward: string | null, middle: number}} Section
 */

export class Strikes {
  #page;
  #look;
  /** @type {Section[]} */
  sections;
  /** @type {Map<string, Line>} */
  #bySymbol = new Map();

  /** @param {Element} root @param {import("../main.js").Page} page @param {import("../core/chain.js").Model} model @param {import("./chainrow.js").Look} look */
  constructor(root, page, model, look) {
    this.#page = page;
    this.#look = look;
    const painted = [...root.querySelectorAll("tbody[data-rows] > tr")];
    const several = model.expiries.length > 1;
    this.sections = model.expiries.map((expiry) => {
      /** @type {Section} */
      const section = { expiry, lines: [], head: null, forward: null, middle: -1 };
      if (several) section.head = /** @type {HTMLElement} */ (painted[0]?.matches(".section") ? painted.shift() : headOf(expiry));
      section.lines = expiry.strikes.map((strike) => this.#line(root, strike, section, model, painted));
      return section;
    });
  }

  /** @param {Element} root @param {import("../core/chain.js").Strike} strike @param {Section} section @param {import("../core/chain.js").Model} model @param {Element[]} painted */
  #line(root, [price, call, put], section, model, painted) {
    const sides = { call, put };
    const options = RIGHTS.flatMap((right) => {
      const side = sides[right];
      if (!side) return [];
      const [symbol, slug, decimals, gone] = side;
      return [{ right, symbol, slug, decimals, gone, terms: { right, strike: price, expiryUs: section.expiry.atUs, inCoin: model.inCoin } }];
    });
    const mine = painted[0]?.getAttribute("data-strike") === price ? painted.shift() : undefined;
    const made = mine ?? this.#made(root, price, options, section.expiry.day);
    /** @type {Line} */
    const line = { price, options, section, element: /** @type {HTMLElement} */ (made), row: null, place: -1, dirty: true, drawnAt: 0 };
    for (const { symbol } of options) this.#bySymbol.set(symbol, line);
    return line;
  }

  /** @param {Element} root @param {string} price @param {Option[]} options @param {string} day */
  #made(root, price, options, day) {
    const of = (/** @type {string} */ right) => options.find((each) => each.right === right);
    const name = (/** @type {Option} */ { right }) => `${right === "call" ? "Call" : "Put"} ${price}, ${day}`;
    return rowOf(root, this.#page.format.number(price), { call: of("call"), put: of("put") }, name);
  }

  /** @param {string} symbol */
  get(symbol) {
    return this.#bySymbol.get(symbol);
  }

  get symbols() {
    return [...this.#bySymbol.keys()];
  }

  /** @param {string[]} symbols @returns {Option[]} */
  options(symbols) {
    return symbols.flatMap((symbol) => this.get(symbol)?.options.find((each) => each.symbol === symbol) ?? []);
  }

  /** @param {Line} line */
  rowOf(line) {
    line.row ??= new ChainRow(line.element, this.#page, this.#look, line.options);
    return line.row;
  }

  /** Where the money is now, by what came. @returns {boolean} whether it is elsewhere than it was */
  weigh() {
    let moved = false;
    for (const section of this.sections) {
      const values = section.lines.flatMap(({ options }) => options.map(({ symbol }) => this.#page.store.get({ channel: "option", symbol })?.value));
      section.forward = forwardOf(values) ?? section.forward;
      const middle = nearest(section.lines.map(({ price }) => price), section.forward);
      moved ||= middle !== section.middle;
      section.middle = middle;
    }
    return moved;
  }

  /** @param {Line} line */
  place(line) {
    const { section } = line;
    this.rowOf(line).place(insideOf(line.price, section.forward), section.lines[section.middle] === line);
  }

  /** What is shown, in order, with the heads of sections; lines know their places. @param {number} count on either side of the money; 0: all */
  shown(count) {
    /** @type {(Line | null)[]} */
    const lines = [];
    /** @type {HTMLElement[]} */
    const elements = [];
    for (const section of this.sections) {
      if (section.head) elements.push(section.head) && lines.push(null);
      const [from, to] = around(section.lines.length, section.middle, count);
      section.lines.forEach((line, at) => {
        line.place = at >= from && at < to ? lines.length : -1;
        if (line.place >= 0) elements.push(line.element) && lines.push(line);
      });
    }
    return { lines, elements };
  }
}

/** @param {import("../core/chain.js").Expiry} expiry */
function headOf({ key, day }) {
  const forward = element("span", { "data-cell": "forward" });
  return element("tr", { role: "row", class: "section", "data-section": key },
    element("th", { role: "rowheader" }, element("b", {}, day), " ", element("span", {}), " ", element("span", {}, "Underlying ", forward)));
}

/** @param {Section} section @param {string} left @param {string} forward as they are read */
export function drawHead({ head }, left, forward) {
  if (!head) return;
  write(textOf(required(head, "th > span")), left);
  write(textOf(required(head, '[data-cell="forward"]')), forward);
}
