// @ts-check
/** The same asset on the other venues and in other quote currencies, against the middle here. */
import { behind } from "../core/contract.js";
import { add, isNumber, ratio, subtract } from "../core/decimal.js";
import { attribute, element, required, textOf, write } from "../core/dom.js";
import { ABSENT, age, sign } from "../core/format.js";
import { comparable } from "../core/kin.js";
import { STATE_WORDS } from "./marketrow.js";
import { Part } from "./part.js";
import { Digits } from "./tints.js";

const DRAW_MS = 200;
const UPDATE_MS = 200;

/** @typedef {import("../main.js").Listed} Listed */

export class Quotes extends Part {
  #rows;

  /** @param {Element} root @param {import("../main.js").Page} page @param {Listed} listed @param {Listed[]} others */
  constructor(root, page, listed, others) {
    super(root, page, listed, { channel: "ticker", symbol: listed.symbol }, DRAW_MS);
    required(root, ".others").toggleAttribute("hidden", others.length === 0);
    required(root, "[data-none]").toggleAttribute("hidden", others.length > 0);
    this.#rows = others.map((other) => {
      const row = root.querySelector(`[data-symbol="${CSS.escape(other.symbol)}"]`) ?? made(root, other);
      const cell = (/** @type {string} */ name) => required(row, `[data-cell="${name}"]`);
      const digits = { bid: new Digits(cell("bid"), page.tints), ask: new Digits(cell("ask"), page.tints) };
      const [difference, its] = [cell("difference"), cell("age")];
      return { other, element: row, digits, difference, differenceText: textOf(difference), age: its, ageText: textOf(its) };
    });
  }

  connect() {
    const symbol = this.#rows.map(({ other }) => other.symbol);
    const mine = [...symbol, this.listed.symbol];
    this.stops.push(this.page.socket.want({ channel: "ticker", symbol: mine, interval_ms: UPDATE_MS }));
    super.connect();
  }

  /** Any ticker that this page follows moves one of the rows or what they are compared with. */
  concerns() {
    return true;
  }

  draw() {
    const here = this.entry?.value;
    const hereLive = this.standing.state === "live";
    for (const row of this.#rows) this.#drawRow(row, hereLive ? here : undefined);
    this.stand();
  }

  /** @param {Quotes["rows"][number]} row @param {import("../core/merge.js").Value | undefined} here */
  #drawRow(row, here) {
    const { store, liveness, format } = this.page;
    const { other } = row;
    const entry = store.get({ channel: "ticker", symbol: other.symbol });
    const { state, reason } = liveness.standing(other.venue, entry?.value);
    attribute(row.element, "data-state", state);
    attribute(row.age, "title", reason || null);
    row.digits.bid.write(format.price(entry?.value.bid, other.priceDecimals), 0);
    row.digits.ask.write(format.price(entry?.value.ask, other.priceDecimals), 0);
    const word = state === "live" ? "" : STATE_WORDS[/** @type {keyof STATE_WORDS} */ (state)] ?? state;
    write(row.ageText, entry ? age(liveness.ageS(entry)) : ABSENT);
    attribute(required(row.element, "a"), "title", word && reason ? `${word}: ${reason}` : null); // where the focus stands
    const difference = state === "live" && comparable(other, this.listed) ? differenceBps(entry?.value, here) : null;
    write(row.differenceText, word || format.signed(difference, 1)); // what is not live is compared with nothing
    row.difference.classList.toggle("up", sign(difference) > 0);
    row.difference.classList.toggle("down", sign(difference) < 0);
  }

  /** @returns {{other: Listed, element: Element, digits: {bid: Digits, ask: Digits}, difference: Element, differenceText: Text, age: Element, ageText: Text}[]} */
  get rows() {
    return this.#rows;
  }
}

/** A row for a panel that did not come with the page. @param {Element} root @param {Listed} other */
function made(root, other) {
  const model = /** @type {HTMLTemplateElement} */ (required(document, 'template[data-blank="other"]'));
  const row = required(/** @type {DocumentFragment} */ (model.content.cloneNode(true)), "tr");
  row.setAttribute("data-symbol", other.symbol);
  const link = required(row, "a");
  link.setAttribute("href", `/instruments/${other.slug}/`);
  link.replaceChildren(other.base, element("i", {}, behind(other)));
  if (other.contract) link.after(" ", element("small", {}, other.contract.short));
  const venue = required(row, '[data-cell="venue"]');
  write(textOf(venue), other.venueTitle);
  venue.setAttribute("title", other.venueTitle);
  required(root, "tbody").append(row);
  return row;
}

/**
 * @param {import("../core/merge.js").Value | undefined} there @param {import("../core/merge.js").Value | undefined} here
 * @returns {string | null} hundredths of a percent
 */
function differenceBps(there, here) {
  const [twiceThere, twiceHere] = [twiceMiddle(there), twiceMiddle(here)];
  if (twiceThere === null || twiceHere === null) return null;
  return ratio(subtract(twiceThere, twiceHere), twiceHere, 1, 10_000n);
}

/** What nobody offers has a value all the same, an index. @param {import("../core/merge.js").Value | undefined} value */
function twiceMiddle(value) {
  if (isNumber(value?.bid) && isNumber(value?.ask)) return add(value.bid, value.ask);
  const nobody = value && !value.bid && !value.ask && isNumber(value.last);
  return nobody ? add(value.last, value.last) : null;
}
