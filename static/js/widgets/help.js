// @ts-check
/** The list behind `?`: what the keymap says of the keys that work on this page. */
import { element, required } from "../core/dom.js";
import { caps } from "../core/keymap.js";

/** @typedef {import("../core/keymap.js").Binding} Binding */

/** @param {HTMLElement} dialog @param {Binding[]} active */
export function list(dialog, active) {
  const apple = /mac|iphone|ipad/i.test(navigator.platform);
  const groups = new Map(active.map(({ group }) => [group, /** @type {HTMLElement[]} */ ([])]));
  for (const binding of active) groups.get(binding.group)?.push(row(binding, apple));
  const sections = [...groups].map(([group, rows]) => element("section", {}, element("h3", {}, group), element("dl", {}, ...rows)));
  required(dialog, "[data-keys]").replaceChildren(...sections);
}

/** @param {Binding} binding @param {boolean} apple */
function row(binding, apple) {
  /** @type {(Node | string)[]} */
  const ways = caps(binding, apple).flatMap((parts, at) => [at ? " or " : "", ...parts.flatMap((part) => [element("kbd", {}, part), " "])]);
  return element("div", { "data-key": binding.id }, element("dt", {}, ...ways), element("dd", {}, binding.words));
}
