// @ts-check
/** The chain of an underlying: all strikes live, the money in view, only rows in view in the page. */
import { embedded, outdate, required } from "../core/dom.js";
import { ChainChoice } from "./chainchoice.js";
import { ChainWords } from "./chainwords.js";
import { Following, MOST } from "./following.js";
import { RowKeys } from "./rowkeys.js";
import { Smile } from "./smile.js";
import { Strikes } from "./strikes.js";
import { AROUND, Window } from "./window.js";

const DRAW_MS = 250;
/** A row that was drawn longer ago has changed out of sight, which is no news. */
const NEWS_MS = 3_000;
/** Rows above and below what is in view that are followed before they are seen. */
const AHEAD = 20;
/** Rows out of view that a drawing does: all of them within a second, and no drawing much longer than another. */
const UNSEEN = 6;

/** @typedef {import("./strikes.js").Line} Line */

export default class Chain {
  #root;
  #page;
  /** @type {import("../core/chain.js").Model} */
  #model;
  #look;
  #strikes;
  #window;
  #following;
  #choice;
  #words;
  #smile;
  #drawing;
  /** @type {(Line | null)[]} */
  #shown = [];
  /** @type {Set<Line>} those whose rows are in the page */
  #held = new Set();
  #range = { from: 0, to: 0 };
  /** Whether the next drawing does all that is in the page above and below. */
  #wide = true;
  /** Whether the money was brought into view; then the reader looks where he wants. */
  #centred = false;
  /** @type {(() => void)[]} */
  #stops = [];

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#root = root;
    this.#page = page;
    this.#model = embedded("chain");
    const { venue, inCoin, magnitude, choice } = this.#model;
    this.#look = { ...choice, magnitude, inCoin, venue };
    this.#strikes = new Strikes(root, page, this.#model, this.#look);
    this.#window = new Window(root, () => this.#view());
    this.#following = new Following(page);
    this.#choice = new ChainChoice(root, choice, (name, value) => this.#chosen(name, value));
    this.#words = new ChainWords(root, page, this.#look, this.#strikes, this.#following);
    const part = root.querySelector("[data-smile-part]");
    this.#smile = part && new Smile(part, page, this.#strikes.sections[0], this.#look);
    this.#drawing = page.scheduler.add(() => this.#draw(), DRAW_MS, () => outdate(root));
  }

  connect() {
    const { store, pulse, keys } = this.#page;
    this.#stops.push(
      this.#choice.connect(),
      this.#window.connect(),
      new RowKeys(this.#window, keys).connect(),
      store.watch("option", ({ symbol }, { value }) => this.#changed(symbol, value.state)),
      pulse.watch((beat) => this.#beat(beat)),
    );
    const money = required(this.#root, "[data-to-money]");
    const centre = () => this.#centre();
    money.addEventListener("click", centre);
    this.#stops.push(() => money.removeEventListener("click", centre));
    this.#smile?.connect();
    if (this.#strikes.symbols.length <= MOST) this.#following.follow(this.#strikes.symbols);
    this.#strikes.weigh();
    this.#fill();
    this.#words.draw();
  }

  disconnect() {
    this.#drawing.remove();
    this.#smile?.disconnect();
    for (const stop of this.#stops.splice(0)) stop();
    this.#following.stop();
  }

  /** Which strikes there are to see. */
  #fill() {
    const { lines, elements } = this.#strikes.shown(Number(this.#look.around));
    this.#shown = lines;
    this.#window.fill(elements, false);
    this.#range = { from: 0, to: 0 };
    this.#view();
    if (!this.#centred && this.#strikes.sections[0].middle >= 0) this.#centre();
  }

  #centre() {
    const { lines, middle } = this.#strikes.sections.find(({ lines }) => lines.some(({ place }) => place >= this.#range.from)) ?? this.#strikes.sections[0];
    if (middle < 0) return;
    this.#centred = true;
    this.#window.centre(lines[middle].place);
  }

  /** Rows that come into the page are drawn at once, and those that come into view if they are out of date: the next frame is painted with them. */
  #view() {
    const [before, seen] = [this.#held, new Set(this.#near(0))];
    this.#range = this.#window.look();
    this.#held = new Set(this.#near(AROUND));
    for (const line of this.#held) {
      if (!before.has(line) || (line.dirty && this.#seen(line) && !seen.has(line))) this.#write(line);
    }
    if (this.#strikes.symbols.length > MOST) this.#follow();
    this.#wide = true;
    this.#drawing.invalidate();
  }

  #follow() {
    this.#following.follow(this.#near(AHEAD).flatMap(({ options }) => options.map(({ symbol }) => symbol)));
  }

  /** @param {string} symbol @param {string | undefined} state as its row says */
  #changed(symbol, state) {
    const line = this.#strikes.get(symbol);
    if (!line) return;
    line.dirty = true;
    const urgent = state !== "live" && this.#held.has(line); // a browser may scroll to it before it asks us
    this.#wide ||= urgent;
    if (urgent || this.#seen(line)) this.#drawing.invalidate();
    this.#smile?.invalidate();
  }

  /** @param {import("./pulse.js").Beat} beat */
  #beat({ second, changed }) {
    if (!second && !changed) return;
    const moved = this.#strikes.weigh();
    const held = this.#root.querySelector("tbody:is(:hover, :focus-within)") !== null;
    if (!this.#centred || (moved && this.#look.around && !held)) this.#fill();
    this.#wide ||= changed;
    this.#redraw();
    this.#words.draw();
  }

  /** Also what is in the page above and below, which ears may come to. */
  #redraw() {
    for (const line of this.#near(AROUND)) line.dirty = true;
    this.#drawing.invalidate();
    this.#smile?.invalidate();
  }

  /** What is in view, and so many rows around it. @param {number} rows */
  #near(rows) {
    const near = this.#shown.slice(Math.max(0, this.#range.from - rows), this.#range.to + rows);
    return /** @type {Line[]} */ (near.filter((line) => line !== null));
  }

  /** @param {Line} line */
  #seen({ place }) {
    return place >= this.#range.from && place < this.#range.to;
  }

  /** What changed in view, and some of what did out of it, the oldest first: each row that is written is laid out and painted. */
  #draw() {
    const waiting = this.#near(AROUND).filter(({ dirty }) => dirty);
    const unseen = waiting.filter((line) => !this.#seen(line)).sort((one, other) => one.drawnAt - other.drawnAt);
    const most = this.#wide ? unseen.length : UNSEEN;
    this.#wide = false;
    for (const line of waiting.filter((each) => this.#seen(each))) this.#write(line);
    for (const line of unseen.slice(0, most)) this.#write(line);
    if (unseen.length > most) this.#drawing.invalidate();
  }

  /** @param {Line} line */
  #write(line) {
    const now = this.#page.clock.now();
    this.#strikes.rowOf(line).draw(now - line.drawnAt < NEWS_MS);
    this.#strikes.place(line);
    line.dirty = false;
    line.drawnAt = now;
  }

  /** @param {string} name @param {string} value */
  #chosen(name, value) {
    Object.assign(this.#look, { [name]: value });
    if (name === "around") this.#centred = false;
    if (name === "around") this.#fill();
    for (const line of this.#near(AROUND)) line.drawnAt = 0; // other figures are no news
    this.#wide = true;
    this.#redraw();
  }
}
