// @ts-check
/** A slow beat: what goes stale does so without a message, and ages grow. */
import { attempt } from "../core/attempt.js";

const BEAT_MS = 200;
const BEATS_A_SECOND = 5;

/** @typedef {{second: boolean, changed: boolean}} Beat `changed`: something may have gone stale or live */

export class Pulse {
  #clock;
  #liveness;
  /** @type {Set<(beat: Beat) => void>} */
  #watchers = new Set();
  #signature = "";
  #count = 0;
  /** @type {unknown} */
  #timer = null;

  /** @param {import("../core/clock.js").Clock} clock @param {import("../core/age.js").Liveness} liveness */
  constructor(clock, liveness) {
    this.#clock = clock;
    this.#liveness = liveness;
  }

  start() {
    this.#timer = this.#clock.later(() => this.#beat(), BEAT_MS);
  }

  stop() {
    this.#clock.cancel(this.#timer);
  }

  /** @param {(beat: Beat) => void} tell @returns {() => void} stop */
  watch(tell) {
    this.#watchers.add(tell);
    return () => void this.#watchers.delete(tell);
  }

  /** Out of turn: nobody looked for some time, and everything may be another now. */
  look() {
    for (const tell of this.#watchers) attempt(tell, { second: true, changed: true });
  }

  #beat() {
    this.start();
    const signature = this.#liveness.signature;
    const beat = { second: ++this.#count % BEATS_A_SECOND === 0, changed: signature !== this.#signature };
    this.#signature = signature;
    for (const tell of this.#watchers) attempt(tell, beat);
  }
}
