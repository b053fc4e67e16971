// @ts-check
/** How keys of exchanges stand, asked every two seconds while somebody looks: also that nobody says so any more. */
import { attribute, required, textOf, write } from "../core/dom.js";
import { Asking } from "./asking.js";
import { ask } from "./request.js";

const EVERY_MS = 2000;
const AWAY = { state: "down", label: "Not known", words: "The server does not answer." };

export default class KeyStates {
  #root;
  #asking;

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, { clock }) {
    this.#root = /** @type {HTMLElement} */ (root);
    this.#asking = new Asking(clock, EVERY_MS, () => this.#ask());
  }

  connect() {
    this.#asking.connect();
  }

  disconnect() {
    this.#asking.disconnect();
  }

  async #ask() {
    if (document.visibilityState === "visible") {
      const answer = await ask(this.#root.dataset.address ?? "");
      for (const each of this.#root.querySelectorAll("[data-standing]")) draw(each, answer ? answer[each.getAttribute("data-standing") ?? ""] : AWAY);
    }
  }
}

/** @param {Element} shown @param {typeof AWAY | undefined} standing none: it was taken away elsewhere */
function draw(shown, standing) {
  shown.toggleAttribute("hidden", !standing);
  if (!standing) return;
  attribute(shown, "data-state", standing.state);
  write(textOf(required(shown, "[data-label]")), standing.label);
  const words = shown.querySelector("[data-words]");
  if (words) write(textOf(words), standing.words);
}
