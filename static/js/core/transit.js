// @ts-check
/**
 * How long what came was under way. Two clocks that never jump go alike, and a question that was answered says how far apart they are:
 * the server's answer was made after it was asked, so what is left of the way is the way there, and that is counted against us. Pure.
 */

/** By so much two clocks may run apart, so what was learnt once is not believed for ever. */
const DRIFT = 1e-4;

export class Transit {
  /** This clock is ahead of the server's by this at least; milliseconds. */
  #apart = -Infinity;
  #learntAt = 0;

  /** A new connection. */
  forget() {
    this.#apart = -Infinity;
  }

  /** @param {number} asked @param {number} there what the server's clock said in between @param {number} now */
  answered(asked, there, now) {
    const apart = asked - there;
    const jumped = there + this.#apart > now;
    if (!jumped && apart < this.#apart - (now - this.#learntAt) * DRIFT) return;
    this.#apart = apart;
    this.#learntAt = now;
  }

  get isKnown() {
    return this.#apart !== -Infinity;
  }

  /** At most. @param {number} there when it was sent @param {number} now */
  took(there, now) {
    return Math.max(0, now - there - this.#apart);
  }
}
