// @ts-check
/** Which length of bars a chart shows first. */

const KEPT = "chart-interval";

/** The tab remembers what was chosen, for each chart of a screen apart. @param {Element} root */
export function keptInterval(root) {
  const kept = Number(sessionStorage.getItem(keyOf(root)));
  return offered(root).includes(kept) ? kept : arranged(root);
}

/** @param {Element} root @param {number} interval */
export function keepInterval(root, interval) {
  sessionStorage.setItem(keyOf(root), String(interval));
}

/** @param {Element} root */
function offered(root) {
  return [...root.querySelectorAll("[data-interval]")].map((button) => Number(button.getAttribute("data-interval")));
}

/** @param {Element} root */
function keyOf(root) {
  const charts = [...document.querySelectorAll('[data-part="chart"]')];
  return `${KEPT}:${charts.indexOf(root)}:${arranged(root)}`;
}

/** As the screen has it. @param {Element} root */
function arranged(root) {
  return Number(root.closest("[data-kind]")?.getAttribute("data-interval") ?? 1);
}
