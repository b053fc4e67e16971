// @ts-check
/** Every topic of every venue, problems first; only the rows in view are drawn. */
import { attribute, element, required, textOf, write } from "../core/dom.js";
import { age } from "../core/format.js";
import { stateWord } from "./statuslinks.js";
import { AROUND, Window } from "./window.js";

const WORST_FIRST = ["down", "stale", "syncing", "halted", "delisted", "closed", "live"];
const CELLS = [["state", "state"], ["age", "num age"], ["rate", "num rate"], ["gaps", "num"], ["resyncs", "num"], ["text", "text"]];

/**
 * @typedef {{state: string, reason: string}} Standing
 * @typedef {{item: any, ageS: number, standing: Standing}} Fact
 * @typedef {{element: HTMLElement, texts: Record<string, Text>, search: string, fact: Fact}} Row
 */

export class StatusTopics {
  #page;
  #window;
  #body;
  #find;
  #state;
  #count;
  #nothing;
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {Row[]} */
  #shown = [];

  /** @param {Element} root @param {import("../main.js").Page} page */
  constructor(root, page) {
    this.#page = page;
    this.#window = new Window(root, () => this.#drawRows());
    this.#body = required(root, "[data-rows]");
    this.#find = /** @type {HTMLInputElement} */ (required(root, "[data-find]"));
    this.#state = /** @type {HTMLSelectElement} */ (required(root, "[data-state-filter]"));
    this.#count = textOf(required(root, "[data-count]"));
    this.#nothing = required(root, "[data-nothing]");
  }

  /** @returns {() => void} stop */
  connect() {
    const arrange = () => this.#arrange(true);
    this.#find.addEventListener("input", arrange);
    this.#state.addEventListener("change", arrange);
    const stop = this.#window.connect();
    return () => {
      this.#find.removeEventListener("input", arrange);
      this.#state.removeEventListener("change", arrange);
      stop();
    };
  }

  /** @param {string[]} venues @returns {{all: number, live: number, closed: number}} */
  draw(venues) {
    const before = this.#rows;
    this.#rows = new Map();
    for (const venue of venues) this.#collect(venue, before);
    if (this.#rows.size > 0) this.#arrange(false);
    const count = (/** @type {string} */ state) => [...this.#rows.values()].filter(({ fact }) => fact.standing.state === state).length;
    return { all: this.#rows.size, live: count("live"), closed: count("closed") };
  }

  /** @param {string} venue @param {Map<string, Row>} before */
  #collect(venue, before) {
    const { store, liveness } = this.#page;
    const entry = store.get({ channel: "health", symbol: venue });
    if (!entry) return;
    for (const item of entry.value.topics ?? []) {
      const ageS = item.ts_received ? Math.max(0, entry.value.ts - item.ts_received) / 1e6 + liveness.ageS(entry) : NaN;
      const fact = { item, ageS, standing: liveness.standing(venue, item) };
      const row = before.get(item.topic);
      if (row) row.fact = fact;
      this.#rows.set(item.topic, row ?? made(item.topic, fact));
    }
  }

  /** @param {boolean} asked by the person: back to the top */
  #arrange(asked) {
    const words = this.#find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (/** @type {Row} */ row) => words.every((word) => row.search.includes(word)) && this.#wanted(row.fact.standing.state);
    const next = [...this.#rows.values()].filter(fits).sort(order);
    const moved = next.length !== this.#shown.length || next.some((row, at) => row !== this.#shown[at]);
    if (asked || (moved && (this.#window.atTop || next.length !== this.#shown.length))) {
      this.#shown = next;
      this.#window.fill(next.map((row) => row.element), asked);
      write(this.#count, next.length === this.#rows.size ? `${next.length} topics` : `${next.length} of ${this.#rows.size} topics`);
      this.#nothing.toggleAttribute("hidden", next.length > 0);
      write(textOf(this.#nothing), this.#rows.size ? "No topic answers that filter." : "No word from the feed of any topic.");
    }
    this.#drawRows();
  }

  /** @param {string} state */
  #wanted(state) {
    const asked = this.#state.value;
    return asked === "" || asked === state || (asked === "problems" && state !== "live" && state !== "closed");
  }

  #drawRows() {
    if (this.#rows.size === 0) return;
    const { from, to } = this.#window.look();
    for (const row of this.#shown.slice(Math.max(0, from - AROUND), to + AROUND)) drawRow(row);
  }
}

/** @param {Row} a @param {Row} b */
function order(a, b) {
  const badness = (/** @type {Row} */ { fact }) => WORST_FIRST.indexOf(fact.standing.state);
  return badness(a) - badness(b) || (a.search < b.search ? -1 : 1);
}

/** @param {string} topic @param {Fact} fact @returns {Row} */
function made(topic, fact) {
  const at = topic.indexOf(":");
  const [channel, instrument] = [topic.slice(0, at), topic.slice(at + 1)];
  const head = element("th", { role: "rowheader", class: "name" }, element("b", {}, instrument), " ", element("i", {}, channel));
  const cells = CELLS.map(([, kind]) => element("td", { role: "cell", class: kind }));
  const texts = Object.fromEntries(CELLS.map(([name], place) => [name, textOf(cells[place])]));
  return { element: element("tr", { role: "row" }, head, ...cells), texts, search: `${instrument} ${channel}`.toLowerCase(), fact };
}

/** @param {Row} row */
function drawRow({ element: root, texts, fact: { item, ageS, standing } }) {
  attribute(root, "data-state", standing.state);
  write(texts.state, stateWord(standing.state));
  write(texts.age, age(ageS));
  write(texts.rate, Number(item.messages_per_s).toFixed(1));
  write(texts.gaps, String(item.gaps));
  write(texts.resyncs, String(item.resyncs));
  const words = standing.reason || (item.last_error ? `was: ${item.last_error}` : "");
  write(texts.text, words);
  attribute(/** @type {Element} */ (texts.text.parentElement), "title", words || null);
}
