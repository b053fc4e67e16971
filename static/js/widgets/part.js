// @ts-check
/** What the parts of the instrument page have in common: one topic, one drawing, one state in words. */
import { attribute, required, textOf, write } from "../core/dom.js";
import { age } from "../core/format.js";
import { STATE_WORDS } from "./marketrow.js";

const BOOK_MS = 100;

export class Part {
  root;
  page;
  listed;
  topic;
  #drawing;
  #words;
  #waiting;
  #stands;
  /** @type {HTMLElement | null} where a panel says that it is not live, on a page whose head may be */
  #trouble;
  /** @type {(() => void)[]} */
  stops = [];

  /**
   * @param {Element} root @param {import("../main.js").Page} page @param {import("../main.js").Listed} listed
   * @param {import("../core/store.js").Topic} topic @param {number} everyMs
   */
  constructor(root, page, listed, topic, everyMs) {
    this.root = root;
    this.page = page;
    this.listed = listed;
    this.topic = topic;
    this.#drawing = page.scheduler.add(() => this.draw(), everyMs, () => attribute(root, "data-state", "stale"));
    const words = root.querySelector("[data-words]");
    this.#words = words ? textOf(words) : null;
    this.#waiting = this.#words?.data ?? "";
    const stands = root.querySelector("[data-standing]");
    this.#stands = stands ? textOf(stands) : null;
    this.#trouble = root.querySelector("[data-trouble]");
  }

  connect() {
    const { store, pulse } = this.page;
    this.stops.push(
      store.watch(this.topic.channel, (topic) => this.concerns(topic) && this.invalidate()),
      pulse.watch(({ changed, second }) => (changed || second) && this.invalidate()),
    );
    this.invalidate();
  }

  disconnect() {
    this.#drawing.remove();
    for (const stop of this.stops.splice(0)) stop();
  }

  invalidate() {
    this.#drawing.invalidate();
  }

  /** All that show one book share its one subscription. @param {import("../core/store.js").Topic} [topic] @returns {() => void} stop */
  wantBook({ channel, symbol, depth } = this.topic) {
    return this.page.socket.want({ channel, symbol: [symbol], depth, interval_ms: BOOK_MS });
  }

  /** @param {import("../core/store.js").Topic} topic */
  concerns({ symbol, depth, interval }) {
    return symbol === this.topic.symbol && depth === this.topic.depth && interval === this.topic.interval;
  }

  get entry() {
    return this.page.store.get(this.topic);
  }

  get standing() {
    return this.page.liveness.standing(this.listed.venue, this.entry?.value);
  }

  /** @param {boolean} known whether there is something to show; else the words say what is missing */
  say(known) {
    const { state, reason } = this.standing;
    attribute(this.root, "data-state", state);
    attribute(this.root, "data-known", known ? "" : null);
    this.stand();
    this.#tell(known && state !== "live", state === "down" ? "stale" : state, reason);
    if (known || !this.#words) return;
    const without = this.listed.without[this.topic.channel]; // no fault: its venue has no such thing
    const waiting = !this.entry && state === "syncing";
    write(this.#words, without ?? (waiting ? this.#waiting : sentence(state, reason, this.nothing)));
  }

  /** Beside its name; all of it to ears. What stands there though nothing is brought, as stored bars do, is old. @param {boolean} wrong @param {string} state @param {string} reason */
  #tell(wrong, state, reason) {
    const place = this.#trouble;
    const alone = wrong && !this.root.querySelector("[data-whose]:not([hidden])"); // where it is not said already
    place?.toggleAttribute("hidden", !alone);
    if (!place || !alone) return;
    attribute(place, "data-state", state);
    attribute(place, "title", reason || null);
    write(textOf(required(place, "b")), STATE_WORDS[/** @type {keyof STATE_WORDS} */ (state)] ?? state);
    write(textOf(required(place, "span")), reason ? `: ${reason}` : "");
  }

  /** What there is to say of nothing, of what is live. */
  get nothing() {
    return "Nothing yet";
  }

  /** A panel of another instrument than the page's says how its own values are. */
  stand() {
    if (!this.#stands) return;
    const { state } = this.standing;
    const word = STATE_WORDS[/** @type {keyof STATE_WORDS} */ (state)] ?? state;
    write(this.#stands, this.entry ? `${word} ${age(this.page.liveness.ageS(this.entry))}` : word);
    attribute(/** @type {Element} */ (this.#stands.parentElement), "data-state", state);
  }

  draw() {}
}

/** @param {string} state @param {string} reason @param {string} nothing */
function sentence(state, reason, nothing) {
  const word = STATE_WORDS[/** @type {keyof STATE_WORDS} */ (state)] ?? state;
  return state === "live" ? nothing : reason ? `${word}: ${reason}` : word;
}
