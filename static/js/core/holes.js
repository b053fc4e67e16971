// @ts-check
/** Holes come in crowds, and the server counts messages: those of a moment are asked about together. */

const GATHER_MS = 50;

export class Holes {
  #clock;
  #ask;
  /** @type {import("./store.js").Topic[]} */
  #topics = [];
  /** @type {unknown} */
  #timer = null;

  /** @param {import("./clock.js").Clock} clock @param {(topics: import("./store.js").Topic[]) => void} ask */
  constructor(clock, ask) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** @param {import("./store.js").Topic} topic */
  add(topic) {
    this.#topics.push(topic);
    this.#timer ??= this.#clock.later(() => this.#gathered(), GATHER_MS);
  }

  /** The connection is gone: the next one begins with snapshots anyway. */
  forget() {
    this.#clock.cancel(this.#timer);
    this.#timer = null;
    this.#topics = [];
  }

  #gathered() {
    const topics = this.#topics;
    this.forget();
    this.#ask(topics);
  }
}
