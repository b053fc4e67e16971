// @ts-check
/** What stands there by each way at this moment: the last price, and how old it is. */
import { attribute, element, textOf, write } from "../core/dom.js";

const WAYS = /** @type {("socket" | "polling")[]} */ (["socket", "polling"]);

export class CompareNow {
  #body;
  #page;
  /** @type {{symbol: string, cells: {root: Element, price: Text, age: Text}[]}[]} */
  #rows = [];

  /** @param {Element} body @param {import("../main.js").Page} page */
  constructor(body, page) {
    this.#body = body;
    this.#page = page;
  }

  /** @param {string[]} symbols */
  build(symbols) {
    const made = symbols.map((symbol) => {
      const cells = WAYS.map(() => {
        const [price, age] = [element("b"), element("span", { class: "dim" })];
        return { root: element("td", {}, price, " ", age), price: textOf(price), age: textOf(age) };
      });
      return { symbol, cells, root: element("tr", {}, element("th", { scope: "row" }, symbol), ...cells.map(({ root }) => root)) };
    });
    this.#rows = made;
    this.#body.replaceChildren(...made.map(({ root }) => root));
  }

  /** @param {import("../core/comparison.js").Comparison} comparison @param {number} now */
  draw({ ways }, now) {
    const { format } = this.#page;
    for (const { symbol, cells } of this.#rows) {
      cells.forEach(({ root, price, age }, at) => {
        const shown = ways[WAYS[at]].shown.get(symbol);
        const ms = shown ? now - shown.at + shown.ageMs : NaN;
        attribute(root, "data-state", shown?.value.state ?? "syncing");
        write(price, shown ? format.number(shown.value.last ?? shown.value.bid) : "–");
        write(age, !shown ? "waiting for data" : ms < 10_000 ? `${format.number(ms.toFixed(0))} ms` : `${format.number((ms / 1000).toFixed(0))} s`);
      });
    }
  }
}
