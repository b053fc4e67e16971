// @ts-check
/** A portfolio of which no amount is shown: weights and per cents as they move, and whether they may be called live. */
import { attribute, required, textOf, write } from "../core/dom.js";
import { age } from "../core/format.js";
import { moneyIn, named, percentOf } from "../core/money.js";
import { Moment } from "./portfoliomoment.js";
import { PortfolioTopics } from "./portfoliotopic.js";

const DRAW_MS = 250;

export default class Percents {
  #page;
  #root;
  #id;
  #topics;
  #moment;
  #money;
  #base;

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#root = root;
    this.#page = page;
    this.#id = root.getAttribute("data-id") ?? "";
    this.#moment = new Moment(root, page);
    this.#money = moneyIn(page.format);
    this.#base = root.getAttribute("data-base") ?? "";
    this.#topics = new PortfolioTopics(page, root, [this.#id], () => this.#draw(), DRAW_MS);
  }

  connect() {
    this.#topics.connect();
  }

  disconnect() {
    this.#topics.disconnect();
    this.#moment.stop();
  }

  #draw() {
    const entry = this.#topics.entry(this.#id);
    const value = entry?.value;
    if (!entry || !value?.holdings) return this.#moment.wait(value?.reason, this.#root.querySelectorAll("[data-line]"));
    const elapsed = this.#page.liveness.ageS(entry);
    this.#moment.begin();
    for (const name of ["holdings", "positions"]) this.#lines(name, value, elapsed);
    for (const name of ["gain", "day"]) put(required(this.#root, `[data-figure="${name}"]`), this.#money.percent(value[`${name}_pct`]));
    required(this.#root, "[data-nothing]").toggleAttribute("hidden", value.holdings.length > 0);
    this.#notes(value, this.#moment.stale);
    this.#moment.say();
  }

  /** @param {string} name @param {any} value @param {number} elapsed */
  #lines(name, value, elapsed) {
    const table = required(this.#root, `[data-lines="${name}"]`);
    const rows = new Map([...table.querySelectorAll("[data-line]")].map((row) => [row.getAttribute("data-line"), row]));
    for (const item of value[name]) {
      const key = item.name ? `${item.name} ${item.nth}` : item.asset;
      const row = rows.get(key) ?? made(table, key, item.name ?? item.asset);
      rows.delete(key);
      const standing = this.#moment.standing(item, value.ts, elapsed);
      const isMissing = value.missing.includes(item.name ?? item.asset);
      this.#moment.add(item.name ?? item.asset, standing, !isMissing);
      this.#line(row, item, standing, isMissing);
    }
    for (const row of rows.values()) row.remove();
    table.toggleAttribute("hidden", value[name].length === 0);
  }

  /** @param {Element} row @param {any} item @param {import("./portfolioline.js").Standing} standing @param {boolean} isMissing */
  #line(row, item, standing, isMissing) {
    text(row, "weight", this.#money.weight(percentOf(item.weight, "1")));
    for (const name of ["gain", "day"]) {
      const cell = row.querySelector(`[data-cell="${name}"]`);
      if (cell) put(cell, this.#money.percent(item[`${name}_pct`]));
    }
    const old = `${standing.why && `${standing.why}, `}${age(standing.ageS)}`;
    const none = item.name ? "no price" : `no market leads to ${this.#base}`;
    const by = item.path ? `${item.path}, ${old}` : item.name ? old : "";
    text(row, "by", isMissing ? none : by);
    const note = row.querySelector('[data-cell="note"]');
    note?.toggleAttribute("hidden", !item.partly);
    attribute(row, "data-state", isMissing ? "missing" : standing.live ? "live" : "stale");
  }

  /** @param {any} value @param {string[]} stale */
  #notes({ missing, uncosted }, stale) {
    const parts = [];
    if (missing.length > 0) parts.push(`no market leads from ${named(missing)} to ${this.#base}`);
    if (stale.length > 0) parts.push(`${named(stale)} at a price that is not live`);
    this.#note("partial", parts.length > 0 ? `Not the whole: ${parts.join("; ")}.` : "");
    this.#note("uncosted", uncosted.length > 0 ? `Of unknown cost, in part or whole: ${named(uncosted)}. Gains leave it out.` : "");
  }

  /** @param {string} name @param {string} words */
  #note(name, words) {
    const note = required(this.#root, `[data-${name}-words]`);
    write(textOf(note), words);
    note.toggleAttribute("hidden", words === "");
  }
}

/** A line that came later. @param {Element} table @param {string} key @param {string} name */
function made(table, key, name) {
  const template = /** @type {HTMLTemplateElement} */ (required(table, "template"));
  const row = required(/** @type {DocumentFragment} */ (template.content.cloneNode(true)), "tr");
  attribute(row, "data-line", key);
  text(row, "name", name);
  required(table, "tbody").append(row);
  return row;
}

/** @param {Element} row @param {string} name @param {string} words */
function text(row, name, words) {
  const cell = row.querySelector(`[data-cell="${name}"]`);
  if (cell) write(textOf(cell), words);
}

/** @param {Element} element @param {import("../core/money.js").Cell} cell */
function put(element, cell) {
  write(textOf(element), cell.text);
  for (const each of ["up", "down"]) element.classList.toggle(each, cell.way === each);
}
