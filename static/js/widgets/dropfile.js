// @ts-check
/** A file may be dropped anywhere on the page; the form that takes it works without this. */
import { guarded } from "./filesize.js";

export default class DropFile {
  #form;
  #field;
  #ending = new AbortController();
  #look = () => {};

  /** @param {Element} root */
  constructor(root) {
    this.#form = /** @type {HTMLFormElement} */ (root);
    this.#field = /** @type {HTMLInputElement} */ (root.querySelector("input[type=file]"));
  }

  connect() {
    const { signal } = this.#ending;
    this.#form.querySelector("[data-drop-hint]")?.removeAttribute("hidden");
    this.#look = guarded(this.#form, this.#field, signal);
    document.addEventListener("dragover", (event) => this.#over(event), { signal });
    document.addEventListener("dragleave", (event) => this.#left(event), { signal });
    document.addEventListener("drop", (event) => this.#dropped(event), { signal });
  }

  disconnect() {
    this.#ending.abort();
  }

  /** @param {DragEvent} event */
  #over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // or the browser would open it
    this.#form.classList.add("over");
  }

  /** @param {DragEvent} event only when it leaves the page, and not one element for another */
  #left(event) {
    if (!event.relatedTarget) this.#form.classList.remove("over");
  }

  /** @param {DragEvent} event */
  #dropped(event) {
    this.#form.classList.remove("over");
    const files = event.dataTransfer?.files;
    if (!files?.length) return;
    event.preventDefault();
    this.#field.files = files;
    this.#look();
    this.#form.scrollIntoView({ block: "center" });
    this.#form.querySelector("select")?.focus();
  }
}
