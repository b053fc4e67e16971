// @ts-check
/** One holding of a portfolio: its numbers as they move, and what was traded of it on the chart of its market. */
import { embedded, required, textOf, write } from "../core/dom.js";
import { moneyIn } from "../core/money.js";
import { keyOf, keyOfRow, PortfolioLine } from "./portfolioline.js";
import { Moment } from "./portfoliomoment.js";
import { PortfolioTopics } from "./portfoliotopic.js";
import { TradedChart } from "./tradedchart.js";

const DRAW_MS = 250;

export default class Holding {
  #root;
  #page;
  #id;
  #topics;
  #moment;
  #writing;
  /** @type {Map<string, PortfolioLine>} */
  #lines = new Map();
  /** @type {TradedChart | null} */
  #chart = null;
  #ending = new AbortController();

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#root = root;
    this.#page = page;
    this.#id = root.getAttribute("data-id") ?? "";
    this.#topics = new PortfolioTopics(page, root, [this.#id], () => this.#draw(), DRAW_MS);
    this.#moment = new Moment(root, page);
    const base = root.getAttribute("data-base") ?? "";
    this.#writing = { money: moneyIn(page.format), format: page.format, accounts: {}, base, places: Number(root.getAttribute("data-places")), total: /** @type {unknown} */ (null) };
    for (const each of /** @type {NodeListOf<HTMLTableRowElement>} */ (root.querySelectorAll("[data-line]"))) this.#lines.set(keyOfRow(each), new PortfolioLine(each));
    const listed = page.listed.find(({ symbol }) => symbol === root.getAttribute("data-symbol"));
    const part = root.querySelector('[data-part="chart"]');
    if (listed?.followed && part) this.#chart = new TradedChart(part, page, listed, embedded("trades") ?? [], required(root, "[data-traded]"));
  }

  connect() {
    const { signal } = this.#ending;
    this.#topics.connect();
    this.#chart?.connect();
    for (const button of this.#chart ? this.#root.querySelectorAll("[data-look]") : []) {
      button.removeAttribute("hidden");
      button.addEventListener("click", () => this.#look(button), { signal });
    }
  }

  disconnect() {
    this.#ending.abort();
    this.#chart?.disconnect();
    this.#topics.disconnect();
    this.#moment.stop();
  }

  /** @param {Element} button of a trade's line */
  #look(button) {
    const said = textOf(required(this.#root, "[data-looked]"));
    const what = button.getAttribute("data-words") ?? "";
    write(said, "Looking for its bar…");
    this.#chart?.look(Number(button.getAttribute("data-look")), (found) => write(said, found ? `On the chart: ${what}` : `No bar of that time is stored: ${what}`));
    required(this.#root, "[data-part]").scrollIntoView({ block: "nearest" });
  }

  #draw() {
    const entry = this.#topics.entry(this.#id);
    const value = entry?.value;
    const lines = [...this.#lines.values()];
    if (!entry || !value?.holdings) return this.#moment.wait(value?.reason, lines.map(({ element }) => element));
    this.#writing.total = value.total;
    const elapsed = this.#page.liveness.ageS(entry);
    const items = new Map([...value.holdings, ...value.positions].map((item) => [keyOf(item), item]));
    this.#moment.begin();
    for (const [key, line] of this.#lines) {
      const item = items.get(key);
      line.element.toggleAttribute("hidden", !item);
      if (!item) continue;
      const standing = this.#moment.standing(item, value.ts, elapsed);
      this.#moment.add(key, standing, item.value !== null);
      line.draw(item, this.#writing, standing);
    }
    required(this.#root, "[data-gone]").toggleAttribute("hidden", lines.some(({ element }) => !element.hidden));
    this.#moment.say();
  }
}
