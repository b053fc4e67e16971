// @ts-check
/** Moves and sizes places by mouse, thumb and keys, with gridstack. It is loaded when somebody arranges, and leaves nothing behind. */
import "gridstack"; // says what it is by a global name
import { attribute, element } from "../core/dom.js";

/** The same as in panels.css: so many rows are one height of the board, none lower than this. */
const SCREEN_ROWS = 24;
const LEAST_PX = 24;
const ITEM = "grid-stack-item";
const CONTENT = "grid-stack-item-content";
const AXES = /** @type {const} */ (["x", "y", "w", "h"]);

/** @typedef {import("../core/screen.js").Place} Place */
/** @typedef {{columns: number, rows: number, kinds: Record<string, {min_w: number, min_h: number}>}} Bounds */

/** The library's own styles, once. @param {string} href @returns {Promise<unknown>} */
export function styled(href) {
  const link = /** @type {HTMLLinkElement} */ (element("link", { rel: "stylesheet", href }));
  return new Promise((done) => { link.onload = link.onerror = done; document.head.append(link); });
}

export class GridDesk {
  #element;
  #bounds;
  #onchange;
  /** @type {any} */
  #grid = null;
  #resized = new ResizeObserver(() => this.#grid?.cellHeight(this.#cell));

  /** @param {HTMLElement} root holds the places @param {Bounds} bounds @param {() => void} onchange something stands elsewhere */
  constructor(root, bounds, onchange) {
    this.#element = root;
    this.#bounds = bounds;
    this.#onchange = onchange;
  }

  get #board() {
    return /** @type {HTMLElement} */ (this.#element.parentElement);
  }

  get #cell() {
    return Math.max(LEAST_PX, this.#board.clientHeight / SCREEN_ROWS);
  }

  get #places() {
    return /** @type {HTMLElement[]} */ ([...this.#element.querySelectorAll(":scope > .place")]);
  }

  start() {
    const { columns, rows, kinds } = this.#bounds;
    for (const place of this.#places) {
      const { min_w, min_h } = kinds[place.dataset.kind ?? ""];
      attribute(place, "gs-min-w", String(min_w));
      attribute(place, "gs-min-h", String(min_h));
      place.classList.add(ITEM);
      place.querySelector(".panel")?.classList.add(CONTENT);
    }
    const options = { column: columns, minRow: SCREEN_ROWS, maxRow: rows, cellHeight: this.#cell, margin: 0, animate: false, alwaysShowResizeHandle: true };
    const grips = { handle: ".hold", draggable: { handle: ".hold", scroll: true }, resizable: { handles: "e,s,w,sw,se" } };
    this.#grid = /** @type {any} */ (globalThis).GridStack.init({ ...options, ...grips }, this.#element);
    this.#grid.on("change", () => this.#onchange());
    this.#resized.observe(this.#board);
  }

  /** Everything that gridstack wrote goes; where the places stand stays. */
  stop() {
    if (!this.#grid) return;
    const places = this.places;
    this.#resized.disconnect();
    this.#grid.destroy(false);
    this.#grid = null;
    for (const [place, stands] of places) {
      for (const axis of AXES) attribute(place, `gs-${axis}`, String(stands[axis]));
      place.removeAttribute("style");
      place.className = "place";
      place.querySelector(`.${CONTENT}`)?.classList.remove(CONTENT);
      for (const handle of place.querySelectorAll(":scope > .ui-resizable-handle")) handle.remove();
    }
    this.#element.className = "grid";
    this.#element.removeAttribute("style");
  }

  /** Where each place stands now. @returns {Map<HTMLElement, Place>} */
  get places() {
    return new Map(this.#places.map((place) => {
      const { x, y, w, h } = /** @type {any} */ (place).gridstackNode;
      return [place, { x, y, w, h }];
    }));
  }

  /**
   * One step, or as many as it takes until something changes: a lower neighbour lets a panel pass only when it has gone past its middle.
   * @param {HTMLElement} place @param {Partial<Place>} by @returns {boolean} whether anything changed
   */
  nudge(place, by) {
    const before = JSON.stringify([...this.places.values()]);
    const { x, y, w, h } = /** @type {any} */ (place).gridstackNode;
    const from = /** @type {Place} */ ({ x, y, w, h });
    for (let step = 1; step <= this.#bounds.rows; step += 1) {
      const wanted = Object.fromEntries(AXES.map((axis) => [axis, from[axis] + step * (by[axis] ?? 0)]));
      if (wanted.x < 0 || wanted.y < 0 || wanted.x + wanted.w > this.#bounds.columns || wanted.w < 1 || wanted.h < 1) return false;
      this.#grid.update(place, wanted);
      if (JSON.stringify([...this.places.values()]) !== before) return true;
    }
    return false;
  }
}
