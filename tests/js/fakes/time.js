// @ts-check
/** A clock that a test turns, and a frame that it draws. */
export class FakeClock {
  #now = 0;
  #next = 1;
  /** @type {Map<number, {at: number, run: () => void}>} */
  #timers = new Map();

  now = () => this.#now;

  /** @param {() => void} run @param {number} ms */
  later = (run, ms) => {
    this.#timers.set(this.#next, { at: this.#now + ms, run });
    return this.#next++;
  };

  /** @param {unknown} timer */
  cancel = (timer) => void this.#timers.delete(/** @type {number} */ (timer));

  get waiting() {
    return this.#timers.size;
  }

  /** Time passes, and nobody is there whose timers could run. @param {number} ms */
  sleep(ms) {
    this.#now += ms;
  }

  /** @param {number} ms */
  advance(ms) {
    const until = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= until).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].run();
    }
    this.#now = until;
  }
}
