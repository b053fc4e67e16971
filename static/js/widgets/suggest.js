// @ts-check
/** Answers while one name is being typed; a list that was pasted is for the server to read. */
import { element, textOf, write } from "../core/dom.js";
import { ask, send } from "./request.js";

const PAUSE_MS = 150;

/** @typedef {{symbol: string, kind: string, followed: boolean}} Found */

export default class Suggest {
  #form;
  #clock;
  #field;
  #found;
  #ending = new AbortController();
  #asked = 0;
  /** @type {unknown} */
  #timer;

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, { clock }) {
    this.#form = /** @type {HTMLFormElement} */ (root);
    this.#clock = clock;
    this.#field = /** @type {HTMLTextAreaElement} */ (root.querySelector("textarea"));
    this.#found = /** @type {HTMLElement} */ (root.querySelector("[data-found]"));
  }

  connect() {
    const { signal } = this.#ending;
    this.#field.addEventListener("input", () => this.#typed(), { signal });
    this.#form.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    this.#found.addEventListener("click", (event) => this.#clicked(event), { signal });
    if (document.activeElement === this.#field) this.#typed(); // before anybody listened
  }

  disconnect() {
    this.#ending.abort();
    this.#clock.cancel(this.#timer);
  }

  #typed() {
    this.#asked += 1;
    this.#clock.cancel(this.#timer);
    const text = this.#field.value.trim();
    if (!text || /[\n,;\t]/.test(text)) return this.#show([]);
    this.#timer = this.#clock.later(() => this.#ask(text, this.#asked), PAUSE_MS);
  }

  /** @param {string} text @param {number} asked a later question makes this answer old */
  async #ask(text, asked) {
    const address = `${this.#form.dataset.find}?${new URLSearchParams({ q: text.slice(0, 100) })}`;
    const answer = await ask(address);
    if (asked === this.#asked) this.#show(answer?.found ?? []);
  }

  /** @param {Found[]} found */
  #show(found) {
    this.#found.replaceChildren(...found.map(option));
    this.#found.toggleAttribute("hidden", found.length === 0);
    if (found.length > 0) this.#say(`${found.length} found; arrow down to choose`);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const options = /** @type {HTMLElement[]} */ ([...this.#found.querySelectorAll("button")]);
    const at = options.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (event.key === "Escape") {
      this.#show([]);
      this.#field.focus();
    } else if (event.key === "ArrowDown" && options.length > 0 && !this.#field.value.includes("\n")) {
      event.preventDefault();
      options[Math.min(options.length - 1, at + 1)].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (options[at - 1] ?? this.#field).focus();
    } else if (event.key === "Enter" && event.target === this.#field && !event.shiftKey && !this.#field.value.includes("\n")) {
      event.preventDefault();
      this.#form.requestSubmit();
    }
  }

  /** @param {Event} event */
  async #clicked(event) {
    const symbol = event.target instanceof Element && event.target.closest("button")?.dataset.symbol;
    if (!symbol) return;
    try {
      await send(this.#form, { symbol }, this.#form.dataset.add);
      location.reload();
    } catch (problem) {
      this.#say(/** @type {Error} */ (problem).message, true);
    }
  }

  /** @param {string} text @param {boolean} [wrong] */
  #say(text, wrong = false) {
    const line = /** @type {Element} */ (this.#form.querySelector("[data-said]"));
    line.className = wrong ? "said warning" : "sr";
    write(textOf(line), text);
  }
}

/** @param {Found} found */
function option({ symbol, kind, followed }) {
  const button = element("button", { type: "button", "data-symbol": symbol }, element("b", {}, symbol), element("i", {}, followed ? kind : `${kind}, not followed here`));
  return element("li", {}, button);
}
