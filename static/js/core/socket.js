// @ts-check
/** The page's one connection: what is wanted is sent after each connect, frames are acknowledged, and it comes back. */
import { Backoff } from "./backoff.js";
import { Credit } from "./credit.js";
import { Holes } from "./holes.js";
import { Wanted } from "./wanted.js";

/**
 * @typedef {"connecting" | "connected" | "waiting" | "paused" | "offline" | "refused" | "stopped"} State
 * @typedef {{state: State, reason: string, retryAt: number}} Connection
 * @typedef {object} Surroundings
 * @property {string} url
 * @property {(url: string) => WebSocket} open
 * @property {import("./clock.js").Clock} clock
 * @property {() => number} [random]
 */

const CHECK_MS = 1_000;
const PING_MS = 5_000;
const SILENT_MS = 10_000;
const AWAKE_MS = 2_000; // a page that was frozen asks, and waits so long for the answer
/** Coming back with the same session would be answered in the same way. */
const FINAL_CODES = new Set([4001, 4003]);

export class Socket {
  #around;
  #wanted = new Wanted();
  #backoff;
  /** @type {WebSocket | null} */
  #socket = null;
  #connection = /** @type {Connection} */ ({ state: "stopped", reason: "", retryAt: 0 });
  #visible = true;
  #online = true;
  #credit;
  #holes;
  /** @type {unknown} */
  #timer = null;
  #heardAt = 0;
  #pingedAt = 0;
  #requests = 0;

  /** @type {(frame: any, at: number) => void} */
  onframe = () => {};
  /** @type {(connection: Connection) => void} */
  onstate = () => {};
  /** @type {(symbol: string, error: string, at: number) => void} a topic that the server refused */
  onrefused = () => {};
  /** @type {(ms: number) => void} */
  onroundtrip = () => {};

  /** @param {Surroundings} around */
  constructor(around) {
    this.#around = around;
    this.#backoff = new Backoff(around.random);
    this.#credit = new Credit(around.clock, (frame) => this.#write({ method: "ack", params: { frame } }));
    this.#holes = new Holes(around.clock, (topics) => {
      for (const request of this.#wanted.again(topics, around.clock.now())) this.#send("subscribe", request);
    });
  }

  get connection() {
    return this.#connection;
  }

  start() {
    if (this.#connection.state === "stopped") this.#connect();
  }

  stop() {
    this.#drop();
    this.#enter("stopped");
  }

  /** @param {import("./wanted.js").Params} params @returns {() => void} no longer wanted */
  want(params) {
    for (const request of this.#wanted.add(params)) this.#send("subscribe", request);
    return () => this.drop(params);
  }

  /** @param {import("./wanted.js").Params} params once for each time that they were wanted */
  drop(params) {
    for (const request of this.#wanted.remove(params)) this.#send("unsubscribe", request);
  }

  /** A hole: the topic begins again with a snapshot. @param {import("./store.js").Topic} topic */
  again(topic) {
    this.#holes.add(topic);
  }

  /** At once, whatever the back-off says. */
  retry() {
    if (this.#socket === null && this.#connection.state !== "stopped") this.#connect();
  }

  /** @param {boolean} visible while hidden nobody waits: no attempts, and a check of the link on return */
  setVisible(visible) {
    this.#visible = visible;
    if (this.#socket !== null) {
      if (!visible) return this.#credit.flush();
      this.#heardAt = this.#around.clock.now() - SILENT_MS + AWAKE_MS;
      return this.#ping();
    }
    if (visible && this.#connection.state === "paused") this.#connect();
    if (!visible && this.#connection.state === "waiting") this.#rest("paused");
  }

  /** @param {boolean} online what the browser says of the network */
  setOnline(online) {
    this.#online = online;
    if (online && this.#connection.state === "offline") this.#connect();
    if (!online && this.#connection.state === "waiting") this.#rest("offline");
  }

  #connect() {
    this.#drop();
    this.#enter("connecting");
    const socket = this.#around.open(this.#around.url);
    this.#socket = socket;
    this.#heardAt = this.#pingedAt = this.#around.clock.now();
    socket.onopen = () => socket === this.#socket && this.#opened();
    socket.onmessage = (event) => socket === this.#socket && this.#received(event.data);
    socket.onclose = (event) => socket === this.#socket && this.#closed(event.code, event.reason);
    this.#timer = this.#around.clock.later(() => this.#check(), CHECK_MS);
  }

  #opened() {
    this.#enter("connected");
    this.#credit.begin();
    for (const params of this.#wanted.all()) this.#send("subscribe", params);
    this.#ping();
  }

  /** @param {string} text */
  #received(text) {
    const at = (this.#heardAt = this.#around.clock.now());
    const message = JSON.parse(text);
    if (message.channel !== undefined) {
      // Timers of a hidden page are held back for up to a minute: the credit would run out.
      if (message.frame !== undefined) this.#credit.took(message.frame, !this.#visible);
      if (message.frame !== undefined) this.#backoff.reset();
      this.onframe(message, at);
    } else if (message.method === "pong") this.onroundtrip(at - this.#pingedAt);
    else if (message.success === false && (message.symbol ?? message.id)) this.onrefused(String(message.symbol ?? message.id), message.error, at);
  }

  /** A dead link does not always close: the server sends a heartbeat each second. */
  #check() {
    const now = this.#around.clock.now();
    this.#timer = this.#around.clock.later(() => this.#check(), CHECK_MS);
    if (this.#visible && now - this.#heardAt > SILENT_MS) this.#closed(1006, "no answer");
    else if (this.#visible && now - this.#pingedAt >= PING_MS) this.#ping();
  }

  #ping() {
    this.#pingedAt = this.#around.clock.now();
    this.#write({ method: "ping", req_id: ++this.#requests });
  }

  /** @param {number} code @param {string} reason */
  #closed(code, reason) {
    this.#drop();
    if (FINAL_CODES.has(code)) return this.#enter("refused", reason);
    if (!this.#visible) return this.#enter("paused");
    if (!this.#online) return this.#enter("offline");
    const wait = this.#backoff.next();
    this.#enter("waiting", reason, this.#around.clock.now() + wait);
    this.#timer = this.#around.clock.later(() => this.#connect(), wait);
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#around.clock.cancel(this.#timer);
    this.#holes.forget();
    this.#credit.forget();
    socket?.close();
  }

  /** @param {State} state */
  #rest(state) {
    this.#around.clock.cancel(this.#timer);
    this.#enter(state);
  }

  /** @param {"subscribe" | "unsubscribe"} method @param {object} params */
  #send(method, params) {
    this.#write({ method, params, req_id: ++this.#requests });
  }

  /** @param {object} message */
  #write(message) {
    if (this.#connection.state === "connected") this.#socket?.send(JSON.stringify(message));
  }

  /** @param {State} state @param {string} [reason] @param {number} [retryAt] */
  #enter(state, reason = "", retryAt = 0) {
    this.#connection = { state, reason, retryAt };
    this.onstate(this.#connection);
  }
}
