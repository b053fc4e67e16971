// @ts-check
/** Changed digits are tinted for half a second, then not. On and off: a transition would repaint for its whole length. */
import { attribute, textOf, write } from "../core/dom.js";

const TINT_MS = 400;
/** The pace of the lists, so that both share a frame. */
const CLEAR_MS = 250;

export class Tints {
  #clock;
  #drawing;
  /** @type {Map<Element, number>} */
  #until = new Map();
  #still = matchMedia("(prefers-reduced-motion: reduce)");

  /** @param {import("../core/scheduler.js").Scheduler} scheduler @param {import("../core/clock.js").Clock} clock */
  constructor(scheduler, clock) {
    this.#clock = clock;
    this.#drawing = scheduler.add(() => this.#clear(), CLEAR_MS);
  }

  get on() {
    return !this.#still.matches && document.documentElement.dataset.flash !== "off";
  }

  /** @param {Element} element @param {number} way above or below zero */
  tint(element, way) {
    attribute(element, "data-tint", way > 0 ? "up" : "down");
    this.#until.set(element, this.#clock.now() + TINT_MS);
    this.#drawing.invalidate();
  }

  #clear() {
    const now = this.#clock.now();
    for (const [element, until] of this.#until) {
      if (until > now) continue;
      this.#until.delete(element);
      attribute(element, "data-tint", null);
    }
    if (this.#until.size > 0) this.#drawing.invalidate();
  }
}

/** A number in two pieces: what stayed, and from the first digit that changed on. */
export class Digits {
  #tints;
  #same;
  #moved;
  #movedElement;
  #text;

  /** @param {Element} cell its last two children are the pieces @param {Tints} tints */
  constructor(cell, tints) {
    this.#tints = tints;
    const moved = /** @type {Element} */ (cell.lastElementChild);
    this.#same = textOf(/** @type {Element} */ (moved.previousElementSibling));
    this.#moved = textOf(moved);
    this.#movedElement = moved;
    this.#text = this.#same.data;
  }

  /** @param {string} text @param {number} way 0: do not tint */
  write(text, way) {
    if (text === this.#text) return;
    const tinted = way !== 0 && this.#tints.on;
    const kept = tinted ? common(this.#text, text) : text.length;
    write(this.#same, text.slice(0, kept));
    write(this.#moved, text.slice(kept));
    if (tinted) this.#tints.tint(this.#movedElement, way);
    else attribute(this.#movedElement, "data-tint", null);
    this.#text = text;
  }
}

/** @param {string} a @param {string} b @returns {number} how many characters they have in common at the start */
function common(a, b) {
  if (a.length !== b.length) return 0;
  let at = 0;
  while (at < b.length && a[at] === b[at]) at += 1;
  return at;
}
