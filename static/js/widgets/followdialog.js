// @ts-check
/** Asks whose values a panel shows: the page's, a link group's, or those of one instrument alone. */
import { attribute, required, textOf, write } from "../core/dom.js";
import { following, groupOf, GROUPS, PAGE, regrouped } from "../core/screen.js";
import { Finder } from "./finder.js";

/** @typedef {import("../core/screen.js").Screen} Screen */

export class FollowDialog {
  #dialog = /** @type {HTMLDialogElement} */ (required(document, "#follow"));
  #field = /** @type {HTMLInputElement} */ (required(document, "#follow-find"));
  #finder;
  #onchange;
  /** @type {{screen: Screen, at: number}} the panel that is asked about */
  #about = { screen: { panels: [] }, at: 0 };
  #choice = PAGE;

  /** @param {import("../core/clock.js").Clock} clock @param {(screen: Screen) => Promise<string>} onchange answers with what went wrong, in words */
  constructor(clock, onchange) {
    this.#onchange = onchange;
    const found = /** @type {HTMLElement} */ (required(document, "#follow-answers"));
    this.#finder = new Finder(this.#field, found, clock, (listed) => this.#chosen(listed.symbol));
  }

  /** @param {AbortSignal} signal */
  connect(signal) {
    this.#finder.connect(signal);
    signal.addEventListener("abort", () => this.#dialog.close());
    this.#dialog.addEventListener("change", ({ target }) => {
      if (target instanceof HTMLInputElement && target.name === "follows") this.#chose(target.value);
    }, { signal });
  }

  /** @param {Screen} screen @param {number} at */
  open(screen, at) {
    this.#about = { screen, at };
    this.#choice = groupOf(screen.panels[at].follows);
    this.#field.value = "";
    this.#draw();
    this.#say("");
    this.#dialog.showModal();
  }

  #draw() {
    const { screen, at } = this.#about;
    const { follows = PAGE } = screen.panels[at];
    const radio = this.#dialog.querySelector(`input[value="${this.#choice}"]`);
    if (radio instanceof HTMLInputElement) radio.checked = true;
    for (const group of GROUPS) {
      const words = screen.groups?.[group] ?? "nobody yet";
      write(textOf(required(this.#dialog, `[data-group-symbol="${group}"]`)), words);
    }
    write(textOf(required(this.#dialog, '[data-group-symbol="own"]')), groupOf(follows) === "own" ? follows : "");
    const asked = required(this.#dialog, "[data-asked]");
    asked.toggleAttribute("hidden", this.#choice === PAGE);
    const whose = this.#choice === "own" ? "Its instrument" : `The instrument of group ${this.#choice.toUpperCase()}, for all panels that follow it`;
    write(textOf(required(this.#dialog, "[data-asked-words]")), whose);
  }

  /** @param {string} choice */
  #chose(choice) {
    this.#choice = choice;
    const { screen, at } = this.#about;
    const known = choice === PAGE || screen.groups?.[choice];
    if (known) void this.#apply(following(screen, at, choice));
    this.#draw();
    if (!known) this.#field.focus();
  }

  /** @param {string} symbol */
  async #chosen(symbol) {
    const { screen, at } = this.#about;
    const next = this.#choice === "own" ? following(screen, at, symbol) : regrouped(following(screen, at, this.#choice), this.#choice, symbol);
    if (await this.#apply(next)) this.#dialog.close();
  }

  /** @param {Screen} screen */
  async #apply(screen) {
    const problem = await this.#onchange(screen);
    this.#say(problem);
    if (problem) return false;
    this.#about = { ...this.#about, screen };
    this.#draw();
    return true;
  }

  /** @param {string} text */
  #say(text) {
    const line = required(this.#dialog, "[data-follow-said]");
    attribute(line, "hidden", text ? null : "");
    write(textOf(line), text);
  }
}
