// @ts-check
/** The head of a portfolio: its total, whether that is all of it, and its figures. */
import { subtract } from "../core/decimal.js";
import { attribute, required, textOf, write } from "../core/dom.js";
import { sign } from "../core/format.js";
import { named, NOTHING, percentOf } from "../core/money.js";
import { lacking } from "./portfoliolacks.js";

/** Fields of a row → how the page names them. */
const FIGURES = { day: "24 hours", unrealised: "unrealised", realised: "realised", income: "income", fees: "fees", funding: "funding" };

/** What is not known of these an entry could say. */
const SAID = ["realised", "income", "fees", "funding"];

/** @typedef {{value: string, unknown: number, known: number}} Figure */

export class PortfolioSums {
  #total;
  #partial;
  #words;
  #uncosted;
  #dayPercent;
  #unknown;
  /** @type {Map<string, {root: Element, dd: Element, figure: Element, without: Element}>} */
  #figures = new Map();

  /** @param {Element} root */
  constructor(root) {
    this.#total = required(root, '[data-sum="total"]');
    this.#partial = required(root, "[data-partial]");
    this.#words = required(root, "[data-partial-words]");
    this.#uncosted = required(root, "[data-uncosted-words]");
    this.#dayPercent = textOf(required(root, '[data-figure="day-percent"]'));
    this.#unknown = root.querySelector("[data-unknown]");
    for (const [name, shown] of Object.entries(FIGURES)) {
      const figure = required(root, `[data-figure="${shown}"]`);
      const [dd, group] = [/** @type {Element} */ (figure.parentElement), /** @type {Element} */ (figure.closest("div"))];
      this.#figures.set(name, { root: group, dd, figure, without: required(group, "[data-without]") });
    }
  }

  /** @param {import("../core/merge.js").Value} value @param {import("./portfolioline.js").Writing} writing @param {string[]} stale seen from this page */
  draw(value, writing, stale) {
    const { money, places } = writing;
    this.#write(this.#total, money.money(value.total, places));
    for (const name of this.#figures.keys()) this.#drawFigure(name, value[name], writing);
    write(this.#dayPercent, dayPercent(value, money));
    this.#drawPartial(value, writing, stale);
    this.#unknown?.toggleAttribute("hidden", value.uncosted.length === 0 && !SAID.some((name) => value[name].unknown > 0));
  }

  /** @param {string} name @param {Figure} of @param {import("./portfolioline.js").Writing} writing */
  #drawFigure(name, of, { money, places }) {
    const found = this.#figures.get(name);
    if (!found) return;
    const { root, dd, figure, without } = found;
    const cell = figureCell(of, places, money);
    this.#write(figure, cell);
    for (const each of ["up", "down"]) dd.classList.toggle(each, cell.way === each);
    write(textOf(without), of.unknown > 0 ? `without ${of.unknown} unknown` : "");
    without.toggleAttribute("hidden", of.unknown === 0);
    if (name === "funding") root.toggleAttribute("hidden", sign(of.value) === 0 && of.unknown === 0);
  }

  /** @param {import("../core/merge.js").Value} value @param {import("./portfolioline.js").Writing} writing @param {string[]} stale */
  #drawPartial({ missing, uncosted }, { base }, stale) {
    const parts = lacking({ base, missing, stale });
    this.#partial.toggleAttribute("hidden", parts.length === 0);
    this.#note(this.#words, parts.length > 0 ? `Not the whole: ${parts.join("; ")}.` : "");
    this.#note(this.#uncosted, uncosted.length > 0 ? `Of unknown cost, in part or whole: ${named(uncosted)}. Gains leave it out.` : "");
  }

  /** @param {Element} element @param {string} words */
  #note(element, words) {
    write(textOf(element), words);
    element.toggleAttribute("hidden", words === "");
  }

  /** @param {Element} element @param {import("../core/money.js").Cell} cell */
  #write(element, { text, exact }) {
    write(textOf(element), text);
    attribute(element, "title", exact || null);
  }
}

/** A dash where nothing of it is known. @param {Figure} of @param {number} places @param {import("./portfolioline.js").Writing["money"]} money */
export function figureCell(of, places, money) {
  return of.unknown > 0 && of.known === 0 ? NOTHING : money.money(of.value, places, true);
}

/** Of what all of it was worth a day ago. @param {import("../core/merge.js").Value} value @param {import("./portfolioline.js").Writing["money"]} money */
export function dayPercent({ day, total }, money) {
  const before = subtract(total, day.value);
  return day.unknown > 0 || sign(before) <= 0 ? "" : money.percent(percentOf(day.value, before)).text;
}
