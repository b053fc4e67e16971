// @ts-check
/** Our own volatilities and greeks of one option, as marketdash/options/estimates.py has them. Floats: estimates. Pure. */
import { black76, discount, greeksOf, implied, toldTheta, YEAR_US } from "./black76.js";
import { isNumber } from "./decimal.js";

export const VOLATILITIES = ["bid_iv", "ask_iv", "mark_iv"];
export const GREEKS = ["delta", "gamma", "vega", "theta", "rho"];
export const FIGURES = [...VOLATILITIES, ...GREEKS];
/** @type {Record<string, string>} */
const PRICES = { bid_iv: "bid", ask_iv: "ask", mark_iv: "mark" };

/**
 * @typedef {{right: string, strike: string, expiryUs: number, inCoin: boolean}} Terms of an option; `inCoin`: it is paid in its base
 * @typedef {{numbers: Record<string, number>, reasons: Record<string, string>}} Estimate volatilities in per cent; why not, of the rest
 */

/** @type {Estimate} */
export const NONE = { numbers: {}, reasons: {} };

/** @param {unknown} text */
export const number = (text) => (isNumber(text) ? Number(text) : 0);

/** By the row's own time, price of the underlying and rate. @param {Terms} option @param {Record<string, any>} value @returns {Estimate} */
export function estimate({ right, strike, expiryUs, inCoin }, value) {
  const stamp = value.ts_exchange || value.ts_received;
  if (!stamp) return { numbers: {}, reasons: Object.fromEntries(FIGURES.map((name) => [name, "nothing was told yet"])) };
  const forward = number(value.underlying_price);
  const terms = { right, strike: number(strike), years: (expiryUs - stamp) / YEAR_US, rate: number(value.rate) };
  /** @type {Estimate} */
  const found = { numbers: {}, reasons: {} };
  for (const name of VOLATILITIES) {
    const { volatility, reason } = implied(number(value[PRICES[name]]) * (inCoin ? forward : 1), forward, terms);
    if (volatility === null) found.reasons[name] = reason;
    else found.numbers[name] = volatility * 100;
  }
  const volatility = found.numbers.mark_iv;
  if (volatility === undefined) for (const name of GREEKS) found.reasons[name] = `of the mark: ${found.reasons.mark_iv}`;
  else Object.assign(found.numbers, greeks(forward, terms, volatility / 100));
  return found;
}

/** @param {number} forward @param {import("./black76.js").Terms} terms @param {number} volatility */
function greeks(forward, terms, volatility) {
  const found = greeksOf(forward * discount(terms), terms, volatility);
  return { ...found, theta: toldTheta(found.theta, terms.years, black76(forward, terms, volatility)) };
}
