// @ts-check
/** The list of portfolios, each moving by itself, and those in one currency together. */
import { sum } from "../core/decimal.js";
import { attribute, required, textOf, write } from "../core/dom.js";
import { moneyIn, named, NOTHING } from "../core/money.js";
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

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#root = root;
    this.#page = page;
    this.#moment = textOf(required(root, "[data-moment]"));
    this.#money = moneyIn(page.format);
    this.#rows = [...root.querySelectorAll("tr[data-id]")].map((row) => ({ id: row.getAttribute("data-id") ?? "", base: row.getAttribute("data-base") ?? "", sums: new RowSums(row) }));
    this.#together = [...root.querySelectorAll("tr[data-together]")].map((row) => ({ base: row.getAttribute("data-together") ?? "", sums: new RowSums(row) }));
    this.#topics = new PortfolioTopics(page, this.#rows.map(({ id }) => id), () => this.#draw(), DRAW_MS);
  }

  connect() {
    this.#topics.connect();
  }

  disconnect() {
    this.#topics.disconnect();
  }

  #draw() {
    const found = this.#rows.map(({ id, base, sums }) => ({ base, sums, value: this.#topics.entry(id)?.value }));
    const known = /** @type {{base: string, sums: RowSums, value: Value}[]} */ (found.filter(({ value }) => value?.total !== undefined));
    for (const { sums, value } of known) sums.draw(value, this.#money);
    for (const { base, sums } of this.#together) {
      const values = known.filter((each) => each.base === base).map(({ value }) => value);
      if (values.length === found.filter((each) => each.base === base).length) sums.draw(together(values), this.#money);
    }
    const state = !this.#page.liveness.connected ? "down" : known.length < found.length || known.some(({ value }) => value.state !== "live") ? "stale" : "live";
    attribute(this.#root, "data-state", state);
    const words = { down: "Not live: no word from the server.", stale: "Not all of it is live.", live: "Live." };
    if (known.length > 0) write(this.#moment, words[state]);
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
    const parts = [];
    if (missing.length > 0) parts.push(`No market leads from ${named(missing)} to ${base}`);
    if (stale.length > 0) parts.push(`${named(stale)} at a price that is not live`);
    attribute(this.#partial, "title", parts.join("; ") || null);
    this.#partial.toggleAttribute("hidden", parts.length === 0);
  }

  /** @param {Element} element @param {import("../core/money.js").Cell} cell */
  #write(element, { text, exact }) {
    write(textOf(element), text);
    attribute(element, "title", exact || null);
  }
}
