// @ts-check
/** What the page asks of the server: numbered, from what is wanted, holes among it. */
import { Holes } from "./holes.js";
import { Wanted } from "./wanted.js";

export class Requests {
  #wanted = new Wanted();
  #holes;
  #write;
  #count = 0;

  /** @param {import("./clock.js").Clock} clock @param {(message: object) => void} write lost where there is no connection */
  constructor(clock, write) {
    this.#write = write;
    this.#holes = new Holes(clock, (topics) => this.#subscribe(this.#wanted.again(topics, clock.now())));
  }

  /** @param {import("./wanted.js").Params} params */
  want(params) {
    this.#subscribe(this.#wanted.add(params));
  }

  /** @param {import("./wanted.js").Params} params */
  drop(params) {
    for (const request of this.#wanted.remove(params)) this.#send("unsubscribe", request);
  }

  /** A new connection knows nothing of what is wanted. */
  all() {
    this.#subscribe(this.#wanted.all());
  }

  /** @param {import("./store.js").Topic} topic */
  again(topic) {
    this.#holes.add(topic);
  }

  /** The connection is gone. */
  forget() {
    this.#holes.forget();
  }

  /** @returns {number} its number, which the answer carries */
  ping() {
    this.#write({ method: "ping", req_id: ++this.#count });
    return this.#count;
  }

  /** @param {import("./wanted.js").Params[]} requests */
  #subscribe(requests) {
    for (const request of requests) this.#send("subscribe", request);
  }

  /** @param {"subscribe" | "unsubscribe"} method @param {object} params */
  #send(method, params) {
    this.#write({ method, params, req_id: ++this.#count });
  }
}
