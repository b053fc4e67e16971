import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { compare } from "../../static/js/core/decimal.js";
import { Format } from "../../static/js/core/format.js";
import { isMiddle, priceDigits, priceOf } from "../../static/js/core/price.js";
import { sorted } from "../../static/js/widgets/columns.js";

const cases = JSON.parse(readFileSync(new URL("../contract/prices/middles.json", import.meta.url), "utf8"));

for (const { name, middle, price, shown, ...value } of cases) {
  test(`what stands as a price: ${name}`, () => {
    const listed = { untold: middle ? ["last", "volume"] : ["volume"], priceDecimals: 5 };
    const found = priceOf(listed, value);
    assert.equal(isMiddle(listed), middle);
    assert.ok(price === null ? found === undefined : compare(found, price) === 0, `${found} is not ${price}`);
    assert.equal(new Format().price(found, priceDigits(listed)), shown);
  });
}

test("a dealer's instruments stand among the others by their middle", () => {
  const of = (symbol, untold, value) => ({ listed: { symbol, untold, base: symbol, quote: "USD" }, value, state: "live", ageS: 0 });
  const all = [of("A", [], { last: "2" }), of("B", ["last"], { bid: "2.9", ask: "3.1" }), of("C", [], {}), of("D", [], { last: "4" })];
  assert.deepEqual(sorted(all, "last", -1).map(({ listed }) => listed.symbol), ["D", "B", "A", "C"]);
});
