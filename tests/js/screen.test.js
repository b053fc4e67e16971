import assert from "node:assert/strict";
import { test } from "node:test";

import { following, freePlace, inOrder, meets, names, regrouped, roomFor, screenOf, symbolOf, textOf } from "../../static/js/core/screen.js";

const chart = { kind: "chart", x: 0, y: 0, w: 12, h: 12 };
const book = { kind: "book", x: 12, y: 0, w: 6, h: 24 };
const tape = { kind: "tape", x: 0, y: 12, w: 12, h: 12 };
const bounds = { columns: 24, rows: 72 };

test("places meet where they have a cell in common", () => {
  assert.equal(meets(chart, { ...book, x: 11 }), true);
  assert.equal(meets(chart, book), false);
  assert.equal(meets(chart, tape), false);
  assert.equal(meets({ ...chart, y: 1 }, tape), true);
});

test("panels are read by rows, then from the left", () => {
  assert.deepEqual(inOrder([tape, book, chart]).map(({ kind }) => kind), ["chart", "book", "tape"]);
});

test("equal screens have equal texts, whatever was said that is usual", () => {
  const wordy = { panels: [{ ...tape, follows: "page", interval: 60 }, { ...chart, interval: 1 }, book], groups: { a: "KRAKEN:ETH/USD" } };
  assert.equal(textOf(wordy), textOf({ panels: [chart, book, tape] }));
  assert.equal(textOf(screenOf(textOf(wordy))), textOf(wordy));
  const told = { panels: [{ ...chart, follows: "b", interval: 60 }], groups: { b: "KRAKEN:ETH/USD" } };
  assert.equal(textOf(told), '{"panels":[{"kind":"chart","x":0,"y":0,"w":12,"h":12,"follows":"b","interval":60}],"groups":{"b":"KRAKEN:ETH/USD"}}');
});

test("a panel shows the page, its group, or an instrument of its own", () => {
  const screen = { panels: [chart, { ...book, follows: "a" }, { ...tape, follows: "BINANCE:BTCUSDT" }], groups: { a: "KRAKEN:ETH/USD" } };
  assert.deepEqual(screen.panels.map((panel) => symbolOf(screen, panel, "KRAKEN:BTC/USD")), ["KRAKEN:BTC/USD", "KRAKEN:ETH/USD", "BINANCE:BTCUSDT"]);
  assert.deepEqual(names(screen), ["KRAKEN:ETH/USD", "BINANCE:BTCUSDT"]);
});

test("a group's panels switch together, others stay", () => {
  const screen = following({ panels: [chart, { ...book, follows: "a" }, tape], groups: { a: "KRAKEN:ETH/USD" } }, 2, "a");
  const next = regrouped(screen, "a", "KRAKEN:SOL/USD");
  assert.deepEqual(next.panels.map((panel) => symbolOf(next, panel, "page")), ["page", "KRAKEN:SOL/USD", "KRAKEN:SOL/USD"]);
  assert.equal(screen.groups.a, "KRAKEN:ETH/USD");
});

test("a new panel goes to the first free place, below the others where there is none", () => {
  assert.deepEqual(freePlace([chart, book, tape], { w: 6, h: 24 }, bounds), { x: 18, y: 0, w: 6, h: 24 });
  assert.deepEqual(freePlace([chart, book, tape], { w: 7, h: 4 }, bounds), { x: 0, y: 24, w: 7, h: 4 });
  assert.equal(freePlace([{ x: 0, y: 0, w: 24, h: 70 }], { w: 4, h: 4 }, bounds), null);
});

test("where the usual size has no room, the least may have", () => {
  const full = [{ x: 0, y: 0, w: 24, h: 66 }];
  assert.deepEqual(roomFor([], { min_w: 4, min_h: 5 }, bounds), { x: 0, y: 0, w: 8, h: 10 });
  assert.deepEqual(roomFor(full, { min_w: 4, min_h: 5 }, bounds), { x: 0, y: 66, w: 4, h: 5 });
  assert.equal(roomFor([{ x: 0, y: 0, w: 24, h: 72 }], { min_w: 4, min_h: 5 }, bounds), null);
});
