import assert from "node:assert/strict";
import { test } from "node:test";

import { share } from "../../static/js/core/decimal.js";
import { along, rateOf, turned } from "../../static/js/core/rates.js";

const step = (market, forward, price = "1") => ({ market, forward, price, live: true });

test("a rate is the middle of a book that does not cross, else the last price", () => {
  assert.equal(rateOf({ bid: "1.08", ask: "1.09", last: "3" }), "1.085");
  assert.equal(rateOf({ bid: "1.10", ask: "1.09", last: "3" }), "3");
  assert.equal(rateOf({ bid: "", ask: "1.09", last: "3" }), "3");
  assert.equal(rateOf({ bid: "0", ask: "0", last: "0" }), null);
  assert.equal(rateOf(undefined), null);
});

test("a path multiplies by what it reads forward and divides by the rest", () => {
  const prices = { "A:EUR/USDT": "1.25", "A:USDT/USD": "0.999", "A:CHF/USD": "1.1" };
  const priceOf = ({ market }) => prices[market];

  const rate = along([step("A:EUR/USDT", true), step("A:USDT/USD", true), step("A:CHF/USD", false)], priceOf);

  assert.deepEqual(rate, { over: "1.24875", under: "1.1" });
  assert.equal(turned("1000", rate), "1135.227272727272727272727273");
  assert.equal(turned("-1000", rate), "-1135.227272727272727272727273");
  assert.equal(turned("0", rate), "0");
});

test("what is shared rounds half to even at the last place, as the server does", () => {
  assert.equal(share("0.000000000000000000000005", "0.5", "1"), "0.000000000000000000000002");
  assert.equal(share("0.000000000000000000000003", "0.5", "1"), "0.000000000000000000000002");
  assert.equal(share("-0.000000000000000000000001", "0.5", "1"), "0");
  assert.equal(share("-0.000000000000000000000003", "0.5", "1.0"), "-0.000000000000000000000002");
  assert.equal(share("1350.50", "1", "1"), "1350.5");
  assert.equal(share("1", "2", "3"), "0.666666666666666666666667");
});
