// @ts-check
/** The best answers to a name while it is typed; arrow keys and Enter choose one. */
import { behind } from "../core/contract.js";
import { attribute, element } from "../core/dom.js";
import { ask } from "./request.js";

const PAUSE_MS = 120;

/** @typedef {import("../main.js").Listed} Listed */

export class Finder {
  #field;
  #list;
  #clock;
  #onchoose;
  /** @type {Listed[]} */
  #found = [];
  #at = 0;
  #asked = 0;
  /** @type {unknown} */
  #timer = null;

  /** @param {HTMLInputElement} field @param {HTMLElement} list @param {import("../core/clock.js").Clock} clock @param {(listed: Listed) => void} onchoose */
  constructor(field, list, clock, onchoose) {
    this.#field = field;
    this.#list = list;
    this.#clock = clock;
    this.#onchoose = onchoose;
  }

  /** @param {AbortSignal} signal */
  connect(signal) {
    const field = this.#field;
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": this.#list.id, "aria-autocomplete": "list" })) attribute(field, name, value);
    field.addEventListener("input", () => this.#typed(), { signal });
    field.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    field.addEventListener("blur", () => this.#show([], ""), { signal });
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault(), { signal }); // the field keeps the focus
    this.#list.addEventListener("click", (event) => this.#clicked(event), { signal });
    signal.addEventListener("abort", () => this.#clock.cancel(this.#timer));
    if (document.activeElement === field) this.#typed(); // before anybody listened
  }

  #typed() {
    this.#asked += 1;
    this.#clock.cancel(this.#timer);
    const text = this.#field.value.trim();
    if (!text) return this.#show([], "");
    this.#timer = this.#clock.later(() => void this.#ask(text, this.#asked), PAUSE_MS);
  }

  /** @param {string} text @param {number} asked a later question makes this answer old */
  async #ask(text, asked) {
    const found = (await ask(`/find/?${new URLSearchParams({ q: text })}`))?.found;
    if (asked !== this.#asked) return;
    this.#show(found ?? [], found ? "Nothing that is followed here is called so" : "The server does not answer");
  }

  /** @param {Listed[]} found @param {string} nothing in words, or to show nothing at all */
  #show(found, nothing) {
    this.#found = found;
    const options = found.map((each, at) => option(each, `${this.#list.id}-${at}`));
    const words = nothing ? [element("li", { role: "option", "aria-disabled": "true" }, nothing)] : [];
    this.#list.replaceChildren(...(options.length ? options : words));
    const open = options.length + words.length > 0;
    this.#list.toggleAttribute("hidden", !open);
    attribute(this.#field, "aria-expanded", String(open));
    this.#mark(0);
  }

  /** @param {number} at */
  #mark(at) {
    const { length } = this.#found;
    this.#at = length ? (at + length) % length : 0;
    const options = [...this.#list.children];
    options.forEach((each, place) => attribute(each, "aria-selected", length && place === this.#at ? "true" : null));
    attribute(this.#field, "aria-activedescendant", length ? options[this.#at].id : null);
    if (length) options[this.#at].scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.isComposing || this.#list.hasAttribute("hidden")) return;
    const steps = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 });
    if (event.key in steps) this.#mark(this.#at + steps[event.key]);
    else if (event.key === "Enter" && this.#found.length) this.#choose(this.#found[this.#at]);
    else return;
    event.preventDefault();
  }

  /** @param {Event} event */
  #clicked(event) {
    const row = event.target instanceof Element ? event.target.closest("li") : null;
    const chosen = row ? this.#found[[...this.#list.children].indexOf(row)] : undefined;
    if (chosen) this.#choose(chosen);
  }

  /** @param {Listed} listed */
  #choose(listed) {
    this.#show([], "");
    this.#onchoose(listed);
  }
}

/** @param {Listed} listed @param {string} id */
function option(listed, id) {
  const { base, venueTitle, kind, contract } = listed;
  return element("li", { role: "option", id }, element("b", {}, base + behind(listed)), element("span", {}, venueTitle), element("i", {}, contract?.short ?? kind));
}
