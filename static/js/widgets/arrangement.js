// @ts-check
/** The order of the list: chosen by a column head, kept up with prices, and never changed under the pointer. */
import { isColumn, sorted, usualDirection } from "./columns.js";

export class Arrangement {
  #root;
  #onchange;
  #column = "volume";
  #direction = /** @type {1 | -1} */ (-1);
  #pointed = false;

  /** @param {Element} root @param {() => void} onchange the person chose another order */
  constructor(root, onchange) {
    this.#root = root;
    this.#onchange = onchange;
  }

  /** @returns {() => void} stop */
  connect() {
    const ending = new AbortController();
    const { signal } = ending;
    this.#begin();
    const body = this.#root.querySelector("tbody");
    for (const type of ["pointerenter", "pointerleave"]) {
      body?.addEventListener(type, (event) => this.#point(/** @type {PointerEvent} */ (event)), { signal });
    }
    this.#root.querySelector("thead")?.addEventListener("click", (event) => this.#headClicked(event), { signal });
    const select = this.#root.querySelector("[data-sort-select]");
    if (select instanceof HTMLSelectElement) {
      select.addEventListener("change", () => this.#choose(select.value, usualDirection(select.value)), { signal });
    }
    return () => ending.abort();
  }

  /** As the page came. */
  #begin() {
    const head = this.#root.querySelector("thead [aria-sort]");
    const column = head?.querySelector("[data-sort]")?.getAttribute("data-sort");
    if (!column || !isColumn(column)) return;
    this.#column = column;
    this.#direction = head?.getAttribute("aria-sort") === "ascending" ? 1 : -1;
  }

  /** @template {import("./columns.js").Facts} T @param {T[]} all @returns {T[]} */
  sorted(all) {
    return sorted(all, this.#column, this.#direction);
  }

  /** Whether somebody points at a row or stands on one; says so beside the list. */
  get held() {
    const held = this.#pointed || this.#root.querySelector("tbody:focus-within") !== null;
    this.#root.querySelector("[data-held]")?.toggleAttribute("hidden", !held);
    return held;
  }

  /** @param {PointerEvent} event a thumb does not hover */
  #point(event) {
    this.#pointed = event.type === "pointerenter" && event.pointerType !== "touch";
  }

  /** @param {Event} event */
  #headClicked(event) {
    const column = event.target instanceof Element && event.target.closest("[data-sort]")?.getAttribute("data-sort");
    if (!column) return;
    const turned = /** @type {1 | -1} */ (-this.#direction);
    this.#choose(column, column === this.#column ? turned : usualDirection(column));
  }

  /** @param {string} column @param {1 | -1} direction */
  #choose(column, direction) {
    if (!isColumn(column)) return;
    this.#column = column;
    this.#direction = direction;
    for (const head of this.#root.querySelectorAll("thead th")) {
      const mine = head.querySelector(`[data-sort="${column}"]`) !== null;
      if (mine) head.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    }
    this.#onchange();
  }
}
