import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { share } from "../../static/js/core/contract.js";
import { compare } from "../../static/js/core/decimal.js";
import { bps, compares, middle, multiple, off, publishedS, unlike } from "../../static/js/core/oracle.js";

const { cases, words } = JSON.parse(readFileSync(new URL("../contract/oracles/deviations.json", import.meta.url), "utf8"));

for (const { name, ...told } of cases) {
  test(`a market against an index: ${name}`, () => {
    const mid = middle(told);
    const difference = off(mid, told.last);
    for (const [found, expected] of [[mid, told.mid], [difference, told.off]]) {
      assert.ok(found === expected || compare(found, expected) === 0, `${found} is not ${expected}`);
    }
    const part = difference === null ? null : share(difference, told.last);
    assert.equal(part?.replace(/^-(?=0\.0+$)/, "") ?? null, told.share);
    assert.equal(multiple(difference, told.confidence), told.times);
    assert.equal(bps(told.confidence, told.last), told.bps);
  });
}

for (const { listed, others, compared, words: said } of words) {
  test(`another currency is not compared, and that is said: ${listed.join(" ")}`, () => {
    const pair = ([kind, base, quote]) => ({ kind, base, quote, asset: base, quoteAsset: quote });
    assert.equal(others.filter((each) => compares(pair(listed), pair(each))).length, compared);
    assert.equal(unlike(pair(listed), others.map(pair)), said);
  });
}

test("an age counts from the publication, and clocks that are apart make nothing younger", () => {
  assert.equal(publishedS({ ts_exchange: 1e6, ts_received: 3e6 }, 3), 5);
  assert.equal(publishedS({ ts_exchange: 3e6, ts_received: 1e6 }, 3), 3);
  assert.equal(publishedS({ ts_received: 3e6 }, 3), NaN);
  assert.equal(publishedS(undefined, 3), NaN);
});
