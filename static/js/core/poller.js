// @ts-check
/** Asks again and again at a fixed pace, one request at a time, and counts what became of each. */
import { bytesOf } from "./tally.js";

/**
 * @typedef {{status: number, text: string, retryAfterS: number}} Answer
 * @typedef {object} Surroundings
 * @property {(signal: AbortSignal) => Promise<Answer>} ask
 * @property {import("./clock.js").Clock} clock
 * @property {number} everyMs
 * @property {import("./tally.js").Tally} tally
 */

export const GIVE_UP_MS = 10_000;

export class Poller {
  #around;
  #due = 0;
  #notBefore = 0;
  #running = false;
  /** @type {unknown} */
  #timer = null;
  /** @type {AbortController | null} */
  #asking = null;

  /** @type {(data: any, at: number) => void} what a good answer holds */
  onanswer = () => {};
  /** @type {(status: number) => void} it will not be answered otherwise by asking again */
  onrefused = () => {};

  /** @param {Surroundings} around */
  constructor(around) {
    this.#around = around;
  }

  start() {
    this.#running = true;
    this.#due = this.#around.clock.now();
    this.#tick();
  }

  stop() {
    this.#running = false;
    this.#around.clock.cancel(this.#timer);
    this.#asking?.abort();
  }

  /** At multiples of the pace: a slow answer makes the next one late, never the ones after it. */
  #tick() {
    const { clock, everyMs, tally } = this.#around;
    const now = clock.now();
    if (this.#asking) tally.skipped += 1;
    else if (now >= this.#notBefore) void this.#ask();
    const steps = Math.max(1, Math.ceil((now - this.#due + 1) / everyMs));
    tally.skipped += steps - 1; // the page itself was held up
    this.#due += steps * everyMs;
    this.#timer = clock.later(() => this.#tick(), this.#due - clock.now());
  }

  async #ask() {
    const { clock, tally } = this.#around;
    const asking = (this.#asking = new AbortController());
    const giveUp = clock.later(() => asking.abort(), GIVE_UP_MS);
    try {
      tally.sent += 1;
      const began = clock.now();
      const asked = this.#around.ask(asking.signal);
      tally.cpuMs += clock.now() - began;
      const answer = await asked;
      if (this.#running) this.#take(answer);
    } catch {
      if (this.#running) tally.failed += 1;
    } finally {
      clock.cancel(giveUp);
      this.#asking = null;
    }
  }

  /** @param {Answer} answer */
  #take({ status, text, retryAfterS }) {
    const { clock, tally } = this.#around;
    const at = clock.now();
    tally.received += 1;
    tally.payload += bytesOf(text);
    if (status === 429) {
      tally.refused += 1;
      this.#notBefore = at + retryAfterS * 1000;
    } else if (status >= 400 && status < 500) {
      tally.failed += 1;
      this.stop();
      this.onrefused(status);
    } else if (status !== 200) tally.failed += 1;
    else {
      const began = clock.now();
      this.onanswer(JSON.parse(text), at);
      tally.cpuMs += clock.now() - began;
    }
  }
}
