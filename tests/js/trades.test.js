import assert from "node:assert/strict";
import { test } from "node:test";

import { marked, placeOf } from "../../static/js/core/trades.js";

const MINUTE = 60e6;
const bars = [0, 1, 2, 5].map((at) => ({ ts: at * MINUTE }));

test("a time falls into the bar that holds it, and into none where there is a hole", () => {
  for (const [us, place] of [[-1, -1], [0, 0], [MINUTE - 1, 0], [MINUTE, 1], [2.5 * MINUTE, 2], [3 * MINUTE, -1], [5 * MINUTE, 3], [6 * MINUTE, -1]]) {
    assert.equal(placeOf(bars, us, 1), place, String(us));
  }
  assert.equal(placeOf([], 5, 1), -1);
});

test("what was bought in a bar is one mark, what was sold another, and all have words", () => {
  const trades = [
    { ts: 5, up: true, words: "a" },
    { ts: 6, up: true, words: "b" },
    { ts: 7, up: false, words: "c" },
    { ts: 3 * MINUTE, up: true, words: "in a hole" },
    { ts: 5 * MINUTE, up: false, words: "d" },
  ];

  const { marks, words } = marked(trades, bars, 1);

  assert.deepEqual(marks, [{ ts: 0, up: true }, { ts: 0, up: false }, { ts: 5 * MINUTE, up: false }]);
  assert.deepEqual([...words], [[0, ["a", "b", "c"]], [5 * MINUTE, ["d"]]]);
});
