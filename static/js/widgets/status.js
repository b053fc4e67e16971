// @ts-check
/** How the feeds are: links, latency, topics and what happened. The first three are drawn once a second. */
import { attribute, embedded, outdate, required, textOf, write } from "../core/dom.js";
import { StatusEvents } from "./statusevents.js";
import { StatusLatency } from "./statuslatency.js";
import { StatusLinks } from "./statuslinks.js";
import { StatusTopics } from "./statustopics.js";

const DRAW_MS = 250;

export default class Status {
  #page;
  #overall;
  #words;
  #parts;
  #events;
  #drawing;
  /** @type {Map<string, () => void>} venue → stop following its topics */
  #followed = new Map();
  /** @type {(() => void)[]} */
  #stops = [];

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#page = page;
    this.#overall = required(root, ".overall");
    this.#words = textOf(required(root, "[data-overall]"));
    const given = new Map(embedded("venue-titles")); // of a feed that is silent the catalogue knows it alone
    const titles = (/** @type {string} */ venue) => page.store.get({ channel: "status", symbol: venue })?.value.title || given.get(venue) || venue;
    this.#parts = {
      links: new StatusLinks(required(root, "[data-links] [data-rows]"), page, titles),
      latency: new StatusLatency(required(root, "[data-latency] [data-rows]"), page, titles),
      topics: new StatusTopics(required(root, "[data-topics]"), page),
    };
    this.#events = new StatusEvents(required(root, "[data-events]"));
    this.#drawing = page.scheduler.add(() => this.#draw(), DRAW_MS, () => outdate(root));
  }

  connect() {
    const { store, pulse } = this.#page;
    this.#stops.push(
      store.watch("status", ({ symbol }) => this.#follow(symbol)),
      pulse.watch(({ second, changed }) => (second || changed) && this.#drawing.invalidate()),
      this.#parts.latency.connect(),
      this.#parts.topics.connect(),
      this.#events.connect(),
    );
    for (const symbol of this.#page.liveness.venues()) this.#follow(symbol);
  }

  disconnect() {
    this.#drawing.remove();
    for (const stop of [...this.#stops.splice(0), ...this.#followed.values()]) stop();
    this.#followed.clear();
  }

  /** @param {string} venue */
  #follow(venue) {
    if (this.#followed.has(venue)) return;
    this.#followed.set(venue, this.#page.socket.want({ channel: "health", symbol: [venue], interval_ms: 500 }));
  }

  #draw() {
    const venues = [...this.#followed.keys()].sort();
    if (venues.length === 0) return;
    this.#parts.links.draw(venues);
    this.#parts.latency.draw(venues);
    const counts = this.#parts.topics.draw(venues);
    this.#drawOverall(venues, counts);
  }

  /** @param {string[]} venues @param {{all: number, live: number, closed: number}} counts */
  #drawOverall(venues, { all, live, closed }) {
    const worst = this.#page.liveness.worst();
    const trouble = worst !== null || live + closed < all;
    attribute(this.#overall, "data-state", trouble ? "trouble" : "live");
    const topics = all === 0 ? "Waiting for word of the topics." : live === all ? `All ${all} topics are live.` : `${live} of ${all} topics are live${closed ? `, ${closed} closed` : ""}.`;
    const words = worst === null ? "" : `${worst.words}${worst.reason ? `: ${worst.reason}` : ""}. `;
    write(this.#words, `${words}${topics}`);
  }
}
