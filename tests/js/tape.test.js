import assert from "node:assert/strict";
import { test } from "node:test";

import { TRADES } from "../../static/js/widgets/tape.js";

const tape = /** @type {any} */ ({
  page: { format: { price: String, number: String } },
  listed: { priceDecimals: 2, qtyDecimals: 0 },
  zone: { timeOfDay: () => "15:51:44" },
});

test("a trade points where its aggressor went, and nowhere when nobody says", () => {
  const shown = ["buy", "sell", ""].map((side) => TRADES.texts({ side, price: "126.55", qty: "1", ts_exchange: 1 }, tape)[0]);
  assert.deepEqual(shown, ["↑ 126.55", "↓ 126.55", "· 126.55"]);
});
