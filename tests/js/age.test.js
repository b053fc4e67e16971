import assert from "node:assert/strict";
import { test } from "node:test";

import { LIVE_FOR_MS, Liveness } from "../../static/js/core/age.js";
import { FakeClock } from "./fakes/time.js";

const live = { state: "live" };
const beat = (age_us) => ({ channel: "status", type: "heartbeat", data: [{ symbol: "KRAKEN", age_us }] });

function started({ told = true } = {}) {
  const clock = new FakeClock();
  const liveness = new Liveness(clock.now);
  if (told) liveness.venue("KRAKEN", "live", "");
  return { clock, liveness, beat: (age_us = 0) => liveness.heartbeat(beat(age_us), clock.now()) };
}

test("a live value goes stale by itself when the server falls silent", () => {
  const { clock, liveness, beat } = started();
  beat();
  clock.advance(LIVE_FOR_MS);
  assert.equal(liveness.standing("KRAKEN", live).state, "live");

  clock.advance(1);

  assert.deepEqual(liveness.standing("KRAKEN", live), { state: "stale", reason: "no word from the server" });
});

test("a live value goes stale when the feed falls silent behind a talking server", () => {
  const { clock, liveness, beat } = started();
  for (let second = 0; second <= 3; second++) {
    beat(second * 1e6);
    clock.advance(1_000);
  }

  assert.deepEqual(liveness.standing("KRAKEN", live), { state: "stale", reason: "no word from the feed" });
  beat(0);
  assert.equal(liveness.standing("KRAKEN", live).state, "live");
});

test("what waits for a slow connection is not said of the feed, nor of the server", () => {
  const { clock, liveness } = started();
  const slow = { state: "stale", reason: "your connection is slow" };
  const beat = (age_us) => liveness.heartbeat({ late_us: 1_500_000, data: [{ symbol: "KRAKEN", age_us }] }, clock.now());
  beat(1_500_000);
  assert.equal(liveness.standing("KRAKEN", live).state, "live");
  clock.advance(1_001);
  assert.deepEqual(liveness.standing("KRAKEN", live), slow);
  clock.advance(2_000);
  assert.deepEqual(liveness.standing("KRAKEN", live), slow);
  beat(4_100_000);
  assert.deepEqual(liveness.standing("KRAKEN", live), { state: "stale", reason: "no word from the feed" });
});

test("a beat that was long under way keeps nothing live for longer, and says that it is the connection", () => {
  const { clock, liveness } = started();
  clock.advance(5_000);
  liveness.heartbeat(beat(0), clock.now() - 1_500);
  assert.equal(liveness.standing("KRAKEN", live).state, "live");
  clock.advance(1_001);
  assert.deepEqual(liveness.standing("KRAKEN", live), { state: "stale", reason: "your connection is slow" });
  liveness.heartbeat(beat(3_000_000), clock.now() - 1_500);
  assert.deepEqual(liveness.standing("KRAKEN", live), { state: "stale", reason: "no word from the feed" });
});

test("for how long a feed is silent is known as far as the server heard of it", () => {
  const { clock, liveness, beat } = started();
  beat();
  assert.ok(Number.isNaN(liveness.silentS("KRAKEN")), "it is there");

  beat(70_000_000);
  clock.advance(500);
  assert.equal(liveness.silentS("KRAKEN"), 70.5);
  clock.advance(LIVE_FOR_MS);
  assert.ok(Number.isNaN(liveness.silentS("OKX")), "nobody ever heard of it");
});

test("the server's own connection is the matter only where no venue at all is reached", () => {
  const { liveness, beat } = started();
  const told = (venues, before = false) => {
    for (const [name, state] of Object.entries(venues)) liveness.venue(name, state, "");
    return liveness.unreached(before);
  };
  assert.equal(liveness.unreached(false), false, "nobody spoke of any venue");
  beat();

  assert.equal(told({ KRAKEN: "syncing" }), false, "it has only begun");
  assert.equal(told({ KRAKEN: "down" }), true);
  assert.equal(told({ KRAKEN: "syncing" }, true), true, "it tries once more");
  for (const state of ["live", "halted", "stale"]) assert.equal(told({ KRAKEN: "down", OKX: state }, true), false, state);
  assert.equal(told({ KRAKEN: "down", OKX: "syncing" }), true);
});

test("a heartbeat carries the age that it had at the server", () => {
  const { clock, liveness, beat } = started();
  beat(2_000_000);
  clock.advance(400);
  assert.equal(liveness.standing("KRAKEN", live).state, "live");
  clock.advance(200);
  assert.equal(liveness.standing("KRAKEN", live).state, "stale");
});

test("what the row or the venue says is not made better", () => {
  const { liveness, beat } = started();
  beat();
  liveness.venue("KRAKEN", "halted", "maintenance");

  assert.deepEqual(liveness.standing("KRAKEN", live), { state: "halted", reason: "maintenance" });
  assert.deepEqual(liveness.standing("KRAKEN", { state: "delisted", reason: "by the venue" }), {
    state: "delisted",
    reason: "by the venue",
  });
  assert.deepEqual(liveness.standing("KRAKEN", undefined), { state: "halted", reason: "maintenance" });
  assert.equal(liveness.standing("KRAKEN", { state: "syncing", reason: "gaps book" }).reason, "gaps book");
});

test("what never had a value is syncing only while its feed is there to bring it", () => {
  const { clock, liveness, beat } = started();
  const waits = { state: "syncing", reason: "checksum book" };
  beat();
  assert.deepEqual(liveness.standing("KRAKEN", undefined), { state: "syncing", reason: "waiting for data" });
  assert.deepEqual(liveness.standing("KRAKEN", waits), waits);

  beat(3_000_000);
  const silent = { state: "down", reason: "no word from the feed" };
  assert.deepEqual(liveness.standing("KRAKEN", undefined), silent);
  assert.deepEqual(liveness.standing("KRAKEN", waits), silent);
  assert.equal(liveness.standing("KRAKEN", { ...waits, bid: "10.5" }).state, "stale", "what is there is old");

  clock.advance(LIVE_FOR_MS + 1);
  assert.deepEqual(liveness.standing("KRAKEN", undefined), { state: "down", reason: "no word from the server" });
  beat();
  liveness.venue("KRAKEN", "down", "no connection: no answer in time");
  assert.equal(liveness.standing("KRAKEN", undefined).reason, "no connection: no answer in time");
});

test("what is halted by its hours is closed, and what is halted for another reason is not", () => {
  const { clock, liveness, beat } = started();
  const words = "closed, opens Mon 09:30 New York";
  beat();
  liveness.venue("ALPACA", "halted", words, { name: "closed", words });
  const row = { state: "halted", reason: words, phase: "closed" };
  const closed = { state: "closed", reason: "opens Mon 09:30 New York" };

  assert.deepEqual(liveness.standing("ALPACA", row), closed);
  assert.deepEqual(liveness.standing("ALPACA", { state: "halted", reason: "Halt News Pending" }), { state: "halted", reason: "Halt News Pending" });
  assert.deepEqual(liveness.standing("ALPACA", { state: "halted", reason: words }).state, "halted", "its words alone do not close it");
  assert.equal(liveness.standing("ALPACA", { state: "down", reason: words, phase: "closed" }).state, "down");
  assert.deepEqual(liveness.standing("ALPACA", { state: "live" }), closed, "a value that the venue's word has not reached yet");
  clock.advance(LIVE_FOR_MS + 1);
  assert.deepEqual(liveness.standing("ALPACA", row), closed, "no other word while the feed is silent");

  liveness.venue("ALPACA", "live", "", { name: "open", words: "" });
  assert.equal(liveness.standing("ALPACA", { ...row, phase: "" }).state, "halted");
});

test("nothing is live for longer than 3 s after the page opened without a word", () => {
  const { clock, liveness } = started();
  const before = liveness.signature;
  clock.advance(3_001);
  assert.equal(liveness.standing("BINANCE", live).state, "stale");
  assert.notEqual(liveness.signature, before);
});

test("an age grows from what the row said at receipt", () => {
  const { clock, liveness } = started();
  const entry = { at: clock.now(), age_us: 400_000 };
  clock.advance(1_600);
  assert.equal(liveness.ageS(entry), 2);
});

test("a row that is a state alone has no age: there is nothing that could be old", () => {
  const { clock, liveness } = started();
  const entry = { at: clock.now(), age_us: 0 };
  const down = { state: "down", reason: "no connection: no answer in time" };
  assert.ok(Number.isNaN(liveness.ageS({ ...entry, value: down })));
  assert.equal(liveness.ageS({ ...entry, value: { ...down, last: "1" } }), 0);
});

test("the phase of a market's day is the last word of its feed, and nothing once that is silent", () => {
  const { clock, liveness, beat } = started();
  const pre = { name: "pre", words: "before the opening, opens Mon 09:30 New York" };
  beat();
  assert.equal(liveness.phase("KRAKEN").name, "");
  const before = liveness.signature;

  liveness.venue("KRAKEN", "live", "", pre);

  assert.deepEqual(liveness.phase("KRAKEN"), pre);
  assert.notEqual(liveness.signature, before);
  assert.equal(liveness.phase("BINANCE").name, "");
  clock.advance(LIVE_FOR_MS + 1);
  assert.equal(liveness.phase("KRAKEN").name, "");
});

test("what a page came with is the phase until the feed speaks, and not again after that", () => {
  const { clock, liveness, beat } = started({ told: false });
  const [pre, open] = [{ name: "pre", words: "before the opening" }, { name: "open", words: "" }];

  liveness.seedPhase("KRAKEN", pre);
  assert.deepEqual(liveness.phase("KRAKEN"), pre);
  assert.deepEqual(liveness.venues(), []); // nothing was said of how it stands

  liveness.venue("KRAKEN", "live", "", open);
  liveness.seedPhase("KRAKEN", pre); // of an instrument that was listed a moment ago
  assert.deepEqual(liveness.phase("KRAKEN"), open);
  beat();
  clock.advance(LIVE_FOR_MS + 1);
  assert.equal(liveness.phase("KRAKEN").name, "");
});

test("once the server has spoken, nothing is live of a venue whose state nobody told", () => {
  const clock = new FakeClock();
  const liveness = new Liveness(clock.now);
  const state = () => liveness.standing("KRAKEN", { state: "live", bid: "1" }).state;
  assert.equal(state(), "live"); // as the server made the page, a moment ago
  liveness.heartbeat({ data: [{ symbol: "KRAKEN", age_us: 0 }] }, 0);
  assert.equal(state(), "syncing");
  liveness.venue("KRAKEN", "stale", "replay of a file");
  assert.equal(state(), "stale");
});
