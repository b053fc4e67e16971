// @ts-check
/** One animation frame for the whole page. Widgets say that they are out of date; drawing comes later, once. */

/**
 * @typedef {{invalidate: () => void, remove: () => void}} Drawing
 * @typedef {{draw: () => void, everyMs: number, dirty: boolean, drawnAt: number}} Task
 */

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

  /** @param {() => void} draw @param {number} [everyMs] never more often @returns {Drawing} */
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
      if (task.dirty) wait = Math.min(wait, task.drawnAt + task.everyMs - now);
    }
    if (wait === Infinity) return;
    this.#clock.cancel(this.#timer);
    if (wait > 4) this.#timer = this.#clock.later(() => this.#ask(), wait);
    else this.#ask();
  }

  #ask() {
    if (this.#asked) return;
    this.#asked = true;
    this.#frame(() => this.#run());
  }

  #run() {
    this.#asked = false;
    if (this.#paused) return;
    const now = this.#clock.now();
    for (const task of this.#tasks) {
      if (!task.dirty || now - task.drawnAt < task.everyMs - 4) continue;
      task.dirty = false;
      task.drawnAt = now;
      task.draw();
    }
    this.#plan();
  }
}
