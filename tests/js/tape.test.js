import assert from "node:assert/strict";
import { test } from "node:test";

import { TRADES, standing } from "../../static/js/widgets/tape.js";

const tape = /** @type {any} */ ({
  page: { format: { price: String, number: String } },
  listed: { priceDecimals: 2, qtyDecimals: 0 },
  zone: { timeOfDay: () => "15:51:44" },
});

test("a trade points where its aggressor went, and nowhere when nobody says", () => {
  const shown = ["buy", "sell", ""].map((side) => TRADES.texts({ side, price: "126.55", qty: "1", ts_exchange: 1 }, tape)[0]);
  assert.deepEqual(shown, ["↑ 126.55", "↓ 126.55", "· 126.55"]);
});

test("a tape from whose midst a trade was taken is drawn anew, one that only grew is not", () => {
  const [a, b, c, d] = ["1", "2", "3", "4"].map((trade_id) => ({ trade_id, price: "5", qty: "1" }));
  const rows = [{ item: c }, { item: b }, { item: a }];

  assert.equal(standing(rows, [a, b, c, d], 2, TRADES), 2);
  assert.equal(standing(rows, [b, c, d], 1, TRADES), 1, "the oldest fell off");
  assert.equal(standing(rows, [a, c, d], 1, TRADES), -1);
  assert.equal(standing(rows, [a, { ...b, price: "6" }, c], 2, TRADES), -1);
});
