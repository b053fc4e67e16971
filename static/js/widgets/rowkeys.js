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
      this.#keys.on("next", () => this.#step(1)),
      this.#keys.on("previous", () => this.#step(-1)),
      this.#keys.on("open", () => false), // the link that has the focus is opened by the browser
      this.#keys.on("close", () => this.#leave()),
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
    if (this.#focused < 0) return false;
    /** @type {HTMLElement} */ (document.activeElement).blur();
  }
}
