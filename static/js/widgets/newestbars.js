// @ts-check
/** Asks again each minute for the newest stored bars, where none come live: a dealer tells no trades to make them of. */
import { storedBars } from "../core/storedbars.js";

const EVERY_MS = 60_000;
/** More than end between two requests of a page that is not asleep. */
const NEWEST = 100;

export class NewestBars {
  #clock;
  #slug;
  #onbars;
  #abort = new AbortController();
  /** @type {unknown} */
  #timer = null;

  /**
   * @param {import("../core/clock.js").Clock} clock @param {string} slug of the instrument
   * @param {(bars: import("../core/storedbars.js").Bar[]) => void} onbars given what there is, oldest first
   */
  constructor(clock, slug, onbars) {
    this.#clock = clock;
    this.#slug = slug;
    this.#onbars = onbars;
  }

  /** @param {number} interval minutes; what was being fetched of another one is dropped */
  start(interval) {
    this.stop();
    this.#abort = new AbortController();
    this.#later(interval);
  }

  stop() {
    this.#abort.abort();
    this.#clock.cancel(this.#timer);
  }

  /** @param {number} interval */
  #later(interval) {
    this.#timer = this.#clock.later(() => void this.#ask(interval), EVERY_MS);
  }

  /** No answer is no fault to speak of: the bars that are shown say when they were, and the next minute comes. @param {number} interval */
  async #ask(interval) {
    const { signal } = this.#abort;
    try {
      const { bars } = await storedBars(this.#slug, { interval, limit: NEWEST }, signal);
      if (!signal.aborted) this.#onbars(bars);
    } catch {
      // asked again below
    }
    if (!signal.aborted) this.#later(interval);
  }
}
