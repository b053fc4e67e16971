// @ts-check
/** The last trades, newest first. Whoever scrolls back to read is left in peace until they return to the top. */
import { attribute, element, required, textOf, write } from "../core/dom.js";
import { timeOfDay } from "../core/format.js";
import { Part } from "./part.js";

const DRAW_MS = 200;
const SHOWN = 100;

/** @typedef {{element: HTMLElement, price: Text, size: Text, time: Text}} Row */
/** @typedef {{trade_id: string, side: string, price: string, qty: string, ts_exchange: number}} Trade */

export class Tape extends Part {
  #rows;
  #resume;
  #resumeText;
  /** @type {Row[]} */
  #made = [];
  #reading = false;
  /** the newest trade on screen when the person began to read */
  #heldAt = "";

  /** @param {Element} root @param {import("../main.js").Page} page @param {import("../main.js").Listed} listed */
  constructor(root, page, listed) {
    super(root, page, listed, { channel: "trade", symbol: listed.symbol }, DRAW_MS);
    this.#rows = required(root, "[data-rows]");
    this.#resume = required(root, "[data-resume]");
    this.#resumeText = textOf(this.#resume);
  }

  connect() {
    const resume = () => {
      this.#rows.scrollTop = 0;
      this.invalidate();
    };
    const scrolled = () => {
      this.#reading = this.#rows.scrollTop > 2;
      this.invalidate();
    };
    this.#resume.addEventListener("click", resume);
    this.#rows.addEventListener("scroll", scrolled, { passive: true });
    this.stops.push(
      () => this.#resume.removeEventListener("click", resume),
      () => this.#rows.removeEventListener("scroll", scrolled),
    );
    super.connect();
  }

  draw() {
    /** @type {Trade[]} */
    const trades = this.entry?.value.trades ?? [];
    this.say(trades.length > 0);
    this.#resume.toggleAttribute("hidden", !this.#reading);
    if (this.#reading) return this.#drawHeld(trades);
    this.#heldAt = trades.at(-1)?.trade_id ?? "";
    const newest = trades.slice(-SHOWN).reverse();
    while (this.#made.length < newest.length) this.#grow();
    while (this.#made.length > newest.length) this.#made.pop()?.element.remove();
    newest.forEach((trade, at) => this.#drawRow(this.#made[at], trade));
  }

  /** @param {Trade[]} trades */
  #drawHeld(trades) {
    const place = trades.findIndex(({ trade_id }) => trade_id === this.#heldAt);
    const newer = place < 0 ? `${trades.length}+` : String(trades.length - 1 - place);
    write(this.#resumeText, newer === "0" ? "Paused" : `Paused · ${newer} newer`);
  }

  #grow() {
    const [price, size, time] = ["", "", ""].map(() => new Text(""));
    const cells = [price, size, time].map((text) => element("span", { role: "cell" }, text));
    const made = element("div", { class: "trade", role: "row" }, ...cells);
    this.#made.push({ element: made, price, size, time });
    this.#rows.append(made);
  }

  /** @param {Row} row @param {Trade} trade */
  #drawRow(row, { side, price, qty, ts_exchange }) {
    const { format } = this.page;
    attribute(row.element, "data-side", side);
    write(row.price, `${side === "buy" ? "↑" : "↓"} ${format.price(price, this.listed.priceDecimals)}`);
    write(row.size, format.number(qty, this.listed.qtyDecimals));
    write(row.time, ts_exchange ? timeOfDay(ts_exchange) : "–");
  }
}
