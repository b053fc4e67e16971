// @ts-check
/** Arranging by keys: what has the focus by its name is moved and sized, and everything in the toolbar has a key. */

const STEPS = { left: { x: -1 }, right: { x: 1 }, up: { y: -1 }, down: { y: 1 } };
const SIZES = { narrower: { w: -1 }, wider: { w: 1 }, lower: { h: -1 }, higher: { h: 1 } };

/**
 * @typedef {object} Acts
 * @property {(place: HTMLElement, by: Partial<import("../core/screen.js").Place>) => void} nudge
 * @property {(place: HTMLElement) => void} ask whose values it shows
 * @property {(place: HTMLElement) => void} hide
 * @property {(drop: string) => void} open a menu of the toolbar
 * @property {() => void} undo
 * @property {() => void} end
 */

/** @param {import("./keys.js").Keys} keys @param {Acts} acts @returns {(() => void)[]} each stops one */
export function arrangeByKeys(keys, { nudge, ask, hide, open, undo, end }) {
  const held = (/** @type {(place: HTMLElement) => void} */ act) => () => {
    const place = document.activeElement?.closest(".place");
    return place instanceof HTMLElement ? act(place) : false;
  };
  const named = (/** @type {(place: HTMLElement) => void} */ act) => () => (document.activeElement?.matches(".hold") ? held(act)() : false);
  return [
    ...Object.entries(STEPS).map(([way, by]) => keys.on(`move-${way}`, named((place) => nudge(place, by)))),
    ...Object.entries(SIZES).map(([way, by]) => keys.on(`size-${way}`, named((place) => nudge(place, by)))),
    keys.on("add-panel", () => open("add")),
    keys.on("screens", () => open("screens")),
    keys.on("undo", undo),
    keys.on("follow", held(ask)),
    keys.on("hide-panel", held(hide)),
    keys.on("close", end),
  ];
}
