// @ts-check
/** Only the rows in view, and a few around them, are in the page: a frame costs the same for 50 rows and for 5,000. */
import { attribute, required } from "../core/dom.js";

/** Rows above and below what is in view that are in the page. */
export const AROUND = 12;

/** @typedef {{from: number, to: number}} Range places, the last one excluded */

export class Window {
  #root;
  #onlook;
  /** @type {HTMLElement[]} as they are ordered */
  #rows = [];
  #rowHeight = 28;

  /** @param {Element} root holds the table @param {() => void} onlook what is in view may have changed */
  constructor(root, onlook) {
    this.#root = root;
    this.#onlook = onlook;
  }

  get #table() {
    return /** @type {HTMLElement} */ (required(this.#root, "table"));
  }

  get #body() {
    return /** @type {HTMLElement} */ (required(this.#root, "tbody"));
  }

  get rows() {
    return this.#rows;
  }

  get atTop() {
    return this.#table.scrollTop < 4;
  }

  /** @returns {() => void} stop */
  connect() {
    const table = this.#table;
    const look = () => this.#onlook();
    const resized = new ResizeObserver(look);
    table.addEventListener("scroll", look, { passive: true });
    resized.observe(table);
    return () => {
      table.removeEventListener("scroll", look);
      resized.disconnect();
    };
  }

  /** @param {HTMLElement[]} rows @param {boolean} top back to the beginning */
  fill(rows, top) {
    this.#rows = rows;
    attribute(this.#table, "aria-rowcount", String(rows.length + 1));
    if (top) this.#table.scrollTop = 0;
  }

  /** Brings a row into view. @param {number} place */
  show(place) {
    const table = this.#table;
    const head = required(this.#root, "thead").clientHeight;
    const top = place * this.#rowHeight;
    const bottom = top + this.#rowHeight + head - table.clientHeight;
    if (table.scrollTop > top) table.scrollTop = top;
    else if (table.scrollTop < bottom) table.scrollTop = bottom;
    this.#onlook();
  }

  /** Brings a row to the middle. @param {number} place */
  centre(place) {
    const table = this.#table;
    const room = table.clientHeight - required(this.#root, "thead").clientHeight;
    table.scrollTop = Math.max(0, (place + 0.5) * this.#rowHeight - room / 2);
    this.#onlook();
  }

  /** By arithmetic, since all rows have one height. @returns {Range} */
  look() {
    const { scrollTop, clientHeight } = this.#table;
    this.#rowHeight = this.#body.querySelector("tr")?.offsetHeight || this.#rowHeight;
    const count = this.#rows.length;
    const from = Math.min(count, Math.max(0, Math.floor(scrollTop / this.#rowHeight)));
    const to = Math.min(count, from + Math.ceil(clientHeight / this.#rowHeight) + 1);
    this.#place(Math.max(0, from - AROUND), Math.min(count, to + AROUND));
    return { from, to };
  }

  /** @param {number} from @param {number} to */
  #place(from, to) {
    const body = this.#body;
    const wanted = this.#rows.slice(from, to);
    body.style.paddingTop = `${from * this.#rowHeight}px`;
    body.style.paddingBottom = `${(this.#rows.length - to) * this.#rowHeight}px`;
    const kept = new Set(wanted);
    for (const row of [...body.children]) if (!kept.has(/** @type {HTMLElement} */ (row))) row.remove();
    let at = body.firstElementChild;
    wanted.forEach((row, index) => {
      attribute(row, "aria-rowindex", String(from + index + 2));
      if (row === at) at = at.nextElementSibling;
      else body.insertBefore(row, at);
    });
  }
}
