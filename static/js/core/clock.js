// @ts-check
/**
 * Time as everything in core takes it, so that tests can turn it.
 * @typedef {object} Clock
 * @property {() => number} now monotonic milliseconds, those of sleep included
 * @property {(run: () => void, ms: number) => unknown} later
 * @property {(timer: unknown) => void} cancel
 */

/** No wall clock is corrected by more than this between two looks; what it is ahead beyond that was slept. */
const STEP_MS = 1_000;

/**
 * On some systems the monotonic clock of a page stands still while the machine sleeps, and an hour later
 * everything would seem a moment old. A wall clock that somebody sets an hour ahead counts as an hour too: then
 * the page asks once more for what it has, which costs less than a price that looks live.
 * @param {() => number} mono @param {() => number} wall both in milliseconds @returns {() => number}
 */
export function sleepless(mono, wall) {
  let [monoBefore, wallBefore, slept] = [mono(), wall(), 0];
  return () => {
    const [monoNow, wallNow] = [mono(), wall()];
    const missed = wallNow - wallBefore - (monoNow - monoBefore);
    if (missed > STEP_MS) slept += missed;
    [monoBefore, wallBefore] = [monoNow, wallNow];
    return monoNow + slept;
  };
}

/** @type {Clock} */
export const clock = {
  now: sleepless(() => performance.now(), () => Date.now()),
  later: (run, ms) => setTimeout(run, ms),
  cancel: (timer) => clearTimeout(/** @type {number} */ (timer)),
};

/** When the server made this page, by its clock. */
export function madeAt() {
  const made = performance.getEntriesByType("navigation")[0];
  return made instanceof PerformanceNavigationTiming ? made.responseStart : 0;
}
