// @ts-check
/** How far an import is, asked twice a second; when it is over the page shows the result. */
import { textOf, write } from "../core/dom.js";
import { Asking } from "./asking.js";
import { ask } from "./request.js";

const EVERY_MS = 500;

export default class Importing {
  #root;
  #asking;
  #bar;
  #said;

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, { clock }) {
    this.#root = /** @type {HTMLElement} */ (root);
    this.#asking = new Asking(clock, EVERY_MS, () => this.#ask());
    this.#bar = /** @type {HTMLProgressElement} */ (root.querySelector("progress"));
    this.#said = textOf(/** @type {Element} */ (root.querySelector("[data-said]")));
  }

  connect() {
    this.#asking.connect();
  }

  disconnect() {
    this.#asking.disconnect();
  }

  async #ask() {
    const answer = await ask(this.#root.dataset.progress ?? "");
    if (answer && answer.state !== "running" && answer.state !== "undoing") {
      this.#asking.disconnect(); // once: asked for again, a slow reload would begin anew
      return location.reload();
    }
    if (answer) {
      this.#bar.max = answer.of;
      this.#bar.value = answer.done;
      write(this.#said, `${answer.done} of ${answer.of} entries`);
    }
  }
}
