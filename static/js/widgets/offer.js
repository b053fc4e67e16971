// @ts-check
/**
 * While an entry is typed: what a market says for the field that is empty, in the server's own words, moving with
 * the market while its time is now. Nothing is filled in but by the button; what is typed is never touched.
 */
import { element } from "../core/dom.js";
import { post } from "./request.js";

const PAUSE_MS = 250;
const EVERY_MS = 2_000;
const LATE_MS = 3_000;
const AWAY = "The server does not answer: no price is known now.";
const OVER = "You are signed out: no price is known now. Load the page again to sign in.";
const OFTEN = "Asked too often: the price is looked up again in a moment.";
/** By the status of what is no answer. @type {Record<number, string>} */
const WHY = { 401: OVER, 403: OVER, 429: OFTEN };

/** @typedef {{field?: string, value?: string, told?: string, lacks?: string}} Answer */

export default class Offer {
  #form;
  #clock;
  #line = element("p", { class: "help offer", hidden: "" });
  #words = element("span", {});
  #take = element("button", { type: "button", class: "button" });
  #ending = new AbortController();
  #asking = new AbortController();
  #value = "";
  /** @type {unknown} */
  #timer;

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, { clock }) {
    this.#form = /** @type {HTMLFormElement} */ (root);
    this.#clock = clock;
    this.#line.append(this.#take, this.#words); // the button stays where it is, however long the words
  }

  connect() {
    const { signal } = this.#ending;
    this.#form.addEventListener("input", () => this.#typed(), { signal });
    this.#take.addEventListener("click", () => this.#taken(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.#typed(), { signal });
    this.#typed();
  }

  disconnect() {
    this.#ending.abort();
    this.#stop();
    this.#line.remove();
  }

  /** An answer to what the fields were before is none any more. */
  #typed() {
    this.#stop();
    this.#show({});
    this.#later(PAUSE_MS);
  }

  #stop() {
    this.#asking.abort();
    this.#clock.cancel(this.#timer);
  }

  /** @param {number} ms */
  #later(ms) {
    this.#timer = this.#clock.later(() => this.#ask(), ms);
  }

  async #ask() {
    if (document.hidden || !this.#field("propose")?.checked || !this.#empty()) return;
    const asking = (this.#asking = new AbortController());
    const fields = /** @type {[string, string][]} */ ([...new FormData(this.#form)]);
    const late = this.#clock.later(() => asking.abort(LATE_MS), LATE_MS); // a price grows old while nobody answers
    const answer = await post(this.#form, fields, this.#form.dataset.offer, { signal: asking.signal });
    this.#clock.cancel(late);
    if (asking.signal.aborted && asking.signal.reason !== LATE_MS) return;
    this.#show(answer.ok ? answer.content : { field: this.#empty()?.name, lacks: WHY[answer.status] ?? AWAY });
    if (!this.#field("time")?.value) this.#later(EVERY_MS);
  }

  /** @param {string} name @returns {HTMLInputElement | null} */
  #field(name) {
    return /** @type {HTMLInputElement | null} */ (this.#form.elements.namedItem(name));
  }

  /** The field that a market may fill in, where nothing is in it. */
  #empty() {
    const field = this.#field("price") ?? this.#field("amount2");
    return field && !field.value.trim() ? field : null;
  }

  /** @param {Answer} answer */
  #show({ field = "", value = "", told = "", lacks = "" }) {
    const input = this.#field(field);
    this.#value = value;
    this.#line.hidden = !input || !(told || lacks);
    if (!input || this.#line.hidden) return;
    if (this.#line.parentElement !== input.parentElement) input.after(this.#line);
    this.#line.classList.toggle("warn", !value);
    this.#words.textContent = sentence(told || lacks);
    this.#take.hidden = !value;
    this.#take.textContent = `Take ${value}`;
  }

  #taken() {
    const field = this.#empty();
    if (!field || !this.#value) return;
    field.value = this.#value;
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** @param {string} words */
const sentence = (words) => `${words[0].toUpperCase()}${words.slice(1).replace(/\.$/, "")}.`;
