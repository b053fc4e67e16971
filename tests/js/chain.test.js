import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { around, figure, forwardOf, insideOf, leftIn, nearest, queryOf, summed } from "../../static/js/core/chain.js";
import { estimate, FIGURES } from "../../static/js/core/estimates.js";
import { Format } from "../../static/js/core/format.js";
import { boundsOf, pointOf, ticks } from "../../static/js/core/smile.js";

const { cases } = JSON.parse(readFileSync(new URL("../contract/options/lines.json", import.meta.url), "utf8"));
const format = new Format();

test("figures are written as the server writes them, the venue's, ours and the difference", () => {
  assert.ok(cases.length > 20);
  for (const { name, option, value, magnitude, show, figures, reasons } of cases) {
    const ours = estimate(option, value);
    const found = Object.fromEntries(FIGURES.map((each) => [each, figure(format, each, value, ours, { show, magnitude })]));
    assert.deepEqual(found, figures, name);
    if (show !== "venue") assert.deepEqual(ours.reasons, reasons, name);
  }
});

test("the money is at the nearest strike, of two that are as near at the lower", () => {
  const prices = ["9000", "10000", "12000.5"];
  assert.deepEqual(["1", "9400", "9500", "9501", "12000.5", "99999"].map((forward) => nearest(prices, forward)), [0, 0, 0, 1, 2, 2]);
  assert.deepEqual([nearest(prices, null), nearest([], "1")], [-1, -1]);
  assert.deepEqual([insideOf("9000", "9000.1"), insideOf("9000", "9000"), insideOf("1", null)], ["call", "put", null]);
});

test("strikes around the money are kept, all where nobody knows it", () => {
  assert.deepEqual([around(20, 1, 2), around(20, 19, 2), around(20, -1, 2), around(20, 5, 0)], [[0, 4], [17, 20], [0, 20], [0, 20]]);
});

test("the underlying is what the newest row says", () => {
  const rows = [{ underlying_price: "1", ts_exchange: 5 }, undefined, { underlying_price: "2", ts_exchange: 9 }, { ts_exchange: 99 }, { underlying_price: "<b>", ts_exchange: 99 }];
  assert.equal(forwardOf(rows), "2");
  assert.equal(forwardOf([]), null);
});

test("time left and standings are told as the server tells them", () => {
  assert.deepEqual([30 * 86_400e6, 31 * 3600e6, 30 * 60e6, 0, NaN].map(leftIn), ["30 d", "31 h", "30 min", "expired", ""]);
  assert.equal(summed(["live", "live"]), "All 2 live");
  assert.equal(summed(["syncing", "live", "stale", "syncing"]), "1 of 4 live, 2 syncing, 1 stale");
});

test("a choice is an address, without what is usual", () => {
  const usual = { expiry: "", show: "venue", columns: "quotes", side: "call", around: "", smile: "" };
  assert.equal(queryOf(usual), "?");
  assert.equal(queryOf({ ...usual, expiry: "2030-12-27", show: "ours", around: "10" }), "?expiry=2030-12-27&show=ours&around=10");
});

test("a smile is of what is out of the money, without what nobody bids", () => {
  const terms = { strike: "70000", expiryUs: 2_000_000_000_000_000, inCoin: true };
  const line = { price: "70000", options: ["call", "put"].map((right) => ({ right, terms: { ...terms, right } })) };
  const value = { mark_iv: "64.8", bid_iv: "0.0", ask_iv: "66", mark: "0.05", underlying_price: "64000", ts_exchange: 1_990_000_000_000_000 };
  const read = () => ({ value, live: true });

  const call = pointOf(line, "64000", read);
  assert.deepEqual([call.right, call.bid, call.ask, call.mark, call.strike], ["call", null, 66, 64.8, 70000]);
  assert.ok(call.ours > 10 && call.ours < 200);
  assert.equal(pointOf(line, "71000", read).right, "put");
  assert.equal(pointOf({ ...line, options: line.options.slice(0, 1) }, "71000", read).right, "call");
  assert.equal(pointOf(line, "64000", () => ({ value: undefined, live: false })), null);
});

test("a picture shows all marks, and its lines are round", () => {
  const far = { mark: 55, ours: 54, bid: 1, ask: 900 };
  const { low, high } = boundsOf([far, { ...far, mark: 75, ours: null }]);
  assert.ok(low < 54 && low > 40 && high > 75 && high < 90);
  assert.equal(boundsOf([{ mark: null, ours: null }]), null);
  assert.deepEqual(ticks({ low: 52, high: 71 }, 4), [55, 60, 65, 70]);
  assert.deepEqual(ticks({ low: 0.2, high: 0.72 }, 5), [0.2, 0.4, 0.6]);
});
