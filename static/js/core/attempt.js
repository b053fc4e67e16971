// @ts-check
/** What fails here stops nothing else: its error goes where uncaught ones go, to the console and to who listens for them. */

/** @template {any[]} T @param {(...given: T) => void} work @param {T} given @returns {boolean} whether it was done */
export function attempt(work, ...given) {
  try {
    work(...given);
    return true;
  } catch (error) {
    if (typeof reportError === "function") reportError(error);
    else console.error(error);
    return false;
  }
}
