// @ts-check
/** What is chosen of a chain: switches that are links without scripts, and an address that can be kept. */
import { queryOf } from "../core/chain.js";
import { attribute, required } from "../core/dom.js";

export class ChainChoice {
  #root;
  #choice;
  #onchange;

  /** @param {Element} root @param {import("../core/chain.js").Choice} choice @param {(name: string, value: string) => void} onchange */
  constructor(root, choice, onchange) {
    this.#root = root;
    this.#choice = { ...choice };
    this.#onchange = onchange;
  }

  /** @returns {() => void} stop */
  connect() {
    const ending = new AbortController();
    const { signal } = ending;
    required(this.#root, ".tools").addEventListener("click", (event) => this.#clicked(/** @type {MouseEvent} */ (event)), { signal });
    const select = this.#root.querySelector("[data-around]");
    if (select instanceof HTMLSelectElement) select.addEventListener("change", () => this.#choose("around", select.value), { signal });
    this.#pressed();
    const tabs = this.#root.querySelector(".expiries");
    const tab = /** @type {HTMLElement | null} */ (tabs?.querySelector("[aria-current]"));
    if (tabs && tab) tabs.scrollLeft = tab.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2;
    return () => ending.abort();
  }

  /** @param {MouseEvent} event one with a modifier is the browser's */
  #clicked(event) {
    if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest("[data-smile-switch]")) return this.#choose("smile", this.#smiles ? "off" : "on");
    const link = event.target.closest("[data-switch] a");
    if (!link) return;
    event.preventDefault();
    this.#choose(link.closest("[data-switch]")?.getAttribute("data-switch") ?? "", link.getAttribute("data-value") ?? "");
  }

  /** Whether the curve is in view: on a phone it takes the place of the table, so there it waits to be asked for. */
  get #smiles() {
    return this.#choice.smile ? this.#choice.smile === "on" : !matchMedia("(max-width: 720px)").matches;
  }

  #pressed() {
    const button = this.#root.querySelector("[data-smile-switch]");
    if (button) attribute(button, "aria-pressed", String(this.#smiles));
  }

  /** @param {string} name @param {string} value */
  #choose(name, value) {
    Object.assign(this.#choice, { [name]: value });
    attribute(this.#root, `data-${name}`, value);
    for (const link of this.#root.querySelectorAll("[data-switch] a")) this.#point(link);
    for (const tab of this.#root.querySelectorAll("[data-expiry]")) {
      attribute(tab, "href", queryOf({ ...this.#choice, expiry: tab.getAttribute("data-expiry") ?? "" }));
    }
    required(this.#root, "[data-estimates]").toggleAttribute("hidden", this.#choice.show === "venue");
    this.#pressed();
    history.replaceState(history.state, "", queryOf(this.#choice));
    this.#onchange(name, value);
  }

  /** Where a link leads now, and whether one is there already. @param {Element} link */
  #point(link) {
    const name = link.closest("[data-switch]")?.getAttribute("data-switch") ?? "";
    const value = link.getAttribute("data-value") ?? "";
    attribute(link, "href", queryOf({ ...this.#choice, [name]: value }));
    attribute(link, "aria-current", this.#choice[/** @type {keyof typeof this.#choice} */ (name)] === value ? "true" : null);
  }
}
