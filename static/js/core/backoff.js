// @ts-check
/** Full jitter: anything from nothing to a ceiling that doubles, so that a crowd does not come back at once. */

export const FIRST_MS = 500;
export const MOST_MS = 30_000;

export class Backoff {
  #random;
  #failures = 0;

  /** @param {() => number} [random] 0 … 1 */
  constructor(random = Math.random) {
    this.#random = random;
  }

  /** @returns {number} milliseconds until the next attempt */
  next() {
    const ceiling = Math.min(MOST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    return this.#random() * ceiling;
  }

  /** After data, not after a handshake: a server that accepts and drops must not be hammered. */
  reset() {
    this.#failures = 0;
  }
}
