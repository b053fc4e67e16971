"""Each message of Coinbase Advanced's channels, whole, as the events it means."""

from __future__ import annotations

import json

import pytest

from feeds.codec import DecodeError
from feeds.events import (
    Ack,
    BookDelta,
    BookSnapshot,
    Heartbeat,
    LinkSequence,
    Quote,
    Stats,
    Trade,
    Unknown,
)
from feeds.venues.coinbase.public import CoinbaseCodec
from feeds.venues.coinbase.shapes import micros

NS = 1_786_309_548_642_080_000
SENT = "2026-08-09T21:05:48.228568804Z"
SENT_US = 1_786_309_548_228_568

codec = CoinbaseCodec()


def frame(channel: str, *events: dict, number: int = 7) -> bytes:
    message = {"channel": channel, "timestamp": SENT, "sequence_num": number, "events": list(events)}
    return json.dumps(message, separators=(",", ":")).encode()


def level(side: str, price: str, qty: str) -> dict:
    return {
        "side": side,
        "event_time": "2026-08-09T21:05:48.210883Z",
        "price_level": price,
        "new_quantity": qty,
    }


def trade(number: int, side: str, time: str = "2026-08-09T21:05:42.514318Z") -> dict:
    return {
        "product_id": "BTC-USD",
        "trade_id": str(number),
        "price": "65083.67",
        "size": "0.002186",
        "time": time,
        "side": side,
    }


TICKER = {
    "type": "ticker",
    "product_id": "ETH-USD",
    "price": "1919.41",
    "volume_24_h": "19975.95927439",
    "low_24_h": "1911.04",
    "high_24_h": "1925",
    "low_52_w": "1505",
    "high_52_w": "4955.9",
    "price_percent_chg_24_h": "-0.02501394006035",
    "best_bid": "1919.42",
    "best_ask": "1919.49",
    "best_bid_quantity": "1.512673",
    "best_ask_quantity": "0.07814824",
}
LEVELS = [level("bid", "65083.66", "0.20371215"), level("offer", "65083.67", "0"), level("bid", "1.5", "2")]
BIDS, ASKS = [("65083.66", "0.20371215"), ("1.5", "2")], [("65083.67", "0")]


def test_a_snapshot_is_the_whole_book():
    sent = frame("l2_data", {"type": "snapshot", "product_id": "BTC-USD", "updates": LEVELS})

    assert codec.decode(sent, NS) == [
        LinkSequence(7),
        BookSnapshot("COINBASE:BTC-USD", BIDS, ASKS, 0, 0, None, SENT_US, NS),
    ]


def test_updates_of_one_frame_stay_in_their_order():
    sent = frame(
        "l2_data",
        {"type": "update", "product_id": "BTC-USD", "updates": LEVELS},
        {"type": "update", "product_id": "ETH-USD", "updates": []},
    )

    assert codec.decode(sent, NS) == [
        LinkSequence(7),
        BookDelta("COINBASE:BTC-USD", BIDS, ASKS, 0, 0, None, None, SENT_US, NS),
        BookDelta("COINBASE:ETH-USD", [], [], 0, 0, None, None, SENT_US, NS),
    ]


@pytest.mark.parametrize("nothing", [None, []])
def test_an_empty_book_may_be_written_as_null(nothing):
    sent = frame("l2_data", {"type": "snapshot", "product_id": "BTC-USD", "updates": nothing})

    assert codec.decode(sent, NS)[1] == BookSnapshot("COINBASE:BTC-USD", [], [], 0, 0, None, SENT_US, NS)


@pytest.mark.parametrize(("kind", "replayed"), [("snapshot", True), ("update", False)])
def test_trades_come_oldest_first_with_the_aggressors_side(kind, replayed):
    newest_first = [trade(103, "SELL"), trade(102, "BUY", "2026-08-09T21:05:38.50436Z"), trade(101, "SELL")]

    events = codec.decode(frame("market_trades", {"type": kind, "trades": newest_first}), NS)

    def expected(number: int, side: str, exchange_us: int) -> Trade:
        return Trade("COINBASE:BTC-USD", str(number), side, "65083.67", "0.002186", exchange_us, NS, replayed)

    assert events == [
        LinkSequence(7),
        expected(101, "buy", 1786309542514318),
        expected(102, "sell", 1786309538504360),
        expected(103, "buy", 1786309542514318),
    ]


@pytest.mark.parametrize("kind", ["snapshot", "update"])
def test_a_ticker_is_a_quote_and_the_days_figures(kind):
    assert codec.decode(frame("ticker", {"type": kind, "tickers": [TICKER]}), NS) == [
        LinkSequence(7),
        Quote("COINBASE:ETH-USD", "1919.42", "1.512673", "1919.49", "0.07814824", SENT_US, NS),
        Stats(
            "COINBASE:ETH-USD",
            "1919.41",
            "19975.95927439",
            "1925",
            "1911.04",
            "",
            "-0.02501394006035",
            SENT_US,
            NS,
        ),
    ]


@pytest.mark.parametrize("nothing", ["", "0", "0.00"])
def test_a_side_without_orders_is_empty(nothing):
    row = TICKER | {"best_bid": nothing, "best_bid_quantity": "0"}

    quote = codec.decode(frame("ticker", {"type": "update", "tickers": [row]}), NS)[1]

    assert quote == Quote("COINBASE:ETH-USD", "", "", "1919.49", "0.07814824", SENT_US, NS)


def test_a_ticker_of_before_it_told_the_best_prices_has_the_days_figures():
    """Undecodable, it would take its number along, and each would break the books of its link."""
    old = {name: text for name, text in TICKER.items() if not name.startswith("best_")}

    events = codec.decode(frame("ticker", {"type": "update", "tickers": [old]}), NS)

    assert events == codec.decode(frame("ticker", {"type": "update", "tickers": [TICKER]}), NS)[::2]
    # "Ticker batch channel": the same each five seconds, without the best prices.
    assert events == codec.decode(frame("ticker_batch", {"type": "update", "tickers": [old]}), NS)


def test_a_heartbeat_has_the_time_of_its_frame():
    beat = {"current_time": "2026-08-09 21:05:48.854840045 +0000 UTC m=+41691.26", "heartbeat_counter": 41691}

    assert codec.decode(frame("heartbeats", beat), NS) == [
        LinkSequence(7),
        Heartbeat("COINBASE", SENT_US, NS),
    ]


def test_an_acknowledgement_confirms_all_that_it_lists():
    listed = {
        "level2": ["BTC-USD"],
        "market_trades": ["ETH-USD"],
        "ticker": None,
        "heartbeats": ["heartbeats"],
        "candles": ["BTC-USD"],
    }

    assert codec.decode(frame("subscriptions", {"subscriptions": listed}), NS) == [
        LinkSequence(7),
        Ack(True, "", "book", "COINBASE:BTC-USD", 0),
        Ack(True, "", "trade", "COINBASE:ETH-USD", 0),
        Ack(True, "", "ohlc", "COINBASE:ETH-USD", 0),
    ]


def test_a_refusal_is_in_the_venues_words():
    sent = b'{"type":"error","message":"too many L2 streams requested in a single session"}'

    assert codec.decode(sent, NS) == [
        Ack(False, "too many L2 streams requested in a single session", "", "", 0)
    ]


def test_a_channel_that_means_nothing_still_counts_in_the_sequence():
    assert codec.decode(frame("candles", {"type": "update"}, number=9), NS) == [
        LinkSequence(9),
        Unknown("candles"),
    ]
    assert codec.decode(b'{"type":"welcome"}', NS) == [Unknown("welcome")]


def test_the_order_of_keys_and_blanks_mean_nothing():
    sent = frame("ticker", {"type": "update", "tickers": [TICKER]})
    turned = json.dumps(dict(reversed(json.loads(sent).items())), indent=1).encode()

    assert codec.decode(turned, NS) == codec.decode(sent, NS)


@pytest.mark.parametrize(
    "sent",
    [
        frame("l2_data", {"type": "snapshot", "product_id": "BTC-USD", "updates": [level("buy", "1", "1")]}),
        frame("l2_data", {"type": "replace", "product_id": "BTC-USD", "updates": []}),
        frame("l2_data", {"type": "update", "product_id": "", "updates": []}),
        frame("l2_data", {"type": "update", "product_id": "<b>", "updates": []}),
        frame("l2_data", {"type": "update", "product_id": "BTC-USD", "updates": [{"side": "bid"}]}),
        frame("market_trades", {"type": "update", "trades": [trade(1, "sell")]}),
        frame("market_trades", {"type": "update", "trades": [trade(1, "SELL", "yesterday")]}),
        frame("ticker", {"type": "update", "tickers": [{"product_id": "BTC-USD"}]}),
        frame("heartbeats", {"heartbeat_counter": "1"}),
        frame("subscriptions", {"subscriptions": ["BTC-USD"]}),
        frame("ticker", number=-1),
        frame("ticker", number=2**64),
        frame("ticker").replace(SENT.encode(), b"2026-08-09"),
        frame("ticker")[:-1],
        frame("ticker").replace(b'"sequence_num":7,', b""),
    ],
)
def test_a_known_message_of_the_wrong_shape_says_so(sent):
    with pytest.raises(DecodeError, match="frame starts"):
        codec.decode(sent, NS)


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-08-09T21:05:48Z", 1_786_309_548_000_000),
        ("2026-08-09T21:05:48.5Z", 1_786_309_548_500_000),
        ("2026-08-09T21:05:48.000001Z", 1_786_309_548_000_001),
        ("2026-08-09T21:05:48.999999999Z", 1_786_309_548_999_999),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ("2024-02-29T12:00:00.25Z", 1_709_208_000_250_000),
    ],
)
def test_times_are_exact_to_the_microsecond(text, us):
    assert micros(text) == us


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Z",
        "2026-08-09T21:05:48",
        "2026-08-09T21:05:48+00:00",
        "2026-08-09T21:05:61Z",
        "2026-13-09T21:05:48Z",
        "2026-08-09T21:05:4xZ",
        "2026-08-09T21:05:48.12x4Z",
        "2026-08-09T21:05:4_8Z",
        "1969-12-31T23:59:00Z",
        "2026-08-09 21:05:48.854840045 +0000 UTC",
    ],
)
def test_what_is_no_time_is_an_error(text):
    with pytest.raises(ValueError, match="."):
        micros(text)
