// @ts-check
/** Presets, and the screens that have a name: show one, save this one, delete one. */
import { attribute, element, required, textOf, write } from "../core/dom.js";
import { screenOf, textOf as screenText } from "../core/screen.js";

/** @typedef {import("./keeper.js").Named} Named */

export class ScreenMenu {
  #root;
  #keeper;
  #presets;
  #current;
  #onshow;

  /**
   * @param {HTMLElement} root @param {import("./keeper.js").Keeper} keeper @param {Named[]} presets
   * @param {() => string} current the text of what is shown @param {(text: string) => void} onshow
   */
  constructor(root, keeper, presets, current, onshow) {
    this.#root = root;
    this.#keeper = keeper;
    this.#presets = presets;
    this.#current = current;
    this.#onshow = onshow;
  }

  /** @param {AbortSignal} signal */
  connect(signal) {
    this.#root.addEventListener("toggle", () => this.draw(), { signal });
    const form = /** @type {HTMLFormElement} */ (required(this.#root, "[data-save]"));
    form.addEventListener("submit", (event) => this.#submitted(event, form), { signal });
  }

  draw() {
    const now = this.#current();
    const [presets, saved] = ["[data-presets]", "[data-saved]"].map((name) => required(this.#root, name));
    presets.replaceChildren(...this.#presets.map((each) => this.#row(each, now, false)));
    saved.replaceChildren(...this.#keeper.saved.map((each) => this.#row(each, now, true)));
    if (this.#keeper.saved.length === 0) saved.append(element("p", {}, "None yet"));
  }

  /** @param {Named} named @param {string} now @param {boolean} own */
  #row({ name, screen }, now, own) {
    const current = screenText(screenOf(screen)) === now ? { "aria-current": "true" } : {};
    const show = element("button", { type: "button", ...current }, name);
    show.addEventListener("click", () => this.#onshow(screen));
    if (!own) return show;
    const remove = element("button", { type: "button", "aria-label": `Delete ${name}` }, "×");
    remove.addEventListener("click", () => void this.#try(() => this.#keeper.delete(name)));
    return element("div", { class: "row" }, show, remove);
  }

  /** @param {Event} event @param {HTMLFormElement} form */
  async #submitted(event, form) {
    event.preventDefault();
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("name"));
    const button = required(form, "button");
    const name = field.value.split(/\s+/).filter(Boolean).join(" ");
    const taken = this.#keeper.saved.some((each) => each.name === name);
    if (taken && button.textContent !== "Replace") return this.#ask(button, field, name);
    const done = await this.#try(() => this.#keeper.save(name, this.#current(), taken));
    write(textOf(button), "Save");
    if (done) field.value = "";
  }

  /** One that has the name already is replaced only by a second press. @param {Element} button @param {HTMLInputElement} field @param {string} name */
  #ask(button, field, name) {
    this.#say(`There is a ${name} already.`);
    write(textOf(button), "Replace");
    field.addEventListener("input", () => { write(textOf(button), "Save"); this.#say(""); }, { once: true });
  }

  /** @param {() => Promise<void>} act */
  async #try(act) {
    try {
      await act();
      this.#say("");
      this.draw();
      return true;
    } catch (problem) {
      this.#say(/** @type {Error} */ (problem).message);
      return false;
    }
  }

  /** @param {string} text */
  #say(text) {
    const line = required(this.#root, "[data-save-said]");
    attribute(line, "hidden", text ? null : "");
    write(textOf(line), text);
  }
}
