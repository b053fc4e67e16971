// @ts-check
/** What one row of the list of portfolios says: a total, whether that is all of it, and its gains. */
import { attribute, required, textOf, write } from "../core/dom.js";
import { lacking } from "./portfoliolacks.js";
import { dayPercent, figureCell } from "./portfoliosums.js";

const FIGURES = { day: "24 hours", unrealised: "unrealised", realised: "realised" };

/** @typedef {ReturnType<typeof import("../core/money.js").moneyIn>} Money */

export class RowSums {
  #places;
  #total;
  #partial;
  #dayPercent;
  /** @type {[string, Element, Element][]} */
  #figures;

  /** @param {Element} row */
  constructor(row) {
    this.#places = Number(row.getAttribute("data-places"));
    this.#total = required(row, '[data-sum="total"]');
    this.#partial = required(row, "[data-partial]");
    this.#dayPercent = textOf(required(row, '[data-figure="day-percent"]'));
    this.#figures = Object.entries(FIGURES).map(([name, shown]) => {
      const figure = required(row, `[data-figure="${shown}"]`);
      return [name, figure, required(/** @type {Element} */ (figure.parentElement), "[data-without]")];
    });
  }

  /** @param {import("../core/overall.js").Sums} value @param {Money} money @param {string} [lacks] why that is not all of it */
  draw(value, money, lacks = words(value)) {
    this.#write(this.#total, money.money(value.total, this.#places));
    for (const [name, figure, without] of this.#figures) {
      const { unknown } = value[name];
      const cell = figureCell(value[name], this.#places, money);
      this.#write(figure, cell);
      for (const each of ["up", "down"]) figure.parentElement?.classList.toggle(each, cell.way === each);
      attribute(without, "title", unknown > 0 ? `without ${unknown} unknown` : null);
      without.toggleAttribute("hidden", unknown === 0);
    }
    write(this.#dayPercent, dayPercent(value, money));
    attribute(this.#partial, "title", lacks ? lacks[0].toUpperCase() + lacks.slice(1) : null);
    this.#partial.toggleAttribute("hidden", lacks === "");
  }

  /** @param {Element} element @param {import("../core/money.js").Cell} cell */
  #write(element, { text, exact }) {
    write(textOf(element), text);
    attribute(element, "title", exact || null);
  }
}

/** @param {import("../core/overall.js").Sums} of */
function words({ missing, stale, base }) {
  return lacking({ missing, stale, base }).join("; ");
}
