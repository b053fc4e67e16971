// @ts-check
/** The latest fills of a portfolio: when its topic says that there are others, they are asked for and shown. */
import { attribute, element, required, textOf, write } from "../core/dom.js";
import { ask } from "./request.js";
import { toast } from "./toasts.js";

const MOST_TOASTS = 3;

/** @typedef {{pk: number, entry: number | null, waits: string, cells: [string, string, string][], said: string[]}} Row text, note, way */

export default class Fills {
  #page;
  #root;
  #id;
  #body;
  #template;
  #changed;
  #newest;
  #asking = false;
  /** @type {(() => void)[]} */
  #stops = [];

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#page = page;
    this.#root = /** @type {HTMLElement} */ (root);
    this.#id = this.#root.dataset.id ?? "";
    this.#body = required(root, "tbody");
    this.#template = /** @type {HTMLTemplateElement} */ (required(root, "template"));
    this.#changed = Number(this.#root.dataset.changed);
    this.#newest = Number(this.#root.dataset.newest);
  }

  connect() {
    this.#stops.push(this.#page.store.watch("portfolio", ({ symbol }, { value }) => symbol === this.#id && this.#hear(value?.fills)));
  }

  disconnect() {
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** @param {unknown} changed */
  async #hear(changed) {
    if (this.#asking || typeof changed !== "number" || changed <= this.#changed) return;
    this.#asking = true;
    const answer = await ask(`${this.#root.dataset.address}?after=${this.#changed}`);
    this.#asking = false;
    if (!answer) return; // the server is away: said elsewhere, and asked when the topic speaks again
    this.#show(answer.rows);
    this.#changed = Math.max(this.#changed, answer.changed);
    if (answer.more) this.#hear(Infinity);
    else this.#hear(this.#page.store.get({ channel: "portfolio", symbol: this.#id })?.value?.fills);
  }

  /** @param {Row[]} rows in the order in which they changed */
  #show(rows) {
    const fresh = rows.filter(({ pk }) => pk > this.#newest);
    for (const row of rows) this.#put(row, fresh.includes(row));
    while (this.#body.childElementCount > Number(this.#root.dataset.most)) this.#body.lastElementChild?.remove();
    this.#newest = Math.max(this.#newest, ...fresh.map(({ pk }) => pk));
    this.#root.removeAttribute("hidden");
    for (const each of this.#root.querySelectorAll("[data-some]")) each.removeAttribute("hidden");
    required(this.#root, "[data-none]").setAttribute("hidden", "");
    this.#say(fresh);
  }

  /** @param {Row} row @param {boolean} isFresh what is older than the page and not in it stays out of it */
  #put(row, isFresh) {
    let shown = this.#body.querySelector(`[data-fill="${row.pk}"]`);
    if (!shown && !isFresh) return;
    if (!shown) {
      shown = required(/** @type {DocumentFragment} */ (this.#template.content.cloneNode(true)), "tr");
      attribute(shown, "data-fill", String(row.pk));
      this.#body.prepend(shown);
    }
    for (const [at, cell] of [...shown.querySelectorAll("[data-cell]")].entries()) draw(cell, row.cells[at]);
    shown.classList.toggle("waits", row.waits !== "");
    const [link, waits] = [required(shown, "[data-entry]"), required(shown, "[data-waits]")];
    link.toggleAttribute("hidden", row.entry === null);
    attribute(link, "href", row.entry === null ? null : (this.#root.dataset.entries ?? "").replace("/0/", `/${row.entry}/`));
    attribute(link, "aria-label", row.entry === null ? null : `Entry ${row.entry}`);
    waits.toggleAttribute("hidden", row.waits === "");
    write(textOf(waits), row.waits && `Not in the ledger yet. ${row.waits.charAt(0).toUpperCase()}${row.waits.slice(1)}.`);
  }

  /** @param {Row[]} fresh */
  #say(fresh) {
    for (const { said, waits } of fresh.slice(0, MOST_TOASTS)) {
      const [did, amount, rest] = said;
      toast(this.#page.clock, [`${did} `, element("b", { class: "amount" }, amount), ` ${rest}${waits ? ". It is not in the ledger yet" : ""}`]);
    }
    const others = fresh.length - MOST_TOASTS;
    if (others > 0) toast(this.#page.clock, [`${others} more ${others > 1 ? "fills" : "fill"}`]);
  }
}

/** @param {Element} cell @param {[string, string, string]} told */
function draw(cell, [text, note, way]) {
  write(textOf(required(cell, "[data-text]")), text);
  const below = required(cell, "[data-note]");
  write(textOf(below), note);
  below.toggleAttribute("hidden", note === "");
  for (const each of ["up", "down"]) cell.classList.toggle(each, way === each);
}
