import assert from "node:assert/strict";
import { test } from "node:test";

import { ages, count, known, outOfDate, quantiles, Trail } from "../../static/js/core/freshness.js";

const BTC = "KRAKEN:BTC/USD";
const ETH = "KRAKEN:ETH/USD";
const near = (found, expected) => assert.ok(Math.abs(found - expected) < 1e-6, `expected ${expected}, found ${found}`);

function trail(...steps) {
  const made = new Trail();
  for (const [symbol, version, at, age] of steps) made.shows(symbol, version, at, age);
  return made;
}

test("an age grows until the next value comes, and is weighted by time", () => {
  // 0 → 1,000 over a second, then 0 → 3,000 over three.
  const found = ages(trail([BTC, 1, 0, 0], [BTC, 2, 1000, 0]), 4000);

  near(found.mean, (500 * 1 + 1500 * 3) / 4);
  near(found.p50, 1000); // two spans until 1,000, that is two of four seconds
  near(found.p95, 2800);
  near(found.p99, 2960);
});

test("quantiles agree with counting many samples", () => {
  const spans = [[0, 30], [5, 12], [100, 400], [40, 41], [7, 7]];
  const samples = spans.flatMap(([from, to]) => Array.from({ length: (to - from) * 1000 }, (_, at) => from + at / 1000)).sort((a, b) => a - b);
  const shares = [0.01, 0.25, 0.5, 0.95, 0.99];

  quantiles(spans, shares).forEach((found, at) => {
    assert.ok(Math.abs(found - samples[Math.floor(shares[at] * samples.length)]) < 0.01, `${shares[at]}: ${found}`);
  });
});

test("a value that says nothing new does not become younger", () => {
  const found = ages(trail([BTC, 1, 0, 0], [BTC, 1, 1000, 0], [BTC, 1, 2000, 0]), 3000);

  near(found.mean, 1500);
  near(found.p99, 2970);
});

test("what showed nothing has no age", () => {
  assert.equal(ages(new Trail(), 1000), null);
  assert.equal(outOfDate(new Trail(), new Map(), 1000), null);
  assert.equal(ages(trail([BTC, 1, 500, 3]), 500), null);
});

test("changes are those that any way saw", () => {
  const socket = trail([BTC, 1, 0, 0], [BTC, 2, 100, 0], [BTC, 3, 200, 0], [ETH, 1, 0, 0]);
  const polling = trail([BTC, 1, 50, 50], [BTC, 4, 1050, 10]);

  assert.equal(count(known([socket, polling])), 5);
  assert.equal(socket.size, 4);
  assert.equal(polling.size, 2);
});

test("out of date is what had been replaced at its source", () => {
  const socket = trail([BTC, 1, 0, 0], [BTC, 2, 110, 10], [BTC, 3, 210, 10]); // born at 0, 100 and 200
  const polling = trail([BTC, 1, 0, 0], [BTC, 3, 1000, 800]);
  const all = known([socket, polling]);

  near(outOfDate(socket, all, 1000), 20 / 1000);
  near(outOfDate(polling, all, 2000), 900 / 2000);
});
