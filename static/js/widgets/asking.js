// @ts-check
/** Something that is asked again, a while after each answer, until the widget goes. */

export class Asking {
  #clock;
  #ask;
  #everyMs;
  /** @type {unknown} */
  #timer = null;
  #ended = false;

  /** @param {import("../main.js").Page["clock"]} clock @param {number} everyMs @param {() => Promise<unknown>} ask */
  constructor(clock, everyMs, ask) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#ask = ask;
  }

  connect() {
    if (!this.#ended) this.#timer = this.#clock.later(() => this.#asked(), this.#everyMs);
  }

  disconnect() {
    this.#ended = true;
    this.#clock.cancel(this.#timer);
  }

  async #asked() {
    await this.#ask();
    this.connect();
  }
}
