// @ts-check
/** The figures of both ways beside each other, each with a bar: the longer one is all of the row. */
import { WAYS } from "../core/comparison.js";
import { attribute, element, textOf, write } from "../core/dom.js";
import { ABSENT } from "../core/format.js";

/**
 * @typedef {import("../core/comparison.js").Comparison} Comparison
 * @typedef {ReturnType<Comparison["figures"]>} Figures
 * @typedef {WAYS[number]} Name
 * @typedef {(comparison: Comparison, figures: Figures, name: Name) => number | null} Read
 * @typedef {{title: string, read: Read, say: (value: number) => string}} Line
 */

export class CompareTable {
  #lines;
  #cells;
  #format;

  /** @param {Element} body @param {import("../core/format.js").Format} format */
  constructor(body, format) {
    this.#format = format;
    this.#lines = lines((value, decimals) => format.number(value.toFixed(decimals), decimals));
    const made = this.#lines.map(({ title }) => row(title));
    this.#cells = made.map(({ cells }) => cells);
    body.replaceChildren(...made.map(({ root }) => root));
  }

  /** @param {Comparison} comparison */
  draw(comparison) {
    const figures = comparison.figures();
    this.#lines.forEach(({ read, say }, at) => {
      const values = WAYS.map((name) => read(comparison, figures, name));
      const most = Math.max(...values.map((value) => value ?? 0));
      values.forEach((value, way) => {
        const { text, bar } = this.#cells[at][way];
        write(text, value === null ? ABSENT : say(value));
        bar.style.setProperty("--share", String(value && most ? value / most : 0));
      });
    });
  }
}

/** @param {string} title */
function row(title) {
  const cells = WAYS.map(() => {
    const [words, bar] = [element("span"), element("i", { class: "bar-share", "aria-hidden": "true" })];
    return { root: element("td", {}, words, bar), text: textOf(words), bar };
  });
  const root = element("tr", {}, element("th", { scope: "row" }, title), ...cells.map((cell) => cell.root));
  attribute(root, "data-figure", title);
  return { root, cells };
}

/** @param {(value: number, decimals: number) => string} number @returns {Line[]} */
function lines(number) {
  const whole = (/** @type {number} */ value) => number(value, 0);
  const bytes = (/** @type {number} */ value) => (value < 10_000 ? `${number(value, 0)} B` : `${number(value / 1000, value < 1e6 ? 1 : 0)} kB`);
  const ms = (/** @type {number} */ value) => `${number(value, value < 100 ? 1 : 0)} ms`;
  const share = (/** @type {number} */ value) => `${number(value * 100, 1)}%`;
  /** @type {(title: string, say: (value: number) => string, name: keyof import("../core/tally.js").Tally) => Line} */
  const counted = (title, say, name) => ({ title, say, read: ({ ways }, _, way) => ways[way].tally[name] });
  /** @type {(title: string, name: keyof import("../core/freshness.js").Figures) => Line} */
  const aged = (title, name) => ({ title, say: ms, read: (_, figures, way) => figures[way].age?.[name] ?? null });
  const known = (/** @type {number} */ value) => value || null;
  return [
    aged("Age, mean", "mean"),
    aged("Age, p50", "p50"),
    aged("Age, p95", "p95"),
    aged("Age, p99", "p99"),
    { title: "Out of date", say: share, read: (_, figures, way) => figures[way].outOfDate },
    { title: "Changes seen", say: whole, read: (_, figures, way) => figures[way].seen },
    { title: "Changes never seen", say: whole, read: (_, figures, way) => figures.changes - figures[way].seen },
    counted("Received: frames, answers", whole, "received"),
    counted("Received, payload", bytes, "payload"),
    { title: "Received, with heads", say: bytes, read: ({ ways }, _, way) => known(ways[way].tally.wire) },
    counted("Sent: messages, requests", whole, "sent"),
    { title: "Sent, with heads", say: bytes, read: ({ ways }, _, way) => known(ways[way].tally.sentBytes) },
    { title: "Refused, failed, left out", say: whole, read: ({ ways }, _, way) => ways[way].tally.refused + ways[way].tally.failed + ways[way].tally.skipped },
    counted("Main thread, handlers", ms, "cpuMs"),
    { title: "Processor time, server", say: whole, read: () => null },
  ];
}
