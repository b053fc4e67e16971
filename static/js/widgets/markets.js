// @ts-check
/** The list a person lives in. Rows out of view cost little: what is in the page above and below is drawn each second. */
import { attempt } from "../core/attempt.js";
import { attribute } from "../core/dom.js";
import { priceOf } from "../core/price.js";
import { Arrangement } from "./arrangement.js";
import { Filter } from "./filter.js";
import { Members } from "./members.js";
import { RowKeys } from "./rowkeys.js";
import { Sparklines } from "./sparklines.js";
import { AROUND, Window } from "./window.js";

const DRAW_MS = 250;
const SORT_EVERY_S = 2;
const SPARK_EVERY_MS = 5_000;
/** A row that was drawn longer ago has changed out of sight, which is no news. */
const NEWS_MS = 3_000;

/** @typedef {import("./members.js").Market} Market */

export default class Markets {
  #page;
  #root;
  #window;
  #filter;
  #sparklines;
  #drawing;
  #members;
  /** @type {Market[]} */
  #shown = [];
  #range = { from: 0, to: 0 };
  /** @type {Set<Market>} those whose rows are in the page */
  #held = new Set();
  #seconds = 0;
  #arrangement;
  /** @type {(() => void)[]} */
  #stops = [];

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#page = page;
    this.#root = root;
    this.#window = new Window(root, () => this.#look());
    this.#drawing = page.scheduler.add(() => this.#draw(), DRAW_MS);
    this.#arrangement = new Arrangement(root, () => this.#arrange(true));
    this.#filter = new Filter(root, page, () => this.#arrange(true));
    this.#members = new Members(root, page, () => this.#joined());
    this.#sparklines = new Sparklines(page.clock, (symbols) => this.#sparksCame(symbols));
  }

  connect() {
    const { store, pulse, keys } = this.#page;
    this.#stops.push(
      this.#members.connect(),
      this.#filter.connect(),
      this.#arrangement.connect(),
      this.#window.connect(),
      new RowKeys(this.#window, keys).connect(),
      store.watch("ticker", ({ symbol }, { value }) => this.#changed(symbol, value.state)),
      pulse.watch((beat) => this.#beat(beat)),
    );
    this.#arrange(false);
  }

  disconnect() {
    this.#sparklines.stop();
    this.#drawing.remove();
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** The list has others now than it had. Under the pointer who came stands at the end. */
  #joined() {
    this.#filter.offer(this.#page.listed);
    this.#arrange(false, this.#arrangement.held);
  }

  /** @param {Market} market */
  #facts(market) {
    const { store, liveness } = this.#page;
    const entry = store.get({ channel: "ticker", symbol: market.listed.symbol });
    const { state } = liveness.standing(market.listed.venue, entry?.value);
    return { market, listed: market.listed, value: entry?.value, state, ageS: entry ? liveness.ageS(entry) : NaN };
  }

  /** Order and filter anew. @param {boolean} asked by the person: back to the top @param {boolean} [held] keep the order */
  #arrange(asked, held = false) {
    const facts = this.#members.all().map((market) => this.#facts(market));
    const answers = this.#filter.answers(this.#arrangement.sorted(facts)).map(({ market }) => market);
    const next = held ? this.#members.asPlaced(answers) : this.#members.newFirst(answers);
    const same = next.length === this.#shown.length && next.every((market, place) => market === this.#shown[place]);
    if (!asked && next.length > 0 && same) return;
    this.#shown = next;
    for (const market of this.#members.all()) market.place = -1;
    next.forEach((market, place) => (market.place = place));
    this.#filter.count(next.length, this.#members.size);
    this.#window.fill(next.map(({ element }) => element), asked);
    this.#look();
  }

  /** Rows that come into the page, or into view, are drawn at once: the next frame is painted with them. */
  #look() {
    const before = this.#held;
    this.#range = this.#window.look();
    this.#held = new Set(this.#near());
    for (const market of before) if (!this.#held.has(market)) market.near = market.seen = false;
    const now = this.#page.clock.now();
    for (const market of this.#held) {
      const seen = market.place >= this.#range.from && market.place < this.#range.to;
      if (!market.near || (seen && !market.seen)) this.#drawRow(market, now);
      [market.near, market.seen] = [true, seen];
    }
    this.#sparklines.see(this.#inView().map(({ listed }) => listed.symbol));
    this.#drawing.invalidate();
  }

  /** @param {string} symbol @param {string | undefined} state as its row says */
  #changed(symbol, state) {
    const market = this.#members.get(symbol);
    if (!market) return;
    market.dirty = true;
    market.urgent ||= market.near && state !== market.state;
    if (market.seen || market.urgent) this.#drawing.invalidate();
  }

  /** @param {import("./pulse.js").Beat} beat */
  #beat({ second, changed }) {
    if (changed || second) {
      for (const market of this.#held) market.dirty = market.urgent = true; // ears come to what is above and below, too
      this.#drawing.invalidate();
    }
    if (second && ++this.#seconds % SORT_EVERY_S === 0) this.#sortAgain();
  }

  #sortAgain() {
    if (!this.#arrangement.held && this.#window.atTop) this.#arrange(false);
    this.#sparklines.see(this.#inView().map(({ listed }) => listed.symbol));
  }

  #inView() {
    return this.#shown.slice(this.#range.from, this.#range.to);
  }

  /** Those in view, and those around it that are in the page: a browser may scroll to these before it asks us. */
  #near() {
    return this.#shown.slice(Math.max(0, this.#range.from - AROUND), this.#range.to + AROUND);
  }

  #draw() {
    const now = this.#page.clock.now();
    const due = [...this.#held].filter((market) => market.dirty && (market.seen || market.urgent));
    const failed = due.filter((market) => !attempt(() => this.#drawRow(market, now)));
    for (const { element } of failed) attribute(element, "data-state", "stale");
    if (failed.length > 0) throw new Error(`expected to draw each row, found ${failed.length} that cannot be`); // so that the page says it
  }

  /** @param {Market} market @param {number} now */
  #drawRow(market, now) {
    const { store, liveness } = this.#page;
    const { symbol, venue } = market.listed;
    const entry = store.get({ channel: "ticker", symbol });
    const standing = liveness.standing(venue, entry?.value);
    market.row.draw(entry?.value ?? {}, standing, now - market.drawnAt < NEWS_MS);
    market.row.drawStanding(entry ? liveness.ageS(entry) : NaN, standing, liveness.phase(venue));
    market.dirty = market.urgent = false;
    market.state = entry?.value.state;
    market.drawnAt = now;
    if (now - market.sparkAt < SPARK_EVERY_MS) return;
    market.sparkAt = now;
    this.#sparklines.draw(market.row.spark, symbol, priceOf(market.listed, entry?.value));
  }

  /** @param {string[]} symbols */
  #sparksCame(symbols) {
    for (const symbol of symbols) {
      const market = this.#members.get(symbol);
      if (market) market.sparkAt = -Infinity;
      this.#changed(symbol, market?.state);
    }
  }
}

