// @ts-check
/** The display menu. Kept in cookies, so that the first paint has them already; with an account, by the server too. */
import { attribute, textOf, write } from "../core/dom.js";
import { deviceZone } from "../core/zone.js";

const NAMES = ["theme", "palette", "flash", "density", "amounts", "numbers", "zone"];
/** What the server writes into the page: it has to be asked for the page again. */
const WRITTEN = ["numbers", "zone"];
const YEAR_S = 31_536_000;

export class Preferences {
  #keys;
  /** @type {Promise<unknown>} the choice before: of two of one kind the later has to arrive later */
  #before = Promise.resolve();

  /** @param {import("./keys.js").Keys} keys */
  constructor(keys) {
    this.#keys = keys;
  }

  connect() {
    for (const name of NAMES) {
      const group = document.querySelector(`[data-preference="${name}"]`);
      if (group) show(group, document.documentElement.dataset[name] ?? "");
      group?.addEventListener("change", ({ target }) => {
        if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) this.#choose(name, target.value);
      });
    }
    cookie("device_zone", deviceZone());
    this.#keys.on("theme", () => this.#otherTheme());
    this.#keys.on("amounts", () => this.#press("amounts", document.documentElement.dataset.amounts === "hidden" ? "shown" : "hidden"));
  }

  /** The one that is not shown now. */
  #otherTheme() {
    const { theme } = document.documentElement.dataset;
    const light = theme === "light" || (theme !== "dark" && matchMedia("(prefers-color-scheme: light)").matches);
    return this.#press("theme", light ? "dark" : "light");
  }

  /** As if it were chosen in the menu. @param {string} name @param {string} value */
  #press(name, value) {
    const choice = document.querySelector(`[data-preference="${name}"] input[value="${value}"]`);
    if (!(choice instanceof HTMLInputElement)) return false;
    choice.click();
  }

  /** @param {string} name @param {string} value */
  async #choose(name, value) {
    document.documentElement.dataset[name] = value;
    cookie(name, value);
    dispatchEvent(new CustomEvent("displaychange"));
    const keeping = this.#before.then(() => this.#keep(name, value));
    this.#before = keeping;
    const kept = await keeping;
    if (kept && WRITTEN.includes(name)) location.reload();
  }

  /** With the account, where there is one. @param {string} name @param {string} value @returns {Promise<boolean>} */
  async #keep(name, value) {
    const form = document.querySelector("#display form");
    const address = form?.getAttribute("data-keeps");
    if (!address) return true;
    const headers = { accept: "application/json", "x-csrftoken": found("csrftoken") };
    const answer = await fetch(address, { method: "POST", headers, keepalive: true, body: new URLSearchParams({ [name]: value }) }).catch(() => null);
    this.#say(answer?.ok ? "" : "Shown here, but not saved: the server did not take it. Try again in a moment.");
    return answer?.ok ?? false;
  }

  /** @param {string} text */
  #say(text) {
    const line = document.querySelector("#display [data-said]");
    if (!line) return;
    attribute(line, "hidden", text ? null : "");
    write(textOf(line), text);
  }
}

/** @param {Element} group @param {string} value */
function show(group, value) {
  const select = group.querySelector("select");
  if (select) select.value = value;
  const input = group.querySelector(`input[value="${CSS.escape(value)}"]`);
  if (input instanceof HTMLInputElement) input.checked = true;
}

/** @param {string} name @param {string} value */
function cookie(name, value) {
  if (found(name) === value) return;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_S}; samesite=lax${secure}`;
}

/** @param {string} name */
function found(name) {
  return document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}
