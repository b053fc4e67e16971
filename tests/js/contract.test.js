import assert from "node:assert/strict";
import { test } from "node:test";

import { behind, countdown, hundredfold, left, payer, premium, remaining, share, spoken, turnover, unitOf, yearly } from "../../static/js/core/contract.js";

const DAY_US = 86_400_000_000;

test("a basis is mark less index, exact, and a share of the index", () => {
  assert.equal(premium("64012.35820000", "64029.76152174"), "-17.40332174");
  assert.equal(share("-17.40332174", "64029.76152174"), "-0.027");
  assert.equal(share(premium("64012.3", undefined), "64029.7"), null);
  assert.equal(share("1", "0"), null);
});

test("a basis of a year is the share for 365 days, and none on the last day or without an expiry", () => {
  assert.equal(yearly("100", "10000", 73 * DAY_US), "5.000");
  assert.equal(yearly("-100", "10000", 36.5 * DAY_US), "-10.000");
  assert.equal(yearly("100", "10000", DAY_US - 1), null);
  assert.equal(yearly("100", "10000", NaN), null);
});

test("a rate is told in per cent, with who pays whom", () => {
  assert.deepEqual(["0.00010000", "-0.00003112", "0.5", "1"].map(hundredfold), ["0.010000", "-0.003112", "50", "100"]);
  assert.deepEqual(["0.0001", "-0.1", "0.000", undefined].map(payer), ["longs pay", "shorts pay", "nobody pays", ""]);
});

test("what is left is told by the venue's clock, whatever the visitor's says", () => {
  const value = { ts_exchange: 1_000_000_000 };
  assert.equal(remaining(1_000_000_000 + 3_600e6, value, 10.5), 3_589.5e6);
  assert.equal(remaining(5, { ts_exchange: 0, ts_received: 2 }, 0), 3);
  assert.ok(Number.isNaN(remaining(undefined, value, 1)) && Number.isNaN(remaining(5, undefined, 1)));
});

test("eyes hear each second, ears each minute", () => {
  assert.deepEqual([NaN, -1, 1, 61e6, 3 * 3600e6 + 724e6].map(countdown), ["–", "due", "0:00:01", "0:01:01", "3:12:04"]);
  assert.deepEqual([59e6, 61e6, 3 * 3600e6 + 724e6, 0].map(spoken), ["in 1 min", "in 2 min", "in 3 h 13 min", "due"]);
  assert.deepEqual([0, 5 * 60e6, 31 * 3600e6, 48 * 3600e6].map(left), ["expired", "in 5 min", "in 31 h", "in 2 days"]);
});

test("24 hours of contracts are worth their size, inverse ones whatever the price", () => {
  const value = { volume: "50", last: "20" };
  const of = (size, inverse) => ({ base: "BTC", quote: "USD", contract: { size, inverse, counted: true } });
  assert.equal(turnover({ base: "BTC", quote: "USD" }, value), "1000");
  assert.equal(turnover(of("0.1", false), value), "100.0");
  assert.equal(turnover(of("100", true), value), "5000");
  assert.equal(turnover(of("100", true), { volume: "50" }), "5000");
  assert.deepEqual([unitOf({ base: "BTC" }), unitOf(of("100", true)), unitOf(of("1", true))], ["BTC", "contracts", "USD"]);
});

test("what is priced in itself has no currency behind it", () => {
  assert.equal(behind({ base: "BTC", quote: "USD" }), "/USD");
  assert.equal(behind({ base: "BTC", quote: "BTC" }), "");
});
