import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Format } from "../../static/js/core/format.js";
import { moneyIn, named, percentOf } from "../../static/js/core/money.js";

const table = JSON.parse(readFileSync(new URL("../contract/texts/portfolio.json", import.meta.url), "utf8"));
const writing = (style) => moneyIn(new Format(table.styles[style]));

test("money, prices of one and per cents are written as the server writes them", () => {
  for (const { value, places, signed, style, cell } of table.money) assert.deepEqual(writing(style).money(value, places, signed), cell, value);
  for (const { value, style, cell } of table.unit) assert.deepEqual(writing(style).unit(value), cell, value);
  for (const { one, other, style, cell, weight } of table.per_cent) {
    assert.deepEqual(writing(style).percent(percentOf(one, other)), cell, `${one} of ${other}`);
    assert.equal(writing(style).weight(percentOf(one, other)), weight, `${one} of ${other}`);
  }
});

test("what nobody can say is a dash", () => {
  const { money, unit, percent, weight } = writing("comma-point");
  for (const cell of [money(null, 2), unit(undefined), percent(percentOf("1", "0")), percent(percentOf(null, "1"))]) assert.equal(cell.text, "–");
  assert.equal(weight(null), "–");
});

test("of many names some are counted", () => {
  assert.equal(named(["a", "b"]), "a, b");
  assert.equal(named(["a", "b", "c"], 2), "a, b and 1 more");
});
