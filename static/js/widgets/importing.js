// @ts-check
/** How far an import is, asked twice a second; when it is over the page shows the result. */
import { write } from "../core/dom.js";
import { ask } from "./request.js";

const EVERY_MS = 500;

export default class Importing {
  #root;
  #clock;
  #bar;
  #said;
  /** @type {unknown} */
  #timer = null;
  #ended = false;

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, { clock }) {
    this.#root = /** @type {HTMLElement} */ (root);
    this.#clock = clock;
    this.#bar = /** @type {HTMLProgressElement} */ (root.querySelector("progress"));
    this.#said = /** @type {HTMLElement} */ (root.querySelector("[data-said]"));
  }

  connect() {
    this.#later();
  }

  disconnect() {
    this.#ended = true;
    this.#clock.cancel(this.#timer);
  }

  #later() {
    if (!this.#ended) this.#timer = this.#clock.later(() => this.#ask(), EVERY_MS);
  }

  async #ask() {
    const answer = await ask(this.#root.dataset.progress ?? "");
    if (answer && answer.state !== "running" && answer.state !== "undoing") return location.reload();
    if (answer) {
      this.#bar.max = answer.of;
      this.#bar.value = answer.done;
      write(this.#said, `${answer.done} of ${answer.of} entries`);
    }
    this.#later();
  }
}
