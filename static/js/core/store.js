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

const REASON = "asked for again after the connection was lost";
/** Their rows hold states of their own, one for each holding or topic. */
const OF_MANY = new Set(["portfolio", "health"]);

/** @param {Topic} topic @param {import("./merge.js").Value} value */
function outdated({ channel }, value) {
  const left = OF_MANY.has(channel) ? {} : channel === "book" ? withoutLevels(value) : value;
  return { ...left, state: "syncing", reason: REASON };
}

export class Store {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Map<string, Set<(topic: Topic, entry: Entry) => void>>} */
  #watchers = new Map();
  /** @type {Map<string, Topic>} what this connection was not told of yet */
  #unproven = new Map();
  /** @type {Map<string, Topic>} */
  #topics = new Map();

  /** Set by whoever can ask again. @type {(topic: Topic) => void} */
  onhole = () => {};

  /** @param {Topic} topic */
  get(topic) {
    return this.#entries.get(keyOf(topic));
  }

  /** @param {Topic} topic @param {Entry} entry a value that came with the page; the first snapshot replaces it */
  seed(topic, entry) {
    this.#topics.set(keyOf(topic), topic);
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

  /** A new connection: its server holds that who was brought nothing shows nothing, and says of all else that it lives. */
  begin() {
    this.#unproven = new Map(this.#topics);
  }

  /** What was not brought since is on its way, and not live. */
  doubt() {
    const doubted = [...this.#unproven.values()];
    this.#unproven.clear();
    for (const topic of doubted) {
      const entry = /** @type {Entry} */ (this.get(topic));
      if (entry.value.state === "live" || entry.value.state === "syncing") this.#keep(topic, { ...entry, epoch: "", seq: 0, value: outdated(topic, entry.value) });
    }
  }

  /** @param {Topic} topic no longer wanted */
  forget(topic) {
    for (const known of [this.#entries, this.#topics, this.#unproven]) known.delete(keyOf(topic));
  }

  /** @param {Topic} topic @param {any} row @param {number} at */
  #row(topic, row, at) {
    const mine = this.#entries.get(keyOf(topic));
    if (row.prev === 0) this.#unproven.delete(keyOf(topic)); // it may be what is here
    const same = mine !== undefined && mine.epoch === row.epoch;
    if (same && row.seq <= mine.seq) return;
    if (row.prev !== 0 && (!same || row.prev > mine.seq)) return this.onhole(topic);
    let value = merged(row.prev === 0 || !mine ? {} : mine.value, row);
    if (topic.channel === "book" && value.state !== "live") value = withoutLevels(value);
    this.#keep(topic, { epoch: row.epoch, seq: row.seq, value, at, age_us: row.age_us });
  }

  /** A watcher that fails takes nothing from the others, and no row after it. @param {Topic} topic @param {Entry} entry */
  #keep(topic, entry) {
    this.#unproven.delete(keyOf(topic));
    this.seed(topic, entry);
    for (const tell of this.#watchers.get(topic.channel) ?? []) attempt(tell, topic, entry);
  }
}
