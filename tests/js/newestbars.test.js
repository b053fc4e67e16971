import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

import { NewestBars } from "../../static/js/widgets/newestbars.js";
import { FakeClock } from "./fakes/time.js";

const real = globalThis.fetch;
afterEach(() => { globalThis.fetch = real; });

const MINUTE_MS = 60_000;

/** Answers with these, one after the other: bars, or a status that is none. */
function answers(...given) {
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url);
    const answer = given[asked.length - 1] ?? [];
    return typeof answer === "number" ? { ok: false, status: answer } : { ok: true, json: async () => ({ bars: answer }) };
  };
  return asked;
}

async function minute(clock) {
  clock.advance(MINUTE_MS);
  await turn();
}

test("the newest bars are asked for each minute", async () => {
  const [clock, told] = [new FakeClock(), []];
  const asked = answers([{ ts: 1 }], [{ ts: 1 }, { ts: 2 }]);
  const newest = new NewestBars(clock, "oanda-eur-usd", (bars) => told.push(bars.length));
  newest.start(5);
  assert.deepEqual(asked, []);

  await minute(clock);
  await minute(clock);

  assert.deepEqual(told, [1, 2]);
  assert.equal(asked[0], "/instruments/oanda-eur-usd/bars/?interval=5&limit=100");
});

test("a request without an answer is followed by the next one", async () => {
  const [clock, told] = [new FakeClock(), []];
  answers(503, [{ ts: 1 }]);
  new NewestBars(clock, "oanda-eur-usd", (bars) => told.push(bars.length)).start(1);

  await minute(clock);
  await minute(clock);

  assert.deepEqual(told, [1]);
});

test("what was asked of another interval, or of a chart that is gone, is not told", async () => {
  const [clock, told] = [new FakeClock(), []];
  const asked = answers([{ ts: 1 }], [{ ts: 2 }]);
  const newest = new NewestBars(clock, "oanda-eur-usd", (bars) => told.push(bars[0].ts));
  newest.start(1);
  clock.advance(MINUTE_MS);
  newest.start(60);
  await turn();
  await minute(clock);

  assert.deepEqual(told, [2]);
  newest.stop();
  await minute(clock);
  assert.equal(asked.length, 2);
});
