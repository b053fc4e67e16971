// @ts-check
/** What several portfolios come to: sums in one currency, and all of them in one, as marketdash/portfolios/valuing makes them. Pure. */
import { sum } from "./decimal.js";
import { sign } from "./format.js";
import { turned } from "./rates.js";

const FIGURES = ["day", "unrealised", "realised", "income", "fees", "funding"];
const NAMES = ["missing", "stale"];

/**
 * `rate` is of one of a currency in the common one; `live`: all of its way is.
 * @typedef {{rate: import("./rates.js").Rate, live: boolean}} Rated
 * @typedef {{value: string, unknown: number, known: number}} Figure
 * @typedef {Record<string, any>} Sums `base`, `total`, a Figure by each name, and the names of what is missing and stale
 */

/** Of portfolios in one currency. @param {Sums[]} values @returns {Sums} */
export function together(values) {
  const count = (/** @type {string} */ name, /** @type {string} */ which) => values.reduce((all, each) => all + each[name][which], 0);
  const figure = (/** @type {string} */ name) => ({ value: sum(values.map((each) => each[name].value)), unknown: count(name, "unknown"), known: count(name, "known") });
  const figures = FIGURES.map((name) => [name, figure(name)]);
  const lists = NAMES.map((name) => [name, both(...values.map((each) => each[name]))]);
  return { base: values[0].base, total: sum(values.map(({ total }) => total)), ...Object.fromEntries([...figures, ...lists]) };
}

/** The other currencies of which a sum is more or less than nothing. @param {Map<string, Sums>} sums of each currency @param {string} base */
export function needed(sums, base) {
  const isMore = (/** @type {Sums} */ each) => [each.total, ...FIGURES.map((name) => each[name].value)].some((value) => sign(value) !== 0);
  return [...sums].filter(([code, each]) => code !== base && isMore(each)).map(([code]) => code);
}

/**
 * All of it in `base`. What no rate leads from is missing there, what one leads from that is not live is stale.
 * @param {Map<string, Sums>} sums of each currency @param {string} base one of them @param {Map<string, Rated>} rates
 * @returns {{whole: Sums, sums: Map<string, Sums>}} those of each currency with what the whole lacks of them
 */
export function overall(sums, base, rates) {
  const asked = needed(sums, base);
  const missing = asked.filter((code) => !rates.has(code));
  const stale = asked.filter((code) => rates.get(code)?.live === false);
  const own = /** @type {Sums} */ (sums.get(base));
  const lacking = { ...own, missing: both(own.missing, missing), stale: both(own.stale, stale) };
  const others = [...sums].filter(([code]) => code !== base).map(([code, each]) => inCurrency(each, base, rates.get(code)?.rate));
  return { whole: together([lacking, ...others]), sums: new Map([...sums, [base, lacking]]) };
}

/** @param {Sums} of @param {string} base @param {import("./rates.js").Rate | undefined} rate @returns {Sums} */
function inCurrency(of, base, rate) {
  const figure = (/** @type {Figure} */ each) => {
    if (sign(each.value) === 0) return each;
    return rate ? { ...each, value: turned(each.value, rate) } : { value: "0", unknown: each.unknown + each.known, known: 0 };
  };
  const figures = FIGURES.map((name) => [name, figure(of[name])]);
  return { ...of, base, total: rate ? turned(of.total, rate) : "0", ...Object.fromEntries(figures) };
}

/** @param {...string[]} lists */
function both(...lists) {
  return [...new Set(lists.flat())].sort();
}
