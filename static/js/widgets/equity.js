// @ts-check
/** The curve of what a portfolio was worth: drawn anew when a minute was noted, as the server draws it. */
import { attribute, element, required, textOf, write } from "../core/dom.js";
import { ask } from "./request.js";

/** Where no answer comes. */
const AGAIN_S = 30;
const PATHS = { area: "area", whole: "whole", by_closes: "by-closes", lacking: "lacking" };

export default class Equity {
  #root;
  #clock;
  #address;
  /** @type {unknown} */
  #timer = null;
  #missed = false;
  #ending = new AbortController();

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, { clock }) {
    this.#root = root;
    this.#clock = clock;
    this.#address = root.getAttribute("data-curve") ?? "";
  }

  connect() {
    document.addEventListener("visibilitychange", () => this.#missed && this.#due(), { signal: this.#ending.signal });
    this.#later(Number(this.#root.getAttribute("data-due")) || AGAIN_S);
  }

  disconnect() {
    this.#ending.abort();
    this.#clock.cancel(this.#timer);
  }

  /** @param {number} seconds */
  #later(seconds) {
    this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.later(() => this.#due(), seconds * 1000);
  }

  /** Nobody sees a page that is hidden: it asks when it is looked at again. */
  #due() {
    this.#missed = document.visibilityState !== "visible";
    if (!this.#missed) void this.#ask();
  }

  async #ask() {
    this.#later(AGAIN_S);
    const answer = await ask(this.#address);
    if (!answer?.figures || this.#ending.signal.aborted) return;
    this.#draw(answer);
    this.#later(answer.due_s);
  }

  /** @param {any} answer */
  #draw({ figures, picture, notes, empty }) {
    required(this.#root, "[data-drawn]").toggleAttribute("hidden", !picture);
    const none = required(this.#root, "[data-empty]");
    none.toggleAttribute("hidden", Boolean(picture));
    write(textOf(none), empty);
    write(textOf(required(this.#root, "[data-notes]")), notes);
    if (!picture) return;
    this.#root.querySelectorAll("[data-return]").forEach((shown, at) => this.#figure(shown, figures[at]));
    for (const [name, kind] of Object.entries(PATHS)) attribute(required(this.#root, `path.${kind}`), "d", picture[name]);
    attribute(required(this.#root, "svg"), "aria-label", picture.words);
    required(this.#root, ".marks").replaceChildren(...picture.marks.map((/** @type {string} */ mark) => element("span", { class: "amount" }, mark)));
    required(this.#root, ".times").replaceChildren(...picture.times.map((/** @type {string} */ time) => element("span", {}, time)));
  }

  /** @param {Element} shown @param {{text: string, way: string, more: string}} figure */
  #figure(shown, { text, way, more }) {
    write(textOf(shown), text);
    attribute(shown, "class", way);
    const beside = /** @type {Element} */ (shown.nextElementSibling);
    write(textOf(beside), more);
    beside.toggleAttribute("hidden", !more);
  }
}
