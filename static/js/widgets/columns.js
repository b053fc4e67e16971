// @ts-check
/** What each column of the markets list is ordered by. For order only: nothing here is shown. Pure. */
import { turnover } from "../core/contract.js";
import { sign } from "../core/format.js";
import { priceOf } from "../core/price.js";

/**
 * @typedef {import("../main.js").Listed} Listed
 * @typedef {import("../core/merge.js").Value} Value
 * @typedef {{listed: Listed, value: Value | undefined, state: string, ageS: number}} Facts
 */

const DOLLARS = new Set(["USD", "USDT", "USDC"]);
const STATES = ["live", "syncing", "closed", "stale", "halted", "down", "delisted", "off"];
/** Columns in which the small or the early comes first when they are chosen. */
const ASCENDING = new Set(["place", "name", "venue", "spread", "state", "age"]);

/** @param {unknown} text @returns {number} NaN where there is none */
const number = (text) => (text === undefined || text === "" ? NaN : Number(text));

/** Of contracts exactly, because their sizes are not the base's; of the many others as fast as can be. @param {Listed} listed @param {Value | undefined} value */
const traded = (listed, value) => (listed.contract?.counted ? number(turnover(listed, value ?? {})) : number(value?.volume) * number(value?.last));

/** @type {Record<string, (facts: Facts, dollars: Map<string, number>) => number | string>} */
const KEYS = {
  place: ({ listed }) => listed.place,
  name: ({ listed }) => `${listed.base} ${listed.quote} ${listed.contract?.short ?? ""}`,
  venue: ({ listed }) => `${listed.venueTitle} ${listed.base}`,
  last: ({ listed, value }) => number(priceOf(listed, value)),
  change: ({ value }) => number(value?.change_pct),
  bid: ({ value }) => number(value?.bid),
  ask: ({ value }) => number(value?.ask),
  spread: ({ value }) => (number(value?.ask) - number(value?.bid)) / (number(value?.ask) + number(value?.bid)),
  volume: ({ listed, value }, dollars) => traded(listed, value) * (dollars.get(listed.quote) ?? 1),
  state: ({ state }) => STATES.indexOf(state),
  age: ({ ageS }) => ageS,
};

/** @param {string} column @returns {1 | -1} */
export function usualDirection(column) {
  return ASCENDING.has(column) ? 1 : -1;
}

/** @param {string} column */
export function isColumn(column) {
  return Object.hasOwn(KEYS, column);
}

/** How many dollars a quote currency is, as far as the list has its rates. @param {Facts[]} all */
export function dollarRates(all) {
  const rates = new Map([...DOLLARS].map((code) => [code, 1]));
  for (const { listed, value } of all) {
    const price = priceOf(listed, value);
    if (!sign(price)) continue;
    if (DOLLARS.has(listed.quote) && !rates.has(listed.base)) rates.set(listed.base, Number(price));
    else if (DOLLARS.has(listed.base) && !rates.has(listed.quote)) rates.set(listed.quote, 1 / Number(price));
  }
  return rates;
}

/**
 * The unknown comes last whatever the direction; equals are ordered by name, so that they stay put.
 * @template {Facts} T @param {T[]} all @param {string} column @param {1 | -1} direction @returns {T[]}
 */
export function sorted(all, column, direction) {
  const key = KEYS[column];
  const dollars = column === "volume" ? dollarRates(all) : new Map();
  const keyed = all.map((facts) => ({ facts, key: key(facts, dollars) }));
  keyed.sort((a, b) => order(a.key, b.key, direction) || (a.facts.listed.symbol < b.facts.listed.symbol ? -1 : 1));
  return keyed.map(({ facts }) => facts);
}

/** @param {number | string} a @param {number | string} b @param {1 | -1} direction */
function order(a, b, direction) {
  const [noA, noB] = [Number.isNaN(a), Number.isNaN(b)];
  if (noA || noB) return Number(noA) - Number(noB);
  return a < b ? -direction : a > b ? direction : 0;
}
