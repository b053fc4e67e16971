// @ts-check
/** Moving through the list by keys: the link of a row has the focus, so Enter opens it by itself. */

export class RowKeys {
  #body;
  #keys;
  #rows;

  /** @param {Element} body @param {import("./keys.js").Keys} keys @param {() => HTMLElement[]} rows as shown */
  constructor(body, keys, rows) {
    this.#body = body;
    this.#keys = keys;
    this.#rows = rows;
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

  /** @param {1 | -1} by */
  #step(by) {
    const rows = this.#rows();
    const now = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[Math.min(rows.length - 1, Math.max(0, now < 0 ? 0 : now + by))];
    next?.querySelector("a")?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest" });
  }

  #leave() {
    if (this.#body.contains(document.activeElement)) /** @type {HTMLElement} */ (document.activeElement).blur();
  }
}
