// @ts-check
/** Indexes of the same pair against the market: what they say, how far it is off, how sure they are, how old that is. */
import { share } from "../core/contract.js";
import { attribute, required, textOf, write } from "../core/dom.js";
import { ABSENT, age, round, sign } from "../core/format.js";
import { isNumber } from "../core/decimal.js";
import { bps, compares, middle, multiple, off, publishedS, unlike } from "../core/oracle.js";
import { STATE_WORDS } from "./marketrow.js";
import { Part } from "./part.js";

const DRAW_MS = 200;
const UPDATE_MS = 200;
/** Indexes are worked out to more digits than orders have; all of them stand in the title. */
const EXTRA_DECIMALS = 2;
const CELLS = ["price", "off", "times", "confidence", "bps", "age"];

/**
 * @typedef {import("../main.js").Listed} Listed
 * @typedef {{other: Listed, element: Element, cells: Record<string, {element: Element, text: Text}>}} Row
 */

export class Oracle extends Part {
  /** @type {Row[]} */
  #rows;
  #mid;

  /** @param {Element} root @param {import("../main.js").Page} page @param {Listed} listed @param {Listed[]} all */
  constructor(root, page, listed, all) {
    super(root, page, listed, { channel: "ticker", symbol: listed.symbol }, DRAW_MS);
    const others = all.filter((each) => each.followed && compares(listed, each));
    required(root, ".oracles").toggleAttribute("hidden", others.length === 0);
    write(textOf(required(root, "[data-unlike]")), unlike(listed, all.filter((each) => each.followed)));
    this.#mid = textOf(required(root, '[data-cell="mid"]'));
    this.#rows = others.map((other) => {
      const row = root.querySelector(`[data-symbol="${CSS.escape(other.symbol)}"]`) ?? made(root, other);
      const cells = Object.fromEntries(CELLS.map((name) => [name, cell(row, name)]));
      return { other, element: row, cells };
    });
  }

  connect() {
    const symbol = [...this.#rows.map(({ other }) => other.symbol), this.listed.symbol];
    this.stops.push(this.page.socket.want({ channel: "ticker", symbol, interval_ms: UPDATE_MS }));
    super.connect();
  }

  /** Any ticker that this page follows moves one of the rows or what they are compared with. */
  concerns() {
    return true;
  }

  draw() {
    const { state } = this.standing;
    const here = state === "live" ? middle(this.entry?.value) : null;
    const decimals = this.listed.priceDecimals + 1;
    attribute(this.root, "data-state", state);
    write(this.#mid, here === null ? ABSENT : this.page.format.price(round(here, decimals), decimals));
    for (const row of this.#rows) this.#drawRow(row, here);
    this.stand();
  }

  /** @param {Row} row @param {string | null} here */
  #drawRow({ other, element, cells }, here) {
    const { store, liveness, format } = this.page;
    const entry = store.get({ channel: "ticker", symbol: other.symbol });
    const { last, confidence } = entry?.value ?? {};
    const { state, reason } = liveness.standing(other.venue, entry?.value);
    const difference = state === "live" ? off(here, last) : null;
    const part = difference === null ? null : share(difference, last);
    const times = multiple(difference, confidence);
    attribute(element, "data-state", state);
    this.#drawPrice(cells.price, last);
    this.#drawPrice(cells.confidence, confidence);
    write(cells.off.text, part === null ? ABSENT : `${format.signed(part, 3)}%`);
    write(cells.times.text, times === null ? ABSENT : `${format.signed(times, 1)} ×`);
    write(cells.bps.text, format.fixed(bps(confidence, last), 2));
    for (const way of ["up", "down"]) cells.off.element.classList.toggle(way, sign(part) === (way === "up" ? 1 : -1));
    const word = state === "live" ? "" : STATE_WORDS[/** @type {keyof STATE_WORDS} */ (state)] ?? state;
    write(cells.age.text, [word, entry ? age(publishedS(entry.value, liveness.ageS(entry))) : ABSENT].filter(Boolean).join(" "));
    attribute(cells.age.element, "title", reason || null);
  }

  /** @param {{element: Element, text: Text}} its @param {unknown} value */
  #drawPrice({ element, text }, value) {
    const decimals = this.listed.priceDecimals + EXTRA_DECIMALS;
    write(text, isNumber(value) ? this.page.format.price(round(value, decimals), decimals) : ABSENT);
    attribute(element, "title", isNumber(value) ? value : null);
  }
}

/** @param {Element} row @param {string} name */
function cell(row, name) {
  const element = required(row, `[data-cell="${name}"]`);
  return { element, text: textOf(element) };
}

/** A row for a panel that did not come with the page. @param {Element} root @param {Listed} other */
function made(root, other) {
  const model = /** @type {HTMLTemplateElement} */ (required(document, 'template[data-blank="oracle-row"]'));
  const row = required(/** @type {DocumentFragment} */ (model.content.cloneNode(true)), "tr");
  row.setAttribute("data-symbol", other.symbol);
  const link = required(row, "a");
  link.setAttribute("href", `/instruments/${other.slug}/`);
  write(textOf(link), other.venueTitle);
  required(root, "tbody").append(row);
  return row;
}
