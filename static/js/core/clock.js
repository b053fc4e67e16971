// @ts-check
/**
 * Time as everything in core takes it, so that tests can turn it.
 * @typedef {object} Clock
 * @property {() => number} now monotonic milliseconds
 * @property {(run: () => void, ms: number) => unknown} later
 * @property {(timer: unknown) => void} cancel
 */

/** @type {Clock} */
export const clock = {
  now: () => performance.now(),
  later: (run, ms) => setTimeout(run, ms),
  cancel: (timer) => clearTimeout(/** @type {number} */ (timer)),
};
