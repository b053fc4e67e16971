// @ts-check
/** What the toolbar of arranging says: what was done, whether it is kept, and whose screen is meant when two pages changed it. */
import { attribute, required, textOf, write } from "../core/dom.js";

export class ArrangeWords {
  #toolbar;
  /** The screen of another page, while it is not decided which one is meant. */
  theirs = "";

  /** @param {Element} toolbar */
  constructor(toolbar) {
    this.#toolbar = toolbar;
  }

  /** @param {string} words @param {string} [state] */
  say(words, state = "") {
    const line = required(this.#toolbar, "[data-said]");
    attribute(line, "data-state", state);
    write(textOf(line), words);
  }

  /** @param {import("./keeper.js").Standing} standing @param {string} words @param {string} [theirs] */
  stands(standing, words, theirs = "") {
    this.theirs = theirs;
    this.say(words, standing);
    required(this.#toolbar, "[data-conflict]").toggleAttribute("hidden", standing !== "conflict");
  }
}
