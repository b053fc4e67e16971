// @ts-check
/** The last value of each topic, and who wants to know. One owner of what the page shows. */
import { attempt } from "./attempt.js";
import { merged, withoutLevels } from "./merge.js";

/**
 * What has a number and no symbol, a portfolio, has the number's text for one.
 * `at` is the page's monotonic time of receipt in milliseconds, `age_us` what the row said then.
 * @typedef {{epoch: string, seq: number, value: import("./merge.js").Value, at: number, age_us: number}} Entry
 * @typedef {{channel: string, symbol: string, depth?: number, interval?: number}} Topic
 */

/** @param {Topic} topic @returns {string} */
export function keyOf({ channel, symbol, depth, interval }) {
  return `${channel}.${depth ?? interval ?? ""}:${symbol}`;
}

export class Store {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Map<string, Set<(topic: Topic, entry: Entry) => void>>} */
  #watchers = new Map();

  /** Set by whoever can ask again. @type {(topic: Topic) => void} */
  onhole = () => {};

  /** @param {Topic} topic */
  get(topic) {
    return this.#entries.get(keyOf(topic));
  }

  /** @param {Topic} topic @param {Entry} entry a value that came with the page; the first snapshot replaces it */
  seed(topic, entry) {
    this.#entries.set(keyOf(topic), entry);
  }

  /** @param {string} channel @param {(topic: Topic, entry: Entry) => void} tell @returns {() => void} stop */
  watch(channel, tell) {
    const watchers = this.#watchers.get(channel) ?? new Set();
    this.#watchers.set(channel, watchers.add(tell));
    return () => void watchers.delete(tell);
  }

  /** @param {any} frame a frame of the server @param {number} at monotonic milliseconds of its receipt */
  apply(frame, at) {
    if (frame.type !== "snapshot" && frame.type !== "update") return;
    const { channel, depth, interval } = frame;
    for (const row of frame.data) this.#row({ channel, symbol: row.symbol ?? String(row.id), depth, interval }, row, at);
  }

  /** The server refused a topic: its value says why. @param {Topic} topic @param {string} error @param {number} at */
  refuse(topic, error, at) {
    this.#keep(topic, { epoch: "", seq: 0, value: { state: "down", reason: error }, at, age_us: NaN });
  }

  /** @param {Topic} topic no longer wanted */
  forget(topic) {
    this.#entries.delete(keyOf(topic));
  }

  /** @param {Topic} topic @param {any} row @param {number} at */
  #row(topic, row, at) {
    const mine = this.#entries.get(keyOf(topic));
    const same = mine !== undefined && mine.epoch === row.epoch;
    if (same && row.seq <= mine.seq) return;
    if (row.prev !== 0 && (!same || row.prev > mine.seq)) return this.onhole(topic);
    let value = merged(row.prev === 0 || !mine ? {} : mine.value, row);
    if (topic.channel === "book" && value.state !== "live") value = withoutLevels(value);
    this.#keep(topic, { epoch: row.epoch, seq: row.seq, value, at, age_us: row.age_us });
  }

  /** A watcher that fails takes nothing from the others, and no row after it. @param {Topic} topic @param {Entry} entry */
  #keep(topic, entry) {
    this.#entries.set(keyOf(topic), entry);
    for (const tell of this.#watchers.get(topic.channel) ?? []) attempt(tell, topic, entry);
  }
}
