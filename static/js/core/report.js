// @ts-check
/** An error that must stop nothing else goes where uncaught ones go: to the console, and to who listens for them. */

/** @param {unknown} error */
export function report(error) {
  if (typeof reportError === "function") reportError(error);
  else console.error(error);
}
