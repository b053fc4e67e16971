// @ts-check
/** What this page wants from the server: desired state, counted, sent whole after each connect. Pure. */
import { keyOf } from "./store.js";

/**
 * Symbols of a channel whose topics have numbers are the texts of these; the request names them so.
 * @typedef {{channel: string, symbol?: string[], id?: number[], depth?: number, interval?: number, interval_ms?: number, links?: boolean}} Params
 * @typedef {{params: Params, symbol: string, count: number, askedMs: number}} Want
 */

/** The server takes 16 KiB a request; the head of one needs less than the rest of it. */
export const REQUEST_BYTES = 12_000;
const NUMBERED = new Set(["portfolio"]);
const ASK_AGAIN_MS = 1_000;
const encoder = new TextEncoder();

export class Wanted {
  /** @type {Map<string, Want>} */
  #wants = new Map();

  /** @param {Params} params @returns {Params[]} what must be subscribed now */
  add(params) {
    const fresh = this.#each(params, (key, symbol) => {
      const want = this.#wants.get(key);
      if (want) want.count += 1;
      else this.#wants.set(key, { params, symbol, count: 1, askedMs: -Infinity });
      return !want;
    });
    return requests(params, fresh);
  }

  /** @param {Params} params as they were added @returns {Params[]} what must be unsubscribed now */
  remove(params) {
    const gone = this.#each(params, (key) => {
      const want = this.#wants.get(key);
      if (!want) return false;
      want.count -= 1;
      return want.count === 0 && this.#wants.delete(key);
    });
    return requests(params, gone);
  }

  /**
   * The requests that ask for topics again; not for those whose last one may still be under way. What came with
   * all symbols of a channel is asked for with them.
   * @param {import("./store.js").Topic[]} topics @param {number} now milliseconds @returns {Params[]}
   */
  again(topics, now) {
    const wants = new Set(topics.map((topic) => this.#of(topic)));
    const due = [...wants].filter((want) => want !== undefined && now - want.askedMs >= ASK_AGAIN_MS);
    for (const want of due) if (want) want.askedMs = now;
    return grouped(/** @type {Want[]} */ (due));
  }

  /** Whether the last request for it may still be under way. @param {import("./store.js").Topic} topic @param {number} now */
  isAsked(topic, now) {
    const want = this.#of(topic);
    return want !== undefined && now - want.askedMs < ASK_AGAIN_MS;
  }

  /** @param {import("./store.js").Topic} topic */
  #of(topic) {
    return this.#wants.get(keyOf(topic)) ?? this.#wants.get(keyOf({ ...topic, symbol: "" }));
  }

  /** Everything, in the order in which it was wanted. @returns {Params[]} */
  all() {
    for (const want of this.#wants.values()) want.askedMs = -Infinity;
    return grouped(this.#wants.values());
  }

  /** @param {Params} params @param {(key: string, symbol: string) => boolean} keep @returns {string[]} */
  #each(params, keep) {
    const { channel, depth, interval } = params;
    return (params.symbol ?? [""]).filter((symbol) => keep(keyOf({ channel, symbol, depth, interval }), symbol));
  }
}

/** @param {Iterable<Want>} wants @returns {Params[]} */
function grouped(wants) {
  /** @type {Map<string, {params: Params, symbols: string[]}>} */
  const groups = new Map();
  for (const { params, symbol } of wants) {
    const { symbol: _, ...rest } = params;
    const name = JSON.stringify(rest);
    const group = groups.get(name) ?? { params, symbols: [] };
    group.symbols.push(symbol);
    groups.set(name, group);
  }
  return [...groups.values()].flatMap(({ params, symbols }) => requests(params, symbols));
}

/** @param {Params} params @param {string[]} symbols `""` stands for no symbol @returns {Params[]} */
function requests(params, symbols) {
  const { symbol: _, ...rest } = params;
  if (symbols.length === 0) return [];
  if (!params.symbol) return [rest];
  /** @type {string[][]} */
  const chunks = [[]];
  let bytes = 0;
  for (const symbol of symbols) {
    const size = encoder.encode(JSON.stringify(symbol)).length + 1;
    if (bytes + size > REQUEST_BYTES) [chunks[chunks.length], bytes] = [[], 0];
    chunks[chunks.length - 1].push(symbol);
    bytes += size;
  }
  return chunks.map((chunk) => (NUMBERED.has(params.channel) ? { ...rest, id: chunk.map(Number) } : { ...rest, symbol: chunk }));
}
