// @ts-check
/** One line of a portfolio: a holding, or the contracts of an instrument. */
import { attribute, required, textOf, write } from "../core/dom.js";
import { age, sign } from "../core/format.js";
import { named, percentOf } from "../core/money.js";

/**
 * What all lines share: how numbers are written, and whose they are.
 * @typedef {object} Writing
 * @property {ReturnType<typeof import("../core/money.js").moneyIn>} money
 * @property {import("../core/format.js").Format} format
 * @property {Record<string, string>} accounts names by number
 * @property {string} base
 * @property {number} places of sums in it
 * @property {unknown} total
 *
 * How a line stands seen from this page: whether it may be called live, `why` not, and how old it is.
 * @typedef {{live: boolean, why: string, ageS: number}} Standing
 */

export class PortfolioLine {
  element;
  /** @type {Map<string, {cell: Element, text: Text}>} */
  #cells = new Map();

  /** @param {HTMLTableRowElement} element */
  constructor(element) {
    this.element = element;
    for (const cell of element.querySelectorAll("[data-cell]")) {
      this.#cells.set(cell.getAttribute("data-cell") ?? "", { cell, text: textOf(cell) });
    }
  }

  /** @param {any} item @param {Writing} writing @param {Standing} standing */
  draw(item, writing, standing) {
    const { money, places, total } = writing;
    const isContract = "name" in item;
    this.#what(item, writing);
    this.#cell("average", money.unit(isContract ? item.opened : item.average));
    this.#cell("price", money.unit(isContract ? item.mark : item.price));
    this.#cell("value", money.money(item.value, places, isContract));
    this.#text("weight", sign(total) > 0 ? money.weight(percentOf(item.value, total)) : money.weight(null));
    this.#cell("gain", money.money(item.gain, places, true));
    this.#cell("percent", money.percent(item.average === null ? null : percentOf(item.gain, (item.cost ?? "0").replace("-", ""))));
    this.#cell("day", money.money(item.day, places, true));
    this.#text("by", isContract ? ofMark(item, standing) : ofPath(item, standing, writing.base));
    attribute(this.element, "data-state", item.value === null ? "missing" : standing.live ? "live" : "stale");
  }

  /** @param {any} item @param {Writing} writing */
  #what(item, { format, accounts }) {
    const held = "name" in item ? [item.account] : item.accounts.map((/** @type {[number, string]} */ [key]) => key);
    this.#text("name", item.name ?? item.asset);
    this.#text("where", named(held.map((/** @type {number} */ key) => accounts[key]).filter(Boolean), 3));
    this.#text("quantity", format.price(item.quantity, 0));
    const unknown = sign(item.unknown) === 0 ? "" : `${format.price(item.unknown, 0)} of unknown cost`;
    this.#text("unknown", unknown);
    this.#cells.get("unknown")?.cell.toggleAttribute("hidden", unknown === "");
  }

  /** @param {string} name @param {string} text */
  #text(name, text) {
    const found = this.#cells.get(name);
    if (found) write(found.text, text);
  }

  /** @param {string} name @param {import("../core/money.js").Cell} cell */
  #cell(name, { text, exact, way }) {
    const found = this.#cells.get(name);
    if (!found) return;
    write(found.text, text);
    attribute(found.cell, "title", exact || null);
    for (const each of ["up", "down"]) found.cell.classList.toggle(each, way === each);
  }
}

/** @param {any} item @param {Standing} standing @param {string} base */
function ofPath(item, { why, ageS }, base) {
  if (item.price === null) return `no market leads to ${base}`;
  return item.by.length === 0 ? "" : `${item.path}, ${why && `${why}, `}${age(ageS)}`;
}

/** @param {any} item @param {Standing} standing */
function ofMark(item, { why, ageS }) {
  return item.ts_received === null ? "no price" : `${why && `${why}, `}${age(ageS)}`;
}

/** @param {any} item what a line is known by on the page */
export function keyOf(item) {
  return "name" in item ? `${item.account} ${item.name}` : item.asset;
}

/** @param {Element} element @returns {string} */
export function keyOfRow(element) {
  const name = element.getAttribute("data-contracts");
  return name === null ? element.getAttribute("data-asset") ?? "" : `${element.getAttribute("data-account")} ${name}`;
}

/** A row for an item that came later. @param {HTMLTemplateElement} template @param {any} item */
export function madeRow(template, item) {
  const row = /** @type {HTMLTableRowElement} */ (required(/** @type {DocumentFragment} */ (template.content.cloneNode(true)), "tr"));
  if ("name" in item) {
    attribute(row, "data-contracts", item.name);
    attribute(row, "data-account", String(item.account));
  } else attribute(row, "data-asset", item.asset);
  const link = row.querySelector("a[data-open]");
  if (link) attribute(link, "href", `${"name" in item ? "contracts" : "assets"}/${encodeURIComponent(item.name ?? item.asset)}/`);
  return row;
}
