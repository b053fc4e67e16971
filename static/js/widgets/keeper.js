// @ts-check
/** Keeps a screen: with the account, or in this browser. A while after the last change, and never over what it has not seen. */
import { post, send } from "./request.js";

const PAUSE_MS = 700;
const AGAIN_MS = 5_000;
const COOKIE = "screen";
const SAVED = "screens";
const YEAR_S = 31_536_000;

/**
 * @typedef {{name: string, screen: string}} Named
 * @typedef {"" | "saving" | "saved" | "failed" | "conflict"} Standing
 */

export class Keeper {
  #form;
  #clock;
  #version;
  /** Of the screen that another page kept, until it is said which one is meant. */
  #theirs = 0;
  #saved;
  #onstanding;
  #wanted = "";
  #writing = false;
  /** @type {unknown} */
  #timer = null;

  /**
   * @param {HTMLFormElement | null} form of an account; none: this browser keeps it
   * @param {import("../core/clock.js").Clock} clock @param {{version: number, saved: Named[]}} state
   * @param {(standing: Standing, words: string, theirs?: string) => void} onstanding `theirs`: the screen of another page
   */
  constructor(form, clock, { version, saved }, onstanding) {
    this.#form = form;
    this.#clock = clock;
    this.#version = version;
    this.#saved = saved;
    this.#onstanding = onstanding;
  }

  get saved() {
    return this.#form ? this.#saved : local(); // another tab may have saved meanwhile
  }

  /** @param {string} text the screen */
  keep(text) {
    this.#wanted = text;
    if (!this.#form) return this.#keepHere(text);
    this.#onstanding("saving", "Saving…");
    this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.later(() => void this.#write(), PAUSE_MS);
  }

  /** Now, as when the page goes away. */
  flush() {
    if (this.#wanted && this.#form) void this.#write();
  }

  /** After a conflict: what is shown here is meant, over the other one. */
  insist() {
    this.#version = this.#theirs;
    void this.#write();
  }

  /** After a conflict: the other one is shown here now. */
  yield() {
    this.#version = this.#theirs;
    this.#wanted = "";
    this.#onstanding("saved", "Saved");
  }

  async #write() {
    this.#clock.cancel(this.#timer);
    if (this.#writing || !this.#wanted || !this.#form) return;
    const text = this.#wanted;
    this.#writing = true;
    const answer = await post(this.#form, { version: String(this.#version), screen: text }, this.#form.action, { keepalive: true });
    this.#writing = false;
    const { version, screen } = answer.content ?? {};
    if (answer.status === 409 && screen) {
      this.#theirs = version;
      return this.#onstanding("conflict", "Another page of yours changed this screen.", screen);
    }
    if (!answer.ok) return this.#failed(answer);
    this.#version = version;
    if (this.#wanted !== text) return void this.#write();
    this.#wanted = "";
    this.#onstanding("saved", "Saved");
  }

  /** @param {{status: number, words: string}} answer */
  #failed({ status, words }) {
    const again = status === 0 || status >= 500;
    this.#onstanding("failed", again ? `${words} Trying again.` : words);
    if (again) this.#timer = this.#clock.later(() => void this.#write(), AGAIN_MS);
  }

  /** @param {string} text */
  #keepHere(text) {
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `${COOKIE}=${encodeURIComponent(text)}; path=/instruments/; max-age=${YEAR_S}; samesite=lax${secure}`;
    const kept = document.cookie.split("; ").some((pair) => pair === `${COOKIE}=${encodeURIComponent(text)}`);
    this.#wanted = "";
    this.#onstanding(kept ? "saved" : "failed", kept ? "Kept in this browser" : "Shown here, but this browser does not keep it.");
  }

  /** @param {string} name @param {string} screen @param {boolean} replace throws with words for the person */
  async save(name, screen, replace) {
    if (this.#form) this.#saved = (await send(this.#form, { name, screen, ...(replace ? { replace: "yes" } : {}) }, this.#form.dataset.saveAt)).saved;
    else keepLocal([...local().filter((each) => each.name !== name), { name, screen }]);
  }

  /** @param {string} name */
  async delete(name) {
    if (this.#form) this.#saved = (await send(this.#form, { name }, this.#form.dataset.deleteAt)).saved;
    else keepLocal(local().filter((each) => each.name !== name));
  }
}

/** @param {Named[]} saved */
function keepLocal(saved) {
  localStorage.setItem(SAVED, JSON.stringify(saved.sort((one, other) => (one.name < other.name ? -1 : 1))));
}

/** What this browser holds, as far as it can be read. @returns {Named[]} */
function local() {
  try {
    const found = JSON.parse(localStorage.getItem(SAVED) ?? "[]");
    return found.filter((/** @type {any} */ each) => typeof each.name === "string" && Array.isArray(JSON.parse(each.screen).panels));
  } catch {
    return [];
  }
}
