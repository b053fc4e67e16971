"""What cannot be read takes what it names off the air, and nothing else."""

from __future__ import annotations

import pytest

from feeds import venues
from feeds.state import UNREADABLE, StateChange
from feeds.unreadable import spoken_of
from tests.feeds.making import NAME, delta, quote, snapshot, stats, trade
from tests.feeds.test_state import recorded

FRAMES = {
    ("KRAKEN", "book"): b'{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","buys":[]}]}',
    ("KRAKEN", "ticker"): b'{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD"}]}',
    ("BINANCE", "book"): b'{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","s":"BTCUSDT"',
    ("BINANCE", "trade"): b'{"stream":"btcusdt@trade","data":{"e":"trade","s":"BTCUSDT","x":1}}',
    ("BINANCE", "ticker"): b'{"stream":"btcusdt@bookTicker","data":{"s":"BTCUSDT"}}',
    (
        "BINANCE_USDM",
        "book",
    ): b'{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","s":"BTCUSDT","u":1}}',
    ("BINANCE_USDM", "trade"): b'{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","s":"BTCUSDT","m":1}}',
    ("BINANCE_USDM", "mark"): b'{"stream":"btcusdt@markPrice@1s","data":{"s":"BTCUSDT","i":"1"}}',
    ("BINANCE_USDM", "liquidation"): b'{"stream":"btcusdt@forceOrder","data":{"o":{"s":"BTCUSDT"}}}',
    ("BINANCE_COINM", "ticker"): b'{"stream":"btcusd_perp@bookTicker","data":{"s":"BTCUSD_PERP"}}',
    ("BINANCE_COINM", "stats"): b'{"stream":"btcusd_perp@ticker","data":{"s":"BTCUSD_PERP"}}',
    ("BYBIT", "ticker"): b'{"topic":"orderbook.1.BTCUSDT","ts":1,"data":{"s":"BTCUSDT"}}',
    ("BYBIT_LINEAR", "book"): b'{"topic":"orderbook.200.BTCUSDT","data":{"s":"BTCUSDT","u":"x"}}',
    ("BYBIT_LINEAR", "mark"): b'{"topic":"tickers.BTCUSDT","data":{"symbol":"BTCUSDT","markPrice":1}}',
    ("BYBIT_INVERSE", "liquidation"): b'{"topic":"allLiquidation.BTCUSD","data":[{"s":"BTCUSD"}]}',
    ("BYBIT_OPTION", "trade"): b'{"topic":"publicTrade.BTC","data":[{"s":"BTC-1JAN27-1-C"}]}',
    ("DERIBIT", "book"): b'{"method":"subscription","params":{"channel":"book.BTC-PERPETUAL.100ms","data":{',
    ("DERIBIT", "trade"): b'{"params":{"channel":"trades.BTC-PERPETUAL.100ms","data":[{"direction":"up"}]}}',
    ("GEMINI", "book"): b'{"e":"depthUpdate","E":1,"s":"btcusd","first":1,"u":2,"b":[],"a":[]}',
    ("GEMINI", "ticker"): b'{"u":1,"E":1,"s":"btcusd","bid":"1","B":"1"}',
    ("GEMINI", "trade"): b'{"E":1,"s":"btcusd","t":1,"p":"1","q":"1","m":"x"}',
    ("KRAKEN_FUTURES", "book"): b'{"feed":"book","product_id":"PF_XBTUSD","seq":"x"}',
    ("OANDA", "ticker"): b'{"type":"PRICE","instrument":"EUR_USD","bids":[{"price":1}]}',
    ("PYTH", "ticker"): b'{"type":"price_update","price_feed":{"id":"'
    + b"a" * 64
    + b'","price":{"conf":1}}}',
    ("ALPACA", "trade"): b'[{"T":"t","S":"AAPL","p":"one"}]',
    ("ALPACA", "ticker"): b'[{"T":"q","S":"AAPL","bp":null}]',
    ("COINBASE", "book"): b'{"channel":"l2_data","sequence_num":3,"events":[{"product_id":"BTC-USD"}]}',
    ("COINBASE_EXCHANGE", "book"): b'{"type":"l2update","product_id":"BTC-USD","changes":[["bid"]]}',
    ("COINBASE_EXCHANGE", "trade"): b'{"type":"match","side":"SELL","product_id":"BTC-USD"}',
    ("BITSTAMP", "trade"): b'{"data":{"id":1,"type":2},"channel":"live_trades_btcusd","event":"trade"}',
    ("BITSTAMP", "book"): b'{"data":{"bids":['
    + 900 * b'["1","1"],'
    + b'0]},"channel":"diff_order_book_btcusd"}',
    ("COINBASE", "ticker"): b'{"channel":"ticker","events":[{"quotes":[{"product_id":"BTC-USD"}]}]}',
}
CHANNELS = ("ticker", "stats", "trade", "book", "mark", "liquidation")
NATIVES = {
    "ALPACA": ("AAPL", "MSFT"),
    "KRAKEN": ("BTC/USD", "ETH/USD"),
    "BINANCE": ("BTCUSDT", "ETHUSDT"),
    "BINANCE_USDM": ("BTCUSDT", "ETHUSDT"),
    "BINANCE_COINM": ("BTCUSD_PERP", "ETHUSD_PERP"),
    "BYBIT": ("BTCUSDT", "ETHUSDT"),
    "BYBIT_LINEAR": ("BTCUSDT", "ETHUSDT"),
    "BYBIT_INVERSE": ("BTCUSD", "ETHUSD"),
    "BYBIT_OPTION": ("BTC-1JAN27-1-C", "BTC-1JAN27-2-C"),
    "BITSTAMP": ("btcusd", "ethusd"),
    "COINBASE": ("BTC-USD", "ETH-USD"),
    "COINBASE_EXCHANGE": ("BTC-USD", "ETH-USD"),
    "DERIBIT": ("BTC-PERPETUAL", "ETH-PERPETUAL"),
    "GEMINI": ("BTCUSD", "ETHUSD"),
    "KRAKEN_FUTURES": ("PF_XBTUSD", "PF_ETHUSD"),
    "OANDA": ("EUR_USD", "GBP_USD"),
    "PYTH": ("a" * 64, "b" * 64),
}
# Deribit tells liquidations in its trades, Bybit a mark among the figures of a day.
TOLD_TOGETHER = {
    ("DERIBIT", "trade"): ["trade", "liquidation"],
    ("BYBIT_LINEAR", "mark"): ["stats", "mark"],
}


@pytest.mark.parametrize(("venue", "channel"), FRAMES)
def test_a_frame_speaks_of_the_channel_and_symbol_in_its_head(venue: str, channel: str):
    every = {(c, f"{venue}:{n}"): None for c in CHANNELS for n in NATIVES[venue]}

    found = list(spoken_of(venues.codec(venue), FRAMES[venue, channel], every))

    channels = TOLD_TOGETHER.get((venue, channel), [channel])
    assert found == [(each, f"{venue}:{NATIVES[venue][0]}") for each in channels]


@pytest.mark.parametrize(
    "frame", [b"", b"\xff\xfe{", b"[" * 9000, b'{"a":1}', b'"BTC/USD', b'{"symbol":"XRP/USD"}']
)
def test_what_names_nobody_speaks_of_nobody(frame: bytes):
    assert list(spoken_of(venues.codec("KRAKEN"), frame, {("book", "KRAKEN:BTC/USD"): None})) == []


def test_an_unknown_channel_is_any():
    every = {(channel, "KRAKEN:BTC/USD"): None for channel in ("ticker", "trade", "book")}

    found = spoken_of(venues.codec("KRAKEN"), b'{"kind":"book2","symbol":"BTC/USD"}', every)

    assert {channel for channel, _ in found} == {"ticker", "trade", "book"}


@pytest.mark.parametrize(("channel", "state"), [("ticker", "stale"), ("trade", "stale"), ("book", "syncing")])
def test_its_topic_is_not_live_until_the_next_message(channel: str, state: str):
    made = recorded()
    for event in (quote(), stats(last="1"), trade(1), snapshot([("1", "1")], [("2", "1")])):
        made.state.apply(event, "public.0")
    made.events.clear()

    made.state.unreadable(channel, NAME)
    made.state.unreadable(channel, NAME)

    changes = [event for event in made.events if type(event) is StateChange and event.channel != "ohlc"]
    assert [(c.channel, c.state, c.reason) for c in changes] == [(channel, state, UNREADABLE)]
    for event in (delta([("1", "2")]), quote(), trade(2), snapshot([("1", "1")], [("2", "1")])):
        made.state.apply(event, "public.0")
    assert made.state.topic_state(channel, NAME).state == "live"


def test_what_nobody_follows_is_nothing():
    made = recorded()

    made.state.unreadable("book", "FAKE:NONE")
    made.state.unreadable("ohlc", NAME)

    assert (made.events, made.resyncs) == ([], [])
