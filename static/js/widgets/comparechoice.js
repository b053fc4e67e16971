// @ts-check
/** Which symbols are compared, and how often is asked. What is not followed here is refused at the field. */
import { element, required, textOf, write } from "../core/dom.js";
import { fields, rank, words } from "../core/search.js";

const OFFERED = 20;

export class CompareChoice {
  #form;
  #chosen;
  #field;
  #said;
  #listed;
  #most;
  #ending = new AbortController();

  /** @type {(symbols: string[], everyMs: number) => void} */
  onstart = () => {};

  /** @param {HTMLFormElement} form @param {string[]} listed @param {number} most */
  constructor(form, listed, most) {
    this.#form = form;
    this.#listed = listed;
    this.#most = most;
    this.#chosen = required(form, "[data-chosen]");
    this.#field = /** @type {HTMLInputElement} */ (required(form, "[data-add]"));
    this.#said = required(form, "[data-said]");
  }

  connect() {
    const { signal } = this.#ending;
    this.#field.addEventListener("input", (event) => this.#typed(/** @type {InputEvent} */ (event)), { signal });
    this.#field.addEventListener("keydown", (event) => event.key === "Enter" && (event.preventDefault(), this.#add()), { signal });
    this.#field.addEventListener("change", () => this.#add(), { signal });
    this.#chosen.addEventListener("click", (event) => this.#pressed(event), { signal });
    this.#form.addEventListener("submit", (event) => (event.preventDefault(), this.#start()), { signal });
    this.#offer(this.#field.value);
  }

  disconnect() {
    this.#ending.abort();
  }

  get symbols() {
    return [...this.#chosen.children].map((each) => each.getAttribute("data-symbol") ?? "");
  }

  /** @param {boolean} running nothing is chosen meanwhile */
  lock(running) {
    for (const part of this.#form.querySelectorAll("input, select, [data-remove]")) part.toggleAttribute("disabled", running);
    write(textOf(required(this.#form, "[data-start]")), running ? "Stop" : "Start");
  }

  /** Who takes one from the list has said all of it. @param {InputEvent} event */
  #typed(event) {
    this.#say("");
    if (event.inputType === "insertReplacementText" || event.inputType === undefined) this.#add();
    else this.#offer(this.#field.value);
  }

  /** @param {string} typed */
  #offer(typed) {
    const asked = words(typed);
    const ranked = this.#listed.map((symbol) => ({ symbol, rank: rank(fields(named(symbol)), asked) }));
    const best = ranked.filter((each) => each.rank < Infinity).sort((a, b) => a.rank - b.rank);
    const options = best.slice(0, OFFERED).map(({ symbol }) => element("option", { value: symbol }));
    required(this.#form, "[data-names]").replaceChildren(...options);
  }

  /** @returns {boolean} whether nothing stands in the field that is not chosen */
  #add() {
    const typed = this.#field.value.trim();
    if (!typed) return true;
    const symbol = this.#listed.find((each) => each.toUpperCase() === typed.toUpperCase());
    const problem = this.#problem(symbol, typed);
    this.#say(problem);
    if (!problem && symbol) {
      const remove = element("button", { type: "button", "data-remove": "", "aria-label": `Leave out ${symbol}` }, "×");
      this.#chosen.append(element("li", { "data-symbol": symbol }, symbol, remove));
    }
    if (!problem || symbol) this.#field.value = "";
    return !problem;
  }

  /** @param {string | undefined} symbol @param {string} typed */
  #problem(symbol, typed) {
    if (!symbol) return `${typed.slice(0, 40)} is not followed here: expected a symbol such as ${this.#listed[0]}.`;
    if (this.symbols.includes(symbol)) return `${symbol} is chosen already.`;
    return this.symbols.length >= this.#most ? `At most ${this.#most} symbols.` : "";
  }

  /** @param {Event} event */
  #pressed(event) {
    const remove = event.target instanceof Element ? event.target.closest("[data-remove]") : null;
    remove?.closest("li")?.remove();
    if (remove) this.#field.focus();
  }

  #start() {
    if (!this.#add()) return;
    if (this.symbols.length === 0) return this.#say("Choose a symbol to follow.");
    const pace = /** @type {HTMLSelectElement} */ (required(this.#form, "[data-pace]"));
    this.onstart(this.symbols, Number(pace.value));
  }

  /** @param {string} text */
  #say(text) {
    this.#said.toggleAttribute("hidden", text === "");
    write(textOf(this.#said), text);
  }
}

/** @param {string} symbol @returns {import("../core/search.js").Named} */
function named(symbol) {
  const [venue, native] = [symbol.slice(0, symbol.indexOf(":")), symbol.slice(symbol.indexOf(":") + 1)];
  return { symbol, base: native, quote: "", venue, venueTitle: venue, kind: "" };
}
