// @ts-check
/** What happened last, newest first. Whoever scrolls back to read is left in peace until they return to the top. */
import { attribute, element, required, textOf, write } from "../core/dom.js";
import { zoneOf } from "../core/zone.js";
import { Part } from "./part.js";

const DRAW_MS = 200;
const UPDATE_MS = 200;
const SHOWN = 100;

/** @typedef {{element: HTMLElement, cells: Text[], item?: Item}} Row */
/** @typedef {Record<string, any>} Item with `side` and `ts_exchange` */
/**
 * What is on the tape: of which channel, in which field of its value, by what an item is known again in the next
 * value, and what each of its cells says.
 * @typedef {object} Reel
 * @property {string} channel
 * @property {string} field
 * @property {number} cells
 * @property {(one: Item, other: Item | undefined) => boolean} same
 * @property {(item: Item, tape: Tape) => string[]} texts
 */

/** Not every venue says who came to whom: then nothing is shown of it. @type {Record<string, string>} */
const ARROWS = { buy: "↑", sell: "↓" };

/** @type {Reel} */
export const TRADES = {
  channel: "trade",
  field: "trades",
  cells: 3,
  same: (one, other) => one.trade_id === other?.trade_id && one.price === other?.price && one.qty === other?.qty,
  texts: ({ side, price, qty, ts_exchange }, { page: { format }, listed, zone }) => [
    `${ARROWS[side] ?? "·"} ${format.price(price, listed.priceDecimals)}`,
    format.number(qty, listed.qtyDecimals),
    ts_exchange ? zone.timeOfDay(ts_exchange) : "–",
  ],
};

export class Tape extends Part {
  #rows;
  #resume;
  #resumeText;
  zone;
  #reel;
  /** @type {Row[]} */
  #made = [];
  #reading = false;
  /** @type {Item | undefined} the newest on screen, also when the person began to read */
  #heldAt;

  /** @param {Element} root @param {import("../main.js").Page} page @param {import("../main.js").Listed} listed @param {Reel} [reel] */
  constructor(root, page, listed, reel = TRADES) {
    super(root, page, listed, { channel: reel.channel, symbol: listed.symbol }, DRAW_MS);
    this.#reel = reel;
    this.#rows = required(root, "[data-rows]");
    this.#resume = required(root, "[data-resume]");
    this.#resumeText = textOf(this.#resume);
    this.zone = zoneOf(document.documentElement.dataset.zone, listed.zone);
    write(textOf(required(root, "[data-zone]")), `Time, ${this.zone.word}`);
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
      this.page.socket.want({ channel: this.topic.channel, symbol: [this.listed.symbol], interval_ms: UPDATE_MS }),
    );
    super.connect();
  }

  draw() {
    /** @type {Item[]} */
    const items = this.entry?.value[this.#reel.field] ?? [];
    this.say(items.length > 0);
    this.#resume.toggleAttribute("hidden", !this.#reading);
    if (this.#reading) return this.#drawHeld(items);
    const place = standing(this.#made, items, this.#held(items), this.#reel);
    if (place < 0) for (const row of this.#made.splice(0)) row.element.remove();
    this.#heldAt = items.at(-1);
    for (const item of items.slice(place + 1).slice(-SHOWN)) this.#add(item);
  }

  /** @param {Item[]} items @returns {number} where the newest is that was drawn; -1: not there any more */
  #held(items) {
    return items.findLastIndex((item) => this.#reel.same(item, this.#heldAt));
  }

  /** Only the new is written: the oldest row is taken from below and put on top. @param {Item} item */
  #add(item) {
    const row = (this.#made.length < SHOWN ? undefined : this.#made.pop()) ?? made(this.#reel.cells);
    row.item = item;
    attribute(row.element, "data-side", item.side);
    this.#reel.texts(item, this).forEach((text, at) => write(row.cells[at], text));
    this.#made.unshift(row);
    this.#rows.prepend(row.element);
  }

  /** @param {Item[]} items */
  #drawHeld(items) {
    const place = this.#held(items);
    const newer = place < 0 ? `${items.length}+` : String(items.length - 1 - place);
    write(this.#resumeText, newer === "0" ? "Paused" : `Paused · ${newer} newer`);
  }
}

/**
 * Venues take trades back, also from below the newest: then all is drawn anew.
 * @param {{item?: Item}[]} rows newest first @param {Item[]} items oldest first @param {number} place of the newest row
 * @param {Pick<Reel, "same">} reel @returns {number} the place, -1 where a row below it is another item
 */
export function standing(rows, items, place, reel) {
  const other = (/** @type {{item?: Item}} */ row, /** @type {number} */ at) => at <= place && !reel.same(items[place - at], row.item);
  return rows.some(other) ? -1 : place;
}

/** @param {number} count @returns {Row} */
function made(count) {
  const cells = Array.from({ length: count }, () => new Text(""));
  const spans = cells.map((text) => element("span", { role: "cell" }, text));
  return { element: element("div", { class: "trade", role: "row" }, ...spans), cells };
}
