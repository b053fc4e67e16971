import assert from "node:assert/strict";
import { test } from "node:test";

import { Socket } from "../../static/js/core/socket.js";
import { keyOf } from "../../static/js/core/store.js";
import { FakeClock } from "./fakes/time.js";
import { FakeServer } from "./fakes/websocket.js";

const tickers = { channel: "ticker", symbol: ["KRAKEN:BTC/USD", "KRAKEN:ETH/USD"], interval_ms: 200 };
const beat = { channel: "status", type: "heartbeat", ts: 1, mode: "live", data: [] };
const data = (frame) => ({ channel: "ticker", type: "update", frame, data: [] });

function opened({ random = () => 1 } = {}) {
  const clock = new FakeClock();
  const server = new FakeServer();
  const states = [];
  const socket = new Socket({ url: "ws://here/ws/v1/", open: server.open, clock, random });
  socket.onstate = ({ state }) => states.push(state);
  socket.start();
  return { clock, server, socket, states };
}

/** All pings that were not answered yet. */
function answer(server) {
  const last = server.last;
  for (const { req_id } of last.requests("ping").slice(last.answered ?? 0)) last.deliver({ method: "pong", req_id, ts: 5 });
  last.answered = last.requests("ping").length;
}

const acks = (socket) => socket.requests("ack").map(({ params }) => params.frame).slice(1);

test("what is wanted is sent after each connect", () => {
  const { clock, server, socket } = opened();
  socket.want(tickers);
  assert.deepEqual(server.last.sent, []);

  server.last.accept();
  assert.deepEqual(server.last.requests("subscribe")[0].params, tickers);
  server.last.drop();
  clock.advance(500);
  server.last.accept();

  assert.equal(server.attempts, 2);
  assert.deepEqual(server.last.requests("subscribe")[0].params, tickers);
});

test("a socket that is ending is written to no more", () => {
  const { clock, server, socket } = opened();
  server.last.accept();
  const before = server.last.sent.length;
  server.last.ending();

  for (let frame = 1; frame <= 8; frame += 1) server.last.deliver(data(frame));
  socket.want(tickers);
  clock.advance(1_000);

  assert.equal(server.last.sent.length, before);
});

test("a topic that two want is subscribed once and left when neither wants it", () => {
  const { server, socket } = opened();
  server.last.accept();
  const first = socket.want(tickers);
  const second = socket.want({ ...tickers, symbol: ["KRAKEN:ETH/USD"] });
  first();
  assert.deepEqual(server.last.requests("unsubscribe").map(({ params }) => params.symbol), [["KRAKEN:BTC/USD"]]);
  second();
  assert.deepEqual(server.last.requests("subscribe").length, 1);
  assert.deepEqual(server.last.requests("unsubscribe")[1].params.symbol, ["KRAKEN:ETH/USD"]);
});

test("many symbols go in requests that the server takes", () => {
  const { server, socket } = opened();
  server.last.accept();
  const symbol = Array.from({ length: 1000 }, (_, at) => `KRAKEN:${"Ä".repeat(20)}${at}/USD`);

  socket.want({ channel: "ticker", symbol });

  const requests = server.last.requests("subscribe");
  assert.deepEqual(requests.flatMap(({ params }) => params.symbol), symbol);
  for (const request of requests) assert.ok(Buffer.byteLength(JSON.stringify(request)) < 16 * 1024);
});

test("status needs no symbol", () => {
  const { server, socket } = opened();
  server.last.accept();
  socket.want({ channel: "status" });
  assert.deepEqual(server.last.requests("subscribe")[0].params, { channel: "status" });
});

test("it says that it acknowledges before it asks for anything", () => {
  const { server, socket } = opened();
  socket.want({ channel: "status" });
  server.last.accept();
  assert.deepEqual(server.last.sent[0], { method: "ack", params: { frame: 0 } });
});

test("after a quiet moment a frame is acknowledged at once, then eight at once and fewer after 250 ms", () => {
  const { clock, server } = opened();
  server.last.accept();
  for (let frame = 1; frame <= 9; frame++) server.last.deliver(data(frame));
  assert.deepEqual(acks(server.last), [1, 9]);

  clock.advance(100);
  server.last.deliver(data(10));
  clock.advance(149);
  assert.deepEqual(acks(server.last), [1, 9]);
  clock.advance(1);
  assert.deepEqual(acks(server.last), [1, 9, 10]);

  clock.advance(250);
  server.last.deliver(data(11));
  assert.deepEqual(acks(server.last), [1, 9, 10, 11]);
  assert.equal(JSON.stringify(server.last.requests("ack")[2]), '{"method":"ack","params":{"frame":9}}');
});

test("on a line that takes long to answer each frame is acknowledged at once", () => {
  const { clock, server } = opened();
  server.last.accept();
  const answered = (ms) => {
    clock.advance(5_000);
    const { req_id } = server.last.requests("ping").at(-1);
    clock.advance(ms);
    server.last.deliver({ method: "pong", req_id, ts: 1 });
  };
  for (let frame = 1; frame <= 3; frame++) server.last.deliver(data(frame));
  assert.deepEqual(acks(server.last), [1]);
  answered(400);
  for (let frame = 4; frame <= 6; frame++) server.last.deliver(data(frame));
  assert.deepEqual(acks(server.last), [1, 3, 4, 5, 6]);
});

test("a hidden page acknowledges each frame, because its timers are held back", () => {
  const { server, socket } = opened();
  server.last.accept();
  socket.setVisible(false);
  server.last.deliver(data(1));
  server.last.deliver(data(2));
  assert.deepEqual(acks(server.last), [1, 2]);
});

test("heartbeats are not acknowledged", () => {
  const { clock, server } = opened();
  server.last.accept();
  server.last.deliver(beat);
  clock.advance(1000);
  assert.deepEqual(acks(server.last), []);
});

test("attempts are spread further and further, up to half a minute", () => {
  const { clock, server, socket } = opened();
  const waits = [];
  for (let attempt = 0; attempt < 9; attempt++) {
    server.last.drop();
    waits.push(socket.connection.retryAt - clock.now());
    clock.advance(waits.at(-1));
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test("a handshake alone does not reset the back-off, data does", () => {
  const { clock, server, socket } = opened();
  const wait = () => socket.connection.retryAt - clock.now();
  for (let attempt = 0; attempt < 3; attempt++) {
    server.last.accept();
    server.last.drop();
    clock.advance(wait());
  }
  server.last.accept();
  server.last.drop();
  assert.equal(wait(), 4000);

  clock.advance(4000);
  server.last.accept();
  server.last.deliver(data(1));
  server.last.drop();
  assert.equal(wait(), 500);
});

test("jitter takes any part of the wait", () => {
  const { clock, server, socket } = opened({ random: () => 0.25 });
  server.last.drop();
  assert.equal(socket.connection.retryAt - clock.now(), 125);
});

test("a hidden page makes no attempts, and one at once when it is shown", () => {
  const { clock, server, socket } = opened();
  socket.setVisible(false);
  server.last.drop();
  clock.advance(600_000);
  assert.equal(server.attempts, 1);
  assert.equal(socket.connection.state, "paused");

  socket.setVisible(true);
  assert.equal(server.attempts, 2);
});

test("a page hidden while it waits stops waiting", () => {
  const { clock, server, socket } = opened();
  server.last.drop();
  socket.setVisible(false);
  clock.advance(60_000);
  assert.equal(server.attempts, 1);
});

test("close codes say whether to come back", () => {
  for (const [code, comesBack] of [[1006, true], [1001, true], [1012, true], [4008, true], [1008, true], [4009, true], [4001, false], [4003, false]]) {
    const { clock, server, socket } = opened();
    server.last.accept();
    server.last.drop(code, "why");
    clock.advance(60_000);
    assert.equal(server.attempts > 1, comesBack, `code ${code}`);
    if (!comesBack) assert.deepEqual(socket.connection, { state: "refused", reason: "why", retryAt: 0 });
  }
});

test("a link that says nothing for 10 s is given up", () => {
  const { clock, server, states } = opened();
  server.last.accept();
  clock.advance(10_000);
  assert.equal(server.last.requests("ping").length, 3);
  clock.advance(1_600);
  assert.equal(server.sockets[0].closed, true);
  assert.equal(server.attempts, 2);
  assert.deepEqual(states, ["connecting", "connected", "waiting", "connecting"]);
});

test("a page that was hidden finds out within 2 s whether its link is dead", () => {
  const { clock, server, socket } = opened();
  server.last.accept();
  socket.setVisible(false);
  clock.advance(5_000);
  assert.equal(server.attempts, 1);
  socket.setVisible(true);
  clock.advance(2_000);
  assert.equal(server.attempts, 2);
});

test("a page that comes back and hears something keeps its link", () => {
  const { clock, server, socket } = opened();
  server.last.accept();
  socket.setVisible(false);
  clock.advance(900);
  server.last.deliver(beat);
  socket.setVisible(true);
  server.last.deliver(beat);
  clock.advance(2_900);
  assert.equal(server.attempts, 1);
});

test("after an hour of sleep what waited on the way is not listened to, and the link is opened anew at once", () => {
  for (const first of ["message", "look", "shown", "timer"]) {
    const { clock, server, socket } = opened();
    const frames = [];
    socket.onframe = (frame) => frames.push(frame);
    server.last.accept();
    if (first === "shown") socket.setVisible(false);
    clock.sleep(3_600_000);
    const [old] = server.sockets;
    if (first === "message") for (let frame = 1; frame <= 50; frame++) old.deliver(data(frame));
    if (first === "look") socket.look();
    if (first === "shown") socket.setVisible(true);
    if (first === "timer") clock.advance(1);
    old.deliver(data(51));
    old.drop();

    assert.deepEqual([server.attempts, frames.length, old.closed], [2, 0, true], first);
    assert.deepEqual(socket.connection, { state: "connecting", reason: "asleep", retryAt: 0 });
    assert.deepEqual(acks(old), []);
  }
});

test("a page that sleeps while it is hidden leaves its link, and comes back when it is shown", () => {
  const { clock, server, socket } = opened();
  server.last.accept();
  socket.setVisible(false);
  clock.sleep(3_600_000);
  server.last.deliver(data(1));
  assert.deepEqual([socket.connection.state, server.attempts], ["paused", 1]);
  socket.setVisible(true);
  assert.equal(server.attempts, 2);
});

test("what comes after some seconds of silence is dated back until an answer to a later question is here", () => {
  const { clock, server, socket } = opened();
  const heard = [];
  socket.onframe = (_, at) => heard.push(at);
  server.last.accept();
  server.last.deliver({ method: "pong", req_id: 1, ts: 1 });
  clock.sleep(5_000);
  server.last.deliver(data(1));
  clock.advance(300);
  server.last.deliver({ method: "pong", req_id: 1, ts: 1 });
  server.last.deliver(beat);
  const { req_id } = server.last.requests("ping").at(-1);
  server.last.deliver({ method: "pong", req_id, ts: 2 });
  server.last.deliver(beat);

  assert.deepEqual(heard, [0, 0, 5_300]);
  assert.equal(server.attempts, 1);
});

test("a beat is as old as the way it took, by the server's clock", () => {
  const { clock, server, socket } = opened();
  const heard = [];
  socket.onframe = (_, at) => heard.push(clock.now() - at);
  const says = (ms) => server.last.deliver({ ...beat, clock_us: 7e9 + ms * 1000 });
  server.last.accept();
  says(-900);
  clock.advance(60);
  server.last.deliver({ method: "pong", req_id: 1, ts: 1, clock_us: 7e9 + 40_000 });
  clock.advance(940);
  says(1_000);
  clock.advance(1_000);
  says(700);
  clock.advance(1_000);
  server.last.deliver(beat);

  assert.deepEqual(heard, [0, 40, 1_340, 0]); // nobody knew; 40 ms of the way there; late; it does not say
});

test("what waited because nobody was here is acknowledged as that, up to an answer to a later question", () => {
  for (const away of [true, false]) {
    const { clock, server } = opened();
    server.last.accept();
    server.last.deliver(data(1));
    if (away) clock.sleep(5_000);
    else clock.advance(5_000); // its network was silent
    server.last.deliver(data(2));
    server.last.deliver(data(3));
    server.last.deliver({ method: "pong", req_id: server.last.requests("ping").at(-1).req_id, ts: 2 });
    server.last.deliver(data(4));
    clock.advance(1_000);

    const told = away ? { away_ms: 5_000 } : {};
    const said = server.last.requests("ack").map(({ params }) => params);
    const each = away ? [2, 3] : [2];
    assert.deepEqual(said.slice(2), [...each.map((frame) => ({ frame, ...told })), { frame: 4 }]);
  }
});

test("a hole is asked about once a second at most", () => {
  const { clock, server, socket } = opened();
  server.last.accept();
  socket.want(tickers);
  const again = () => socket.again({ channel: "ticker", symbol: "KRAKEN:BTC/USD" });
  again();
  clock.advance(100);
  again();
  clock.advance(1_000);
  again();
  socket.again({ channel: "ticker", symbol: "NOT:WANTED" });
  clock.advance(100);

  const asked = server.last.requests("subscribe").slice(1).map(({ params }) => params);
  assert.deepEqual(asked, Array(2).fill({ ...tickers, symbol: ["KRAKEN:BTC/USD"] }));
});

test("a hole in what came with all symbols of a channel is asked about with all of them", () => {
  const { clock, server, socket } = opened();
  server.last.accept();
  socket.want({ channel: "status" });
  socket.again({ channel: "status", symbol: "KRAKEN" });
  socket.again({ channel: "status", symbol: "OKX" });
  clock.advance(100);

  const [, ...asked] = server.last.requests("subscribe");
  assert.deepEqual(asked.map(({ params }) => params), [{ channel: "status" }]);
});

test("a crowd of holes is one request, because the server counts messages", () => {
  const { clock, server, socket } = opened();
  server.last.accept();
  const symbol = Array.from({ length: 400 }, (_, at) => `KRAKEN:T${at}`);
  socket.want({ channel: "ticker", symbol });
  for (const each of symbol) socket.again({ channel: "ticker", symbol: each });
  clock.advance(50);

  const [, ...asked] = server.last.requests("subscribe");
  assert.deepEqual(asked.map(({ params }) => params.symbol), [symbol]);
});

test("a refusal is of the topic that was asked for, and the round trip is measured", () => {
  const { clock, server, socket } = opened();
  const heard = [];
  socket.onrefused = (topic, error) => heard.push([keyOf(topic), error]);
  socket.onroundtrip = (ms) => heard.push(ms);
  server.last.accept();
  clock.advance(12);
  answer(server);
  socket.want({ channel: "book", symbol: ["X:A", "X:Y"], depth: 25 });
  socket.want({ channel: "portfolio", id: [7], symbol: ["7"] });
  const [book, portfolio] = server.last.requests("subscribe");
  const reply = { method: "subscribe", success: false };
  server.last.deliver({ ...reply, success: true, result: { channel: "book", symbol: "X:A" }, req_id: book.req_id });
  server.last.deliver({ ...reply, error: "symbol: is not known", symbol: "X:Y", req_id: book.req_id });
  server.last.deliver({ ...reply, error: "id: no portfolio", id: 7, req_id: portfolio.req_id });
  server.last.deliver({ ...reply, error: "symbol: is not known", symbol: "X:Y", req_id: 99 });
  assert.deepEqual(heard, [12, ["book.25:X:Y", "symbol: is not known"], ["portfolio.:7", "id: no portfolio"]]);
});

test("a request that was one too many is made again once a later ping is answered", () => {
  const { clock, server, socket } = opened();
  server.last.accept();
  answer(server);
  socket.want({ channel: "option", symbol: ["D:1", "D:2"] });
  const [{ req_id }] = server.last.requests("subscribe");
  socket.want({ channel: "option", symbol: ["D:3", "D:4"] });
  socket.drop({ channel: "option", symbol: ["D:4"] });
  server.last.deliver({ method: "subscribe", success: true, result: { channel: "option", symbol: "D:1" }, req_id });
  server.last.deliver({ method: "", success: false, error: "rate: at most 20 messages a second, 40 at once" });
  for (let s = 0; s < 20; s++) {
    clock.advance(1_000);
    server.last.deliver(beat);
    answer(server);
    for (const { req_id } of server.last.requests("subscribe").slice(2)) server.last.deliver({ method: "subscribe", success: true, result: {}, req_id });
  }
  assert.deepEqual(server.last.requests("subscribe").slice(2).map(({ params }) => params), [{ channel: "option", symbol: ["D:3"] }]);
});

test("a second hole within a second is asked about after it, unless a snapshot comes", () => {
  for (const healed of [false, true]) {
    const { clock, server, socket } = opened();
    const [symbol] = tickers.symbol;
    const snapshot = { channel: "ticker", type: "snapshot", frame: 1, data: [{ symbol }] };
    const asked = () => server.last.requests("subscribe").length - 1;
    server.last.accept();
    socket.want(tickers);
    socket.again({ channel: "ticker", symbol });
    clock.advance(100);
    server.last.deliver(snapshot);
    socket.again({ channel: "ticker", symbol });
    clock.advance(100);
    assert.equal(asked(), 1);
    if (healed) server.last.deliver({ ...snapshot, frame: 2 });
    clock.advance(3_000);
    assert.equal(asked(), healed ? 1 : 2);
    assert.equal(clock.waiting <= 2, true, "nothing goes on asking");
  }
});

test("what nobody wants any more is said, once", () => {
  const { server, socket } = opened();
  const left = [];
  socket.onleft = (topic) => left.push(keyOf(topic));
  server.last.accept();
  const [one, other] = [socket.want(tickers), socket.want(tickers)];
  one();
  assert.deepEqual(left, []);
  other();
  assert.deepEqual(left, tickers.symbol.map((each) => `ticker.:${each}`));
});

test("on a line on which all takes six seconds nothing is younger than that", () => {
  const { clock, server, socket } = opened();
  const heard = [];
  socket.onframe = (_, at) => heard.push(clock.now() - at);
  const link = server.last;
  const comes = (message) => clock.later(() => link.deliver(message), 6_000);
  link.accept();
  for (let s = 0, seen = 0; s < 60; s++) {
    for (const { req_id } of link.requests("ping").filter(({ req_id }) => req_id > seen)) comes({ method: "pong", req_id: (seen = req_id), ts: 1, clock_us: 7e9 + clock.now() * 1000 });
    comes({ ...beat, clock_us: 7e9 + clock.now() * 1000 });
    clock.advance(1_000);
  }
  assert.equal(server.attempts, 1);
  assert.equal(heard.length, 55);
  assert.equal(Math.min(...heard), 6_000);
});

test("a stopped socket leaves no timer and hears nothing more", () => {
  const { clock, server, socket, states } = opened();
  server.last.accept();
  server.last.deliver(data(1));
  socket.stop();
  server.last.drop();
  assert.equal(clock.waiting, 0);
  assert.equal(states.at(-1), "stopped");
});

test("the network coming back is a reason to try at once", () => {
  const { clock, server, socket } = opened();
  socket.setOnline(false);
  server.last.drop();
  clock.advance(60_000);
  assert.equal(socket.connection.state, "offline");
  socket.setOnline(true);
  assert.equal(server.attempts, 2);
});

test("the network coming back while a link stands, or an attempt waits, is a reason to look", () => {
  const { clock, server, socket } = opened();
  server.last.accept();
  socket.setOnline(false);
  clock.advance(700);
  socket.setOnline(true);
  clock.advance(1_600);
  socket.look();
  assert.equal(server.attempts, 2); // not a word within 1.5 s
  server.last.drop();
  assert.equal(socket.connection.state, "waiting");
  socket.setOnline(true);
  assert.equal(server.attempts, 3);
});
