// @ts-check
/** The links of every venue, a row each; a venue without links has one that says why. */
import { attribute, element, textOf, write } from "../core/dom.js";
import { age } from "../core/format.js";

const WORDS = { live: "Live", connecting: "Connecting", subscribing: "Subscribing", syncing: "Syncing", stale: "Stale", down: "Down", halted: "Halted", closed: "Closed", delisted: "Delisted" };
const CELLS = ["link", "state", "since", "topics", "rate", "gaps", "resyncs", "reconnects", "text"];
/** Figures, and what they are called where the table is cards and has no head. @type {Record<string, string>} */
const NUMBERS = { since: "Since", topics: "Topics", rate: "Msg/s", gaps: "Gaps", resyncs: "Resyncs", reconnects: "Reconnects" };

/** @param {string} state @returns {string} */
export function stateWord(state) {
  return WORDS[/** @type {keyof WORDS} */ (state)] ?? state;
}

export class StatusLinks {
  #body;
  #page;
  #titles;
  #names = "";
  /** @type {{row: HTMLElement, title: Text, texts: Record<string, Text>, cell: HTMLElement}[]} */
  #rows = [];

  /** @param {Element} body @param {import("../main.js").Page} page @param {(venue: string) => string} titles of venues */
  constructor(body, page, titles) {
    this.#body = body;
    this.#page = page;
    this.#titles = titles;
  }

  /** @param {string[]} venues */
  draw(venues) {
    const lines = venues.flatMap((venue) => this.#lines(venue));
    const names = lines.map(({ title, link }) => `${title} ${link}`).join("\n");
    if (names !== this.#names) this.#build(lines.length);
    this.#names = names;
    lines.forEach((line, at) => this.#drawRow(this.#rows[at], line));
  }

  /** @param {string} venue @returns {Record<string, string>[]} */
  #lines(venue) {
    const { store, liveness } = this.#page;
    const value = store.get({ channel: "status", symbol: venue })?.value;
    const title = this.#titles(venue);
    const own = liveness.standing(venue, { state: "live", reason: "" });
    /** @param {{state: string, reason: string, phase: string | undefined}} link */
    const stood = (link) => (link.state === "live" ? { reason: link.reason } : liveness.standing(venue, link));
    const silent = !liveness.connected || !liveness.feedAlive(venue);
    const silentS = silent ? liveness.silentS(venue) : NaN;
    const since = silentS > 0 ? Date.now() * 1000 - silentS * 1e6 : undefined;
    const links = (value?.links ?? []).map((/** @type {any} */ link) => ({ ...link, ...stood({ ...link, reason: link.reason || (value?.phase_words ?? ""), phase: value?.phase }) }));
    if (links.length === 0) return [line(title, { name: "–", state: own.state, reason: own.reason, since })];
    return links.map((/** @type {any} */ link) =>
      line(title, silent && link.state === "live" ? { ...link, state: "stale", reason: own.reason, since, messages_per_s: 0 } : link),
    );
  }

  /** @param {number} count */
  #build(count) {
    this.#rows = Array.from({ length: count }, () => {
      const head = element("th", { scope: "row" });
      const cells = CELLS.map((name) => element("td", NUMBERS[name] ? { class: "num", "data-label": NUMBERS[name] } : { class: name }));
      const row = element("tr", {}, head, ...cells);
      const texts = Object.fromEntries(CELLS.map((name, at) => [name, textOf(cells[at])]));
      return { row, title: textOf(head), texts, cell: cells[CELLS.length - 1] };
    });
    this.#body.replaceChildren(...this.#rows.map(({ row }) => row));
  }

  /** @param {{row: HTMLElement, title: Text, texts: Record<string, Text>, cell: HTMLElement}} row @param {Record<string, string>} line */
  #drawRow({ row, title, texts, cell }, line) {
    attribute(row, "data-state", line.plain);
    write(title, line.title);
    for (const name of CELLS) write(texts[name], line[name]);
    attribute(cell, "title", line.text || null);
  }
}

/** What a reason begins with already is not said again. @param {string} [reason] @param {string} [error] */
export function whyDown(reason = "", error = "") {
  return [reason, reason.startsWith(error) ? "" : error].filter(Boolean).join(" · ");
}

/** @param {string} title @param {any} link */
function line(title, link) {
  const number = (/** @type {number | undefined} */ value) => (value === undefined ? "" : String(value));
  return {
    title,
    link: link.name,
    plain: link.state,
    state: stateWord(link.state),
    since: link.since ? age((Date.now() * 1000 - link.since) / 1e6) : "",
    topics: number(link.topics),
    rate: link.messages_per_s === undefined ? "" : Number(link.messages_per_s).toFixed(1),
    gaps: number(link.gaps),
    resyncs: number(link.resyncs),
    reconnects: number(link.reconnects),
    text: whyDown(link.reason, link.last_error),
  };
}
