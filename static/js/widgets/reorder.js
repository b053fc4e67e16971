// @ts-check
/** Rows that are put in another order: dragged by their grip with mouse, pen or thumb, or moved by arrow keys. */
import { textOf, write } from "../core/dom.js";
import { send } from "./request.js";

const STEPS = new Map([["ArrowUp", -1], ["ArrowDown", 1], ["Home", -Infinity], ["End", Infinity]]);
const EDGE_PX = 48;

export default class Reorder {
  #form;
  #list;
  #ending = new AbortController();
  /** @type {{row: HTMLElement, before: string} | null} */
  #drag = null;

  /** @param {Element} root the form that keeps the order; its list is inside, or says by ``data-order-of`` whose it is */
  constructor(root) {
    this.#form = /** @type {HTMLFormElement} */ (root);
    const list = root.querySelector("[data-order]") ?? document.querySelector(`[data-order-of="${root.id}"]`);
    if (!(list instanceof HTMLElement)) throw new Error("expected a list to put in order, found none");
    this.#list = list;
  }

  connect() {
    const { signal } = this.#ending;
    for (const grip of this.#list.querySelectorAll("[data-grip]")) grip.removeAttribute("hidden");
    this.#list.addEventListener("pointerdown", (event) => this.#take(event), { signal });
    this.#list.addEventListener("pointermove", (event) => this.#carry(event), { signal });
    for (const type of ["pointerup", "lostpointercapture"]) this.#list.addEventListener(type, () => this.#drop(), { signal });
    this.#list.addEventListener("pointercancel", () => this.#putBack(), { signal });
    this.#list.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.#putBack(), { signal });
  }

  disconnect() {
    this.#ending.abort();
  }

  get #rows() {
    return /** @type {HTMLElement[]} */ ([...this.#list.children]);
  }

  get #order() {
    return this.#rows.map((row) => row.dataset.key ?? "");
  }

  /** @param {Event} event */
  #gripped(event) {
    const grip = event.target instanceof Element ? event.target.closest("[data-grip]") : null;
    return /** @type {HTMLElement | null} */ (grip?.closest("[data-key]") ?? null);
  }

  /** @param {PointerEvent} event */
  #take(event) {
    const row = this.#gripped(event);
    if (!row || event.button !== 0) return;
    event.preventDefault();
    /** @type {Element} */ (event.target).setPointerCapture(event.pointerId);
    this.#drag = { row, before: this.#order.join(" ") };
    row.setAttribute("data-dragged", "");
  }

  /** The row stands where the pointer is; nothing else moves but the rows that it passes. @param {PointerEvent} event */
  #carry({ clientY }) {
    if (!this.#drag) return;
    const { row } = this.#drag;
    const after = this.#rows.find((each) => each !== row && clientY < middle(each)) ?? null;
    if (after !== row.nextElementSibling) this.#place(row, after);
    const scroller = row.closest("main");
    if (!scroller) return;
    const { top, bottom } = scroller.getBoundingClientRect();
    if (clientY < top + EDGE_PX) scroller.scrollBy(0, -12);
    else if (clientY > bottom - EDGE_PX) scroller.scrollBy(0, 12);
  }

  /** The others are moved around the one that is held: a captured pointer is lost with its element. */
  /** @param {HTMLElement} row @param {HTMLElement | null} after */
  #place(row, after) {
    const wanted = this.#rows.filter((each) => each !== row);
    wanted.splice(after ? wanted.indexOf(after) : wanted.length, 0, row);
    const at = wanted.indexOf(row);
    for (const each of wanted.slice(0, at)) if (!precedes(each, row)) row.before(each);
    for (const each of wanted.slice(at + 1).reverse()) if (precedes(each, row)) row.after(each);
  }

  #drop() {
    const drag = this.#drag;
    this.#drag = null;
    drag?.row.removeAttribute("data-dragged");
    if (drag && drag.before !== this.#order.join(" ")) this.#keep(drag.before, drag.row);
  }

  #putBack() {
    const drag = this.#drag;
    this.#drag = null;
    drag?.row.removeAttribute("data-dragged");
    if (drag) this.#arrange(drag.before);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const by = STEPS.get(event.key);
    const row = this.#gripped(event);
    if (by === undefined || !row || this.#drag) return;
    event.preventDefault();
    const before = this.#order.join(" ");
    const rows = this.#rows;
    const to = Math.min(rows.length - 1, Math.max(0, rows.indexOf(row) + by));
    if (to === rows.indexOf(row)) return;
    rows[to][by < 0 ? "before" : "after"](row);
    /** @type {HTMLElement} */ (row.querySelector("[data-grip]")).focus();
    this.#keep(before, row);
  }

  /** @param {string} before @param {HTMLElement} row */
  async #keep(before, row) {
    const keys = this.#order;
    const shared = this.#form.elements.namedItem("shared") ? { shared: "yes" } : {};
    try {
      await send(this.#form, { order: keys.join(" "), ...shared });
      this.#say(`${row.dataset.key} is at place ${keys.indexOf(row.dataset.key ?? "") + 1} of ${keys.length}`, false);
    } catch (problem) {
      this.#arrange(before);
      this.#say(/** @type {Error} */ (problem).message, true);
    }
  }

  /** @param {string} order */
  #arrange(order) {
    const rows = new Map(this.#rows.map((row) => [row.dataset.key ?? "", row]));
    for (const key of order.split(" ")) this.#list.append(/** @type {HTMLElement} */ (rows.get(key)));
  }

  /** @param {string} text @param {boolean} wrong what went wrong is for everybody to see */
  #say(text, wrong) {
    const line = this.#form.querySelector("[data-said]");
    if (!line) return;
    line.className = wrong ? "said warning" : "sr";
    write(textOf(line), text);
  }
}

/** @param {Element} row */
function middle(row) {
  const { top, height } = row.getBoundingClientRect();
  return top + height / 2;
}

/** @param {Node} one @param {Node} other */
function precedes(one, other) {
  return (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
}
