// @ts-check
/** The panels of the instrument page: which stand where, whose values they show, and what keeps them alive. */
import { attribute, embedded, required } from "../core/dom.js";
import { groupOf, inOrder, names, PAGE, symbolOf } from "../core/screen.js";
import { Jumps } from "./jumps.js";
import { blank, widgetOf } from "./panelkinds.js";
import { ask } from "./request.js";

/**
 * @typedef {import("../core/screen.js").Screen} Screen
 * @typedef {import("../core/screen.js").Panel} Panel
 * @typedef {import("../main.js").Listed} Listed
 */

export class Panels {
  #page;
  #symbol;
  #grid;
  #empty;
  #jumps;
  /** @type {Screen} */
  #screen;
  /** @type {Map<Element, import("../main.js").Widget | null>} what lives in each place */
  #living = new Map();

  /** @param {Element} root @param {import("../main.js").Page} page @param {string} symbol the page's own */
  constructor(root, page, symbol) {
    this.#page = page;
    this.#symbol = symbol;
    this.#grid = required(root, "[data-grid]");
    this.#empty = required(root, "[data-empty]");
    this.#jumps = new Jumps(required(root, "[data-jumps]"));
    this.#screen = JSON.parse(embedded("screen").screen);
    for (const place of this.places) this.#living.set(place, widgetOf(place, page, this.#listed(place.getAttribute("data-symbol") ?? "")));
  }

  connect() {
    for (const widget of this.#living.values()) widget?.connect();
  }

  disconnect() {
    for (const widget of this.#living.values()) widget?.disconnect();
  }

  get grid() {
    return /** @type {HTMLElement} */ (this.#grid);
  }

  /** In the order of the screen's panels. */
  get places() {
    return /** @type {HTMLElement[]} */ ([...this.#grid.querySelectorAll(":scope > .place")]);
  }

  get screen() {
    return this.#screen;
  }

  /** @param {string} symbol */
  #listed(symbol) {
    return this.#page.listed.find((each) => each.symbol === symbol);
  }

  /** What this page has not been told of yet is asked for. @param {Screen} screen */
  async learn(screen) {
    const unknown = names(screen).filter((name) => !this.#listed(name));
    if (unknown.length === 0) return;
    const query = new URLSearchParams(unknown.map((name) => ["symbol", name]));
    const answer = await ask(`/lines/?${query}`);
    if (!answer) throw new Error("The server does not answer: another instrument cannot be shown now.");
    this.#page.learn(answer.listed);
  }

  /**
   * What stays is left alone, with what it shows. Its instruments must be known, see {@link learn}.
   * @param {Screen} screen
   */
  show(screen) {
    const left = new Set(this.places);
    const ordered = inOrder(screen.panels);
    const places = ordered.map((panel) => this.#taken(left, screen, panel) ?? this.#made(screen, panel));
    for (const place of left) this.#remove(place);
    this.#screen = { ...screen, panels: ordered };
    places.forEach((place, at) => this.#put(place, ordered[at], at));
    if (places.some((place, at) => this.places[at] !== place)) this.#grid.append(...places);
    this.#empty.toggleAttribute("hidden", places.length > 0);
    this.#jumps.show(ordered, places);
  }

  /** Something moved the places; what they show is the same. @param {Map<Element, import("../core/screen.js").Place>} places */
  stand(places) {
    const panels = this.places.map((place, at) => ({ ...this.#screen.panels[at], ...places.get(place) }));
    this.#screen = { ...this.#screen, panels };
  }

  /** As a chart shows it already. @param {Element} place @param {number} interval */
  setInterval(place, interval) {
    const at = this.places.indexOf(/** @type {HTMLElement} */ (place));
    attribute(place, "data-interval", String(interval));
    this.#screen = { ...this.#screen, panels: this.#screen.panels.map((panel, each) => (each === at ? { ...panel, interval } : panel)) };
  }

  /** A place that shows this already. @param {Set<Element>} left @param {Screen} screen @param {Panel} panel */
  #taken(left, screen, panel) {
    const symbol = symbolOf(screen, panel, this.#symbol);
    const wanted = (/** @type {Element} */ place) =>
      place.getAttribute("data-kind") === panel.kind && place.getAttribute("data-symbol") === symbol && place.getAttribute("data-interval") === intervalOf(panel);
    const found = [...left].find(wanted);
    if (found) left.delete(found);
    return found;
  }

  /** @param {Screen} screen @param {Panel} panel */
  #made(screen, panel) {
    const symbol = symbolOf(screen, panel, this.#symbol);
    const listed = this.#listed(symbol);
    if (!listed) throw new Error(`expected an instrument that this page knows, found ${symbol}`);
    const place = blank(panel.kind, listed);
    attribute(place, "data-interval", intervalOf(panel));
    this.#grid.append(place);
    const widget = widgetOf(place, this.#page, listed);
    this.#living.set(place, widget);
    widget?.connect();
    return place;
  }

  /** @param {Element} place @param {Panel} panel @param {number} at */
  #put(place, { x, y, w, h, follows = PAGE }, at) {
    for (const [name, value] of Object.entries({ x, y, w, h })) attribute(place, `gs-${name}`, String(value));
    attribute(place, "id", `panel-${at}`);
    attribute(place, "data-follows", groupOf(follows));
    place.querySelector("[data-whose]")?.toggleAttribute("hidden", follows === PAGE);
  }

  /** @param {Element} place */
  #remove(place) {
    this.#living.get(place)?.disconnect();
    this.#living.delete(place);
    place.remove();
  }
}

/** @param {Panel} panel */
function intervalOf({ kind, interval = 1 }) {
  return kind === "chart" ? String(interval) : null;
}
