import assert from "node:assert/strict";
import { test } from "node:test";

import { BarSeries, differsFrom } from "../../static/js/core/barseries.js";

const bar = (minute, close = "1") => ({ ts: minute * 60e6, close });
const minutes = (from, to) => Array.from({ length: to - from }, (_, at) => bar(from + at));
const times = ({ bars }) => bars.map(({ ts }) => ts / 60e6);

test("older pages stand before live bars, no time twice", () => {
  const series = new BarSeries(1);
  series.join(minutes(100, 105));
  series.prepend(minutes(95, 102));

  assert.deepEqual(times(series), [95, 96, 97, 98, 99, 100, 101, 102, 103, 104]);
});

test("what the live bars no longer carry stays", () => {
  const series = new BarSeries(1);
  for (let from = 100; from < 110; from += 1) series.join(minutes(from, from + 5));

  assert.deepEqual(times(series), minutes(100, 114).map(({ ts }) => ts / 60e6));
});

test("a live bar takes the place of a stored one", () => {
  const series = new BarSeries(1);
  series.prepend(minutes(95, 103));
  series.join([bar(101, "2"), bar(102, "3"), bar(103, "4")]);

  assert.deepEqual(times(series), [95, 96, 97, 98, 99, 100, 101, 102, 103]);
  assert.deepEqual(series.bars.slice(-3).map(({ close }) => close), ["2", "3", "4"]);
});

test("where bars were not told the past begins anew: what is held may have holes", () => {
  const series = new BarSeries(1);
  series.prepend(minutes(90, 100));
  series.join(minutes(100, 105));
  series.join(minutes(103, 106));

  assert.deepEqual(times(series), [103, 104, 105]);
});

test("after a long sleep the past begins anew: what is between is not known", () => {
  const series = new BarSeries(1);
  series.join(minutes(100, 105));
  series.join(minutes(900, 905));

  assert.deepEqual(times(series), [900, 901, 902, 903, 904]);
});

test("times without trades are no reason to forget", () => {
  const series = new BarSeries(1);
  series.join([bar(100), bar(107)]);
  series.join([bar(107), bar(131)]);
  series.prepend([bar(3), bar(50)]);

  assert.deepEqual(times(series), [3, 50, 100, 107, 131]);
});

test("nothing live and an empty page change nothing", () => {
  const series = new BarSeries(5);
  series.join([]);
  series.prepend([]);
  assert.deepEqual(series.bars, []);

  series.prepend([bar(5)]);
  series.join([]);
  assert.deepEqual(times(series), [5]);
});

test("only what is new at the end is drawn again", () => {
  const drawn = minutes(0, 5);

  assert.equal(differsFrom(drawn, [...drawn, bar(5)]), 5);
  assert.equal(differsFrom(drawn, [...drawn.slice(0, 4), bar(4, "2")]), 4);
  assert.equal(differsFrom(drawn, [drawn[0], bar(1, "2"), ...drawn.slice(2)]), 1);
  assert.equal(differsFrom(drawn, [bar(-1), ...drawn]), 0);
  assert.equal(differsFrom(drawn, drawn.slice(0, 3)), 0);
  assert.equal(differsFrom([], drawn), 0);
});

test("a bar that changed while another began is drawn again, and a minute that came late means all", () => {
  const drawn = minutes(0, 5);

  assert.equal(differsFrom(drawn, [...drawn.slice(0, 3), bar(3, "2"), drawn[4], bar(5)]), 3);

  const hole = [...minutes(0, 2), ...minutes(3, 5)];
  assert.equal(differsFrom(hole, minutes(0, 5)), 0);
  assert.equal(differsFrom(hole, [...minutes(0, 2), bar(2), bar(3), bar(4), bar(5)]), 0);
  assert.equal(differsFrom(drawn, [...drawn.slice(0, 4), bar(6)]), 0); // the running one was taken back
});
