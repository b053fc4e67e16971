// @ts-check
/**
 * Where the time goes between a venue and this screen. The first part is measured by the feed, the second is what
 * the rows of a few busy tickers say, the third is measured here.
 */
import { attribute, element, outdate, textOf, write } from "../core/dom.js";
import { Latency } from "../core/latency.js";

const FOLLOWED = 5;
const CHOOSE_EVERY = 20;
const PARTS = ["venue", "server", "screen"];
/** What each is called where the table is cards and has no head. @type {Record<string, Record<string, string>>} */
const CELLS = {
  venue: { class: "num", "data-label": "Venue → feed" },
  server: { class: "num", "data-label": "Feed → server" },
  screen: { class: "num", "data-label": "Server → screen" },
  clock: { class: "clock" },
};

/** @typedef {{server: Latency, screen: Latency}} Measured */

export class StatusLatency {
  #body;
  #page;
  #titles;
  #names = "";
  #drawn = 0;
  /** @type {{row: Element, texts: Record<string, Text>}[]} */
  #rows = [];
  /** @type {Map<string, Measured>} */
  #measured = new Map();
  /** @type {{venue: string, at: number}[]} */
  #arrived = [];
  /** @type {Map<string, () => void>} */
  #followed = new Map();
  #drawing;

  /** @param {Element} body @param {import("../main.js").Page} page @param {(venue: string) => string} titles of venues */
  constructor(body, page, titles) {
    this.#body = body;
    this.#page = page;
    this.#titles = titles;
    this.#drawing = page.scheduler.add(() => this.#paint(), 0, () => outdate(body));
  }

  /** @returns {() => void} stop */
  connect() {
    const stop = this.#page.store.watch("ticker", (topic, entry) => this.#came(topic.symbol, entry));
    return () => {
      stop();
      this.#drawing.remove();
      for (const unfollow of this.#followed.values()) unfollow();
      this.#followed.clear();
    };
  }

  /** @param {string} symbol @param {import("../core/store.js").Entry} entry */
  #came(symbol, { at, age_us, value }) {
    if (!this.#followed.has(symbol) || value.state !== "live" || document.visibilityState !== "visible") return;
    const venue = symbol.slice(0, symbol.indexOf(":"));
    const measured = this.#of(venue);
    if (age_us < 1e6) measured.server.add(age_us / 1000); // an older one is a snapshot, which says nothing of the way
    this.#arrived.push({ venue, at });
    this.#drawing.invalidate();
  }

  /** After this frame's work the pixels are there. */
  #paint() {
    const arrived = this.#arrived.splice(0);
    const { clock, latency } = this.#page;
    clock.later(() => {
      const half = (latency.roundtrip.percentile(0.5) ?? 0) / 2;
      for (const { venue, at } of arrived) this.#of(venue).screen.add(clock.now() - at + half);
    }, 0);
  }

  /** @param {string} venue */
  #of(venue) {
    const found = this.#measured.get(venue) ?? { server: new Latency(), screen: new Latency() };
    this.#measured.set(venue, found);
    return found;
  }

  /** @param {string[]} venues */
  draw(venues) {
    if (this.#drawn++ % CHOOSE_EVERY === 4) this.#choose(venues);
    if (venues.join() !== this.#names) this.#build(venues);
    venues.forEach((venue, at) => this.#drawRow(this.#rows[at], venue));
  }

  /** The busiest tickers of each venue stand for it. @param {string[]} venues */
  #choose(venues) {
    const { socket } = this.#page;
    const chosen = new Set(venues.flatMap((venue) => this.#busiest(venue)));
    for (const symbol of chosen) {
      if (!this.#followed.has(symbol)) this.#followed.set(symbol, socket.want({ channel: "ticker", symbol: [symbol], interval_ms: 0 }));
    }
    for (const [symbol, stop] of this.#followed) {
      if (!chosen.has(symbol)) stop(), this.#followed.delete(symbol);
    }
  }

  /** @param {string} venue @returns {string[]} */
  #busiest(venue) {
    const topics = this.#page.store.get({ channel: "health", symbol: venue })?.value.topics ?? [];
    const tickers = topics.filter((/** @type {any} */ { topic, state }) => state === "live" && topic.startsWith("ticker:"));
    tickers.sort((/** @type {any} */ a, /** @type {any} */ b) => b.messages_per_s - a.messages_per_s);
    return tickers.slice(0, FOLLOWED).map((/** @type {any} */ { topic }) => topic.slice("ticker:".length));
  }

  /** @param {string[]} venues */
  #build(venues) {
    this.#names = venues.join();
    const names = ["name", ...PARTS, "clock"];
    this.#rows = venues.map(() => {
      const cells = names.map((name) => (name === "name" ? element("th", { scope: "row" }) : element("td", CELLS[name])));
      return { row: element("tr", {}, ...cells), texts: Object.fromEntries(names.map((name, at) => [name, textOf(cells[at])])) };
    });
    this.#body.replaceChildren(...this.#rows.map(({ row }) => row));
  }

  /** @param {{row: Element, texts: Record<string, Text>}} of @param {string} venue */
  #drawRow({ row, texts }, venue) {
    const { store, liveness } = this.#page;
    const { state, reason } = liveness.standing(venue, { state: "live" }); // else these are figures of before
    attribute(row, "data-state", state);
    attribute(row, "title", reason || null);
    const figures = store.get({ channel: "health", symbol: venue })?.value.latency;
    const { server, screen } = this.#of(venue);
    write(texts.name, this.#titles(venue));
    write(texts.venue, figures ? three([figures.p50_us, figures.p95_us, figures.p99_us].map((us) => us / 1000)) : "–");
    for (const [name, latency] of [["server", server], ["screen", screen]]) {
      write(texts[/** @type {string} */ (name)], three([0.5, 0.95, 0.99].map((share) => /** @type {Latency} */ (latency).percentile(share))));
    }
    write(texts.clock, figures ? clockWords(figures.least_us / 1000) : "Nothing with a time of the venue's in five minutes");
  }
}

/** @param {(number | null)[]} values milliseconds */
function three(values) {
  return values.map((ms) => (ms === null ? "–" : ms < 10 ? ms.toFixed(1) : ms.toFixed(0))).join(" / ");
}

/** What is certain of it: a message cannot arrive before it was sent. @param {number} ms */
export function clockWords(ms) {
  const amount = Math.abs(ms) < 10 ? Math.abs(ms).toFixed(1) : Math.abs(ms).toFixed(0);
  if (ms < 0) return `clock off by ${amount} ms or more: ours is behind the venue's`;
  if (ms > 1000) return `clock off by about ${amount} ms: ours is ahead`;
  return `quickest message ${amount} ms, way and clocks together`;
}
