// @ts-check
/** The one total over portfolios in several currencies: moves with what they are worth and with the rates between their currencies. */
import { sum } from "../core/decimal.js";
import { attribute, required, textOf, write } from "../core/dom.js";
import { age, sign } from "../core/format.js";
import { along, rateOf, turned } from "../core/rates.js";
import { lacking } from "./portfoliolacks.js";
import { phrase } from "./portfolioreasons.js";

/** @typedef {import("../core/merge.js").Value} Value */
/** @typedef {import("../core/rates.js").Path} Path */
/**
 * `closed`: a market of it had no live price when the page was served, and none came since: words and price stand.
 * @typedef {{rate: import("../core/rates.js").Rate, live: boolean, why: string, ageS: number, closed: boolean}} Found
 */

const ONE = { over: "1", under: "1" };

export class OverallTotal {
  markets;
  #page;
  #base;
  #places;
  #total;
  #partial;
  #lacks;
  /** @type {Record<string, Path>} */
  #paths;
  /** @type {Map<string, Text>} */
  #words;

  /** @param {Element} row @param {Element} rates the paths as JSON @param {import("../main.js").Page} page */
  constructor(row, rates, page) {
    this.#page = page;
    this.#base = row.getAttribute("data-overall") ?? "";
    this.#places = Number(row.getAttribute("data-places"));
    this.#total = required(row, '[data-sum="total"]');
    this.#partial = required(row, "[data-partial]");
    this.#lacks = required(row, "[data-lacks]");
    this.#paths = JSON.parse(rates.textContent ?? "{}");
    this.#words = new Map([...row.querySelectorAll("[data-rate]")].map((each) => [each.getAttribute("data-rate") ?? "", textOf(each)]));
    this.markets = [...new Set(Object.values(this.#paths).flatMap(({ steps }) => steps.map(({ market }) => market)))];
  }

  /** @param {Map<string, Value>} sums of each currency @param {ReturnType<typeof import("../core/money.js").moneyIn>} money @returns {boolean} whether all of it is live */
  draw(sums, money) {
    const found = new Map(Object.entries(this.#paths).map(([code, path]) => [code, this.#found(path)]));
    if ([...found.values()].includes(null)) return false;
    const known = /** @type {Map<string, Found>} */ (found);
    for (const [code, each] of known) this.#say(code, each, money);
    const needed = [...sums.keys()].filter((code) => code !== this.#base && sign(sums.get(code)?.total) !== 0);
    const rateOfOne = (/** @type {string} */ code) => (code === this.#base ? ONE : /** @type {Found} */ (known.get(code)).rate);
    const missing = needed.filter((code) => !known.has(code));
    const stale = needed.filter((code) => known.get(code)?.live === false);
    const worths = [this.#base, ...needed].filter((code) => !missing.includes(code)).map((code) => turned(sums.get(code)?.total, rateOfOne(code)));
    const { text, exact } = money.money(turned(sum(worths), ONE), this.#places);
    write(textOf(this.#total), text);
    attribute(this.#total, "title", exact || null);
    this.#drawPartial(sums, missing, stale);
    return missing.length === 0 && stale.length === 0;
  }

  /** Seen from this page; null while a market that was live is not heard yet. @param {Path} path @returns {Found | null} */
  #found({ steps }) {
    const heard = steps.map((step) => ({ step, entry: this.#page.store.get({ channel: "ticker", symbol: step.market }) }));
    if (heard.some(({ step, entry }) => step.live && entry === undefined)) return null;
    const standings = heard.map(({ step, entry }) => (entry ? this.#standing(step.market, entry.value) : { state: "stale" }));
    const worst = standings.find(({ state }) => state !== "live");
    const rate = along(steps, (step) => rateOf(heard.find((each) => each.step === step)?.entry?.value) ?? step.price);
    const ages = heard.map(({ entry }) => (entry ? this.#page.liveness.ageS(entry) : NaN));
    return { rate, live: !worst, why: worst ? phrase(worst) : "", ageS: Math.max(...ages), closed: heard.some(({ entry }) => !entry) };
  }

  /** @param {string} market @param {Value} value */
  #standing(market, value) {
    const found = this.#page.liveness.standing(market.slice(0, market.indexOf(":")), value);
    return found.state === "live" && rateOf(value) === null ? { state: "stale" } : found;
  }

  /** @param {string} code @param {Found} found @param {ReturnType<typeof import("../core/money.js").moneyIn>} money */
  #say(code, { rate, why, ageS, closed }, money) {
    const words = this.#words.get(code);
    if (!words || closed) return;
    write(words, `1 ${code} = ${money.unit(turned("1", rate)).text} ${this.#base}, ${this.#paths[code].path}, ${why && `${why}, `}${age(ageS)}`);
  }

  /** @param {Map<string, Value>} sums @param {string[]} missing @param {string[]} stale */
  #drawPartial(sums, missing, stale) {
    const parts = [...sums.keys()].sort().flatMap((code) => {
      const { missing: gone, stale: old } = /** @type {Value} */ (sums.get(code));
      const [more, older] = code === this.#base ? [missing, stale] : [[], []];
      return lacking({ base: code, missing: both(gone, more), stale: both(old, older) });
    });
    this.#partial.toggleAttribute("hidden", parts.length === 0);
    write(textOf(this.#lacks), parts.length > 0 ? `Not the whole: ${parts.join("; ")}.` : "");
    this.#lacks.toggleAttribute("hidden", parts.length === 0);
  }
}

/** @param {string[]} one @param {string[]} other */
function both(one, other) {
  return [...new Set([...one, ...other])].sort();
}
