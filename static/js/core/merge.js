// @ts-check
/** What a row makes of a value, channel by channel; `tests/contract/README.md` has the rules. Pure. */
import { compare } from "./decimal.js";

/** @typedef {Record<string, any>} Value */
/** @typedef {[string, string]} Level */

export const KEPT_TRADES = 200;
export const KEPT_BARS = 500;
const ENVELOPE = new Set(["symbol", "id", "epoch", "prev", "seq", "age_us", "hi", "lo", "skipped"]);

/** @type {Record<string, (old: any[], changes: any[]) => any[]>} */
const LISTS = {
  bids: (old, changes) => levels(old, changes, -1),
  asks: (old, changes) => levels(old, changes, 1),
  trades: log,
  liquidations: log,
  bars,
  topics: (old, changes) => items(old, changes, ({ topic }) => topic),
  holdings: (old, changes) => items(old, changes, ({ asset }) => asset),
  positions: (old, changes) => items(old, changes, ({ name, account, nth }) => `${account ?? nth} ${name}`),
};

/** @param {Value} old `{}` for a snapshot @param {Value} row @returns {Value} a new object */
export function merged(old, row) {
  const value = { ...old };
  for (const name in row) {
    if (ENVELOPE.has(name)) continue;
    value[name] = name in LISTS ? LISTS[name](known(old, row, name), row[name]) : row[name];
  }
  if (row.state !== undefined && row.reason === undefined) value.reason = "";
  return value;
}

/** What is known of a list. Bars before those that were not told may have holes. @param {Value} old @param {Value} row @param {string} name @returns {any[]} */
function known(old, row, name) {
  const items = old[name] ?? [];
  return name === "bars" && row.skipped ? items.filter((/** @type {Value} */ { ts }) => ts >= row.bars[0].ts) : items;
}

/** A book in another state than live has no levels. @param {Value} value */
export function withoutLevels(value) {
  const { bids, asks, ...rest } = value;
  return rest;
}

/** @param {Level[]} old @param {Level[]} changes @param {1 | -1} direction @returns {Level[]} */
function levels(old, changes, direction) {
  const left = new Map(old);
  for (const [price, qty] of changes) {
    if (qty === "0") left.delete(price);
    else left.set(price, qty);
  }
  return [...left].sort((a, b) => direction * compare(a[0], b[0]));
}

/** @param {any[]} old @param {any[]} fresh */
function log(old, fresh) {
  return old.concat(fresh).slice(-KEPT_TRADES);
}

/** Of each item the fields that came last. @param {Value[]} old @param {Value[]} changes @param {(item: Value) => string} keyOf */
function items(old, changes, keyOf) {
  const byKey = new Map(old.map((item) => [keyOf(item), item]));
  for (const item of changes) byKey.set(keyOf(item), { ...byKey.get(keyOf(item)), ...item });
  return [...byKey.values()];
}

/** The running bar changes many times a second, so the usual case is the cheap one. */
/** @param {Value[]} old @param {Value[]} changes */
function bars(old, changes) {
  const last = old.at(-1);
  if (last && changes.length === 1 && changes[0].ts === last.ts) return [...old.slice(0, -1), changes[0]];
  const byStart = new Map([...old, ...changes].map((bar) => [bar.ts, bar]));
  return [...byStart.values()].sort((a, b) => a.ts - b.ts).slice(-KEPT_BARS);
}
