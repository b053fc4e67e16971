// @ts-check
/** Fetches older bars page by page as the chart is scrolled, and says in words how that goes. */
import { attribute, required, textOf, write } from "../core/dom.js";
import { storedBars } from "../core/storedbars.js";

const PAGE = 500;
/** Answers without bars that yet know of more: a long time without trades is not the end. */
const EMPTY_PAGES = 20;
const COMING_MS = 3_000;

/** @typedef {import("../core/storedbars.js").Bar} Bar */

export class OlderBars {
  #root;
  #words;
  #again;
  #clock;
  #slug;
  #moment;
  #onpage;
  #interval = 0;
  #abort = new AbortController();
  /** @type {"idle" | "loading" | "coming" | "failed" | "end"} */
  #state = "idle";
  /** @type {unknown} */
  #timer = null;
  /** @type {number | null} what the server said to ask with next, microseconds */
  #next = null;

  /**
   * @param {Element} root with [data-older-words] and [data-older-again]
   * @param {import("../core/clock.js").Clock} clock @param {string} slug of the instrument
   * @param {(us: number) => string} moment in words @param {(page: Bar[]) => void} onpage given what came, oldest first
   */
  constructor(root, clock, slug, moment, onpage) {
    this.#clock = clock;
    this.#root = root;
    this.#words = textOf(required(root, "[data-older-words]"));
    this.#again = required(root, "[data-older-again]");
    this.#slug = slug;
    this.#moment = moment;
    this.#onpage = onpage;
  }

  /** @param {number} interval minutes; what was being fetched of another one is dropped */
  start(interval) {
    this.stop();
    this.#abort = new AbortController();
    this.#interval = interval;
    this.#next = null;
    this.#become("idle");
    this.#again.addEventListener("click", () => this.#retry(), { signal: this.#abort.signal });
  }

  stop() {
    this.#abort.abort();
    this.#clock.cancel(this.#timer);
  }

  get ended() {
    return this.#state === "end" || this.#state === "failed";
  }

  /** The bars held were dropped: the past begins anew. */
  reset() {
    if (this.#state !== "loading") this.start(this.#interval);
  }

  /** Fetch the page before `first`, unless one is on its way or there is none. @param {Bar | undefined} first */
  want(first) {
    if (this.#state !== "idle") return;
    void this.#load(first ? Math.min(first.ts, this.#next ?? first.ts) : this.#next);
  }

  /** @param {Bar | undefined} first the oldest bar @param {boolean} inView @param {boolean} short bars end in view */
  show(first, inView, short) {
    const coming = first === undefined ? "Bars come as soon as the venue sends them." : short ? "Older bars come as soon as the venue sends them." : "";
    const words = { idle: "", loading: short ? "Loading older bars…" : "", coming, failed: "Older bars could not be loaded.", end: this.#ending(first, inView) };
    write(this.#words, words[this.#state]);
    attribute(this.#root, "hidden", words[this.#state] ? null : "");
    attribute(this.#again, "hidden", this.#state === "failed" ? null : "");
  }

  /** @param {Bar | undefined} first @param {boolean} inView */
  #ending(first, inView) {
    return first && inView ? `History begins here, ${this.#moment(first.ts)}` : "";
  }

  #retry() {
    this.#become("idle");
    this.#onpage([]);
  }

  /** @param {"idle" | "loading" | "coming" | "failed" | "end"} state */
  #become(state) {
    this.#state = state;
    attribute(this.#root, "data-state", state);
  }

  /** @param {number | null} before microseconds; null: the newest */
  async #load(before) {
    const { signal } = this.#abort;
    this.#become("loading");
    try {
      const bars = await this.#pages(before, signal);
      if (signal.aborted) return;
      this.#onpage(bars);
    } catch {
      if (signal.aborted) return;
      this.#become("failed");
      this.#onpage([]);
    }
  }

  /** @param {number | null} before @param {AbortSignal} signal */
  async #pages(before, signal) {
    for (let empty = 0; empty < EMPTY_PAGES; empty += 1) {
      const page = await storedBars(this.#slug, { interval: this.#interval, limit: PAGE, before }, signal);
      if (signal.aborted) return [];
      // Where nothing older is known yet, what is coming is asked for from the same place.
      if (page.more) before = page.before;
      this.#next = before;
      if (page.coming) this.#timer = this.#clock.later(() => this.#retry(), COMING_MS);
      this.#become(page.more ? "idle" : page.coming ? "coming" : "end");
      if (page.bars.length > 0 || !page.more) return page.bars;
      this.#become("loading");
    }
    this.#become("end");
    return [];
  }
}
