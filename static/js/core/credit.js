// @ts-check
/**
 * Acknowledgements: cumulative, every 8 frames or 250 ms, so that the server may send on. After a quiet moment at once: from
 * how long one takes the server sees what this link carries.
 */

export const ACK_FRAMES = 8;
export const ACK_MS = 250;

export class Credit {
  #clock;
  #send;
  #frame = 0;
  #count = 0;
  #saidAt = -Infinity;
  /** @type {unknown} */
  #timer = null;

  /** @param {import("./clock.js").Clock} clock @param {(frame: number) => void} send */
  constructor(clock, send) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Before anything was sent: so that the first of it is counted, too, which may be the most of all. */
  begin() {
    this.#send(0);
  }

  /** @param {number} frame @param {boolean} soon do not wait for more */
  took(frame, soon) {
    this.#frame = frame;
    this.#count += 1;
    const rested = this.#clock.now() - this.#saidAt;
    if (soon || this.#count >= ACK_FRAMES || rested >= ACK_MS) this.flush();
    else this.#timer ??= this.#clock.later(() => this.flush(), ACK_MS - rested);
  }

  flush() {
    const frames = this.#count;
    this.forget();
    if (frames === 0) return;
    this.#saidAt = this.#clock.now();
    this.#send(this.#frame);
  }

  /** The connection is gone, and its numbers with it. */
  forget() {
    this.#clock.cancel(this.#timer);
    this.#timer = null;
    this.#count = 0;
  }
}
