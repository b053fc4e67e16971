// @ts-check
/** Who is on the list: the rows that came with the page, those that an administrator adds while it is open, and those who leave. */
import { behind } from "../core/contract.js";
import { attribute, element, required, textOf, write } from "../core/dom.js";
import { isMiddle } from "../core/price.js";
import { MarketRow } from "./marketrow.js";

const UPDATE_MS = 250;
/** A row that was added stands on top for so long, so that who waits for it sees it. */
const NEW_FOR_MS = 8_000;
const MIDDLE = "Half of bid and ask: no last trade is told";

/**
 * @typedef {object} Market
 * @property {import("../main.js").Listed} listed
 * @property {HTMLElement} element
 * @property {MarketRow} row
 * @property {number} place in the list as it is shown; -1: filtered out
 * @property {boolean} near in the page: in view, or around it
 * @property {boolean} seen in view
 * @property {boolean} dirty
 * @property {boolean} urgent it has another state than it shows, so it is drawn even out of view
 * @property {string | undefined} state what its row said when it was drawn
 * @property {number} drawnAt
 * @property {number} sparkAt
 * @property {number} newUntil
 */

export class Members {
  #page;
  #root;
  #onchange;
  /** @type {Map<string, Market>} */
  #markets = new Map();
  #news;
  /** @type {unknown} */
  #timer = null;

  /** @param {Element} root @param {import("../main.js").Page} page @param {() => void} onchange somebody came, left, or is new no more */
  constructor(root, page, onchange) {
    this.#root = root;
    this.#page = page;
    this.#onchange = onchange;
    this.#news = textOf(required(root, "[data-news]"));
  }

  /** @returns {() => void} stop */
  connect() {
    for (const listed of this.#page.listed) {
      const element = this.#root.querySelector(`[data-symbol="${CSS.escape(listed.symbol)}"]`);
      if (element) this.#put(listed, /** @type {HTMLElement} */ (element));
    }
    this.#follow(this.#page.listed.filter(({ followed }) => followed).map(({ symbol }) => symbol).sort());
    const chosen = this.#root.hasAttribute("data-chosen");
    const stop = this.#page.listing.watch((changes) => (chosen ? this.#compare(changes) : this.#take(changes)));
    return () => {
      stop();
      this.#page.clock.cancel(this.#timer);
      this.#leave([...this.#markets.keys()]);
    };
  }

  get size() {
    return this.#markets.size;
  }

  /** @param {string} symbol */
  get(symbol) {
    return this.#markets.get(symbol);
  }

  all() {
    return [...this.#markets.values()];
  }

  /** New ones first, the others in the order given. @param {Market[]} markets */
  newFirst(markets) {
    const now = this.#page.clock.now();
    return markets.sort((a, b) => Number(b.newUntil > now) - Number(a.newUntil > now));
  }

  /** Those that are shown where they are, the others after them. @param {Market[]} markets */
  asPlaced(markets) {
    const placed = markets.filter(({ place }) => place >= 0).sort((a, b) => a.place - b.place);
    return [...placed, ...markets.filter(({ place }) => place < 0)];
  }

  /** A list that somebody chose keeps its members; that one is followed or not any more takes a new page. */
  /** @param {import("../core/listing.js").Changes} changes */
  #compare({ whole, listed, gone }) {
    const named = new Set(listed.map(({ symbol }) => symbol));
    const turned = this.all().some(({ listed: { symbol, followed } }) => (followed ? (whole ? !named.has(symbol) : gone.includes(symbol)) : named.has(symbol)));
    if (turned) location.reload();
  }

  /** @param {import("../core/listing.js").Changes} changes */
  #take({ whole, listed, gone }) {
    const named = new Set(listed.map(({ symbol }) => symbol));
    const left = (whole ? [...this.#markets.keys()].filter((symbol) => !named.has(symbol)) : gone).filter((symbol) => this.#markets.has(symbol));
    const came = listed.filter(({ symbol }) => !this.#markets.has(symbol));
    const words = [phrase("Now followed", came), phrase("No longer followed", left.map((symbol) => this.#markets.get(symbol)?.listed))];
    this.#leave(left);
    for (const each of listed) this.#put(each, rowOf(this.#root, each));
    const until = this.#page.clock.now() + NEW_FOR_MS;
    for (const { symbol } of came) /** @type {Market} */ (this.#markets.get(symbol)).newUntil = until;
    this.#follow(came.map(({ symbol }) => symbol).sort());
    this.#page.listed = this.all().map((market) => market.listed);
    this.#say(words.filter(Boolean).join(" "));
    this.#onchange();
  }

  /** @param {import("../main.js").Listed} listed @param {HTMLElement} element */
  #put(listed, element) {
    const before = this.#markets.get(listed.symbol);
    before?.element.remove();
    const row = new MarketRow(element, listed, this.#page);
    const place = before?.place ?? -1;
    this.#markets.set(listed.symbol, { listed, element, row, place, near: false, seen: false, dirty: true, urgent: false, state: undefined, drawnAt: 0, sparkAt: 0, newUntil: 0 });
  }

  /** @param {string[]} symbols */
  #leave(symbols) {
    const { socket } = this.#page;
    for (const symbol of symbols) {
      this.#markets.get(symbol)?.element.remove();
      this.#markets.delete(symbol);
    }
    if (symbols.length) socket.drop({ channel: "ticker", symbol: symbols, interval_ms: UPDATE_MS });
  }

  /** @param {string[]} symbol */
  #follow(symbol) {
    if (symbol.length) this.#page.socket.want({ channel: "ticker", symbol, interval_ms: UPDATE_MS });
  }

  /** @param {string} words */
  #say(words) {
    if (!words) return;
    write(this.#news, words);
    this.#page.clock.cancel(this.#timer);
    this.#timer = this.#page.clock.later(() => {
      write(this.#news, "");
      this.#onchange();
    }, NEW_FOR_MS);
  }
}

/** @param {string} verb @param {(import("../main.js").Listed | undefined)[]} listed */
function phrase(verb, listed) {
  const names = listed.slice(0, 3).map((each) => each && `${each.base}${behind(each)} on ${each.venueTitle}`);
  const more = listed.length > 3 ? ` and ${listed.length - 3} more` : "";
  return names.length ? `${verb}: ${names.join(", ")}${more}.` : "";
}

/** A row like those of the first paint, without values yet. @param {Element} root @param {import("../main.js").Listed} listed */
function rowOf(root, listed) {
  const template = /** @type {HTMLTemplateElement} */ (required(root, "template[data-row]"));
  const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const row = /** @type {HTMLElement} */ (required(copy, "tr"));
  attribute(row, "data-symbol", listed.symbol);
  attribute(required(row, ".name a"), "href", `/instruments/${listed.slug}/`);
  const star = row.querySelector("[data-star]");
  if (star) attribute(star, "value", listed.symbol);
  const texts = [
    [".name b", listed.base],
    [".name i", behind(listed)],
    [".name small span", listed.venueTitle],
    ["td.venue", listed.venueTitle],
    [".volume i", listed.quote],
  ];
  for (const [selector, text] of texts) required(row, selector).textContent = text;
  attribute(required(row, "td.venue"), "title", listed.venueTitle);
  if (listed.contract) required(row, ".name i").after(" ", element("em", {}, listed.contract.short));
  if (isMiddle(listed)) required(row, ".last").prepend(element("i", { class: "mid", title: MIDDLE }, "mid"));
  return row;
}
