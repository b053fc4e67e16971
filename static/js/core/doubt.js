// @ts-check
/** What a connection brought that is no more, or the page itself, is believed as long as nothing need be heard: not longer. */
import { LIVE_FOR_MS } from "./age.js";

export class Doubt {
  #store;
  #clock;
  /** @type {unknown} */
  #timer = null;

  /** @param {import("./store.js").Store} store @param {import("./clock.js").Clock} clock */
  constructor(store, clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** A new connection. @param {number} heardAt when the server was last heard on the one before, or made the page */
  begin(heardAt) {
    this.#clock.cancel(this.#timer);
    this.#store.begin();
    const left = heardAt + LIVE_FOR_MS - this.#clock.now();
    if (left > 0) this.#timer = this.#clock.later(() => this.#store.doubt(), left);
    else this.#store.doubt();
  }
}
