// @ts-check
/** How panels are arranged, as the server writes it: the same law as marketdash/dashboards/screens.py. Pure. */

export const PAGE = "page";
export const GROUPS = ["a", "b", "c"];
const USUAL = { w: 8, h: 10 };

/**
 * @typedef {{x: number, y: number, w: number, h: number}} Place
 * @typedef {Place & {kind: string, follows?: string, interval?: number}} Panel
 * @typedef {{panels: Panel[], groups?: Record<string, string>}} Screen
 */

/** @param {Place} one @param {Place} other */
export function meets(one, other) {
  return one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h;
}

/** By rows, then from the left: also the one column of a phone. @template {Place} T @param {T[]} panels @returns {T[]} */
export function inOrder(panels) {
  return [...panels].sort((one, other) => one.y - other.y || one.x - other.x);
}

/** What is usual is left out, groups that nobody follows too: equal screens have equal texts. @param {Screen} screen @returns {string} */
export function textOf({ panels, groups = {} }) {
  const shown = inOrder(panels).map(({ kind, x, y, w, h, follows = PAGE, interval = 1 }) => ({
    kind, x, y, w, h, ...(follows === PAGE ? {} : { follows }), ...(interval === 1 || kind !== "chart" ? {} : { interval }),
  }));
  const used = GROUPS.filter((group) => groups[group] && panels.some(({ follows }) => follows === group));
  const named = Object.fromEntries(used.map((group) => [group, groups[group]]));
  return JSON.stringify({ panels: shown, ...(used.length ? { groups: named } : {}) });
}

/** @param {string} text @returns {Screen} */
export function screenOf(text) {
  return JSON.parse(text);
}

/** Whose values a panel shows. @param {Screen} screen @param {Panel} panel @param {string} page the page's own instrument */
export function symbolOf({ groups = {} }, { follows = PAGE }, page) {
  return follows === PAGE ? page : groups[follows] ?? follows;
}

/** Its name in marks and badges: of the page, of a group, or of one instrument alone. @param {string} [follows] */
export function groupOf(follows = PAGE) {
  return follows.includes(":") ? "own" : follows;
}

/** Instruments that a screen shows whatever the page is. @param {Screen} screen */
export function names(screen) {
  return [...new Set(screen.panels.filter(({ follows = PAGE }) => follows !== PAGE).map((panel) => symbolOf(screen, panel, "")))];
}

/**
 * The first free place from the top, from the left.
 * @param {Place[]} taken @param {{w: number, h: number}} size @param {{columns: number, rows: number}} bounds @returns {Place | null}
 */
export function freePlace(taken, { w, h }, { columns, rows }) {
  for (let y = 0; y + h <= rows; y += 1) {
    for (let x = 0; x + w <= columns; x += 1) {
      const place = { x, y, w, h };
      if (!taken.some((each) => meets(each, place))) return place;
    }
  }
  return null;
}

/** Where a new panel goes, as it is usual or else at its least. @param {Place[]} taken @param {{min_w: number, min_h: number}} kind @param {{columns: number, rows: number}} bounds */
export function roomFor(taken, { min_w, min_h }, bounds) {
  const usual = { w: Math.max(USUAL.w, min_w), h: Math.max(USUAL.h, min_h) };
  return freePlace(taken, usual, bounds) ?? freePlace(taken, { w: min_w, h: min_h }, bounds);
}

/** Another instrument for a group, or for one panel alone. @param {Screen} screen @param {number} at @param {string} follows @returns {Screen} */
export function following(screen, at, follows) {
  return { ...screen, panels: screen.panels.map((panel, place) => (place === at ? { ...panel, follows } : panel)) };
}

/** @param {Screen} screen @param {string} group @param {string} symbol @returns {Screen} */
export function regrouped(screen, group, symbol) {
  return { ...screen, groups: { ...screen.groups, [group]: symbol } };
}
