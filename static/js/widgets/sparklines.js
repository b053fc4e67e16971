// @ts-check
/** A day of closes per row, asked for when a row comes into view, continued with last prices. */
import { attribute } from "../core/dom.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 104;
const HEIGHT = 20;
const ASK_AFTER_MS = 150;
const KEEP_MS = 15 * 60_000;
const AT_ONCE = 60;
/** A line of fewer closes would pass for a day's, so none is drawn; a feed that has just started will soon know more. */
const FEW = 12;
const SOON_MS = 10_000;

export class Sparklines {
  #clock;
  #ondata;
  /** @type {Map<string, {closes: number[], until: number}>} */
  #known = new Map();
  /** @type {Set<string>} */
  #asked = new Set();
  /** @type {unknown} */
  #timer = null;
  #abort = new AbortController();

  /** @param {import("../core/clock.js").Clock} clock @param {(symbols: string[]) => void} ondata */
  constructor(clock, ondata) {
    this.#clock = clock;
    this.#ondata = ondata;
  }

  stop() {
    this.#clock.cancel(this.#timer);
    this.#abort.abort();
  }

  /** @param {string[]} symbols those in view */
  see(symbols) {
    const now = this.#clock.now();
    const missing = symbols.filter((symbol) => !((this.#known.get(symbol)?.until ?? 0) > now));
    if (missing.length === 0) return;
    this.#asked = new Set(missing.slice(0, AT_ONCE));
    this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.later(() => this.#ask(), ASK_AFTER_MS);
  }

  async #ask() {
    const symbols = [...this.#asked];
    const query = new URLSearchParams(symbols.map((symbol) => ["symbol", symbol]));
    try {
      const response = await fetch(`/sparklines/?${query}`, { signal: this.#abort.signal, headers: { Accept: "application/json" } });
      if (response.ok) this.#keep(symbols, (await response.json()).closes);
    } catch {
      // Without a network the rows say that they are stale; the line is asked for again on the next scroll.
    }
  }

  /** @param {string[]} symbols @param {Record<string, string[]>} closes */
  #keep(symbols, closes) {
    const now = this.#clock.now();
    for (const symbol of symbols) {
      const found = (closes[symbol] ?? []).map(Number);
      this.#known.set(symbol, { closes: found, until: now + (found.length < FEW ? SOON_MS : KEEP_MS) });
    }
    this.#ondata(symbols);
  }

  /** @param {Element} cell @param {string} symbol @param {string | undefined} last */
  draw(cell, symbol, last) {
    const closes = this.#known.get(symbol)?.closes ?? [];
    const points = last ? [...closes.slice(0, -1), Number(last)] : closes;
    if (closes.length >= FEW) attribute(lineOf(cell), "points", polyline(points));
  }
}

/** @param {Element} cell @returns {Element} */
function lineOf(cell) {
  const found = cell.querySelector("polyline");
  if (found) return found;
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "polyline");
  line.setAttribute("vector-effect", "non-scaling-stroke");
  picture.append(line);
  cell.replaceChildren(picture);
  return line;
}

/** @param {number[]} values */
function polyline(values) {
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  const step = WIDTH / (values.length - 1);
  const y = (/** @type {number} */ value) => (span === 0 ? HEIGHT / 2 : HEIGHT - 2 - ((value - low) / span) * (HEIGHT - 4));
  return values.map((value, at) => `${(at * step).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
}
