// @ts-check
/** The order book: best prices at the middle, what is behind them as growing bars. */
import { half, spreadBps, subtract, sum } from "../core/decimal.js";
import { element, required, textOf, write } from "../core/dom.js";
import { Part } from "./part.js";

const DRAW_MS = 100;
const MOST_LEVELS = 40;

/** @typedef {{element: HTMLElement, price: Text, size: Text, total: Text, filled: string}} Level */

export class Ladder extends Part {
  #sides;
  #middle;
  #spread;
  #legend;
  /** @type {Record<"bids" | "asks", Level[]>} from the best on */
  #levels = { bids: [], asks: [] };

  /**
   * @param {Element} root @param {import("../main.js").Page} page @param {import("../main.js").Listed} listed
   * @param {import("../core/store.js").Topic} book
   */
  constructor(root, page, listed, book) {
    super(root, page, listed, book, DRAW_MS);
    const side = (/** @type {string} */ name) => /** @type {HTMLElement} */ (required(root, `[data-side="${name}"]`));
    this.#sides = { bids: side("bids"), asks: side("asks") };
    this.#middle = textOf(required(root, "[data-middle]"));
    this.#spread = textOf(required(root, "[data-middle-spread]"));
    this.#legend = textOf(required(root, "[data-legend]"));
  }

  connect() {
    const resized = new ResizeObserver(() => this.#fit());
    resized.observe(this.#sides.asks);
    this.stops.push(() => resized.disconnect(), this.wantBook());
    super.connect();
  }

  /** As many levels as there is room for. */
  #fit() {
    for (const name of /** @type {const} */ (["bids", "asks"])) {
      const [levels, side] = [this.#levels[name], this.#sides[name]];
      if (levels.length === 0) this.#grow(name);
      const height = levels[0].element.offsetHeight || 20;
      const wanted = Math.min(MOST_LEVELS, Math.max(1, Math.floor(side.clientHeight / height)));
      while (levels.length < wanted) this.#grow(name);
      while (levels.length > wanted) levels.pop()?.element.remove();
    }
    this.invalidate();
  }

  /** @param {"bids" | "asks"} name */
  #grow(name) {
    const [price, size, total] = ["", "", ""].map(() => new Text(""));
    const cells = [price, size, total].map((text) => element("span", { role: "cell" }, text));
    const made = element("div", { class: "level", role: "row" }, ...cells);
    this.#levels[name].push({ element: made, price, size, total, filled: "" });
    if (name === "bids") this.#sides.bids.append(made);
    else this.#sides.asks.prepend(made);
  }

  draw() {
    const value = this.entry?.value;
    const bids = value?.bids ?? [];
    const asks = value?.asks ?? [];
    this.say(bids.length + asks.length > 0);
    const totals = { bids: this.#totals("bids", bids), asks: this.#totals("asks", asks) };
    const widest = Math.max(...[totals.bids.at(-1), totals.asks.at(-1)].map((total) => Number(total ?? 0)));
    this.#drawSide("bids", bids, totals.bids, widest);
    this.#drawSide("asks", asks, totals.asks, widest);
    this.#drawMiddle(bids[0]?.[0], asks[0]?.[0]);
  }

  /** @param {"bids" | "asks"} name @param {[string, string][]} levels @returns {string[]} exact, from the best on */
  #totals(name, levels) {
    let total = "0";
    return levels.slice(0, this.#levels[name].length).map(([, size]) => (total = sum([total, size])));
  }

  /** @param {"bids" | "asks"} name @param {[string, string][]} levels @param {string[]} totals @param {number} widest */
  #drawSide(name, levels, totals, widest) {
    const { format } = this.page;
    const { priceDecimals, qtyDecimals } = this.listed;
    this.#levels[name].forEach((level, at) => {
      const [price, size] = levels[at] ?? ["", ""];
      write(level.price, price && format.price(price, priceDecimals));
      write(level.size, size && format.number(size, qtyDecimals));
      write(level.total, size && format.number(totals[at], qtyDecimals));
      const share = size && widest > 0 ? Number(totals[at]) / widest : 0;
      const filled = `${(share * 100).toFixed(1)}% 100%`;
      if (level.filled !== filled) level.element.style.backgroundSize = level.filled = filled;
    });
  }

  /** @param {string | undefined} bid @param {string | undefined} ask */
  #drawMiddle(bid, ask) {
    const { format } = this.page;
    const known = bid !== undefined && ask !== undefined;
    write(this.#middle, known ? format.price(half(bid, ask), this.listed.priceDecimals) : "–");
    write(this.#spread, known ? `Spread ${format.price(subtract(ask, bid), this.listed.priceDecimals)} · ${format.fixed(spreadBps(bid, ask), 2)} bp` : "");
    const levels = this.topic.depth ?? 0;
    write(this.#legend, known ? `best ${levels} a side are followed` : "");
  }
}
