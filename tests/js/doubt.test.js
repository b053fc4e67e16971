import assert from "node:assert/strict";
import { test } from "node:test";

import { LIVE_FOR_MS } from "../../static/js/core/age.js";
import { Doubt } from "../../static/js/core/doubt.js";
import { Store } from "../../static/js/core/store.js";
import { FakeClock } from "./fakes/time.js";

const topic = { channel: "ticker", symbol: "KRAKEN:BTC/USD" };
const tell = (store) => store.apply({ channel: "ticker", type: "snapshot", data: [{ symbol: topic.symbol, epoch: "a", prev: 0, seq: 1, age_us: 0, state: "live", last: "1" }] }, 0);

function held() {
  const [clock, store] = [new FakeClock(), new Store()];
  tell(store);
  clock.advance(600_000);
  return { clock, store, doubt: new Doubt(store, clock), state: () => store.get(topic).value.state };
}

test("after ten minutes without a server nothing of before is live until it is brought again", () => {
  const { store, doubt, state } = held();
  doubt.begin(0);
  assert.equal(state(), "syncing");
  tell(store);
  assert.equal(state(), "live");
});

test("after a moment without one it is, for as long as nothing need be heard", () => {
  const { clock, doubt, state } = held();
  doubt.begin(clock.now() - 1_000);
  clock.advance(LIVE_FOR_MS - 1_001);
  assert.equal(state(), "live");
  clock.advance(1);
  assert.equal(state(), "syncing");
});

test("a connection that follows at once has a time of its own", () => {
  const { clock, store, doubt, state } = held();
  doubt.begin(clock.now());
  clock.advance(1_000);
  doubt.begin(clock.now());
  clock.advance(LIVE_FOR_MS - 1_000);
  assert.equal(state(), "live");
  tell(store);
  clock.advance(10_000);
  assert.equal(state(), "live");
});
