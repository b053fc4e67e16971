// @ts-check
/** A ledger that is being worked out: asked for again until it is there. Whoever types meanwhile is not disturbed. */
import { textOf, write } from "../core/dom.js";
import { Asking } from "./asking.js";

const EVERY_MS = 2000;
const STILL_GOING = 202;
const FIELDS = "input, select, textarea";

export default class Folding {
  #asking;
  #said;

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, { clock }) {
    this.#asking = new Asking(clock, EVERY_MS, () => this.#ask());
    this.#said = textOf(/** @type {Element} */ (root.querySelector("[data-said]")));
  }

  connect() {
    this.#asking.connect();
  }

  disconnect() {
    this.#asking.disconnect();
  }

  async #ask() {
    const here = location.pathname + location.search;
    const answer = await fetch(here, { cache: "no-store" }).catch(() => null);
    if (!answer?.ok || answer.status === STILL_GOING) return;
    this.#asking.disconnect();
    if (document.activeElement?.matches(FIELDS)) write(this.#said, "It is worked out.");
    else location.assign(here); // not a reload, which would send again what a form had sent
  }
}
