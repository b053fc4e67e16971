// @ts-check
/** Keys and dialogs of every page. A widget adds its own keys. */

export class Keys {
  /** @type {Map<string, () => unknown>} */
  #actions = new Map();

  connect() {
    document.addEventListener("keydown", (event) => this.#pressed(event));
    document.addEventListener("click", (event) => this.#clicked(event));
    this.add("/", () => this.search?.focus());
    this.add("?", () => dialog("help")?.showModal());
  }

  /** @returns {HTMLInputElement | null} */
  get search() {
    const found = document.getElementById("search");
    return found instanceof HTMLInputElement ? found : null;
  }

  /** @param {string} key @param {() => unknown} action false: not for it, so the key does what it always does @returns {() => void} remove it */
  add(key, action) {
    this.#actions.set(key, action);
    return () => void this.#actions.delete(key);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    const typing = event.target instanceof Element && event.target.closest("input, select, textarea");
    if (event.key === "Escape" && event.target === this.search) return this.#escape();
    const action = typing ? undefined : this.#actions.get(event.key);
    if (action && action() !== false) event.preventDefault();
  }

  #escape() {
    const search = this.search;
    if (!search) return;
    if (search.value === "") return search.blur();
    search.value = "";
    search.dispatchEvent(new Event("input"));
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = event.target instanceof Element ? event.target : null;
    const opens = target?.closest("[data-opens]")?.getAttribute("data-opens");
    if (opens) dialog(opens)?.showModal();
    else if (target instanceof HTMLDialogElement) target.close();
    for (const menu of document.querySelectorAll("details.person[open]")) {
      if (!menu.contains(target)) menu.removeAttribute("open");
    }
  }
}

/** @param {string} id */
function dialog(id) {
  const found = document.getElementById(id);
  return found instanceof HTMLDialogElement ? found : null;
}
