// @ts-check
/** One option on its own page: the venue's figures with ours and the difference below them. */
import { decimalsOf, figure } from "../core/chain.js";
import { left, remaining } from "../core/contract.js";
import { attribute, required, textOf, write } from "../core/dom.js";
import { estimate, FIGURES } from "../core/estimates.js";
import { age } from "../core/format.js";
import { zoneOf } from "../core/zone.js";
import { STATE_WORDS } from "./marketrow.js";
import { Part } from "./part.js";

const DRAW_MS = 200;
const UPDATE_MS = 200;

export class Option extends Part {
  #zone;
  #contract;
  #terms;
  #magnitude;
  /** @type {Record<string, Text>} */
  #texts = {};
  #ages;

  /** @param {Element} root @param {import("../main.js").Page} page @param {import("../main.js").Listed & {contract: import("../core/contract.js").Contract}} listed */
  constructor(root, page, listed) {
    super(root, page, listed, { channel: "option", symbol: listed.symbol }, DRAW_MS);
    this.#zone = zoneOf(document.documentElement.dataset.zone, listed.zone);
    this.#contract = listed.contract;
    const { right = "", strike = "", expiryUs, inCoin = false, words, chain = "" } = listed.contract;
    this.#terms = { right, strike, expiryUs, inCoin };
    this.#magnitude = Math.floor(Math.log10(Number(strike)));
    for (const cell of root.querySelectorAll("[data-cell]:not([data-cell$='.reason'])")) this.#texts[cell.getAttribute("data-cell") ?? ""] = textOf(cell);
    this.#ages = [...root.querySelectorAll("[data-age]")].map((element, at) => ({ element, text: textOf(element), whole: at === 0 }));
    attribute(root, "data-known", "");
    write(this.#texts.words, words);
    const link = required(root, "[data-of-chain]");
    attribute(link, "href", chain);
    link.removeAttribute("hidden");
  }

  connect() {
    this.stops.push(this.page.socket.want({ channel: "option", symbol: [this.listed.symbol], interval_ms: UPDATE_MS }));
    super.connect();
  }

  draw() {
    const { format, liveness } = this.page;
    const entry = this.entry;
    const value = entry?.value ?? {};
    const { state, reason } = this.standing;
    attribute(this.root, "data-state", state);
    write(this.#texts.mark, format.fixed(value.mark, this.listed.priceDecimals + 1));
    write(this.#texts.forward, format.fixed(value.underlying_price, decimalsOf("vega", this.#magnitude, "venue")));
    write(this.#texts.underlying, value.underlying ?? "");
    write(this.#texts.interest, format.compact(value.open_interest));
    this.#drawFigures(value);
    const ageS = entry ? liveness.ageS(entry) : NaN;
    this.#drawExpiry(remaining(this.#contract.expiryUs, value, ageS));
    const word = state === "live" ? "" : STATE_WORDS[/** @type {keyof STATE_WORDS} */ (state)] ?? state;
    for (const { element, text, whole } of this.#ages) {
      write(text, [word, whole && Number.isFinite(ageS) ? age(ageS) : ""].filter(Boolean).join(" "));
      attribute(element, "data-state", state);
      attribute(element, "title", reason || null);
    }
    this.stand();
  }

  /** @param {Record<string, any>} value */
  #drawFigures(value) {
    const ours = estimate(this.#terms, value);
    const shown = (/** @type {string} */ name, /** @type {string} */ show) => figure(this.page.format, name, value, ours, { show, magnitude: this.#magnitude });
    for (const name of FIGURES) {
      write(this.#texts[name], shown(name, "venue"));
      attribute(/** @type {Element} */ (this.#texts[name].parentElement), "title", value[name] ?? null);
      write(this.#texts[`${name}.ours`], shown(name, "ours"));
      write(this.#texts[`${name}.difference`], shown(name, "difference"));
      attribute(required(this.root, `[data-cell="${name}.reason"]`), "title", ours.reasons[name] ?? null);
    }
  }

  /** @param {number} rest microseconds */
  #drawExpiry(rest) {
    if (!Number.isNaN(rest)) write(this.#texts.left, left(rest));
    write(this.#texts.expiry, this.#zone.dateAndTime(this.#contract.expiryUs));
    write(this.#texts.zone, this.#zone.word);
  }
}
