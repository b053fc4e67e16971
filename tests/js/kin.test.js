import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { comparable, elsewhere } from "../../static/js/core/kin.js";

const { every, cases } = JSON.parse(readFileSync(new URL("../contract/kin/elsewhere.json", import.meta.url), "utf8"));
const listed = Object.entries(every).map(([symbol, { quote, kind, strike, right, expiryUs, asset }]) => {
  const contract = kind === "spot" ? undefined : { strike, right, expiryUs };
  return { symbol, asset, quote, quoteAsset: quote, kind, followed: true, contract };
});
const named = (symbol) => listed.find((each) => each.symbol === symbol);

for (const { name, of, elsewhere: kin, compared } of cases) {
  test(`beside an instrument: ${name}`, () => {
    const found = elsewhere(named(of), listed);
    assert.deepEqual(found.map(({ symbol }) => symbol), kin);
    assert.deepEqual(found.filter((each) => comparable(each, named(of))).map(({ symbol }) => symbol), compared);
  });
}

test("what nobody follows brings no quote to stand there", () => {
  const others = listed.map((each) => ({ ...each, followed: false }));
  assert.deepEqual(elsewhere(named("KRAKEN:BTC/USD"), others), []);
});
