// @ts-check
/** What one of a currency is in another along a path of markets, as marketdash/portfolios/valuing/valuation.py makes it. Pure. */
import { compare, half, isNumber, multiply, share } from "./decimal.js";
import { sign } from "./format.js";

/**
 * One market on the way: its price when the page was served multiplies where it is read `forward`, else it divides.
 * @typedef {{market: string, forward: boolean, price: string, live: boolean}} Step
 * @typedef {{path: string, steps: Step[]}} Path
 * @typedef {{over: string, under: string}} Rate a quotient, rounded with what is turned by it alone
 */

/** The middle where both sides are there and do not cross, else the last price. @param {{bid?: unknown, ask?: unknown, last?: unknown} | undefined} value @returns {string | null} */
export function rateOf(value) {
  const [bid, ask, last] = [value?.bid, value?.ask, value?.last];
  if (isPrice(bid) && isPrice(ask) && compare(bid, ask) <= 0) return half(bid, ask);
  return isPrice(last) ? last : null;
}

/** @param {unknown} text @returns {text is string} */
function isPrice(text) {
  return isNumber(text) && sign(text) > 0;
}

/** @param {Step[]} steps @param {(step: Step) => string} priceOf @returns {Rate} */
export function along(steps, priceOf) {
  const product = (/** @type {boolean} */ forward) => steps.filter((step) => step.forward === forward).map(priceOf).reduce(multiply, "1");
  return { over: product(true), under: product(false) };
}

/** @param {string} amount @param {Rate} rate */
export function turned(amount, { over, under }) {
  return share(amount, over, under);
}
