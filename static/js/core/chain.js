// @ts-check
/** A chain as people read it, to the digit as marketdash/options/lines.py writes it. Pure. */
import { compare, isNumber, subtract } from "./decimal.js";
import { ABSENT } from "./format.js";
import { number, VOLATILITIES } from "./estimates.js";

/**
 * What the server says of an option, of a strike, and of an expiry.
 * @typedef {[symbol: string, slug: string, priceDecimals: number, gone: string]} Side
 * @typedef {[price: string, call: Side | null, put: Side | null]} Strike
 * @typedef {{key: string, day: string, atUs: number, strikes: Strike[]}} Expiry
 * @typedef {{expiry: string, show: string, columns: string, side: string, around: string, smile: string}} Choice
 * @typedef {{venue: string, title: string, inCoin: boolean, magnitude: number, zoneWord: string, choice: Choice, expiries: Expiry[]}} Model
 * @typedef {Record<string, any>} Value
 */

export const RIGHTS = /** @type {const} */ (["call", "put"]);

/** @type {Choice} what nobody chose, and is left out of addresses */
const USUAL = { expiry: "", show: "venue", columns: "quotes", side: "call", around: "", smile: "" };

/** @param {Choice} choice @returns {string} its address */
export function queryOf(choice) {
  const told = Object.entries(choice).filter(([name, value]) => value !== USUAL[/** @type {keyof Choice} */ (name)]);
  return `?${new URLSearchParams(told)}`;
}

/** Digits of a figure, the same down a column. @param {string} name @param {number} magnitude @param {string} show */
export function decimalsOf(name, magnitude, show) {
  if (VOLATILITIES.includes(name)) return show === "difference" ? 2 : 1;
  if (name === "delta") return 3;
  // Venues tell gamma to few digits, and a difference below those is none.
  return Math.min(8, Math.max(1, name === "gamma" ? magnitude + (show === "difference" ? 1 : 2) : 6 - magnitude));
}

/** What the venue says; a volatility of 0 is what venues say where there is no such price. @param {string} name @param {Value} value */
export function told(name, value) {
  const text = value[name];
  return isNumber(text) && !(VOLATILITIES.includes(name) && !/[1-9]/.test(text)) ? text : null;
}

/**
 * @param {import("./format.js").Format} format @param {string} name @param {Value} value
 * @param {import("./estimates.js").Estimate} ours @param {{show: string, magnitude: number}} look
 */
export function figure(format, name, value, ours, { show, magnitude }) {
  const theirs = told(name, value);
  const decimals = decimalsOf(name, magnitude, show);
  if (show === "venue") return format.fixed(theirs, decimals);
  const mine = ours.numbers[name];
  if (mine === undefined) return ABSENT;
  if (show === "ours") return format.fixed(mine.toFixed(decimals), decimals);
  return theirs === null ? ABSENT : format.signed((mine - number(theirs)).toFixed(decimals), decimals);
}

/** What options of one expiry are priced off, by the newest row that says it. @param {Iterable<Value | undefined>} values @returns {string | null} */
export function forwardOf(values) {
  let [newest, found] = [-1, /** @type {string | null} */ (null)];
  for (const value of values) {
    if (!value || !isNumber(value.underlying_price) || (value.ts_exchange ?? 0) <= newest) continue;
    [newest, found] = [value.ts_exchange ?? 0, value.underlying_price];
  }
  return found;
}

/** The place of the strike at the money; -1 while nobody knows. Of two that are as near, the lower. @param {string[]} prices from the lowest @param {string | null} forward */
export function nearest(prices, forward) {
  if (forward === null) return -1;
  const above = prices.findIndex((price) => compare(price, forward) >= 0);
  if (above <= 0) return above < 0 ? prices.length - 1 : 0;
  return compare(subtract(prices[above], forward), subtract(forward, prices[above - 1])) < 0 ? above : above - 1;
}

/** Which of two is in the money. @param {string} price @param {string | null} forward */
export function insideOf(price, forward) {
  return forward === null ? null : compare(price, forward) < 0 ? "call" : "put";
}

/** Places that are kept: the money's and `count` on either side; all where that is 0 or not known. @param {number} length @param {number} middle @param {number} count @returns {[number, number]} */
export function around(length, middle, count) {
  return count === 0 || middle < 0 ? [0, length] : [Math.max(0, middle - count), Math.min(length, middle + count + 1)];
}

/** As a tab says it. @param {number} us */
export function leftIn(us) {
  if (Number.isNaN(us)) return "";
  if (us <= 0) return "expired";
  if (us < 120 * 60e6) return `${Math.floor(us / 60e6)} min`;
  if (us < 48 * 3600e6) return `${Math.floor(us / 3600e6)} h`;
  return `${Math.floor(us / 86_400e6)} d`;
}

/** How many are live, in words; of the others how they are. @param {string[]} states */
export function summed(states) {
  const live = states.filter((state) => state === "live").length;
  if (live === states.length) return `All ${live} live`;
  const others = [...new Set(states)].filter((state) => state !== "live");
  return [`${live} of ${states.length} live`, ...others.map((state) => `${states.filter((each) => each === state).length} ${state}`)].join(", ");
}
