import assert from "node:assert/strict";
import { test } from "node:test";

import { sleepless } from "../../static/js/core/clock.js";

function turned() {
  const at = { mono: 0, wall: 1_000_000 };
  return { at, now: sleepless(() => at.mono, () => at.wall) };
}

test("an hour of sleep has passed, also where the monotonic clock stood still", () => {
  const { at, now } = turned();
  at.mono += 200;
  at.wall += 3_600_200;
  assert.equal(now(), 3_600_200);
  at.mono += 50;
  at.wall += 50;
  assert.equal(now(), 3_600_250);
});

test("a wall clock that is corrected, or set back, moves nothing", () => {
  const { at, now } = turned();
  at.wall += 900;
  assert.equal(now(), 0);
  at.wall -= 7_200_000;
  at.mono += 10;
  assert.equal(now(), 10);
  at.mono += 5_000; // a monotonic clock that does count sleep counts it once
  at.wall += 5_000;
  assert.equal(now(), 5_010);
});
