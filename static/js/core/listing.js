// @ts-check
/** Whether this page lists what the server follows: each heartbeat names the version, a difference is asked for. */

/** A change reaches all open pages at once; their requests need not. */
const SPREAD_MS = 250;
const AFTER_FAILURE_MS = 5_000;

/**
 * @typedef {{version: string, whole: boolean, listed: any[], gone: string[]}} Changes `whole`: all there is
 * @typedef {object} Surroundings
 * @property {string} version of what the page was made with; "" on a page that lists nothing
 * @property {(since: string) => Promise<Changes>} load
 * @property {import("./clock.js").Clock} clock
 * @property {() => number} [random]
 */

export class Listing {
  #around;
  #version;
  #asking = false;
  #quietUntil = 0;
  /** @type {Set<(changes: Changes) => void>} */
  #watchers = new Set();

  /** @param {Surroundings} around */
  constructor(around) {
    this.#around = around;
    this.#version = around.version;
  }

  /** @param {(changes: Changes) => void} tell @returns {() => void} stop */
  watch(tell) {
    this.#watchers.add(tell);
    return () => void this.#watchers.delete(tell);
  }

  /** @param {string | undefined} version what a heartbeat said; "" where the server does not know yet */
  heard(version) {
    const { clock, random = Math.random } = this.#around;
    const news = Boolean(version) && this.#version !== "" && version !== this.#version;
    if (!news || this.#asking || clock.now() < this.#quietUntil) return;
    this.#asking = true;
    clock.later(() => this.#ask(), random() * SPREAD_MS);
  }

  async #ask() {
    try {
      const changes = await this.#around.load(this.#version);
      this.#version = changes.version;
      for (const tell of this.#watchers) tell(changes);
    } catch {
      // The next heartbeat that still names another version asks again.
      this.#quietUntil = this.#around.clock.now() + AFTER_FAILURE_MS;
    } finally {
      this.#asking = false;
    }
  }
}
