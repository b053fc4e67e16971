// @ts-check
/** A market against indexes of the same pair, to the digit as marketdash/instruments/oracles.py works it out. Pure. */
import { premium } from "./contract.js";
import { half, isNumber, ratio } from "./decimal.js";

/** What has a price of its base in its quote. */
const KINDS = ["spot", "forex", "equity", "perpetual", "future"];

/** @typedef {{kind: string, base: string, quote: string, asset: string, quoteAsset: string}} Pair */

/** Whether `other` is an index of what `listed` has a price of, in the same currency: a tether is not a dollar. @param {Pair} listed @param {Pair} other */
export function compares(listed, other) {
  return KINDS.includes(listed.kind) && other.kind === "index" && other.asset === listed.asset && other.quoteAsset === listed.quoteAsset;
}

/** What is not compared, and why. @param {Pair} listed @param {Pair[]} others @returns {string} */
export function unlike(listed, others) {
  if (!KINDS.includes(listed.kind)) return `An ${listed.kind} is held against no index here.`;
  const indexes = others.filter(({ kind, asset }) => kind === "index" && asset === listed.asset);
  const strange = [...new Set(indexes.filter(({ quoteAsset }) => quoteAsset !== listed.quoteAsset).map(({ quote }) => quote))].sort();
  const said = [];
  if (!indexes.some((each) => compares(listed, each))) said.push(`No index of ${listed.base}/${listed.quote} is followed.`);
  if (strange.length) said.push(`Indexes in ${strange.join(", ")} are not compared: ${listed.quote} is another currency.`);
  return said.join(" ");
}

/** Between the best bid and the best ask. @param {{bid?: unknown, ask?: unknown} | undefined} value @returns {string | null} */
export function middle(value) {
  return isNumber(value?.bid) && isNumber(value?.ask) ? half(value.bid, value.ask) : null;
}

/** The market less the index. @param {unknown} mid @param {unknown} price */
export const off = premium;

/** How many times its confidence the market is away from an index; signed. @param {string | null} difference @param {unknown} confidence @returns {string | null} */
export function multiple(difference, confidence) {
  return difference === null || !isNumber(confidence) ? null : ratio(difference, confidence, 1);
}

/** Confidence in hundredths of a per cent of the index. @param {unknown} confidence @param {unknown} price @returns {string | null} */
export function bps(confidence, price) {
  return isNumber(confidence) && isNumber(price) ? ratio(confidence, price, 2, 10_000n) : null;
}

/** How long ago its venue published it: what it took to us, and what has passed since. @param {{ts_exchange?: number, ts_received?: number} | undefined} value @param {number} ageS @returns {number} seconds; NaN: not known */
export function publishedS(value, ageS) {
  const { ts_exchange: at, ts_received: received } = value ?? {};
  return at && received ? ageS + Math.max(0, received - at) / 1e6 : NaN;
}
