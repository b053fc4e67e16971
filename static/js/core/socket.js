// @ts-check
/** The page's one connection: what is wanted is sent after each connect, frames are acknowledged, and it comes back. */
import { Backoff } from "./backoff.js";
import { Credit } from "./credit.js";
import { Heard } from "./heard.js";
import { Requests } from "./requests.js";

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
const FINAL_CODES = new Set([4001, 4003]); // coming back with the same session would be answered in the same way

export class Socket {
  #around;
  #requests;
  #backoff;
  /** @type {WebSocket | null} */
  #socket = null;
  #connection = /** @type {Connection} */ ({ state: "stopped", reason: "", retryAt: 0 });
  #visible = true;
  #online = true;
  #credit;
  /** @type {unknown} */
  #timer = null;
  #heard = new Heard();

  /** @type {(frame: any, at: number) => void} `at`: of which moment it is, at the latest */
  onframe = () => {};
  /** @type {(connection: Connection) => void} */
  onstate = () => {};
  /** A new connection, of which nothing was asked yet. */
  onopened = () => {};
  /** @type {(topic: import("./store.js").Topic, error: string, at: number) => void} one that the server refused */
  onrefused = () => {};
  /** @type {(topic: import("./store.js").Topic) => void} nobody wants it any more */
  onleft = () => {};
  /** @type {(ms: number) => void} */
  onroundtrip = () => {};

  /** @param {Surroundings} around */
  constructor(around) {
    this.#around = around;
    this.#backoff = new Backoff(around.random);
    this.#credit = new Credit(around.clock, (frame) => this.#write({ method: "ack", params: this.#heard.taken(frame) }));
    this.#requests = new Requests(around.clock, (message) => this.#write(message));
  }

  get connection() { return this.#connection; }

  start() {
    if (this.#connection.state === "stopped") this.#connect();
  }

  stop() { this.#drop(); this.#enter("stopped"); }

  /** @param {import("./wanted.js").Params} params @returns {() => void} no longer wanted */
  want(params) {
    this.#requests.want(params);
    return () => this.drop(params);
  }

  /** @param {import("./wanted.js").Params} params once for each time that they were wanted */
  drop(params) {
    for (const topic of this.#requests.drop(params)) this.onleft(topic);
  }

  /** A hole: the topic begins again with a snapshot. @param {import("./store.js").Topic} topic */
  again(topic) { this.#requests.again(topic); }

  /** At once, whatever the back-off says. */
  retry() {
    if (this.#socket === null && this.#connection.state !== "stopped") this.#connect();
  }

  /** @param {boolean} visible while hidden nobody waits: no attempts, and a check of the link on return */
  setVisible(visible) {
    this.#visible = visible;
    if (this.#socket !== null) return visible ? this.#prove() : this.#credit.flush();
    if (visible && this.#connection.state === "paused") this.#connect();
    if (!visible && this.#connection.state === "waiting") this.#rest("paused");
  }

  /** @param {boolean} online what the browser says of the network */
  setOnline(online) {
    this.#online = online;
    if (online && this.#socket !== null) return this.#prove();
    if (online && ["offline", "waiting"].includes(this.#connection.state)) this.#connect();
    if (!online && this.#connection.state === "waiting") this.#rest("offline");
  }

  /** Whether what is here may be made use of; else the link is opened anew. Cheap: to be called often. */
  look() {
    if (this.#socket === null) return false;
    const found = this.#heard.look(this.#around.clock.now());
    if (found === "doubtful") this.#ping();
    if (found === "slept" && this.#visible && this.#online) this.#connect("asleep");
    else if (found === "slept" || found === "lost") this.#closed(1006, "no answer");
    return found === "prompt" || found === "doubtful";
  }

  /** Somebody is back, or the network is: any word is awaited, not for long. */
  #prove() {
    if (!this.look()) return;
    this.#heard.expect(this.#around.clock.now());
    this.#ping();
  }

  /** @param {string} [reason] */
  #connect(reason = "") {
    this.#drop();
    this.#enter("connecting", reason);
    const socket = this.#around.open(this.#around.url);
    this.#socket = socket;
    this.#heard.begin(this.#around.clock.now());
    socket.onopen = () => socket === this.#socket && this.#opened();
    socket.onmessage = (event) => socket === this.#socket && this.#received(event.data);
    socket.onclose = (event) => socket === this.#socket && this.#closed(event.code, event.reason);
    this.#timer = this.#around.clock.later(() => this.#check(), CHECK_MS);
  }

  #opened() {
    this.#enter("connected");
    this.onopened();
    this.#credit.begin();
    this.#heard.begin(this.#around.clock.now());
    this.#ping(); // first: by its answer it is known how long all else was under way
    this.#requests.all();
  }

  /** @param {string} text */
  #received(text) {
    if (!this.look()) return; // it may have waited for as long as this page was away
    const now = this.#around.clock.now();
    const message = JSON.parse(text);
    const at = this.#heard.arrived(now, message.clock_us);
    const refused = this.#requests.heard(message);
    if (refused) this.onrefused(refused, message.error, at);
    if (message.method === "pong") this.onroundtrip(this.#heard.answered(message.req_id, now, message.clock_us));
    // Timers of a hidden page are held back for up to a minute: the credit would run out.
    if (message.frame !== undefined) this.#credit.took(message.frame, !this.#visible || this.#heard.isHasty);
    if (message.frame !== undefined) this.#backoff.reset();
    if (message.channel !== undefined) this.onframe(message, at);
  }

  #check() {
    this.#timer = this.#around.clock.later(() => this.#check(), CHECK_MS);
    if (this.look() && this.#visible && this.#heard.isPingDue(this.#around.clock.now())) this.#ping();
  }

  #ping() {
    this.#heard.asks(this.#requests.ping(), this.#around.clock.now());
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
    this.#requests.forget();
    this.#credit.forget();
    socket?.close();
  }

  /** @param {State} state */
  #rest(state) {
    this.#around.clock.cancel(this.#timer);
    this.#enter(state);
  }

  /** To one that is open (1): one that is closing would complain. @param {object} message */
  #write(message) {
    if (this.#connection.state === "connected" && this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  /** @param {State} state @param {string} [reason] @param {number} [retryAt] */
  #enter(state, reason = "", retryAt = 0) {
    this.#connection = { state, reason, retryAt };
    this.onstate(this.#connection);
  }
}
