import assert from "node:assert/strict";
import { test } from "node:test";

import { age, Format, round, sign } from "../../static/js/core/format.js";

const english = new Format();

test("a price keeps its digits and has at least those of its tick", () => {
  assert.equal(english.price("64012.1", 2), "64,012.10");
  assert.equal(english.price("64012.1234", 2), "64,012.1234");
  assert.equal(english.price("12345678901234567890.1", 1), "12,345,678,901,234,567,890.1");
  assert.equal(english.price("0.50000", 5), "0.50000");
  assert.equal(english.price("7", 0), "7");
  assert.equal(english.price("63995.64000000", 2), "63,995.64");
  assert.equal(english.price("63995.64100000", 2), "63,995.641");
  assert.equal(english.price("1500.000", 0), "1,500");
});

test("the digits of a price are those that were sent, whatever they are", () => {
  for (let at = 0; at < 2000; at++) {
    const text = `${(at * 7919) % 1000003}.${String((at * 104729) % 99999).padStart(5, "0")}`;
    const shown = english.price(text, 5);
    if (!shown.includes("0₅")) assert.equal(shown.replaceAll(",", ""), text);
  }
});

test("many zeros are counted instead of shown", () => {
  assert.equal(english.price("0.00000712", 8), "0.0₅712");
  assert.equal(english.price("0.0000071", 8), "0.0₅710");
  assert.equal(english.price("0.00001", 5), "0.00001");
  assert.equal(english.price("0.000000000000123", 15), "0.0₁₂123");
  assert.equal(english.price("0.00000000", 8), "0.00000000");
});

test("each style groups and points in its own way", () => {
  const style = (/** @type {object} */ other) => new Format({ point: ".", group: ",", second: 3, least: 4, ...other });
  assert.equal(style({ point: ",", group: "." }).price("1234567.5", 2), "1.234.567,50");
  assert.equal(style({ second: 2 }).price("1234567.5", 2), "12,34,567.50");
  assert.equal(style({ group: "" }).price("1234567.5", 2), "1234567.50");
  assert.equal(style({ least: 5 }).price("1234.5", 2), "1234.50");
  assert.equal(style({ least: 5 }).price("12345.5", 2), "12,345.50");
});

test("what is absent is a dash, never zero", () => {
  for (const text of ["", undefined, null, "NaN", "Infinity", "1E999", "<img src=x onerror=alert(1)>"]) {
    for (const shown of [english.price(text, 2), english.percent(text), english.compact(text), english.signed(text, 2)]) {
      assert.equal(shown, "–");
    }
  }
});

test("a change has its sign, and zero has none", () => {
  assert.equal(english.percent("1.254"), "+1.25%");
  assert.equal(english.percent("-0.485"), "−0.49%");
  assert.equal(english.percent("0.001"), "0.00%");
  assert.equal(english.signed("-1234.5", 1), "−1,234.5");
});

test("a minus that rounds to nothing is no minus", () => {
  assert.equal(english.percent("-0.001"), "0.00%");
});

test("large amounts have three digits and a letter", () => {
  const shown = ["0", "0.0000056749", "0.009996", "0.00123", "0.1234", "9.994", "9.996", "123.4", "999.9", "1234", "999600", "1234567890", "999999999999", "1234567890123456"];
  assert.deepEqual(shown.map((text) => english.compact(text)), [
    "0.00", "0.0₅567", "0.01", "0.00123", "0.12", "9.99", "10.00", "123", "1.00 K", "1.23 K", "1.00 M", "1.23 B", "1.00 T", "1.23 Q",
  ]);
});

test("rounding carries through nines", () => {
  assert.equal(round("9.995", 2), "10.00");
  assert.equal(round("0.5", 0), "1");
  assert.equal(round("-99.99", 1), "-100.0");
});

test("the sign of a number is read from its digits", () => {
  assert.deepEqual(["-0.00", "0", "5", "-5", "x"].map(sign), [0, 0, 1, -1, 0]);
});

test("ages are words that grow", () => {
  const shown = [0, 0.44, 9.9, 12.7, 119, 121, 7200, 200_000, NaN, -1].map(age);
  assert.deepEqual(shown, ["< 1 s", "< 1 s", "9 s", "12 s", "119 s", "2 min", "2 h", "2 d", "–", "< 1 s"]);
});
