// @ts-check
/** The bars of one chart: live ones at the end, pages of stored ones before them, no time twice. Pure. */

/** @typedef {import("./merge.js").Value} Bar */

export class BarSeries {
  #lengthUs;
  /** @type {Bar[]} oldest first; not to be changed by readers */
  bars = [];
  #told = 0;

  /** @param {number} minutes of one bar */
  constructor(minutes) {
    this.#lengthUs = minutes * 60e6;
  }

  /** Put the live bars over what is held. What they no longer carry stays, as long as they do not become fewer. @param {Bar[]} live oldest first */
  join(live) {
    if (live.length === 0) return;
    const from = live[0].ts;
    const last = this.bars.at(-1);
    // The page slept for longer than the live bars reach back: what is between them is unknown, so it is asked for.
    const apart = last !== undefined && last.ts < from - this.#lengthUs;
    // None is ever taken back: fewer of them say that some were not told, on a slow line.
    const holed = live.length < this.#told;
    this.#told = live.length;
    const kept = apart || holed ? [] : this.bars.slice(0, firstFrom(this.bars, from));
    this.bars = kept.concat(live);
  }

  /** Put a page before what is held. @param {Bar[]} page oldest first */
  prepend(page) {
    const from = this.bars[0]?.ts ?? Infinity;
    const older = page.filter(({ ts }) => ts < from);
    if (older.length > 0) this.bars = older.concat(this.bars);
  }
}

/** The index of the first bar that starts at `ts` or later. @param {Bar[]} bars @param {number} ts */
function firstFrom(bars, ts) {
  let [low, high] = [0, bars.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bars[middle].ts < ts) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Where two lists of bars begin to differ, `drawn.length` when only new ones follow. 0 when all is another, and
 * when one is at another's place: a minute that was missed came later, and is between two that were drawn.
 * @param {Bar[]} drawn @param {Bar[]} bars
 */
export function differsFrom(drawn, bars) {
  if (drawn.length === 0 || bars.length < drawn.length || bars[0].ts !== drawn[0].ts) return 0;
  const at = drawn.findIndex((bar, index) => bar !== bars[index]);
  if (at === -1) return drawn.length;
  return drawn.slice(at).every(({ ts }, index) => ts === bars[at + index].ts) ? at : 0;
}
