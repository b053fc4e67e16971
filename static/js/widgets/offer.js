// @ts-check
/**
 * While an entry is typed: what a market says for the field that is empty, in the server's own words, moving with
 * the market while its time is now. Nothing is filled in but by the button; what is typed is never touched.
 */
import { element } from "../core/dom.js";
import { post, renew } from "./request.js";

const PAUSE_MS = 250;
const EVERY_MS = 2_000;
const LATE_MS = 3_000;
const AWAY = "The server does not answer: no price is known now.";
const OVER = "You are signed out: no price is known now. What is typed here stays.";
const OFTEN = "Asked too often: the price is looked up again in a moment.";
/** By the status of what is no answer. @type {Record<number, string>} */
const WHY = { 0: AWAY, 401: OVER, 403: OVER, 429: OFTEN };

/** @typedef {{field?: string, value?: string, lead?: string, shown?: string, rest?: string, is_amount?: boolean, lacks?: string}} Answer */

export default class Offer {
  #form;
  #clock;
  #line = element("p", { class: "help offer", id: "offer", hidden: "" });
  #words = element("span", { "data-words": "" });
  #take = element("button", { type: "button", class: "button" });
  #signIn;
  /** Read aloud once when an offer appears: the line itself changes with each price. */
  #said = element("p", { class: "sr", role: "status" });
  #ending = new AbortController();
  #asking = new AbortController();
  #value = "";
  /** @type {unknown} */
  #timer;

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, { clock }) {
    this.#form = /** @type {HTMLFormElement} */ (root);
    this.#clock = clock;
    // In another tab: what is typed here is in this page alone.
    this.#signIn = element("a", { href: this.#form.dataset.signIn ?? "", target: "_blank", rel: "noopener", hidden: "" }, "Sign in");
    this.#line.append(this.#take, this.#words, " ", this.#signIn); // the button stays where it is, however long the words
  }

  connect() {
    const { signal } = this.#ending;
    this.#form.append(this.#said);
    this.#form.addEventListener("submit", () => renew(this.#form), { signal });
    this.#form.addEventListener("input", () => this.#typed(), { signal });
    this.#take.addEventListener("click", () => this.#taken(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.#typed(), { signal });
    this.#typed();
  }

  disconnect() {
    this.#ending.abort();
    this.#stop();
    this.#line.remove();
    this.#said.remove();
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
    if (document.hidden) return;
    if (!this.#field("propose")?.checked || !this.#empty()) return this.#say("");
    renew(this.#form);
    const asking = (this.#asking = new AbortController());
    const fields = /** @type {[string, string][]} */ ([...new FormData(this.#form)]);
    const late = this.#clock.later(() => asking.abort(LATE_MS), LATE_MS); // a price grows old while nobody answers
    const answer = await post(this.#form, fields, this.#form.dataset.offer, { signal: asking.signal });
    this.#clock.cancel(late);
    if (asking.signal.aborted && asking.signal.reason !== LATE_MS) return;
    this.#signIn.hidden = WHY[answer.status] !== OVER;
    this.#show(answer.ok ? answer.content : { field: this.#empty()?.name, lacks: why(answer.status) });
    if (!answer.ok || !this.#field("time")?.value) this.#later(EVERY_MS);
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
  #show({ field = "", value = "", lead = "", shown = "", rest = "", is_amount = false, lacks = "" }) {
    const number = () => element("span", is_amount ? { class: "amount" } : {}, shown);
    const input = this.#field(field);
    const isShown = input !== null && Boolean(value || lacks) && !isRefused(field, value, lacks);
    this.#value = value;
    this.#line.hidden = !isShown;
    this.#line.parentElement?.querySelector("[aria-describedby=offer]")?.removeAttribute("aria-describedby");
    if (!isShown) return;
    this.#words.replaceChildren(...(value ? [`${lead} `, number(), `${rest}.`] : [sentence(lacks)]));
    this.#line.classList.toggle("warn", !value);
    this.#take.hidden = !value;
    this.#take.replaceChildren("Take ", number());
    this.#place(input);
    this.#say(value ? `A market's price is offered at ${input.labels?.[0]?.textContent}.` : sentence(lacks));
  }

  /** In the place of what the review had refused there, at an older moment. @param {HTMLInputElement} input */
  #place(input) {
    document.getElementById(`e-${input.name}`)?.remove();
    input.removeAttribute("aria-invalid");
    input.setAttribute("aria-describedby", "offer");
    if (this.#line.parentElement !== input.parentElement) input.after(this.#line);
  }

  /** @param {string} words */
  #say(words) {
    if (this.#said.textContent !== words) this.#said.textContent = words;
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

/** @param {number} status of what is no answer */
const why = (status) => WHY[status] ?? `The server answered ${status}: no price is known now.`;

/** Whether the review said the same, where it still stands. @param {string} field @param {string} value @param {string} lacks */
const isRefused = (field, value, lacks) => !value && document.getElementById(`e-${field}`)?.textContent === sentence(lacks);
