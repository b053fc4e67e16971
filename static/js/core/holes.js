// @ts-check
/** Holes come in crowds, and the server counts messages: those of a moment are asked about together. */
import { keyOf } from "./store.js";

const GATHER_MS = 50;

export class Holes {
  #clock;
  #ask;
  /** @type {Map<string, import("./store.js").Topic>} */
  #topics = new Map();
  /** @type {unknown} */
  #timer = null;

  /** @param {import("./clock.js").Clock} clock @param {(topics: import("./store.js").Topic[]) => void} ask */
  constructor(clock, ask) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** @param {import("./store.js").Topic} topic */
  add(topic) {
    this.#topics.set(keyOf(topic), topic);
    this.#timer ??= this.#clock.later(() => this.#gathered(), GATHER_MS);
  }

  /** A snapshot of it is here: what was missing before is in it. @param {import("./store.js").Topic} topic */
  mend(topic) {
    this.#topics.delete(keyOf(topic));
  }

  /** The connection is gone: the next one begins with snapshots anyway. */
  forget() {
    this.#clock.cancel(this.#timer);
    this.#timer = null;
    this.#topics.clear();
  }

  #gathered() {
    const topics = [...this.#topics.values()];
    this.forget();
    if (topics.length > 0) this.#ask(topics);
  }
}
