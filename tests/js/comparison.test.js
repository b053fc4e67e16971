import assert from "node:assert/strict";
import { test } from "node:test";

import { Comparison } from "../../static/js/core/comparison.js";
import { GIVE_UP_MS, Poller } from "../../static/js/core/poller.js";
import { CountedSocket, frameBytes, tally } from "../../static/js/core/tally.js";
import { FakeClock } from "./fakes/time.js";
import { FakeServer } from "./fakes/websocket.js";

const BTC = "KRAKEN:BTC/USD";
const settled = () => new Promise((done) => setImmediate(done));
const good = (rows) => ({ status: 200, text: JSON.stringify({ data: rows }), retryAfterS: 1 });
const row = (version, more = {}) => ({ symbol: BTC, state: "live", reason: "", age_us: 0, last: "1", ts_received: version, ...more });

/** The answers are a test's to give. */
class Asked {
  requests = [];
  ask = (signal) =>
    new Promise((answer, fail) => {
      signal.addEventListener("abort", () => fail(new Error("aborted")));
      this.requests.push(answer);
    });
  async answer(what) {
    this.requests.shift()(what);
    await settled();
  }
}

function polling(everyMs = 1000) {
  const [clock, asked, counts] = [new FakeClock(), new Asked(), tally()];
  const poller = new Poller({ ask: asked.ask, clock, everyMs, tally: counts });
  const answers = [];
  poller.onanswer = ({ data }, at) => answers.push([data, at]);
  poller.start();
  return { clock, asked, counts, poller, answers };
}

test("a frame's head grows with what it carries", () => {
  assert.deepEqual([0, 125, 126, 65_535, 65_536].map((size) => frameBytes(size, false) - size), [2, 2, 4, 4, 10]);
  assert.equal(frameBytes(10, true), 16);
});

test("a counted socket counts bytes, not letters, and the time of its handler", () => {
  const [clock, counts, server] = [new FakeClock(), tally(), new FakeServer()];
  const socket = new CountedSocket(server.open("ws://here/"), counts, clock.now);
  socket.onmessage = () => clock.advance(3);
  server.last.accept();
  server.last.deliver("é");
  socket.send("{}");

  assert.deepEqual([counts.received, counts.payload, counts.wire], [1, 4, 6]);
  assert.deepEqual([counts.sent, counts.sentBytes, counts.cpuMs], [1, 8, 3]);
});

test("it asks at its pace, whatever an answer takes", async () => {
  const { clock, asked, counts, answers } = polling();
  clock.advance(400);
  await asked.answer(good([]));
  clock.advance(600);

  assert.equal(counts.sent, 2);
  assert.equal(answers[0][1], 400);
});

test("a request that is due while one is under way is left out and counted", async () => {
  const { clock, asked, counts } = polling(250);
  clock.advance(1000);
  assert.deepEqual([counts.sent, counts.skipped], [1, 4]);

  await asked.answer(good([]));
  clock.advance(250);
  assert.equal(counts.sent, 2);
});

test("429 is counted and waited for as long as it says", async () => {
  const { clock, asked, counts } = polling(250);
  await asked.answer({ status: 429, text: "{}", retryAfterS: 2 });
  clock.advance(1999);
  assert.deepEqual([counts.sent, counts.refused, counts.received], [1, 1, 1]);

  clock.advance(1);
  assert.equal(counts.sent, 2);
});

test("what will not be answered ends it, what may be goes on", async () => {
  const { clock, asked, counts, poller } = polling();
  const refused = [];
  poller.onrefused = (status) => refused.push(status);
  await asked.answer({ status: 503, text: "", retryAfterS: 1 });
  clock.advance(1000);
  await asked.answer({ status: 200, text: "<html>", retryAfterS: 1 });
  clock.advance(1000);
  await asked.answer({ status: 401, text: "{}", retryAfterS: 1 });
  clock.advance(5000);

  assert.deepEqual([counts.sent, counts.failed, refused], [3, 3, [401]]);
  assert.equal(clock.waiting, 0);
});

test("an answer that never comes is given up", async () => {
  const { clock, counts } = polling(1000);
  clock.advance(GIVE_UP_MS);
  await settled();
  clock.advance(1000);

  assert.deepEqual([counts.failed, counts.sent], [1, 2]);
});

function compared() {
  const [clock, asked, server] = [new FakeClock(), new Asked(), new FakeServer()];
  const made = new Comparison({ url: "ws://here/", open: server.open, ask: asked.ask, clock, symbols: [BTC], everyMs: 1000, lengthMs: 60_000 });
  made.start();
  server.last.accept();
  const deliver = (type, prev, seq, version) =>
    server.last.deliver({ channel: "ticker", type, frame: seq, data: [{ ...row(version), epoch: "e", prev, seq }] });
  return { clock, asked, server, made, deliver };
}

test("both ways are followed for as long as said, then both end", async () => {
  const { clock, asked, server, made, deliver } = compared();
  assert.deepEqual(server.last.requests("subscribe")[0].params.symbol, [BTC]);
  deliver("snapshot", 0, 1, 1);
  await asked.answer(good([row(1)]));
  clock.advance(500);
  deliver("update", 1, 2, 2);
  clock.advance(300);
  deliver("update", 2, 3, 3);
  clock.advance(200);
  await asked.answer(good([row(3, { age_us: 200_000 })]));
  const { changes, socket, polling: polled } = made.figures();

  assert.deepEqual([changes, socket.seen, polled.seen], [3, 3, 2]);
  assert.equal(socket.outOfDate, 0);
  assert.equal(polled.outOfDate, 0.5);
  assert.equal(socket.age.mean, (250 * 500 + 150 * 300 + 100 * 200) / 1000);
  assert.equal(polled.age.mean, 500);

  clock.advance(59_000);
  await settled();
  assert.ok(made.ended && server.last.closed);
  assert.equal(clock.waiting, 0);
  assert.equal(made.elapsedMs, 60_000);
});

test("stopped before its time it keeps what it found, and says nothing of what it stopped itself", async () => {
  const { clock, asked, made, deliver } = compared();
  deliver("snapshot", 0, 1, 1);
  await asked.answer(good([row(1)]));
  clock.advance(1500);
  made.stop();
  await settled();
  clock.advance(5000);

  assert.equal(made.elapsedMs, 1500);
  assert.deepEqual([...made.notes], []);
});

test("what spoils the figures is said", async () => {
  const { clock, asked, server, made } = compared();
  await asked.answer(good([row(1, { state: "stale", reason: "no word from the feed" }), { symbol: "KRAKEN:ETH/USD", state: "syncing", reason: "", age_us: null }]));
  made.setVisible(false);
  made.setVisible(true);
  server.last.drop();
  clock.advance(60_000);
  await settled();
  const said = [...made.notes].join("\n");

  assert.match(said, /KRAKEN:BTC\/USD was stale \(no word from the feed\)/);
  assert.doesNotMatch(said, /ETH/);
  assert.match(said, /hidden for a while/);
  assert.match(said, /connection was lost/);
  assert.match(said, /left out/);
  assert.match(said, /Hardly anything changed/);
});

test("what a way showed is of now as long as that way brings anything, whatever the other one does", async () => {
  const { clock, asked, server, made } = compared();
  assert.deepEqual([made.isCurrent("socket"), made.isCurrent("polling")], [true, false]);
  await asked.answer(good([row(1)]));
  clock.advance(3_000);
  assert.equal(made.isCurrent("polling"), true);
  clock.advance(1_000); // three requests are not answered
  assert.equal(made.isCurrent("polling"), false);
  server.last.drop();
  assert.equal(made.isCurrent("socket"), false);
  made.stop();
});
