import assert from "node:assert/strict";
import { test } from "node:test";

import * as decimal from "../../static/js/core/decimal.js";

/** Pairs of numbers as whole hundred-millionths, and the same as text. */
function* pairs(count) {
  let state = 7;
  const next = (limit) => (state = (Math.imul(state, 48271) >>> 0) % 2147483647) % limit;
  for (let at = 0; at < count; at++) {
    const units = [next(10 ** next(9)), next(10 ** next(9))].map(BigInt);
    yield { units, texts: units.map((number) => shown(number, next(3))) };
  }
}

/** @param {bigint} units @param {number} form how the zeros at the end are written */
function shown(units, form) {
  const exact = decimal.text({ units, scale: 8 });
  return form === 0 ? exact : form === 1 ? `${exact}00` : exact.replace(/\.?0+$/, "");
}

test("comparing agrees with whole numbers", () => {
  for (const { units: [a, b], texts: [x, y] } of pairs(5000)) {
    assert.equal(Math.sign(decimal.compare(x, y)), a < b ? -1 : a > b ? 1 : 0, `${x} against ${y}`);
  }
});

test("adding, subtracting and multiplying are exact", () => {
  for (const { units: [a, b], texts: [x, y] } of pairs(2000)) {
    assert.equal(decimal.compare(decimal.add(x, y), decimal.text({ units: a + b, scale: 8 })), 0);
    assert.equal(decimal.compare(decimal.subtract(x, y), decimal.text({ units: a - b, scale: 8 })), 0);
    assert.equal(decimal.compare(decimal.multiply(x, y), decimal.text({ units: a * b, scale: 16 })), 0);
  }
});

test("a sum keeps every digit, where floats would not", () => {
  assert.equal(decimal.sum(Array(10).fill("0.1")), "1.0");
  assert.equal(decimal.sum(["12345678901234567890", "0.00000000000000000001"]), "12345678901234567890.00000000000000000001");
  assert.equal(decimal.sum([]), "0");
});

test("a ratio rounds half away from zero, and has none over zero", () => {
  assert.equal(decimal.ratio("1", "3", 4), "0.3333");
  assert.equal(decimal.ratio("1", "8", 2), "0.13");
  assert.equal(decimal.ratio("-1", "8", 2), "-0.13");
  assert.equal(decimal.ratio("1", "0.00", 2), null);
});

test("the spread in basis points is of the middle", () => {
  assert.equal(decimal.spreadBps("99.99", "100.01"), "2.00");
  assert.equal(decimal.spreadBps("0.0000099", "0.0000101"), "200.00");
  assert.equal(decimal.spreadBps("", "1"), null);
  assert.equal(decimal.spreadBps("0", "0"), null);
});

test("what is not a plain number is refused", () => {
  for (const text of ["", "NaN", "Infinity", "1E999", "1e5", "0x10", " 1", "1.", ".5", "--1", "1,000", null, undefined, 5]) {
    assert.equal(decimal.isNumber(text), false, String(text));
  }
  for (const text of ["0", "-1.5", "00.10", "123456789012345678901234567890.1"]) assert.equal(decimal.isNumber(text), true);
});

test("a middle is exact, with one digit more than its prices", () => {
  assert.equal(decimal.half("63808.1", "63820.8"), "63814.45");
  assert.equal(decimal.half("0.00000122", "0.00000124"), "0.000001230");
  assert.equal(decimal.half("1", "2"), "1.5");
  assert.equal(decimal.half("154.20", "154.3"), "154.250");
});
