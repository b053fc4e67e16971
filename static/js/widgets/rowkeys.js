// @ts-check
/** Moving through the list by keys: the link of a row has the focus, so Enter opens it by itself. */

export class RowKeys {
  #window;
  #keys;

  /** @param {import("./window.js").Window} list @param {import("./keys.js").Keys} keys */
  constructor(list, keys) {
    this.#window = list;
    this.#keys = keys;
  }

  /** @returns {() => void} stop */
  connect() {
    const stops = [
      ...["j", "ArrowDown"].map((key) => this.#keys.add(key, () => this.#step(1))),
      ...["k", "ArrowUp"].map((key) => this.#keys.add(key, () => this.#step(-1))),
      this.#keys.add("Escape", () => this.#leave()),
    ];
    return () => stops.forEach((stop) => stop());
  }

  get #focused() {
    return this.#window.rows.findIndex((row) => row.contains(document.activeElement));
  }

  /** @param {1 | -1} by */
  #step(by) {
    const { rows } = this.#window;
    if (rows.length === 0) return;
    const now = this.#focused;
    const next = now < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, now + by));
    this.#window.show(next);
    /** @type {HTMLElement | null} */ (rows[next].querySelector(".name :is(a, [tabindex])"))?.focus({ preventScroll: true });
  }

  #leave() {
    if (this.#focused >= 0) /** @type {HTMLElement} */ (document.activeElement).blur();
  }
}
