// @ts-check
/** What of the same asset stands beside an instrument, by the rules of marketdash/instruments/kin.py. Pure. */
import { compare } from "./decimal.js";

/** @typedef {import("../main.js").Listed} Listed */

/** Of an option the same option first; then those with the same quote currency first, contracts after what they are of. @param {Listed} listed @param {Listed[]} all */
export function elsewhere(listed, all) {
  const kin = all.filter((each) => each.asset === listed.asset && each.symbol !== listed.symbol && each.followed && (!strike(each) || sameOption(each, listed)));
  const order = (/** @type {Listed} */ each) => `${strike(each) ? 0 : 1} ${each.quoteAsset === listed.quoteAsset ? 0 : 1} ${each.quoteAsset} ${each.contract ? 1 : 0} ${each.symbol}`;
  return kin.sort((one, other) => (order(one) < order(other) ? -1 : 1));
}

/** Whether a price of the one says something against a price of the other: an option's is no price of the asset. @param {Listed} one @param {Listed} other */
export function comparable(one, other) {
  return one.quote === other.quote && !strike(one) === !strike(other);
}

/** Both are the right to the same thing at the same time; what they are paid in may differ. @param {Listed} one @param {Listed} other */
function sameOption(one, other) {
  if (!strike(one) || !strike(other)) return false;
  const alike = one.contract?.right === other.contract?.right && one.contract?.expiryUs === other.contract?.expiryUs;
  return alike && compare(strike(one), strike(other)) === 0;
}

/** @param {Listed} listed "" of what is no option */
function strike(listed) {
  return listed.contract?.strike ?? "";
}
