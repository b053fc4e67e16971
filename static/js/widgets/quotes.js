// @ts-check
/** The same asset on the other venues and in other quote currencies, against the middle here. */
import { add, isNumber, ratio, subtract } from "../core/decimal.js";
import { attribute, required, textOf, write } from "../core/dom.js";
import { ABSENT, age, sign } from "../core/format.js";
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
    this.#rows = others.map((other) => {
      const row = required(root, `[data-symbol="${CSS.escape(other.symbol)}"]`);
      const cell = (/** @type {string} */ name) => required(row, `[data-cell="${name}"]`);
      const digits = { bid: new Digits(cell("bid"), page.tints), ask: new Digits(cell("ask"), page.tints) };
      const [difference, its] = [cell("difference"), cell("age")];
      return { other, element: row, digits, difference, differenceText: textOf(difference), age: its, ageText: textOf(its) };
    });
  }

  connect() {
    const symbol = this.#rows.map(({ other }) => other.symbol);
    if (symbol.length) this.stops.push(this.page.socket.want({ channel: "ticker", symbol, interval_ms: UPDATE_MS }));
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
    write(row.ageText, entry ? age(liveness.ageS(entry)) : ABSENT);
    const comparable = state === "live" && other.quote === this.listed.quote;
    const difference = comparable ? differenceBps(entry?.value, here) : null;
    write(row.differenceText, format.signed(difference, 1));
    row.difference.classList.toggle("up", sign(difference) > 0);
    row.difference.classList.toggle("down", sign(difference) < 0);
  }

  /** @returns {{other: Listed, element: Element, digits: {bid: Digits, ask: Digits}, difference: Element, differenceText: Text, age: Element, ageText: Text}[]} */
  get rows() {
    return this.#rows;
  }
}

/**
 * @param {import("../core/merge.js").Value | undefined} there @param {import("../core/merge.js").Value | undefined} here
 * @returns {string | null} hundredths of a percent
 */
function differenceBps(there, here) {
  const texts = [there?.bid, there?.ask, here?.bid, here?.ask];
  if (!texts.every(isNumber)) return null;
  const [twiceThere, twiceHere] = [add(texts[0], texts[1]), add(texts[2], texts[3])];
  return ratio(subtract(twiceThere, twiceHere), twiceHere, 1, 10_000n);
}
