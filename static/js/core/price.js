// @ts-check
/** What stands as the price of a market, as marketdash/instruments/lines.py chooses it. Pure. */
import { half, isNumber } from "./decimal.js";

/** @typedef {{untold: string[], priceDecimals: number}} Priced */

/** Whether its venue tells no last trade, so that the middle of bid and ask stands for it. @param {{untold?: string[]}} listed */
export const isMiddle = ({ untold = [] }) => untold.includes("last");

/**
 * The last trade, or the middle, exact. Without both quotes a dealer's last stored close, which is of the middle too.
 * @param {{untold?: string[]}} listed @param {{bid?: unknown, ask?: unknown, last?: string} | undefined} value @returns {string | undefined}
 */
export function priceOf(listed, value) {
  if (!isMiddle(listed) || !isNumber(value?.bid) || !isNumber(value?.ask)) return value?.last;
  return half(value.bid, value.ask);
}

/** Digits behind the point, always as many: half of a tick is one more. @param {Priced} listed */
export const priceDigits = (listed) => listed.priceDecimals + (isMiddle(listed) ? 1 : 0);
