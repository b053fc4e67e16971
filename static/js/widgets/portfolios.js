// @ts-check
/** The list of portfolios, each moving by itself, those in one currency together, and all of them. */
import { sum } from "../core/decimal.js";
import { attribute, required, textOf, write } from "../core/dom.js";
import { moneyIn, NOTHING } from "../core/money.js";
import { OverallTotal } from "./portfoliooverall.js";
import { lacking } from "./portfoliolacks.js";
import { dayPercent } from "./portfoliosums.js";
import { PortfolioTopics } from "./portfoliotopic.js";

const DRAW_MS = 250;
const FIGURES = { day: "24 hours", unrealised: "unrealised", realised: "realised" };

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

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#root = root;
    this.#page = page;
    this.#moment = textOf(required(root, "[data-moment]"));
    this.#money = moneyIn(page.format);
    this.#rows = [...root.querySelectorAll("tr[data-id]")].map((row) => ({ id: row.getAttribute("data-id") ?? "", base: row.getAttribute("data-base") ?? "", sums: new RowSums(row) }));
    this.#together = [...root.querySelectorAll("tr[data-together]")].map((row) => ({ base: row.getAttribute("data-together") ?? "", sums: new RowSums(row) }));
    const [overall, rates] = [root.querySelector("tr[data-overall]"), root.querySelector("#overall-rates")];
    this.#overall = overall && rates ? new OverallTotal(overall, rates, page) : null;
    this.#topics = new PortfolioTopics(page, this.#rows.map(({ id }) => id), () => this.#draw(), DRAW_MS, this.#overall?.markets);
  }

  connect() {
    this.#topics.connect();
  }

  disconnect() {
    this.#topics.disconnect();
  }

  #draw() {
    const found = this.#rows.map(({ id, base, sums }) => ({ base, sums, value: this.#topics.entry(id)?.value }));
    // Of one that is measured in another currency by now this page has the old one's places and sums.
    const known = /** @type {{base: string, sums: RowSums, value: Value}[]} */ (found.filter(({ base, value }) => value?.total !== undefined && value.base === base));
    for (const { sums, value } of known) sums.draw(value, this.#money);
    const sums = this.#sums(known, found.map(({ base }) => base));
    for (const { base, sums: row } of this.#together) if (sums.has(base)) row.draw(/** @type {Value} */ (sums.get(base)), this.#money);
    const isWhole = !this.#overall || (known.length === found.length && this.#overall.draw(sums, this.#money));
    const isLive = isWhole && known.length === found.length && known.every(({ value }) => value.state === "live");
    const state = !this.#page.liveness.connected ? "down" : isLive ? "live" : "stale";
    attribute(this.#root, "data-state", state);
    const words = { down: "Not live: no word from the server.", stale: "Not all of it is live.", live: "Live." };
    if (known.length > 0) write(this.#moment, words[state]);
  }

  /** Of each currency of which all are known. @param {{base: string, value: Value}[]} known @param {string[]} bases of all @returns {Map<string, Value>} */
  #sums(known, bases) {
    const of = (/** @type {string} */ base) => known.filter((each) => each.base === base).map(({ value }) => value);
    const whole = [...new Set(bases)].filter((base) => of(base).length === bases.filter((each) => each === base).length);
    return new Map(whole.map((base) => [base, together(of(base))]));
  }
}

/** @param {Value[]} values */
function together(values) {
  const figure = (/** @type {string} */ name) => ({ value: sum(values.map((each) => each[name].value)), unknown: count(values, name, "unknown"), known: count(values, name, "known") });
  const figures = Object.fromEntries(Object.keys(FIGURES).map((name) => [name, figure(name)]));
  const lists = Object.fromEntries(["missing", "stale"].map((name) => [name, [...new Set(values.flatMap((each) => each[name]))].sort()]));
  return { base: values[0].base, total: sum(values.map(({ total }) => total)), ...figures, ...lists };
}

/** @param {Value[]} values @param {string} name @param {string} which */
function count(values, name, which) {
  return values.reduce((all, each) => all + each[name][which], 0);
}

/** The cells of one row. */
class RowSums {
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

  /** @param {Value} value @param {ReturnType<typeof moneyIn>} money */
  draw(value, money) {
    this.#write(this.#total, money.money(value.total, this.#places));
    for (const [name, figure, without] of this.#figures) {
      const { unknown, known, value: amount } = value[name];
      const cell = unknown > 0 && known === 0 ? NOTHING : money.money(amount, this.#places, true);
      this.#write(figure, cell);
      for (const each of ["up", "down"]) figure.parentElement?.classList.toggle(each, cell.way === each);
      attribute(without, "title", unknown > 0 ? `without ${unknown} unknown` : null);
      without.toggleAttribute("hidden", unknown === 0);
    }
    write(this.#dayPercent, dayPercent(value, money));
    this.#drawPartial(value);
  }

  /** @param {Value} value */
  #drawPartial({ missing, stale, base }) {
    const words = lacking({ missing, stale, base }).join("; ");
    attribute(this.#partial, "title", words ? words[0].toUpperCase() + words.slice(1) : null);
    this.#partial.toggleAttribute("hidden", words === "");
  }

  /** @param {Element} element @param {import("../core/money.js").Cell} cell */
  #write(element, { text, exact }) {
    write(textOf(element), text);
    attribute(element, "title", exact || null);
  }
}
