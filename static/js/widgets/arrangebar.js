// @ts-check
/** The toolbar of arranging: what was done, whether it is kept, and whose screen is meant when two pages changed it. */
import { attribute, required, textOf, write } from "../core/dom.js";

/** What its person has to know, also when they are done with arranging. */
const TROUBLES = ["failed", "conflict"];

export class ArrangeBar {
  #toolbar;
  #arranging = false;
  /** The screen of another page, while it is not decided which one is meant. */
  theirs = "";

  /** @param {Element} toolbar */
  constructor(toolbar) {
    this.#toolbar = toolbar;
  }

  /** @param {boolean} arranging @param {boolean} undoable */
  dress(arranging, undoable) {
    this.#arranging = arranging;
    this.#toolbar.toggleAttribute("hidden", !arranging);
    required(this.#toolbar, "[data-undo]").toggleAttribute("disabled", !undoable);
  }

  /** One of its menus. @param {string} name */
  open = (name) => {
    const drop = /** @type {HTMLDetailsElement} */ (required(this.#toolbar, `[data-drop="${name}"]`));
    drop.open = true;
    /** @type {HTMLElement | null} */ (drop.querySelector(".menu button"))?.focus();
  };

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
    if (!this.#arranging) this.#toolbar.toggleAttribute("hidden", !TROUBLES.includes(standing));
  }
}
