// @ts-check
/** Which bars of a chart one's own trades fall into. */

/**
 * @typedef {{ts: number, up: boolean, words: string}} Trade in microseconds; `up`: bought
 * @typedef {{ts: number}} Bar by its start
 */

/** Place of the bar that a time falls into; -1 where none is loaded. @param {Bar[]} bars oldest first @param {number} us @param {number} minutes */
export function placeOf(bars, us, minutes) {
  let [low, high] = [0, bars.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bars[middle].ts <= us) low = middle + 1;
    else high = middle;
  }
  return low > 0 && us < bars[low - 1].ts + minutes * 60e6 ? low - 1 : -1;
}

/**
 * One mark for all that was bought in a bar, one for all that was sold; and the words of all of them, by the start of their bar.
 * @param {Trade[]} trades oldest first @param {Bar[]} bars @param {number} minutes
 * @returns {{marks: {ts: number, up: boolean}[], words: Map<number, string[]>}}
 */
export function marked(trades, bars, minutes) {
  const words = new Map();
  /** @type {Map<string, {ts: number, up: boolean}>} */
  const marks = new Map();
  for (const trade of trades) {
    const place = placeOf(bars, trade.ts, minutes);
    if (place < 0) continue;
    const { ts } = bars[place];
    words.set(ts, [...(words.get(ts) ?? []), trade.words]);
    marks.set(`${ts} ${trade.up}`, { ts, up: trade.up });
  }
  return { marks: [...marks.values()].sort((one, other) => one.ts - other.ts), words };
}
