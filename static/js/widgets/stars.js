// @ts-check
/** Stars: what is in the list that is open, or else in the first one. Pressed here, or by space on a row. */
import { attribute, embedded, textOf, write } from "../core/dom.js";
import { ask, send } from "./request.js";

/** @typedef {{lists: [number, string][], open: number | null, target: number | null, starred: string[]}} State */

export default class Stars {
  #form;
  #keys;
  /** @type {State} */
  #state;
  #starred;
  #ending = new AbortController();
  #rows = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node instanceof Element) this.#draw(node);
  });

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, { keys }) {
    this.#form = /** @type {HTMLFormElement} */ (root);
    this.#keys = keys;
    this.#state = embedded("lists");
    this.#starred = new Set(this.#state.starred);
  }

  connect() {
    const { signal } = this.#ending;
    this.#form.addEventListener("submit", (event) => this.#submitted(event), { signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#compare(), { signal });
    signal.addEventListener("abort", this.#keys.on("star", () => this.#spaced()));
    const body = document.querySelector("[data-rows]");
    if (body) this.#rows.observe(body, { childList: true });
    this.#draw(document);
  }

  disconnect() {
    this.#ending.abort();
    this.#rows.disconnect();
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    if (event.submitter instanceof HTMLButtonElement) this.#toggle(event.submitter.value);
  }

  /** The row that has the focus, or the one instrument of the page; elsewhere space does what it always does. */
  #spaced() {
    const focused = document.activeElement;
    if (focused?.closest("button, [role=button], summary, dialog")) return false;
    const star = focused?.closest("tr")?.querySelector("[data-star]") ?? document.querySelector(".summary [data-star]");
    if (!(star instanceof HTMLButtonElement)) return false;
    this.#toggle(star.value);
    return true;
  }

  /** Drawn at once; taken back with words when it was not kept. @param {string} symbol */
  async #toggle(symbol) {
    const on = !this.#starred.has(symbol);
    this.#put(symbol, on);
    this.#say("");
    const [list, open] = ["list", "open"].map((name) => /** @type {HTMLInputElement} */ (this.#form.elements.namedItem(name)));
    const fields = { symbol, on: on ? "yes" : "no", list: list.value, open: open.value };
    try {
      const state = await send(this.#form, fields);
      this.#state = { ...state, starred: [...state.starred] };
      list.value = state.target ?? "";
    } catch (problem) {
      this.#put(symbol, !on);
      this.#say(/** @type {Error} */ (problem).message);
    }
  }

  /** @param {string} symbol @param {boolean} on */
  #put(symbol, on) {
    if (on) this.#starred.add(symbol);
    else this.#starred.delete(symbol);
    this.#draw(document);
  }

  /** @param {ParentNode} within */
  #draw(within) {
    for (const star of within.querySelectorAll("[data-star]")) {
      attribute(star, "aria-pressed", String(this.#starred.has(star.getAttribute("value") ?? "")));
    }
  }

  /** Another tab may have changed the lists: stars follow in place, tabs and rows by a new page. */
  async #compare() {
    const open = this.#state.open ?? "all";
    /** @type {State | null} */
    const state = await ask(`${this.#form.dataset.stateAt}?list=${open}`);
    if (!state) return;
    const rows = state.open === null || String(state.starred) === String(this.#state.starred);
    const same = state.open === this.#state.open && JSON.stringify(state.lists) === JSON.stringify(this.#state.lists);
    if (!same || !rows) return location.reload();
    this.#state = state;
    this.#starred = new Set(state.starred);
    this.#draw(document);
  }

  /** @param {string} text */
  #say(text) {
    const line = document.querySelector("[data-star-said]");
    if (line) write(textOf(line), text);
  }
}
