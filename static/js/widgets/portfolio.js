// @ts-check
/** A portfolio whose numbers move: its sums, its lines, and whether they may be called live. */
import { attribute, embedded, required, textOf, write } from "../core/dom.js";
import { age } from "../core/format.js";
import { moneyIn } from "../core/money.js";
import { keyOf, keyOfRow, madeRow, PortfolioLine } from "./portfolioline.js";
import { PortfolioSums } from "./portfoliosums.js";

const DRAW_MS = 250;

export default class Portfolio {
  #page;
  #topic;
  #root;
  #sums;
  #moment;
  #drawing;
  #writing;
  /** @type {Record<string, {root: Element, body: Element, template: HTMLTemplateElement, lines: Map<string, PortfolioLine>}>} */
  #tables = {};
  /** @type {(() => void)[]} */
  #stops = [];

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#root = root;
    this.#page = page;
    this.#topic = { channel: "portfolio", symbol: root.getAttribute("data-id") ?? "" };
    this.#sums = new PortfolioSums(root);
    this.#moment = textOf(required(root, "[data-moment]"));
    const base = required(root, "[data-base]");
    const money = moneyIn(page.format);
    this.#writing = { money, format: page.format, accounts: embedded("account-names") ?? {}, base: base.textContent ?? "", places: Number(base.getAttribute("data-places")), total: /** @type {unknown} */ (null) };
    for (const table of root.querySelectorAll("[data-lines]")) this.#tables[table.getAttribute("data-lines") ?? ""] = found(table);
    this.#drawing = page.scheduler.add(() => this.#draw(), DRAW_MS);
  }

  connect() {
    const { socket, store, pulse } = this.#page;
    this.#stops.push(
      store.watch("portfolio", ({ symbol }) => symbol === this.#topic.symbol && this.#drawing.invalidate()),
      pulse.watch(({ changed, second }) => (changed || second) && this.#drawing.invalidate()),
      socket.want({ channel: "portfolio", symbol: [this.#topic.symbol] }),
    );
  }

  disconnect() {
    this.#drawing.remove();
    for (const stop of this.#stops.splice(0)) stop();
  }

  #draw() {
    const entry = this.#page.store.get(this.#topic);
    const value = entry?.value;
    if (!entry || !value?.holdings) return this.#wait(value?.reason);
    this.#writing.total = value.total;
    const elapsed = this.#page.liveness.ageS(entry);
    const stale = [];
    let [oldest, moving] = [-Infinity, 0];
    for (const name of ["holdings", "positions"]) {
      const table = this.#tables[name];
      this.#arrange(table, value[name]);
      for (const item of value[name]) {
        const standing = this.#standing(item, value.ts, elapsed);
        if (Number.isFinite(standing.ageS)) oldest = Math.max(oldest, standing.ageS);
        if (Number.isFinite(standing.ageS) && standing.live) moving += 1;
        if (!standing.live && item.value !== null) stale.push(item.name ?? item.asset);
        table.lines.get(keyOf(item))?.draw(item, this.#writing, standing);
      }
    }
    required(this.#root, "[data-nothing]").toggleAttribute("hidden", value.holdings.length > 0);
    this.#sums.draw(value, this.#writing, [...new Set(stale)].sort());
    this.#say(stale.length > 0, moving > 0, oldest);
  }

  /** Nothing came yet, or nothing comes any more: what the page has stands, and says so. @param {string | undefined} reason */
  #wait(reason) {
    if (reason) write(this.#moment, `These numbers do not move: ${reason}.`);
    attribute(this.#root, "data-state", "stale");
    if (!reason) return;
    for (const { lines } of Object.values(this.#tables)) for (const { element } of lines.values()) attribute(element, "data-state", "stale");
  }

  /** @param {any} item @param {number} ts @param {number} elapsed @returns {import("./portfolioline.js").Standing} */
  #standing(item, ts, elapsed) {
    const { liveness } = this.#page;
    const markets = /** @type {string[]} */ ("name" in item ? [item.name] : item.by);
    const ageS = item.ts_received === null ? NaN : Math.max(0, (ts - item.ts_received) / 1e6 + elapsed);
    const live = item.live && markets.every((name) => liveness.standing(name.slice(0, name.indexOf(":")), { state: "live" }).state === "live");
    return { live, ageS };
  }

  /** @param {boolean} stale some prices are not live @param {boolean} moving some are @param {number} oldest seconds */
  #say(stale, moving, oldest) {
    const { liveness } = this.#page;
    const state = !liveness.connected ? "down" : stale ? "stale" : "live";
    attribute(this.#root, "data-state", state);
    const words = { down: "Not live: no word from the server", stale: moving ? "Live, but not all of it" : "Not live", live: "Live" }[state];
    write(this.#moment, `${words}${Number.isFinite(oldest) ? `. Oldest price ${age(oldest)}` : ""}.`);
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
