// @ts-check
/** The strip above each panel while somebody arranges: its name to hold it by, whose values it shows, and away with it. */
import { attribute, required, textOf, write } from "../core/dom.js";
import { groupOf, PAGE, symbolOf } from "../core/screen.js";

/** @typedef {import("../core/screen.js").Screen} Screen */

/** @param {HTMLElement[]} places in the order of the screen's panels @param {Screen} screen @param {string} page the page's own instrument */
export function addStrips(places, screen, page) {
  places.forEach((place, at) => {
    const strip = place.querySelector(":scope > .strip") ?? made(place);
    const { follows = PAGE } = screen.panels[at];
    const group = groupOf(follows);
    const badge = required(strip, ".group");
    attribute(badge, "data-group", group);
    write(textOf(badge), group.length === 1 ? group.toUpperCase() : "");
    const symbol = symbolOf(screen, screen.panels[at], page);
    write(textOf(required(strip, "[data-whose-name]")), follows === PAGE ? "Page" : symbol);
    const title = place.dataset.title ?? "";
    attribute(required(strip, "[data-follow]"), "aria-label", `${title} follows ${follows === PAGE ? "the page" : symbol}: choose`);
  });
}

/** @param {HTMLElement[]} places */
export function removeStrips(places) {
  for (const place of places) place.querySelector(":scope > .strip")?.remove();
}

/** @param {HTMLElement} place */
function made(place) {
  const model = /** @type {HTMLTemplateElement} */ (required(document, 'template[data-blank="strip"]'));
  const strip = required(/** @type {DocumentFragment} */ (model.content.cloneNode(true)), ".strip");
  const title = place.dataset.title ?? "";
  write(textOf(required(strip, "[data-title]")), title);
  attribute(required(strip, ".hold"), "aria-label", `${title}: arrow keys move it, with Shift they size it`);
  attribute(required(strip, "[data-hide]"), "aria-label", `Take ${title} away`);
  place.append(strip);
  return strip;
}
