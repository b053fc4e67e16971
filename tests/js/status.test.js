import assert from "node:assert/strict";
import { test } from "node:test";

import { Liveness } from "../../static/js/core/age.js";
import { lasted } from "../../static/js/widgets/statusevents.js";
import { whyDown } from "../../static/js/widgets/statuslinks.js";
import { clockWords } from "../../static/js/widgets/statuslatency.js";

test("how long it lasted has two units at most, and nothing for what has no length", () => {
  const s = 1_000_000;
  const cases = [[0, "–"], [0.42 * s, "0.4 s"], [12 * s, "12 s"], [185 * s, "3 min 5 s"], [3_600 * s, "1 h"], [93_600 * s, "1 d 2 h"]];
  for (const [us, words] of cases) assert.equal(lasted(us), words);
});

test("why a link is down is said once", () => {
  assert.equal(whyDown("no route; next try in 2.1 s", "no route"), "no route; next try in 2.1 s");
  assert.equal(whyDown("the link was stopped", "OSError: no route"), "the link was stopped · OSError: no route");
  assert.equal(whyDown("no route", undefined), "no route");
  assert.equal(whyDown("", "OSError: no route"), "OSError: no route");
  assert.equal(whyDown(), "");
});

test("of a clock only what is certain is said", () => {
  assert.equal(clockWords(-12.34), "clock off by 12 ms or more: ours is behind the venue's");
  assert.equal(clockWords(31.4), "quickest message 31 ms, way and clocks together");
  assert.equal(clockWords(3_200), "clock off by about 3200 ms: ours is ahead");
});

test("the worst of the venues is named, its silence included", () => {
  let now = 0;
  const liveness = new Liveness(() => now);
  const beat = (...names) => liveness.heartbeat({ data: names.map((symbol) => ({ symbol, age_us: 0 })) }, now);
  for (const name of ["KRAKEN", "KRAKEN_FUTURES", "OKX"]) liveness.venue(name, "live", "");
  beat("KRAKEN", "KRAKEN_FUTURES", "OKX");
  assert.equal(liveness.worst(), null);

  liveness.venue("OKX", "syncing", "");
  liveness.venue("KRAKEN_FUTURES", "halted", "maintenance");
  assert.deepEqual(liveness.worst(), { words: "2 venues not live", reason: "Kraken futures halted, Okx syncing", why: "Kraken futures halted: maintenance" });

  const hours = { name: "closed", words: "closed, opens Mon 09:30 New York" };
  liveness.venue("OKX", "live", "");
  liveness.venue("KRAKEN_FUTURES", "halted", hours.words, hours);
  assert.equal(liveness.worst(), null);
  assert.deepEqual(liveness.closed(), ["Kraken futures closed: opens Mon 09:30 New York."]);

  liveness.venue("KRAKEN_FUTURES", "halted", "maintenance");
  now = 3_000;
  beat("KRAKEN_FUTURES");
  assert.deepEqual(liveness.worst(), { words: "3 venues not live", reason: "2 stale, Kraken futures halted", why: "Kraken stale: no word from the feed" });
});

test("in a total outage all venues are counted, whatever each of them says", () => {
  const liveness = new Liveness(() => 0);
  const names = ["COINBASE", "KRAKEN", "OKX"];
  const say = (...told) => told.forEach(([state, reason], at) => liveness.venue(names[at], state, reason));
  liveness.heartbeat({ data: names.map((symbol) => ({ symbol, age_us: 0 })) }, 0);

  say(["down", "next try in 2.1 s"], ["stale", "nothing received"], ["syncing", "waiting for an answer"]);
  assert.deepEqual(liveness.worst(), { words: "3 venues not live", reason: "Coinbase down, Kraken stale, Okx syncing", why: "Coinbase down: next try in 2.1 s" });

  say(["down", "next try in 2.1 s"], ["down", "refused"], ["down", "refused"]);
  assert.deepEqual(liveness.worst(), { words: "3 venues down", reason: "", why: "Coinbase down: next try in 2.1 s" });

  say(["down", "refused"]);
  assert.deepEqual(liveness.worst(), { words: "3 venues down", reason: "refused", why: "" });
});

test("until the server said which feeds are there nothing is known of them", () => {
  const liveness = new Liveness(() => 0);
  assert.equal(liveness.spoken, false);
  const before = liveness.signature;
  liveness.heartbeat({ data: [] }, 0);
  assert.equal(liveness.spoken, true);
  assert.notEqual(liveness.signature, before); // so that the page looks again at once
});
