// @ts-check
/** What stands there by each way at this moment, or stood there at the end: the last price, or the bid where none is told, and how old it is. */
import { WAYS } from "../core/comparison.js";
import { attribute, element, textOf, write } from "../core/dom.js";

export class CompareNow {
  #body;
  #page;
  /** @type {{symbol: string, cells: {root: Element, price: Text, what: Text, age: Text}[]}[]} */
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
        const [price, what, age] = [element("b"), element("span", { class: "dim" }), element("span", { class: "dim" })];
        return { root: element("td", {}, price, " ", what, " ", age), price: textOf(price), what: textOf(what), age: textOf(age) };
      });
      return { symbol, cells, root: element("tr", {}, element("th", { scope: "row" }, symbol), ...cells.map(({ root }) => root)) };
    });
    this.#rows = made;
    this.#body.replaceChildren(...made.map(({ root }) => root));
  }

  /** @param {import("../core/comparison.js").Comparison} comparison */
  draw(comparison) {
    const { ways, until, ended } = comparison;
    const { format, liveness } = this.#page;
    for (const { symbol, cells } of this.#rows) {
      cells.forEach(({ root, price, what, age }, at) => {
        const shown = ways[WAYS[at]].shown.get(symbol);
        const ms = shown ? until - shown.at + shown.ageMs : NaN;
        attribute(root, "data-state", comparison.isCurrent(WAYS[at]) ? liveness.standing(symbol.slice(0, symbol.indexOf(":")), shown?.value).state : "stale");
        const { last, bid } = shown?.value ?? {};
        write(price, format.number(last ?? bid));
        write(what, last === undefined && bid !== undefined ? "bid" : "");
        const old = ms < 10_000 ? `${format.number(ms.toFixed(0))} ms` : `${format.number((ms / 1000).toFixed(0))} s`;
        write(age, shown ? `${old}${ended ? " at the end" : ""}` : ended ? "" : "waiting for data");
      });
    }
  }
}
