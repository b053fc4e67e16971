// @ts-check
/** What happened: the server's log, narrowed as asked, looked at again while the page is in view. */
import { element, embedded, required, textOf, write } from "../core/dom.js";
import { zoneOf } from "../core/zone.js";

const LOOK_EVERY_MS = 5_000;
const TYPED_MS = 300;
/** What goes on as it should: no trouble. */
const LIVES = ["worker", "web", "engines"];

/** @typedef {{id: number, title: string, kind: string, subject: string, text: string, began_us: number, ended_us: number | null}} Incident */

export class StatusEvents {
  #root;
  #body;
  #words;
  #older;
  /** @type {Incident[]} */
  #shown = [];
  #more = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #asked = 0;
  #zone = zoneOf(document.documentElement.dataset.zone, "UTC");

  /** @param {Element} root */
  constructor(root) {
    this.#root = root;
    this.#body = required(root, "[data-rows]");
    this.#words = required(root, "[data-words]");
    this.#older = required(root, "[data-older]");
    write(textOf(required(root, "[data-zone]")), `Began, ${this.#zone.word}`);
  }

  /** @returns {() => void} stop */
  connect() {
    const ending = new AbortController();
    const { signal } = ending;
    for (const field of this.#fields()) field.addEventListener("input", () => this.#look(field.type === "search" ? TYPED_MS : 0), { signal });
    this.#older.addEventListener("click", () => this.#fetch(this.#shown.at(-1)?.id ?? 0), { signal });
    this.#shown = embedded("events-first") ?? [];
    this.#draw("");
    this.#look(LOOK_EVERY_MS);
    return () => {
      ending.abort();
      clearTimeout(this.#timer);
      this.#asked += 1;
    };
  }

  #fields() {
    return /** @type {HTMLInputElement[]} */ ([...this.#root.querySelectorAll(".filters [name]")]);
  }

  /** @param {number} ms from now */
  #look(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fetch(0), ms);
  }

  /** @param {number} before the id of the last one shown; 0: the newest @returns {Promise<void>} */
  async #fetch(before) {
    const asked = ++this.#asked;
    const query = new URLSearchParams();
    for (const field of this.#fields()) {
      if (field.type === "checkbox" ? field.checked : field.value) query.set(field.name, field.value);
    }
    if (before) query.set("before", String(before));
    if (document.visibilityState === "visible" && !(before === 0 && this.#shown.length > 100 && isRead(this.#root))) {
      const found = await answer(`/status/events?${query}`);
      if (asked !== this.#asked) return;
      this.#took(found, before);
    }
    this.#look(LOOK_EVERY_MS);
  }

  /** @param {{events?: Incident[], more?: boolean, problem: string}} found @param {number} before */
  #took({ events, more, problem }, before) {
    if (events && !problem) {
      this.#shown = before ? [...this.#shown, ...events] : events;
      this.#more = more === true;
    }
    this.#draw(problem);
  }

  /** @param {string} problem */
  #draw(problem) {
    const now = Date.now() * 1000;
    this.#body.replaceChildren(...this.#shown.map((incident) => this.#row(incident, now)));
    this.#words.toggleAttribute("hidden", this.#shown.length > 0 && !problem);
    write(textOf(this.#words), problem || "Nothing in the log answers that.");
    this.#older.toggleAttribute("hidden", !this.#more);
  }

  /** @param {Incident} incident @param {number} now */
  #row({ title, kind, subject, text, began_us, ended_us }, now) {
    const trouble = ended_us === null && !LIVES.includes(kind);
    const day = (/** @type {number} */ us) => this.#zone.dateAndTime(us).slice(0, 10);
    const began = `${day(began_us) === day(now) ? "" : `${day(began_us)} `}${this.#zone.timeOfDay(began_us)}`;
    const cells = [
      element("td", { title: new Date(began_us / 1000).toISOString() }, began),
      element("td", { class: trouble ? "num going" : "num" }, ended_us === null ? `since ${lasted(now - began_us)}` : lasted(ended_us - began_us)),
      element("td", {}, title),
      element("td", {}, subject),
      element("td", { class: "text", title: text }, text),
    ];
    return element("tr", {}, ...cells);
  }
}

/** Whoever turned pages reads: the list is left as it is while they are down there. @param {Element} root */
function isRead(root) {
  return root.getBoundingClientRect().top < 0;
}

/** @param {string} url @returns {Promise<{events?: Incident[], more?: boolean, problem: string}>} */
async function answer(url) {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    return await response.json();
  } catch {
    return { problem: "The event log cannot be read just now." };
  }
}

/** 0.4 s, 12 s, 3 min 5 s, 2 h 10 min, 4 d 3 h; nothing for what has no length. @param {number} us */
export function lasted(us) {
  if (us <= 0) return "–";
  const s = us / 1e6;
  if (s < 10) return `${s.toFixed(1)} s`;
  const units = [[86_400, "d"], [3_600, "h"], [60, "min"], [1, "s"]];
  const first = units.findIndex(([size]) => s >= /** @type {number} */ (size));
  const parts = units.slice(first, first + 2).map(([size, word], at) => {
    const whole = at === 0 ? s : s % /** @type {number} */ (units[first][0]);
    return [Math.floor(whole / /** @type {number} */ (size)), word];
  });
  return parts.filter(([amount], at) => at === 0 || amount).map(([amount, word]) => `${amount} ${word}`).join(" ");
}
