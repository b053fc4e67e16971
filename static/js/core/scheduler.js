// @ts-check
/**
 * One animation frame for the whole page. Widgets say that they are out of date; drawing comes later, once.
 * One that fails is reported, and keeps no other from its turn: else the page would stand still as it was, live.
 */
import { attempt } from "./attempt.js";

/**
 * @typedef {{invalidate: () => void, remove: () => void}} Drawing
 * @typedef {{draw: () => void, everyMs: number, dirty: boolean, drawnAt: number, dueAt: number, failed: boolean, onfailure: () => void}} Task
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
   * At most once in `everyMs`, at multiples of it on the clock: tasks of one pace share their frames, and
   * the number of frames is what drawing costs. The first change after a rest is drawn at once.
   * @param {() => void} draw @param {number} [everyMs] @param {() => void} [onfailure] what it shows is as it was: to say so there
   * @returns {Drawing}
   */
  add(draw, everyMs = 0, onfailure = () => {}) {
    const task = { draw, everyMs, dirty: false, drawnAt: -Infinity, dueAt: 0, failed: false, onfailure };
    this.#tasks.add(task);
    return { invalidate: () => this.#invalidate(task), remove: () => void this.#tasks.delete(task) };
  }

  /** Whether something that is shown could not be drawn the last time: it is as it was before. */
  get failing() {
    for (const { failed } of this.#tasks) if (failed) return true;
    return false;
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
    task.dueAt = dueAt(task, this.#clock.now());
    this.#plan();
  }

  #plan() {
    if (this.#asked || this.#paused) return;
    const now = this.#clock.now();
    let wait = Infinity;
    for (const task of this.#tasks) {
      if (task.dirty) wait = Math.min(wait, task.dueAt - now);
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
      if (!task.dirty || task.dueAt - now > EARLY_MS) continue;
      task.dirty = false;
      task.drawnAt = now;
      task.failed = !attempt(task.draw);
      if (task.failed) task.onfailure();
    }
    this.#asked = false;
    this.#plan();
  }
}

/** @param {Task} task @param {number} now */
function dueAt({ drawnAt, everyMs }, now) {
  const rested = now - drawnAt > 2 * everyMs;
  return rested ? now : (Math.floor((Math.max(now, drawnAt) + EARLY_MS) / everyMs) + 1) * everyMs;
}
