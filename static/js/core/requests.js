// @ts-check
/** What the page asks of the server: numbered, from what is wanted, holes among it, and again what was not taken. */
import { Holes } from "./holes.js";
import { Wanted } from "./wanted.js";

/** @typedef {import("./store.js").Topic} Topic */
/** @typedef {import("./wanted.js").Params} Params */

export class Requests {
  #wanted = new Wanted();
  #holes;
  #clock;
  #write;
  #count = 0;
  /** @type {Map<number, {params: Params, replied: boolean}>} of this connection, since the last ping that was answered */
  #asked = new Map();

  /** @param {import("./clock.js").Clock} clock @param {(message: object) => void} write lost where there is no connection */
  constructor(clock, write) {
    this.#clock = clock;
    this.#write = write;
    this.#holes = new Holes(clock, (topics) => this.#ask(topics));
  }

  /** @param {Params} params */
  want(params) {
    this.#subscribe(this.#wanted.add(params));
  }

  /** @param {Params} params @returns {Topic[]} what nobody wants any more */
  drop(params) {
    const left = this.#wanted.remove(params);
    for (const request of left) this.#send("unsubscribe", request);
    return left.flatMap(topics);
  }

  /** A new connection knows nothing of what is wanted. */
  all() {
    this.#asked.clear();
    this.#subscribe(this.#wanted.all());
  }

  /** @param {Topic} topic */
  again(topic) {
    this.#holes.add(topic);
  }

  /** Whatever the server says. @param {any} message @returns {Topic | undefined} what it refused */
  heard(message) {
    if (message.type === "snapshot") this.#brought(message);
    if (message.method === "pong") this.#ponged(message.req_id);
    return message.method === "subscribe" ? this.#replied(message) : undefined;
  }

  /** @param {any} frame a snapshot */
  #brought({ channel, depth, interval, data }) {
    for (const { symbol, id } of data) this.#holes.mend({ channel, symbol: symbol ?? String(id), depth, interval });
  }

  /** The connection is gone. */
  forget() {
    this.#asked.clear();
    this.#holes.forget();
  }

  /** @returns {number} its number, which the answer carries */
  ping() {
    this.#write({ method: "ping", req_id: ++this.#count });
    return this.#count;
  }

  /** Requests are answered in their order: what has no reply now was one too many, and is made again. @param {number} id of the ping */
  #ponged(id) {
    for (const [number, { params, replied }] of this.#asked) {
      if (number > id) return;
      this.#asked.delete(number);
      if (!replied) for (const topic of topics(params)) this.#holes.add(topic);
    }
  }

  /** @param {any} reply to a subscription @returns {Topic | undefined} what it refused */
  #replied({ req_id, success, symbol, id }) {
    const asked = this.#asked.get(req_id);
    if (!asked) return undefined;
    asked.replied = true;
    return success ? undefined : topics(asked.params).find((topic) => topic.symbol === String(symbol ?? id));
  }

  /** @param {Topic[]} holes those that were asked about a moment ago are looked at again, if nothing mends them meanwhile */
  #ask(holes) {
    const now = this.#clock.now();
    for (const topic of holes) if (this.#wanted.isAsked(topic, now)) this.#holes.add(topic);
    this.#subscribe(this.#wanted.again(holes, now));
  }

  /** @param {Params[]} requests */
  #subscribe(requests) {
    for (const request of requests) this.#asked.set(this.#send("subscribe", request), { params: request, replied: false });
  }

  /** @param {"subscribe" | "unsubscribe"} method @param {object} params @returns {number} its number */
  #send(method, params) {
    this.#write({ method, params, req_id: ++this.#count });
    return this.#count;
  }
}

/** @param {Params} params @returns {Topic[]} */
function topics({ channel, symbol, id, depth, interval }) {
  return (symbol ?? id?.map(String) ?? [""]).map((each) => ({ channel, symbol: each, depth, interval }));
}
