// @ts-check
/** Whether the numbers of a portfolio may be called live, and how old the oldest price in them is. */
import { attribute, required, textOf, write } from "../core/dom.js";
import { age } from "../core/format.js";
import { Reasons } from "./portfolioreasons.js";

/** Nothing is held, or nothing of it has a price: then nothing is live either. */
export const STILL = "Nothing here moves with a market";

export class Moment {
  #root;
  #page;
  #reasons;
  #words;
  #oldest = -Infinity;
  #moving = 0;
  /** @type {Set<string>} */
  #stale = new Set();

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#root = root;
    this.#page = page;
    this.#reasons = new Reasons(page);
    this.#words = textOf(required(root, "[data-moment]"));
  }

  /** Before the lines of one drawing. */
  begin() {
    [this.#oldest, this.#moving] = [-Infinity, 0];
    this.#stale.clear();
    this.#reasons.begin();
  }

  /** How a line stands seen from this page. @param {any} item @param {number} ts of its row @param {number} elapsed seconds since @returns {import("./portfolioline.js").Standing} */
  standing(item, ts, elapsed) {
    const ageS = item.ts_received === null ? NaN : Math.max(0, (ts - item.ts_received) / 1e6 + elapsed);
    const why = this.#reasons.of(item);
    return { live: item.live && why === "", why, ageS };
  }

  /** @param {string} name @param {import("./portfolioline.js").Standing} standing @param {boolean} valued it has a price, if only an old one */
  add(name, { live, ageS }, valued) {
    if (Number.isFinite(ageS)) this.#oldest = Math.max(this.#oldest, ageS);
    if (Number.isFinite(ageS) && live) this.#moving += 1;
    if (!live && valued) this.#stale.add(name);
  }

  /** What is not live, seen from this page. */
  get stale() {
    return [...this.#stale].sort();
  }

  say() {
    this.#reasons.settle();
    const state = !this.#page.liveness.connected ? "down" : this.#stale.size > 0 ? "stale" : this.#moving > 0 ? "live" : "still";
    attribute(this.#root, "data-state", state);
    const words = { down: `Not live: ${this.#page.liveness.silence}`, stale: this.#moving ? "Live, but not all of it" : "Not live", live: "Live", still: STILL }[state];
    write(this.#words, `${words}${Number.isFinite(this.#oldest) ? `. Oldest price ${age(this.#oldest)}` : ""}.`);
  }

  /** Nothing came yet, or nothing comes any more: what the page has stands, and says so. @param {string | undefined} reason @param {Iterable<Element>} rows */
  wait(reason, rows) {
    if (reason) write(this.#words, `These numbers do not move: ${reason}.`);
    attribute(this.#root, "data-state", "stale");
    if (!reason) return;
    for (const row of rows) attribute(row, "data-state", "stale");
  }

  stop() {
    this.#reasons.stop();
  }
}
