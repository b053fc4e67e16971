import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { keyOf, Store } from "../../static/js/core/store.js";
import { reports } from "./fakes/reports.js";

const contract = new URL("../contract/", import.meta.url);

for (const file of readdirSync(contract).filter((name) => name.endsWith(".json"))) {
  const { channel, scenarios } = JSON.parse(readFileSync(new URL(file, contract), "utf8"));
  for (const scenario of scenarios) test(`${channel}: ${scenario.name}`, () => play(channel, scenario));
}

function play(channel, { before, frames, after, holes = [] }) {
  const { depth, interval } = frames[0];
  const store = new Store();
  const asked = [];
  store.onhole = ({ symbol }) => asked.push(symbol);
  for (const [symbol, { epoch, seq, value }] of Object.entries(before)) {
    store.seed({ channel, symbol, depth, interval }, { epoch, seq, value, at: 0, age_us: 0 });
  }

  for (const frame of frames) store.apply(frame, 0);

  const found = {};
  for (const symbol of Object.keys(after)) {
    const { epoch, seq, value } = store.get({ channel, symbol, depth, interval });
    found[symbol] = { epoch, seq, value };
  }
  assert.deepEqual(found, after);
  assert.deepEqual(asked, holes);
}

const row = (fields) => ({ symbol: "KRAKEN:BTC/USD", epoch: "a", prev: 0, seq: 1, age_us: 0, ...fields });
const frame = (channel, type, ...data) => ({ channel, type, data });

test("a watcher that fails takes no row from the others", (context) => {
  const reported = reports(context);
  const store = new Store();
  const told = [];
  store.watch("ticker", () => {
    throw new Error("cannot be shown");
  });
  store.watch("ticker", ({ symbol }) => told.push(symbol));

  store.apply(frame("ticker", "snapshot", row({}), row({ symbol: "KRAKEN:ETH/USD" })), 0);

  assert.deepEqual(told, ["KRAKEN:BTC/USD", "KRAKEN:ETH/USD"]);
  assert.deepEqual(reported, ["cannot be shown", "cannot be shown"]);
});

test("snapshot and any rows after it, dropped and repeated, end at the value of now", () => {
  const ticker = { channel: "ticker", symbol: "KRAKEN:BTC/USD" };
  for (let seed = 1; seed <= 200; seed++) {
    const random = generator(seed);
    const store = new Store();
    let asked = 0;
    let truth = { state: "live", last: "0" };
    store.onhole = () => (asked += 1);
    store.apply(frame("ticker", "snapshot", row({ ...truth })), 0);
    for (let seq = 2; seq < 40; seq++) {
      const change = random() < 0.5 ? { last: String(seq) } : { bid: String(seq) };
      truth = { ...truth, ...change };
      const update = frame("ticker", "update", row({ prev: seq - 1, seq, ...change }));
      const before = asked;
      if (random() > 0.2) store.apply(update, 0);
      if (random() < 0.2) store.apply(update, 0);
      if (asked > before) store.apply(frame("ticker", "snapshot", row({ seq, ...truth })), 0);
    }
    store.apply(frame("ticker", "snapshot", row({ seq: 99, ...truth })), 0);
    assert.deepEqual(store.get(ticker).value, { ...truth, reason: "" });
  }
});

function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test("depths and intervals of one symbol are topics of their own", () => {
  const store = new Store();
  store.apply({ ...frame("ohlc", "snapshot", row({ state: "live", bars: [] })), interval: 5 }, 0);

  assert.equal(store.get({ channel: "ohlc", symbol: "KRAKEN:BTC/USD", interval: 1 }), undefined);
  assert.ok(store.get({ channel: "ohlc", symbol: "KRAKEN:BTC/USD", interval: 5 }));
  assert.notEqual(keyOf({ channel: "book", symbol: "X", depth: 10 }), keyOf({ channel: "book", symbol: "X", depth: 100 }));
});

test("watchers hear of their channel until they stop", () => {
  const store = new Store();
  const heard = [];
  const stop = store.watch("ticker", ({ symbol }, { value }) => heard.push([symbol, value.last]));

  store.apply(frame("ticker", "snapshot", row({ last: "1" })), 0);
  store.apply(frame("trade", "snapshot", row({ trades: [] })), 0);
  stop();
  store.apply(frame("ticker", "update", row({ prev: 1, seq: 2, last: "2" })), 0);

  assert.deepEqual(heard, [["KRAKEN:BTC/USD", "1"]]);
});

test("a refused topic says why, and recovers when it is granted", () => {
  const store = new Store();
  const ticker = { channel: "ticker", symbol: "KRAKEN:BTC/USD" };
  store.refuse(ticker, "symbol: is not known", 0);
  assert.equal(store.get(ticker).value.reason, "symbol: is not known");

  store.apply(frame("ticker", "snapshot", row({ state: "live", last: "1" })), 0);
  assert.equal(store.get(ticker).value.state, "live");
});

test("what a new connection was not brought is on its way, and what it was brought is live", () => {
  const store = new Store();
  const topics = ["brought", "unchanged", "missing", "halted"].map((symbol) => ({ channel: "ticker", symbol }));
  const [brought, unchanged, missing, halted] = topics;
  const tell = ({ symbol }, fields) => store.apply(frame("ticker", "snapshot", row({ symbol, state: "live", last: "1", ...fields })), 0);
  for (const topic of topics) tell(topic, topic === halted ? { state: "halted" } : {});
  store.seed({ channel: "ticker", symbol: "first paint" }, { epoch: "", seq: 0, value: { state: "live", last: "9" }, at: 0, age_us: NaN });

  store.begin();
  tell(brought, { epoch: "b", last: "2" });
  tell(unchanged, {});
  const told = [];
  store.watch("ticker", ({ symbol }, { value }) => told.push([symbol, value.state]));
  store.doubt();

  assert.deepEqual(told, [["missing", "syncing"], ["first paint", "syncing"]]);
  assert.deepEqual(topics.map((topic) => store.get(topic).value.state), ["live", "live", "syncing", "halted"]);
  assert.equal(store.get(missing).value.last, "1");
  tell(missing, {}); // the same as before: now it was brought
  store.doubt();
  assert.equal(store.get(missing).value.state, "live");
});

test("what is made of many states and was not brought shows none of them; a book not its levels", () => {
  const store = new Store();
  store.apply({ channel: "portfolio", type: "snapshot", data: [{ ...row({ state: "live" }), symbol: undefined, id: 7, holdings: [{ asset: "BTC", live: true }] }] }, 0);
  store.apply({ ...frame("book", "snapshot", row({ state: "live", bids: [["1", "1"]], asks: [["2", "1"]] })), depth: 10 }, 0);
  store.begin();
  store.doubt();

  const book = store.get({ channel: "book", symbol: "KRAKEN:BTC/USD", depth: 10 }).value;
  const portfolio = store.get({ channel: "portfolio", symbol: "7" }).value;
  assert.deepEqual([book.state, book.bids, portfolio.state, portfolio.holdings], ["syncing", undefined, "syncing", undefined]);
});

test("a frame of an unknown type or with a hostile symbol harms nothing", () => {
  const store = new Store();
  store.apply({ channel: "ticker", type: "surprise", data: null }, 0);
  store.apply(frame("ticker", "snapshot", row({ symbol: "__proto__", last: "1", state: "live" })), 0);
  assert.equal(store.get({ channel: "ticker", symbol: "__proto__" }).value.last, "1");
  assert.equal({}.last, undefined);
});
