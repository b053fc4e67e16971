// @ts-check
/** The same symbols for a while by a WebSocket of their own and by asking for them: what each way costs and shows. */
import { LIVE_FOR_MS } from "./age.js";
import { ages, count, known, outOfDate, Trail } from "./freshness.js";
import { Poller } from "./poller.js";
import { Socket } from "./socket.js";
import { Store } from "./store.js";
import { CountedSocket, tally } from "./tally.js";

/**
 * @typedef {object} Surroundings
 * @property {string} url of the WebSocket
 * @property {(url: string) => WebSocket} open
 * @property {(signal: AbortSignal) => Promise<import("./poller.js").Answer>} ask for the last values
 * @property {import("./clock.js").Clock} clock
 * @property {string[]} symbols
 * @property {number} everyMs between two questions
 * @property {number} lengthMs
 *
 * @typedef {{value: Record<string, any>, at: number, ageMs: number}} Shown
 * @typedef {object} Way
 * @property {import("./tally.js").Tally} tally
 * @property {Trail} trail
 * @property {Map<string, Shown>} shown what stands there now
 *
 * @typedef {object} Found
 * @property {import("./freshness.js").Figures | null} age
 * @property {number} seen changes
 * @property {number | null} outOfDate share of the time
 */

export const WAYS = /** @type {const} */ (["socket", "polling"]);
/** As the other pages ask for theirs. */
const INTERVAL_MS = 50;
const LOST_MS = 3_000;

export class Comparison {
  #around;
  #socket;
  #poller;
  #store = new Store();
  #half = 0;
  #started = 0;
  #answeredAt = -Infinity;
  /** @type {number | null} */
  #ended = null;
  /** @type {unknown} */
  #timer = null;
  /** @type {Set<string>} what makes the figures say something else than they seem to */
  notes = new Set();
  ways = { socket: way(), polling: way() };

  onend = () => {};

  /** @param {Surroundings} around */
  constructor(around) {
    const { clock, url, open, ask, everyMs } = (this.#around = around);
    const counted = (/** @type {string} */ address) => /** @type {any} */ (new CountedSocket(open(address), this.ways.socket.tally, clock.now));
    this.#socket = new Socket({ url, open: counted, clock });
    this.#poller = new Poller({ ask, clock, everyMs, tally: this.ways.polling.tally });
    this.#wire();
  }

  #wire() {
    const { socket, polling } = this.ways;
    this.#store.onhole = (topic) => this.#socket.again(topic);
    this.#store.watch("ticker", ({ symbol }, { value, at, age_us }) => this.#show(socket, symbol, value, at, age_us));
    this.#socket.onframe = (frame, at) => this.#store.apply(frame, at);
    this.#socket.onroundtrip = (ms) => void (this.#half = ms / 2);
    this.#socket.onrefused = (_, error) => this.notes.add(`The WebSocket was refused: ${error}.`);
    this.#socket.onstate = ({ state, reason }) => this.#connection(state, reason);
    this.#poller.onanswer = ({ data }, at) => {
      this.#answeredAt = at;
      for (const row of data) if (row.age_us !== null) this.#show(polling, row.symbol, row, at, row.age_us);
    };
    this.#poller.onrefused = (status) => this.notes.add(`Polling ended: the server answered ${status}.`);
  }

  start() {
    const { clock, symbols, lengthMs } = this.#around;
    this.#started = clock.now();
    this.#socket.want({ channel: "ticker", symbol: symbols, interval_ms: INTERVAL_MS });
    this.#socket.start();
    this.#poller.start();
    this.#timer = clock.later(() => this.stop(), lengthMs);
  }

  /** Ends it, at its time or before. */
  stop() {
    if (this.#ended !== null) return;
    this.#ended = this.#around.clock.now();
    this.#around.clock.cancel(this.#timer);
    this.#socket.onstate = () => {};
    this.#socket.stop();
    this.#poller.stop();
    this.#judge();
    this.onend();
  }

  /** A hidden page is held back by its browser: nothing can be said of either way then. @param {boolean} visible */
  setVisible(visible) {
    this.#socket.setVisible(visible);
    if (!visible) this.notes.add("This page was hidden for a while, and its timers held back: the figures are spoiled.");
  }

  /** The moment that everything is said of: now, or the end. */
  get until() {
    return this.#ended ?? this.#around.clock.now();
  }

  get elapsedMs() {
    return this.until - this.#started;
  }

  get ended() {
    return this.#ended !== null;
  }

  /** Whether what a way shows is of now, as far as that way knows. @param {"socket" | "polling"} way */
  isCurrent(way) {
    if (this.ended) return false;
    if (way === "socket") return this.#socket.connection.state === "connected";
    return this.until - this.#answeredAt <= this.#around.everyMs + LIVE_FOR_MS;
  }

  /** @returns {{changes: number, socket: Found, polling: Found}} */
  figures() {
    const { socket, polling } = this.ways;
    const { until } = this;
    const all = known([socket.trail, polling.trail]);
    const of = (/** @type {Trail} */ trail) => ({ age: ages(trail, until), seen: trail.size, outOfDate: outOfDate(trail, all, until) });
    return { changes: count(all), socket: of(socket.trail), polling: of(polling.trail) };
  }

  /**
   * The way of an answer is taken to last as long for both: half of what a ping takes.
   * @param {Way} by @param {string} symbol @param {Record<string, any>} value @param {number} at @param {number} ageUs
   */
  #show(by, symbol, value, at, ageUs) {
    const ageMs = ageUs / 1000 + this.#half;
    by.shown.set(symbol, { value, at, ageMs });
    if (value.ts_received) by.trail.shows(symbol, value.ts_received, at, ageMs);
    if (value.state !== "live") this.notes.add(`${symbol} was ${value.state}${value.reason ? ` (${value.reason})` : ""} for a while: it ages alike on both ways then.`);
  }

  /** @param {import("./socket.js").State} state @param {string} reason */
  #connection(state, reason) {
    if (state === "refused") this.notes.add(`The server closed the WebSocket: ${reason || "no reason given"}.`);
    if (state === "waiting" || state === "offline") this.notes.add("The WebSocket's connection was lost for a while.");
  }

  /** What is to be said of the whole. */
  #judge() {
    const { socket, polling } = this.ways;
    const { refused, failed, skipped } = polling.tally;
    if (refused) this.notes.add(`${refused} of ${polling.tally.received} answers were 429: more was asked than the server lets one ask.`);
    if (failed) this.notes.add(`${failed} requests were not answered with values.`);
    if (skipped) this.notes.add(`${skipped} requests were left out, because the one before was still under way.`);
    if (this.elapsedMs > this.#around.lengthMs + LOST_MS) this.notes.add("The page was held up: it ran for longer than it should.");
    if (socket.trail.size <= this.#around.symbols.length && this.elapsedMs > LOST_MS) this.notes.add("Hardly anything changed: that compares little.");
  }
}

/** @returns {Way} */
function way() {
  return { tally: tally(), trail: new Trail(), shown: new Map() };
}
