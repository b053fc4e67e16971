// @ts-check
/** Tells a screen reader that venues are in trouble, and that it is over: once each, and not what passes in a moment. */
import { required, textOf, write } from "../core/dom.js";

const PATIENCE_MS = 1_500;

export class Told {
  #text;
  #clock;
  #key = "";
  #said = "";
  #since = 0;

  /** @param {Document} document @param {import("../core/clock.js").Clock} clock */
  constructor(document, clock) {
    // A page with a line of its own for it says it there.
    this.#text = document.querySelector("[data-why], p[data-overall]") ? null : textOf(required(document, "[data-told]"));
    this.#clock = clock;
  }

  /** @param {{words: string, reason: string} | null} worst as it is now; often */
  hear(worst) {
    const words = worst ? `${worst.words}${worst.reason ? `: ${worst.reason}` : ""}.` : "";
    const key = words.replace(/[\d.]+/g, ""); // how long until the next attempt is no news
    if (key !== this.#key) [this.#key, this.#since] = [key, this.#clock.now()];
    else if (this.#key === this.#said) return;
    if (!this.#text || this.#clock.now() - this.#since < PATIENCE_MS) return;
    if (words || this.#text.data) write(this.#text, words || "All venues are live again.");
    this.#said = key;
  }
}
