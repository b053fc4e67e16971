import assert from "node:assert/strict";
import { test } from "node:test";

import { fields, rank, words } from "../../static/js/core/search.js";

const listed = [
  ["KRAKEN:BTC/USD", "BTC", "USD"],
  ["KRAKEN:WBTC/BTC", "WBTC", "BTC"],
  ["KRAKEN:ETH/BTC", "ETH", "BTC"],
  ["BINANCE:BTCUSDT", "BTC", "USDT"],
  ["COINBASE:DOGE-USD", "DOGE", "USD"],
].map(([symbol, base, quote]) => ({ symbol, base, quote, venue: symbol.split(":")[0], venueTitle: symbol.split(":")[0], kind: "spot", names: { BTC: ["Bitcoin", "XBT", "XXBT"], DOGE: ["Dogecoin", "XDG"] }[base] }));

function found(typed) {
  const ranked = listed.map((named) => [rank(fields(named), words(typed)), named.symbol]);
  return ranked.filter(([at]) => at < Infinity).sort((a, b) => a[0] - b[0]).map(([, symbol]) => symbol);
}

test("exact comes before prefix, suffix and substring", () => {
  assert.deepEqual(found("btc"), ["KRAKEN:BTC/USD", "BINANCE:BTCUSDT", "KRAKEN:WBTC/BTC", "KRAKEN:ETH/BTC"]);
  assert.equal(found("btcusdt")[0], "BINANCE:BTCUSDT");
  assert.deepEqual(found("oge"), ["COINBASE:DOGE-USD"]);
});

test("separators and case do not matter", () => {
  for (const typed of ["btc/usd", "BTC-USD", "btcusd", "kraken:btc/usd"]) assert.equal(found(typed)[0], "KRAKEN:BTC/USD", typed);
});

test("a number is found with what its reader writes between the digits", () => {
  const strike = { symbol: "DERIBIT:BTC-25DEC26-60000-C", base: "BTC", quote: "BTC", venue: "DERIBIT", venueTitle: "Deribit", kind: "option" };
  for (const typed of ["60000", "60,000", "60.000", "60\u202f000", "60\u00a0000", "60\u2019000", "60'000", "6,00,00"]) {
    assert.deepEqual(words(typed), ["60000"], typed);
    assert.ok(rank(fields(strike), words(typed)) < Infinity, typed);
  }
  assert.deepEqual(words("btc 60 000"), ["BTC", "60", "000"], "a plain space parts words");
});

test("other names of an asset find it", () => {
  assert.equal(found("xbt")[0], "KRAKEN:BTC/USD");
  assert.equal(found("xbtusd")[0], "KRAKEN:BTC/USD");
  assert.deepEqual(found("xdg"), ["COINBASE:DOGE-USD"]);
  assert.deepEqual(found("xbt binance"), ["BINANCE:BTCUSDT"]);
  assert.deepEqual(found("dogecoin usd"), ["COINBASE:DOGE-USD"]);
});

test("several words must all be answered", () => {
  assert.deepEqual(found("btc binance"), ["BINANCE:BTCUSDT"]);
  assert.deepEqual(found("btc nowhere"), []);
  assert.equal(found("").length, listed.length);
});
