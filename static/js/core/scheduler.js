// @ts-check
/** One animation frame for the whole page. Widgets say that they are out of date; drawing comes later, once. */

/**
 * @typedef {{invalidate: () => void, remove: () => void}} Drawing
 * @typedef {{draw: () => void, everyMs: number, dirty: boolean, drawnAt: number}} Task
 */

/** A timer may fire a little early; a frame more for that would be waste. */
const EARLY_MS = 4;

export class Scheduler {
  #clock;
  #frame;
  /** @type {Set<Task>} */
  #tasks = new Set();
  #asked = false;
  #paused = false;
  /** @type {unknown} */
  #timer = null;

  /** @param {import("./clock.js").Clock} clock @param {(run: () => void) => void} frame requestAnimationFrame */
  constructor(clock, frame) {
    this.#clock = clock;
    this.#frame = frame;
  }

  /**
   * At most once in each `everyMs` of the clock: tasks of one pace share their frames, which is what a
   * frame costs. The first change after a rest is drawn at once.
   * @param {() => void} draw @param {number} [everyMs] @returns {Drawing}
   */
  add(draw, everyMs = 0) {
    const task = { draw, everyMs, dirty: false, drawnAt: -Infinity };
    this.#tasks.add(task);
    return { invalidate: () => this.#invalidate(task), remove: () => void this.#tasks.delete(task) };
  }

  /** Hidden pages draw nothing; what is out of date stays so. */
  pause() {
    this.#paused = true;
  }

  resume() {
    this.#paused = false;
    this.#plan();
  }

  /** @param {Task} task */
  #invalidate(task) {
    if (task.dirty) return;
    task.dirty = true;
    this.#plan();
  }

  #plan() {
    if (this.#asked || this.#paused) return;
    const now = this.#clock.now();
    let wait = Infinity;
    for (const task of this.#tasks) {
      if (task.dirty) wait = Math.min(wait, due(task) - now);
    }
    if (wait === Infinity) return;
    this.#clock.cancel(this.#timer);
    if (wait > EARLY_MS) this.#timer = this.#clock.later(() => this.#ask(), wait);
    else this.#ask();
  }

  #ask() {
    if (this.#asked) return;
    this.#asked = true;
    this.#frame(() => this.#run());
  }

  #run() {
    const now = this.#clock.now();
    // What a drawing puts out of date is planned with the rest, after it.
    for (const task of this.#paused ? [] : this.#tasks) {
      if (!task.dirty || due(task) - now > EARLY_MS) continue;
      task.dirty = false;
      task.drawnAt = now;
      task.draw();
    }
    this.#asked = false;
    this.#plan();
  }
}

/** @param {Task} task the start of the span after the one in which it was drawn */
function due({ drawnAt, everyMs }) {
  return everyMs === 0 ? drawnAt : (Math.floor((drawnAt + EARLY_MS) / everyMs) + 1) * everyMs;
}
