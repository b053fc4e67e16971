// @ts-check
/** A portfolio whose numbers move: its sums, its lines, and whether they may be called live. */
import { embedded, required } from "../core/dom.js";
import { moneyIn } from "../core/money.js";
import { keyOf, keyOfRow, madeRow, PortfolioLine } from "./portfolioline.js";
import { Moment } from "./portfoliomoment.js";
import { PortfolioSums } from "./portfoliosums.js";
import { PortfolioTopics } from "./portfoliotopic.js";

const DRAW_MS = 250;

export default class Portfolio {
  #page;
  #id;
  #topics;
  #sums;
  #moment;
  #nothing;
  #writing;
  /** @type {Record<string, {root: Element, body: Element, template: HTMLTemplateElement, lines: Map<string, PortfolioLine>}>} */
  #tables = {};

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#page = page;
    this.#id = root.getAttribute("data-id") ?? "";
    this.#sums = new PortfolioSums(root);
    this.#moment = new Moment(root, page);
    this.#nothing = required(root, "[data-nothing]");
    const base = required(root, "[data-base]");
    const money = moneyIn(page.format);
    this.#writing = { money, format: page.format, accounts: embedded("account-names") ?? {}, base: base.textContent ?? "", places: Number(base.getAttribute("data-places")), total: /** @type {unknown} */ (null) };
    for (const table of root.querySelectorAll("[data-lines]")) this.#tables[table.getAttribute("data-lines") ?? ""] = found(table);
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
    if (!entry || !value?.holdings) return this.#wait(value?.reason);
    this.#writing.total = value.total;
    const elapsed = this.#page.liveness.ageS(entry);
    this.#moment.begin();
    for (const name of ["holdings", "positions"]) {
      const table = this.#tables[name];
      this.#arrange(table, value[name]);
      for (const item of value[name]) {
        const standing = this.#moment.standing(item, value.ts, elapsed);
        this.#moment.add(item.name ?? item.asset, standing, item.value !== null);
        table.lines.get(keyOf(item))?.draw(item, this.#writing, standing);
      }
    }
    this.#nothing.toggleAttribute("hidden", value.holdings.length > 0);
    this.#sums.draw(value, this.#writing, this.#moment.stale);
    this.#moment.say();
  }

  /** @param {string | undefined} reason */
  #wait(reason) {
    const lines = Object.values(this.#tables).flatMap((table) => [...table.lines.values()]);
    this.#moment.wait(reason, lines.map(({ element }) => element));
  }

  /** A row for each line, those of others gone; a new one comes last. @param {Portfolio["#tables"][string]} table @param {any[]} items */
  #arrange({ root, body, template, lines }, items) {
    const keys = new Set(items.map(keyOf));
    for (const [key, line] of lines) {
      if (keys.has(key)) continue;
      line.element.remove();
      lines.delete(key);
    }
    for (const item of items) {
      if (lines.has(keyOf(item))) continue;
      const row = madeRow(template, item);
      body.append(row);
      lines.set(keyOf(item), new PortfolioLine(row));
    }
    root.toggleAttribute("hidden", items.length === 0);
  }
}

/** @param {Element} root */
function found(root) {
  const rows = /** @type {NodeListOf<HTMLTableRowElement>} */ (root.querySelectorAll("tbody tr"));
  return {
    root,
    body: required(root, "tbody"),
    template: /** @type {HTMLTemplateElement} */ (required(root, "template")),
    lines: new Map([...rows].map((row) => [keyOfRow(row), new PortfolioLine(row)])),
  };
}
