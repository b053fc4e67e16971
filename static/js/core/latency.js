// @ts-check
/** The newest samples of a delay, and their percentiles. */

const KEPT = 512;

export class Latency {
  #samples;
  #count = 0;

  /** @param {number} [kept] how many */
  constructor(kept = KEPT) {
    this.#samples = new Float64Array(kept);
  }

  /** @param {number} ms */
  add(ms) {
    if (ms >= 0 && Number.isFinite(ms)) this.#samples[this.#count++ % this.#samples.length] = ms;
  }

  clear() {
    this.#count = 0;
  }

  /** @param {number} share 0.5 is the median @returns {number | null} milliseconds; null without samples */
  percentile(share) {
    const known = Math.min(this.#count, this.#samples.length);
    if (known === 0) return null;
    const sorted = this.#samples.slice(0, known).sort();
    return sorted[Math.min(known - 1, Math.floor(share * known))];
  }
}
