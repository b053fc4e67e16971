// @ts-check
/** The page that follows the same symbols both ways: chooses, runs, says what came out, and what spoiled it. */
import { Comparison } from "../core/comparison.js";
import { attribute, element, embedded, outdate, required, textOf, write } from "../core/dom.js";
import { CompareChoice } from "./comparechoice.js";
import { CompareNow } from "./comparenow.js";
import { CompareTable } from "./comparetable.js";

const DRAW_MS = 250;
/** Counting all ages takes a while on a phone. */
const COUNT_EVERY = 4;
const TICKERS = "/api/v1/tickers";

export default class Compare {
  #root;
  #page;
  #listed;
  #lengthMs;
  #words;
  #choice;
  #now;
  #drawing;
  #drawn = 0;
  /** @type {CompareTable | null} */
  #table = null;
  /** @type {Comparison | null} */
  #running = null;
  /** @type {Comparison | null} */
  #shown = null;
  /** @type {PerformanceObserver | null} */
  #sizes = null;
  /** @type {unknown} */
  #timer = null;
  #ending = new AbortController();

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#root = /** @type {HTMLElement} */ (root);
    this.#page = page;
    this.#listed = /** @type {string[]} */ (embedded("compare-listed") ?? []);
    this.#lengthMs = Number(this.#root.dataset.length) * 1000;
    this.#drawing = page.scheduler.add(() => this.#draw(), DRAW_MS, () => outdate(root));
    if (this.#listed.length === 0) return;
    this.#words = textOf(required(root, "[data-words]"));
    this.#choice = new CompareChoice(required(root, "[data-choice]"), this.#listed, Number(this.#root.dataset.most));
    this.#now = new CompareNow(required(root, "[data-now] [data-rows]"), page);
  }

  connect() {
    if (!this.#choice) return;
    this.#choice.onstart = (symbols, everyMs) => (this.#running ? this.#running.stop() : this.#start(symbols, everyMs));
    this.#choice.connect();
    document.addEventListener("visibilitychange", () => this.#visible(), { signal: this.#ending.signal });
    this.#say("Not begun.");
  }

  disconnect() {
    this.#ending.abort();
    this.#choice?.disconnect();
    this.#running?.stop();
    this.#drawing.remove();
  }

  /** @param {string[]} symbols @param {number} everyMs */
  #start(symbols, everyMs) {
    const { clock, url } = this.#page;
    const query = new URLSearchParams(symbols.map((symbol) => ["symbol", symbol]));
    const asked = new URL(`${TICKERS}?${query}`, location.href).href;
    const made = new Comparison({ url, open: (address) => new WebSocket(address), ask: (signal) => answer(asked, signal), clock, symbols, everyMs, lengthMs: this.#lengthMs });
    this.#running = this.#shown = made;
    made.onend = () => this.#ended();
    this.#table = new CompareTable(required(this.#root, "[data-cost] [data-rows]"), this.#page.format);
    this.#now?.build(symbols);
    this.#choice?.lock(true);
    this.#observe(asked, made);
    made.start();
    if (document.visibilityState !== "visible") this.#visible();
    this.#tick();
  }

  /** The sizes of answers with their heads, which only the browser knows. @param {string} asked @param {Comparison} made */
  #observe(asked, made) {
    this.#sizes = new PerformanceObserver((list) => {
      for (const entry of list.getEntriesByName(asked)) {
        made.ways.polling.tally.wire += /** @type {PerformanceResourceTiming} */ (entry).transferSize;
      }
    });
    this.#sizes.observe({ type: "resource" });
  }

  #tick() {
    this.#drawing.invalidate();
    this.#timer = this.#page.clock.later(() => this.#tick(), DRAW_MS);
  }

  #ended() {
    const sizes = this.#sizes; // another start has its own
    this.#page.clock.cancel(this.#timer);
    this.#running = null;
    this.#choice?.lock(false);
    this.#drawn = 0;
    this.#drawing.invalidate();
    this.#page.clock.later(() => {
      sizes?.disconnect(); // the last answer's size comes after it
      this.#drawn = 0;
      this.#drawing.invalidate();
    }, DRAW_MS);
  }

  #visible() {
    this.#running?.setVisible(document.visibilityState === "visible");
  }

  #draw() {
    const comparison = this.#shown;
    if (!comparison) return;
    this.#now?.draw(comparison);
    this.#drawNotes([...comparison.notes]);
    if (this.#drawn++ % COUNT_EVERY === 0) this.#table?.draw(comparison);
    const seconds = Math.min(this.#lengthMs, comparison.elapsedMs) / 1000;
    attribute(required(this.#root, "[data-progress]"), "value", seconds.toFixed(1));
    write(textOf(required(this.#root, "[data-seconds]")), comparison.ended ? "" : `${Math.floor(seconds)} of ${this.#lengthMs / 1000} s`);
    if (!comparison.ended) return this.#say("Running.");
    const whole = comparison.elapsedMs >= this.#lengthMs;
    this.#say(whole ? `Done: ${this.#lengthMs / 1000} s.` : `Stopped after ${seconds.toFixed(0)} s.`);
  }

  /** @param {string[]} notes */
  #drawNotes(notes) {
    const list = required(this.#root, "[data-notes]");
    list.toggleAttribute("hidden", notes.length === 0);
    if (list.childElementCount === notes.length) return;
    list.replaceChildren(...notes.map((note) => element("li", {}, note)));
  }

  /** @param {string} text */
  #say(text) {
    if (this.#words) write(this.#words, text);
  }
}

/** @param {string} address @param {AbortSignal} signal @returns {Promise<import("../core/poller.js").Answer>} */
async function answer(address, signal) {
  const response = await fetch(address, { signal, headers: { Accept: "application/json" }, cache: "no-store" });
  return { status: response.status, text: await response.text(), retryAfterS: Number(response.headers.get("Retry-After")) || 1 };
}
