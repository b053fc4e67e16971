// @ts-check
/** The connection in words, with how long values take; and a banner when they no longer move. */
import { attribute, required, textOf, write } from "../core/dom.js";
import { Told } from "./told.js";

const WORDS = {
  connecting: "Connecting",
  connected: "Connected",
  silent: "No data",
  trouble: "Trouble",
  waiting: "Reconnecting",
  paused: "Paused",
  offline: "Offline",
  refused: "Refused",
  stopped: "Not connected",
};
const SLOW_MS = 100;
const BAD_MS = 300;
/** A page that has just opened, or a link that comes back at once, is no news. */
const PATIENCE_MS = 1_500;

export class Pill {
  #root;
  #page;
  #banner = required(document, "[data-banner]");
  #texts;
  #told;
  #retry;
  #login;
  #status;
  #since = 0;
  /** There was a connection, or an attempt, and it ended: each further attempt is no news. */
  #lost = false;
  #unreached = false;
  /** @type {() => void} */
  #stop = () => {};

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#root = root;
    this.#page = page;
    const text = (/** @type {ParentNode} */ from, /** @type {string} */ selector) => textOf(required(from, selector));
    this.#texts = {
      word: text(root, "[data-pill-word]"),
      latency: text(root, "[data-pill-latency]"),
      tip: text(root, "[data-pill-tip]"),
      banner: text(this.#banner, "[data-banner-text]"),
      wait: text(this.#banner, "[data-banner-wait]"),
    };
    this.#told = new Told(document, page.clock);
    this.#retry = required(this.#banner, "[data-banner-retry]");
    this.#login = required(this.#banner, "[data-banner-login]");
    this.#status = required(this.#banner, "[data-banner-status]");
  }

  connect() {
    const { socket, pulse, clock } = this.#page;
    const retry = () => socket.retry();
    this.#since = clock.now();
    this.#retry.addEventListener("click", retry);
    socket.onstate = () => this.#draw();
    const stopBeat = pulse.watch(({ second, changed }) => (second || changed) && this.#draw());
    this.#stop = () => {
      stopBeat();
      this.#retry.removeEventListener("click", retry);
      socket.onstate = () => {};
    };
    this.#draw();
  }

  disconnect() {
    this.#stop();
  }

  get #state() {
    const { socket, liveness } = this.#page;
    const { state } = socket.connection;
    if (state !== "connected") return state;
    if (!liveness.connected) return "silent";
    if (!liveness.spoken) return "connecting"; // what the page came with may be old
    return liveness.worst() ? "trouble" : state;
  }

  /** Where no venue is reached, which of them try just now is no news. */
  get #worst() {
    const found = this.#page.liveness.worst();
    return found && this.#unreached ? { ...found, words: "No venue reached", reason: "" } : found;
  }

  /** Back from sleep: no news, and over in a moment. */
  get #updating() {
    const { state, reason } = this.#page.socket.connection;
    return state === "connecting" && reason === "asleep";
  }

  #draw() {
    const state = this.#state;
    this.#unreached = this.#page.liveness.unreached(this.#unreached);
    attribute(this.#root, "data-state", state);
    const worst = state === "trouble" ? this.#worst : null;
    if (worst || state === "connected") this.#told.hear(worst);
    write(this.#texts.word, worst ? worst.words : this.#updating ? "Updating" : WORDS[state]);
    const connection = worst ? "connected" : state;
    this.#drawLatency(connection, worst);
    this.#drawBanner(connection);
  }

  /** @param {string} state @param {import("../core/age.js").Trouble | null} worst */
  #drawLatency(state, worst) {
    const { arrival, roundtrip } = this.#page.latency;
    const middle = state === "connected" ? roundtrip.percentile(0.5) : null;
    const level = middle === null || middle < SLOW_MS ? "good" : middle < BAD_MS ? "slow" : "bad";
    attribute(/** @type {Element} */ (this.#texts.latency.parentElement), "data-level", level);
    write(this.#texts.latency, middle === null ? "" : milliseconds(middle));
    const lines = [
      ...(worst?.reason ? [`${worst.words}: ${worst.reason}.`] : []),
      ...(worst?.why ? [`${worst.why}.`] : []),
      ...(state === "connected" ? this.#page.liveness.closed() : []),
      state === "connected" ? "Connected to this server." : "Values may be out of date.",
      `Round trip to the server: p50 ${milliseconds(roundtrip.percentile(0.5))}, p99 ${milliseconds(roundtrip.percentile(0.99))}`,
      `From the feed to this page, merging included: p50 ${milliseconds(arrival.percentile(0.5))}, p99 ${milliseconds(arrival.percentile(0.99))}`,
    ];
    write(this.#texts.tip, lines.join("\n"));
  }

  /** @param {string} state */
  #drawBanner(state) {
    const { clock, liveness, listed, scheduler } = this.#page;
    const venues = [...new Set(listed.map(({ venue }) => venue))];
    const feedSilent = state === "connected" && venues.length > 0 && !venues.some((venue) => liveness.feedAlive(venue));
    const silence = venues.some((venue) => liveness.heardBehind(venue)) ? "slow" : "feed";
    const trouble = state !== "connected" ? "" : feedSilent ? silence : liveness.saving ? "saving" : scheduler.failing ? "failing" : this.#unreached ? "unreached" : "";
    if (state === "connected" && !trouble) this.#since = clock.now();
    const shown = clock.now() - this.#since > PATIENCE_MS;
    this.#banner.toggleAttribute("hidden", !shown);
    attribute(this.#banner, "data-about", trouble === "saving" ? "saving" : "link");
    this.#retry.toggleAttribute("hidden", !["waiting", "paused", "offline"].includes(state));
    this.#login.toggleAttribute("hidden", state !== "refused");
    if (state === "waiting" || state === "connected") this.#lost = state === "waiting";
    this.#status.toggleAttribute("hidden", trouble !== "unreached");
    if (!shown) return;
    const about = state === "connecting" && this.#lost ? "waiting" : state;
    write(this.#texts.banner, this.#explanation(about === "silent" && liveness.isLate ? "slow" : trouble || about));
    write(this.#texts.wait, this.#countdown(state));
  }

  /** Beside what is read aloud, which would else be read anew each second. @param {string} state */
  #countdown(state) {
    if (state === "connecting") return this.#lost ? "Trying now." : "";
    const wait = Math.max(1, Math.ceil((this.#page.socket.connection.retryAt - this.#page.clock.now()) / 1000));
    return state === "waiting" ? `Trying again in ${wait} s.` : "";
  }

  /** @param {string} state */
  #explanation(state) {
    const { socket, liveness } = this.#page;
    const { reason } = socket.connection;
    /** @type {Record<string, string>} */
    const words = {
      failing: "A part of this page cannot be drawn, and stays as it was: load the page again.",
      feed: "No word from the feed. Values may be out of date; they move again by themselves when it is back.",
      slow: "Your connection is slow: values are late, and shown as live only while they are new.",
      unreached: "The server reaches no exchange, so nothing here is live. On it, manage.py doctor says why.",
      saving: `Saving is paused: ${liveness.saving}. Prices go on; what you enter now is not kept.`,
      silent: "The server does not answer. Values may be out of date.",
      waiting: `Connection lost${reason ? ` (${reason})` : ""}. Values may be out of date.`,
      connecting: "Connecting. Values may be out of date.",
      offline: "This device is offline. Values may be out of date.",
      refused: `The server ended this session${reason ? ` (${reason})` : ""}. Values no longer move.`,
    };
    return words[state] ?? "Values may be out of date.";
  }
}

/** @param {number | null} ms */
function milliseconds(ms) {
  return ms === null ? "–" : ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}
