// @ts-check
/** A file that is larger than the server takes is refused where it is chosen, before any of it is sent: a
 * connection that is cut while it sends tells a browser nothing. In the words that the server has for it. */
import { textOf, write } from "../core/dom.js";

const MIB = 2 ** 20;

/**
 * @param {HTMLFormElement} form
 * @param {HTMLInputElement} field with `data-most` bytes, and in `data-else` what to do then
 * @param {AbortSignal} signal
 * @returns {() => void} looks at what is chosen; to call where a script chose it
 */
export function guarded(form, field, signal) {
  const look = () => say(field, refused(field));
  field.addEventListener("change", look, { signal });
  form.addEventListener(
    "submit",
    (event) => {
      if (!refused(field)) return;
      event.preventDefault();
      look();
      field.focus();
    },
    { signal },
  );
  return look;
}

/** @param {HTMLInputElement} field @returns {string} nothing where it may be sent */
function refused(field) {
  const most = Number(field.dataset.most);
  const size = field.files?.[0]?.size ?? 0;
  return size > most ? `Expected at most ${most / MIB} MiB, found ${Math.ceil(size / MIB)}${field.dataset.else ?? ""}.` : "";
}

/** @param {HTMLInputElement} field @param {string} words */
function say(field, words) {
  const id = "refused-file";
  const shown = document.getElementById(id) ?? document.createElement("p");
  if (!words) {
    shown.remove();
    field.removeAttribute("aria-invalid");
    return field.removeAttribute("aria-describedby");
  }
  Object.assign(shown, { id, className: "refused", role: "alert" });
  if (!shown.isConnected) field.after(shown);
  write(textOf(shown), words);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
}

/** The widget of a form that takes a file and nothing else. */
export default class FileSize {
  #form;
  #ending = new AbortController();

  /** @param {Element} root */
  constructor(root) {
    this.#form = /** @type {HTMLFormElement} */ (root);
  }

  connect() {
    guarded(this.#form, /** @type {HTMLInputElement} */ (this.#form.querySelector("input[type=file]")), this.#ending.signal);
  }

  disconnect() {
    this.#ending.abort();
  }
}
