// @ts-check
/** What a perpetual or a future stands at: mark, index, basis, funding, open interest, expiry; each as old as it is. */
import { countdown, countedIn, hundredfold, left, payer, premium, remaining, share, spoken, yearly } from "../core/contract.js";
import { isNumber } from "../core/decimal.js";
import { attribute, required, textOf, write } from "../core/dom.js";
import { ABSENT, age, round } from "../core/format.js";
import { zoneOf } from "../core/zone.js";
import { STATE_WORDS } from "./marketrow.js";
import { Part } from "./part.js";

const DRAW_MS = 200;
const UPDATE_MS = 200;
/** Venues work marks out to more digits than orders have; all of them stand in the title. */
const EXTRA_DECIMALS = 2;
/** What is left when it is read aloud, in minutes; a countdown that speaks each second hides the page. */
const ALOUD_MIN = [30, 10, 5, 1];
/** So long after its time nothing is due any more: the next one should have been named. */
const DUE_US = 60e6;

/** @typedef {import("../core/store.js").Entry} Entry */

export class Contract extends Part {
  #zone;
  #contract;
  /** @type {Record<string, Text>} */
  #texts = {};
  /** @type {{element: Element, channel: string, text: Text}[]} */
  #ages;
  #said;
  #aloud = Infinity;

  /** @param {Element} root @param {import("../main.js").Page} page @param {import("../main.js").Listed & {contract: import("../core/contract.js").Contract}} listed */
  constructor(root, page, listed) {
    super(root, page, listed, { channel: "mark", symbol: listed.symbol }, DRAW_MS);
    this.#zone = zoneOf(document.documentElement.dataset.zone, listed.zone);
    this.#contract = listed.contract;
    for (const cell of root.querySelectorAll("[data-cell]")) this.#texts[cell.getAttribute("data-cell") ?? ""] = textOf(cell);
    this.#ages = [...root.querySelectorAll("[data-age]")].map((element) => ({ element, channel: element.getAttribute("data-age") ?? "", text: textOf(element) }));
    this.#said = textOf(required(root, "[data-said]"));
    for (const each of root.querySelectorAll("[data-for]")) each.toggleAttribute("hidden", each.getAttribute("data-for") !== listed.kind);
    attribute(root, "data-known", "");
    write(this.#texts.words, this.#contract.words);
    attribute(required(root, '[data-cell="words"]'), "title", this.#contract.words);
  }

  connect() {
    const { socket, store } = this.page;
    for (const channel of this.#contract.channels.filter((each) => each !== "liquidation")) {
      this.stops.push(
        socket.want({ channel, symbol: [this.listed.symbol], interval_ms: UPDATE_MS }),
        store.watch(channel, (topic) => this.concerns(topic) && this.invalidate()),
      );
    }
    super.connect();
  }

  /** @param {string} channel */
  #entry(channel) {
    return this.page.store.get({ channel, symbol: this.listed.symbol });
  }

  draw() {
    const [mark, funding] = [this.#entry("mark"), this.#entry("funding")];
    attribute(this.root, "data-state", this.standing.state);
    this.#drawPrices(mark);
    this.#drawFunding(funding);
    this.#drawExpiry(mark);
    for (const each of this.#ages) this.#drawAge(each, each.channel === "funding" ? funding : mark);
    this.stand();
  }

  /** @param {Entry | undefined} entry */
  #drawPrices(entry) {
    const { format } = this.page;
    const value = entry?.value ?? {};
    const decimals = this.listed.priceDecimals + EXTRA_DECIMALS;
    for (const name of ["mark", "index"]) {
      const known = isNumber(value[name]);
      write(this.#texts[name], known ? format.price(round(value[name], decimals), decimals) : ABSENT);
      attribute(/** @type {Element} */ (this.#texts[name].parentElement), "title", known ? value[name] : null);
    }
    const basis = premium(value.mark, value.index);
    write(this.#texts.basis, format.signed(basis, decimals));
    write(this.#texts.basis_pct, basis === null ? "" : this.#percent(share(basis, value.index)));
    write(this.#texts.yearly, this.#percent(yearly(basis, value.index, this.#left(entry))));
    write(this.#texts.interest, format.price(value.open_interest, 0));
    write(this.#texts.interest_unit, countedIn(this.listed, value.open_interest_unit));
  }

  /** @param {string | null} text @param {number} [decimals] */
  #percent(text, decimals = 3) {
    const shown = this.page.format.signed(text, decimals);
    return shown === ABSENT ? shown : `${shown}%`;
  }

  /** @param {Entry | undefined} entry */
  #drawFunding(entry) {
    if (!this.#contract.channels.includes("funding")) return;
    const value = entry?.value ?? {};
    const ageS = entry ? this.page.liveness.ageS(entry) : NaN;
    const rest = remaining(value.next, value, ageS);
    const known = rest > -DUE_US;
    write(this.#texts.rate, this.#percent(hundredfold(value.rate), 4));
    attribute(/** @type {Element} */ (this.#texts.rate.parentElement), "title", isNumber(value.rate) ? value.rate : null);
    write(this.#texts.payer, payer(value.rate));
    const { continuous } = this.#contract;
    write(this.#texts.next_in, known ? countdown(rest) : continuous ? "continuous" : ABSENT);
    write(this.#texts.next_said, known ? spoken(rest) : continuous ? "continuous" : "not known");
    write(this.#texts.next, known ? `${this.#zone.timeOfDay(value.next).slice(0, 5)} ${this.#zone.word}` : "");
    if (this.page.liveness.standing(this.listed.venue, value).state === "live") this.#sayAloud(rest);
  }

  /** Once at each of a few moments before it, never each second. @param {number} rest microseconds */
  #sayAloud(rest) {
    const mark = ALOUD_MIN.filter((minutes) => rest > 0 && rest <= minutes * 60e6).at(-1) ?? Infinity;
    if (mark < this.#aloud && this.#aloud !== Infinity) write(this.#said, `Funding ${spoken(rest)}`);
    this.#aloud = mark === Infinity ? ALOUD_MIN[0] + 1 : mark;
  }

  /** @param {Entry | undefined} entry @returns {number} microseconds to the expiry; NaN: it has none, or nobody knows the time */
  #left(entry) {
    return remaining(this.#contract.expiryUs, entry?.value, entry ? this.page.liveness.ageS(entry) : NaN);
  }

  /** @param {Entry | undefined} entry */
  #drawExpiry(entry) {
    if (!this.#contract.expiryUs) return;
    const rest = this.#left(entry);
    if (!Number.isNaN(rest)) write(this.#texts.left, left(rest)); // else what the server wrote stands
    write(this.#texts.expiry, this.#zone.dateAndTime(this.#contract.expiryUs));
    write(this.#texts.zone, this.#zone.word);
  }

  /** @param {{element: Element, channel: string, text: Text}} its @param {Entry | undefined} entry */
  #drawAge({ element, channel, text }, entry) {
    const { state, reason } = this.page.liveness.standing(this.listed.venue, entry?.value);
    const word = state === "live" ? "" : STATE_WORDS[/** @type {keyof STATE_WORDS} */ (state)] ?? state;
    const seconds = channel === "interest" ? this.#interestAgeS(entry) : entry ? this.page.liveness.ageS(entry) : NaN;
    write(text, [word, Number.isFinite(seconds) ? age(seconds) : ""].filter(Boolean).join(" "));
    attribute(element, "data-state", state);
    attribute(element, "title", reason || null);
  }

  /** It comes seldom, by a way of its own. @param {Entry | undefined} entry */
  #interestAgeS(entry) {
    const at = entry?.value.ts_open_interest;
    const stamp = entry?.value.ts_exchange || at;
    return entry && at ? this.page.liveness.ageS(entry) + Math.max(0, stamp - at) / 1e6 : NaN;
  }
}
