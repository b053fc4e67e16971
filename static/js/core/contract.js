// @ts-check
/** What a perpetual or a future stands at, to the digit as marketdash/instruments/contracts.py works it out. Pure. */
import { isNumber, multiply, parse, ratio, subtract, text } from "./decimal.js";
import { sign } from "./format.js";

/**
 * What a page is told of one that is a contract.
 * @typedef {object} Contract
 * @property {string[]} channels that it has beside those of everything
 * @property {string} words what it is
 * @property {string} size
 * @property {boolean} inverse
 * @property {boolean} counted whether its quantities are contracts, not units of the base
 * @property {string} short its kind in a list, or of futures the day
 * @property {number} expiryUs 0: none
 * @property {boolean} continuous whether funding is paid all the time, so that there is no next time
 * @property {boolean} sampled whether its venue tells only some of its liquidations
 * @property {string} [strike] of an option alone, as the rest
 * @property {string} [right] call or put
 * @property {boolean} [inCoin] whether its prices are units of its base
 * @property {string} [chain] the address of its chain
 *
 * @typedef {{base: string, quote: string, contract?: Contract}} Named
 */

export const YEAR_DAYS = 365;
const DAY_US = 86_400_000_000;
const PERCENT_DECIMALS = 3;

/** What sizes of its orders and trades count. @param {Named} listed */
export function unitOf({ base, quote, contract }) {
  if (contract?.inverse && contract.size === "1") return quote;
  return contract?.counted ? "contracts" : base;
}

/** What stands behind the base: nothing where it is priced in itself, as an option in coin. @param {Named} listed */
export const behind = ({ base, quote }) => (quote === base ? "" : `/${quote}`);

/** What an open interest counts. @param {Named} listed @param {string | undefined} unit */
export function countedIn({ base, quote }, unit) {
  return /** @type {Record<string, string>} */ ({ base, quote, contracts: "contracts" })[unit ?? ""] ?? "";
}

/** 24 hours in the quote currency. @param {Named} listed @param {{volume?: string, last?: string}} value */
export function turnover({ contract }, { volume, last }) {
  if (!isNumber(volume)) return undefined;
  const units = contract?.counted ? multiply(volume, contract.size) : volume;
  if (contract?.counted && contract.inverse) return units;
  return isNumber(last) ? multiply(units, last) : undefined;
}

/** Mark less index. @param {unknown} mark @param {unknown} index @returns {string | null} */
export function premium(mark, index) {
  return isNumber(mark) && isNumber(index) ? subtract(mark, index) : null;
}

/** In per cent of the index. @param {string | null} basis @param {unknown} index @returns {string | null} */
export function share(basis, index) {
  return basis === null || !isNumber(index) ? null : ratio(basis, index, PERCENT_DECIMALS, 100n);
}

/**
 * The share for 365 days, not compounded; nothing on the last day, when it says nothing any more.
 * @param {string | null} basis @param {unknown} index @param {number} leftUs @returns {string | null}
 */
export function yearly(basis, index, leftUs) {
  if (basis === null || !isNumber(index) || !(leftUs >= DAY_US)) return null;
  return ratio(basis, multiply(index, String(Math.floor(leftUs))), PERCENT_DECIMALS, 100n * BigInt(YEAR_DAYS * DAY_US));
}

/** A fraction in per cent, exact. @param {unknown} rate @returns {string | null} */
export function hundredfold(rate) {
  if (!isNumber(rate)) return null;
  const { units, scale } = parse(rate);
  return scale >= 2 ? text({ units, scale: scale - 2 }) : text({ units: units * 10n ** BigInt(2 - scale), scale: 0 });
}

/** Who pays whom. @param {unknown} rate */
export function payer(rate) {
  if (!isNumber(rate)) return "";
  const way = sign(rate);
  return way === 0 ? "nobody pays" : way > 0 ? "longs pay" : "shorts pay";
}

/**
 * How long it is to a time of the venue's, by the venue's own clock: its last stamp, and what has passed since on
 * the page's. A visitor's wall clock may be an hour off.
 * @param {number | undefined} us @param {Record<string, any> | undefined} value @param {number} ageS @returns {number} microseconds; NaN: not known
 */
export function remaining(us, value, ageS) {
  const stamp = value?.ts_exchange || value?.ts_received;
  return us && stamp ? us - stamp - ageS * 1e6 : NaN;
}

/** 3:12:04. @param {number} us */
export function countdown(us) {
  if (Number.isNaN(us)) return "–";
  if (us <= 0) return "due";
  const seconds = Math.ceil(us / 1e6);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return `${h}:${String(m).padStart(2, "0")}:${String(s).padStart(2, "0")}`;
}

/** The same for ears: another text once a minute. @param {number} us */
export function spoken(us) {
  if (Number.isNaN(us)) return "not known";
  if (us <= 0) return "due";
  const minutes = Math.ceil(us / 60e6);
  const [h, m] = [Math.floor(minutes / 60), minutes % 60];
  return `in ${h ? `${h} h ` : ""}${m} min`;
}

/** in 30 days, in 31 h, in 12 min, expired. @param {number} us */
export function left(us) {
  if (Number.isNaN(us)) return "";
  if (us <= 0) return "expired";
  if (us < 120 * 60e6) return `in ${Math.floor(us / 60e6)} min`;
  if (us < 48 * 3600e6) return `in ${Math.floor(us / 3600e6)} h`;
  return `in ${Math.floor(us / DAY_US)} days`;
}
