// @ts-check
/** Volatilities by strike, of the side that is out of the money: what is traded, and what a smile is read from. Pure. */
import { insideOf, told } from "./chain.js";
import { estimate } from "./estimates.js";

/**
 * @typedef {{price: string, strike: number, right: string, bid: number | null, ask: number | null, mark: number | null, ours: number | null, live: boolean}} Point in per cent a year
 * @typedef {{low: number, high: number}} Bounds
 */

/** @param {string} name @param {Record<string, any>} value */
function percent(name, value) {
  const text = told(name, value);
  return text === null ? null : Number(text);
}

/**
 * @param {{price: string, options: {right: string, terms: import("./estimates.js").Terms}[]}} line @param {string | null} forward
 * @param {(option: any) => {value: Record<string, any> | undefined, live: boolean}} read @returns {Point | null} null: nothing is known of either side
 */
export function pointOf({ price, options }, forward, read) {
  const inside = insideOf(price, forward);
  const outside = options.find(({ right }) => right !== inside) ?? options[0];
  const { value, live } = outside ? read(outside) : { value: undefined, live: false };
  if (!value) return null;
  const ours = estimate(outside.terms, value).numbers.mark_iv ?? null;
  return { price, strike: Number(price), right: outside.right, bid: percent("bid_iv", value), ask: percent("ask_iv", value), mark: percent("mark_iv", value), ours, live };
}

/** What of volatilities is drawn: all of the marks, and of bids and asks what is not far off. @param {Point[]} points @returns {Bounds | null} */
export function boundsOf(points) {
  const marks = points.flatMap(({ mark, ours }) => [mark, ours]).filter((each) => each !== null);
  if (marks.length === 0) return null;
  const [least, most] = [Math.min(...marks), Math.max(...marks)];
  const room = Math.max(2, (most - least) * 0.25);
  return { low: Math.max(0, least - room), high: most + room };
}

/** Round numbers inside the bounds, about so many. @param {Bounds} bounds @param {number} count */
export function ticks({ low, high }, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? rough;
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) found.push(Number(at.toPrecision(12)));
  return found;
}
