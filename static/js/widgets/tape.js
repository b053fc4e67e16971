// @ts-check
/** The last trades, newest first. Whoever scrolls back to read is left in peace until they return to the top. */
import { attribute, element, required, textOf, write } from "../core/dom.js";
import { zoneOf } from "../core/zone.js";
import { Part } from "./part.js";

const DRAW_MS = 200;
const UPDATE_MS = 200;
const SHOWN = 100;

/** @typedef {{element: HTMLElement, price: Text, size: Text, time: Text}} Row */
/** @typedef {{trade_id: string, side: string, price: string, qty: string, ts_exchange: number}} Trade */

export class Tape extends Part {
  #rows;
  #resume;
  #resumeText;
  #zone;
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
    this.#zone = zoneOf(document.documentElement.dataset.zone, listed.zone);
    write(textOf(required(root, "[data-zone]")), `Time, ${this.#zone.word}`);
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
      this.page.socket.want({ channel: "trade", symbol: [this.listed.symbol], interval_ms: UPDATE_MS }),
    );
    super.connect();
  }

  draw() {
    /** @type {Trade[]} */
    const trades = this.entry?.value.trades ?? [];
    this.say(trades.length > 0);
    this.#resume.toggleAttribute("hidden", !this.#reading);
    if (this.#reading) return this.#drawHeld(trades);
    const place = trades.findLastIndex(({ trade_id }) => trade_id === this.#heldAt);
    if (place < 0) for (const row of this.#made.splice(0)) row.element.remove();
    this.#heldAt = trades.at(-1)?.trade_id ?? "";
    for (const trade of trades.slice(place + 1).slice(-SHOWN)) this.#add(trade);
  }

  /** Only the new is written: the oldest row is taken from below and put on top. @param {Trade} trade */
  #add(trade) {
    const row = (this.#made.length < SHOWN ? undefined : this.#made.pop()) ?? made();
    this.#drawRow(row, trade);
    this.#made.unshift(row);
    this.#rows.prepend(row.element);
  }

  /** @param {Trade[]} trades */
  #drawHeld(trades) {
    const place = trades.findIndex(({ trade_id }) => trade_id === this.#heldAt);
    const newer = place < 0 ? `${trades.length}+` : String(trades.length - 1 - place);
    write(this.#resumeText, newer === "0" ? "Paused" : `Paused · ${newer} newer`);
  }

  /** @param {Row} row @param {Trade} trade */
  #drawRow(row, { side, price, qty, ts_exchange }) {
    const { format } = this.page;
    attribute(row.element, "data-side", side);
    write(row.price, `${side === "buy" ? "↑" : "↓"} ${format.price(price, this.listed.priceDecimals)}`);
    write(row.size, format.number(qty, this.listed.qtyDecimals));
    write(row.time, ts_exchange ? this.#zone.timeOfDay(ts_exchange) : "–");
  }
}

/** @returns {Row} */
function made() {
  const [price, size, time] = ["", "", ""].map(() => new Text(""));
  const cells = [price, size, time].map((text) => element("span", { role: "cell" }, text));
  return { element: element("div", { class: "trade", role: "row" }, ...cells), price, size, time };
}
