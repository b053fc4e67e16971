// @ts-check
/** On a phone the panels are one long column: a link to each of them, above it. */
import { element } from "../core/dom.js";
import { PAGE } from "../core/screen.js";

export class Jumps {
  #root;

  /** @param {Element} root */
  constructor(root) {
    this.#root = root;
  }

  /** @param {import("../core/screen.js").Panel[]} panels @param {Element[]} places */
  show(panels, places) {
    const links = panels.map(({ follows = PAGE }, at) => {
      const title = places[at].getAttribute("data-title") ?? "";
      const whose = places[at].querySelector('[data-whose] [data-of="pair"]')?.textContent?.split("/")[0] ?? "";
      return element("a", { href: `#panel-${at}` }, title, ...(follows === PAGE ? [] : [" ", element("i", {}, whose)]));
    });
    this.#root.replaceChildren(...links);
  }
}
