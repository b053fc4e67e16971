// @ts-check
/** Keys and dialogs of every page. A widget says what it does at one of the keymap's names, as long as it does it. */
import { ANY_LETTER, KEYMAP, pressed } from "../core/keymap.js";
import { Typed } from "../core/typed.js";
import { list } from "./help.js";

export class Keys {
  /** @type {Map<string, ((key: string) => unknown)[]>} what answers, by name; the last that came is asked first */
  #actions = new Map();
  #typed;

  /** @param {import("../core/clock.js").Clock} clock */
  constructor(clock) {
    this.#typed = new Typed(clock, {
      find: (keys) => this.active.find((binding) => binding.keys.includes(keys)),
      begins: (keys) => this.active.some((binding) => binding.keys.some((each) => each.startsWith(keys))),
      run: (id, key) => this.#run(id, key),
      type: (text) => this.#type(text),
    });
  }

  connect() {
    document.addEventListener("keydown", (event) => this.#pressed(event));
    document.addEventListener("click", (event) => this.#clicked(event));
    this.on("search", () => this.search?.focus());
    this.on("type", () => false);
    this.on("help", () => this.#help());
    this.on("close", () => false); // the browser closes dialogs by itself
    this.on("display", () => dialog("display")?.showModal());
    for (const link of document.querySelectorAll("[data-go]")) {
      this.on(`go-${link.getAttribute("data-go")}`, () => /** @type {HTMLElement} */ (link).click());
    }
  }

  /** @returns {HTMLInputElement | null} */
  get search() {
    const found = document.getElementById("search");
    return found instanceof HTMLInputElement ? found : null;
  }

  /** What works here and now. */
  get active() {
    return KEYMAP.filter(({ id }) => this.#actions.get(id)?.length);
  }

  /** @param {string} id of the keymap @param {(key: string) => unknown} action false: not for it, so whoever came before is asked @returns {() => void} remove it */
  on(id, action) {
    if (!KEYMAP.some((binding) => binding.id === id)) throw new Error(`expected a name of the keymap, found ${id}`);
    const actions = this.#actions.get(id) ?? [];
    this.#actions.set(id, actions);
    actions.push(action);
    return () => void actions.splice(actions.indexOf(action), 1);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (event.key === "Escape" && target === this.search) return this.#escape();
    if (target?.isContentEditable || target?.closest("input, select, textarea")) return this.#typed.forget();
    if (this.#typed.press(pressed(event))) event.preventDefault();
  }

  /** @param {string} id @param {string} key */
  #run(id, key) {
    return this.#actions.get(id)?.findLast((action) => action(key) !== false) !== undefined;
  }

  /** @param {string} text */
  #type(text) {
    const search = this.search;
    if (!search || !this.active.some(({ keys }) => keys.includes(ANY_LETTER))) return false;
    search.focus();
    search.value = text;
    search.dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  }

  #help() {
    const help = dialog("help");
    if (!help) return;
    list(help, this.active);
    help.showModal();
  }

  #escape() {
    const search = this.search;
    if (!search) return;
    if (search.value === "") return search.blur();
    search.value = "";
    search.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = event.target instanceof Element ? event.target : null;
    const opens = target?.closest("[data-opens]")?.getAttribute("data-opens");
    if (opens === "help") this.#help();
    else if (opens) dialog(opens)?.showModal();
    else if (target instanceof HTMLDialogElement) target.close();
    for (const menu of document.querySelectorAll("details:is(.person, .drop)[open]")) {
      if (!event.composedPath().includes(menu)) menu.removeAttribute("open"); // its rows may be new ones by now
    }
  }
}

/** @param {string} id */
function dialog(id) {
  const found = document.getElementById(id);
  return found instanceof HTMLDialogElement ? found : null;
}
