"""Each message of Coinbase Exchange, whole, as the events it means; as its documentation shows them.

https://docs.cdp.coinbase.com/exchange/websocket-feed/channels
"""

from __future__ import annotations

import json

import pytest

from feeds.codec import DecodeError
from feeds.events import (
    Ack,
    BookDelta,
    BookSnapshot,
    Heartbeat,
    InstrumentStatus,
    LastTrade,
    Quote,
    Stats,
    Trade,
    Unknown,
)
from feeds.venues.coinbase.exchange import ExchangeCodec
from tests.feeds.coinbase import exchange_frames as frames
from tests.feeds.coinbase.exchange_frames import encoded

NS = 1_786_309_548_642_080_000
BTC, ETH = "COINBASE_EXCHANGE:BTC-USD", "COINBASE_EXCHANGE:ETH-USD"
MATCHED_US, TICKED_US = 1_415_348_367_028_459, 1_666_222_102_061_769
BIDS, ASKS = [("10101.10", "0.45054140"), ("10101.00", "2")], [("10102.55", "0.57753524")]

codec = ExchangeCodec()


def decode(message: dict) -> list[object]:
    return codec.decode(encoded(message), NS)


@pytest.mark.parametrize("time", ["", "0001-01-01T00:00:00.000000Z"])
def test_a_snapshot_is_the_whole_book_and_may_have_no_time(time: str):
    assert decode(frames.SNAPSHOT | {"time": time}) == [BookSnapshot(BTC, BIDS, ASKS, 0, 0, None, 0, NS)]
    assert decode(frames.SNAPSHOT) == [BookSnapshot(BTC, BIDS, ASKS, 0, 0, None, 0, NS)]


def test_a_change_says_what_is_there_now():
    bids, asks = [("10101.80", "0.162567")], [("10102.55", "0.00000000")]

    assert decode(frames.CHANGE) == [BookDelta(BTC, bids, asks, 0, 0, None, None, 1_659_626_705_010_758, NS)]


@pytest.mark.parametrize(("maker", "aggressor"), [("sell", "buy"), ("buy", "sell")])
def test_the_side_of_a_match_is_the_makers(maker: str, aggressor: str):
    """ "If the side is sell this indicates the maker was a sell order and the match is considered an
    up-tick": https://docs.cdp.coinbase.com/exchange/websocket-feed/channels"""
    assert decode(frames.MATCH | {"side": maker}) == [
        Trade(BTC, "10", aggressor, "400.23", "5.23512", MATCHED_US, NS)
    ]


def test_the_last_match_is_a_price_and_where_to_count_from():
    assert decode(frames.LAST_MATCH) == [
        Stats(BTC, "400.23", "", "", "", "", "", MATCHED_US, NS),
        LastTrade(BTC, 10),
    ]


def test_a_ticker_is_a_quote_and_the_days_figures():
    figures = "1285.22", "245532.79269678", "1313.8", "1280.52", "-25.57", "-1.95"

    assert decode(frames.TICKER) == [
        Quote(ETH, "1285.04", "0.46688654", "1285.27", "1.56637040", TICKED_US, NS),
        Stats(ETH, *figures, TICKED_US, NS),
    ]


def test_a_ticker_of_before_2022_has_no_sizes():
    old = {key: text for key, text in frames.TICKER.items() if not key.endswith("_size")}

    assert decode(old)[0] == Quote(ETH, "1285.04", "", "1285.27", "", TICKED_US, NS)


@pytest.mark.parametrize("nothing", ["", "0", "0.00"])
def test_a_side_without_orders_is_empty(nothing: str):
    quote = decode(frames.TICKER | {"best_bid": nothing, "best_bid_size": "0.00"})[0]

    assert quote == Quote(ETH, "", "", "1285.27", "1.56637040", TICKED_US, NS)


def test_a_heartbeat_names_the_newest_trade():
    assert decode(frames.BEAT) == [
        LastTrade(BTC, 20),
        Heartbeat("COINBASE_EXCHANGE", 1_415_348_368_464_459, NS),
    ]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, "trading"),
        ({"post_only": True, "limit_only": True}, "trading"),
        ({"cancel_only": True}, "halted"),
        ({"trading_disabled": True}, "halted"),
        ({"status": "offline"}, "halted"),
        ({"status": "internal"}, "halted"),
        ({"status": "delisted", "status_message": "gone"}, "delisted"),
    ],
)
def test_a_status_is_each_products(change: dict, status: str):
    row = frames.STATUS["products"][0] | change

    words = change.get("status_message", "")
    assert decode(frames.STATUS | {"products": [row]}) == [InstrumentStatus(BTC, status, words, NS)]


def test_an_acknowledgement_confirms_all_that_it_lists():
    assert decode(frames.SUBSCRIBED) == [
        Ack(True, "", "book", BTC, 0),
        Ack(True, "", "", "", 0, stream="matches:ETH-USD"),
        Ack(True, "", "ticker", ETH, 0),
        Ack(True, "", "ticker", BTC, 0),
    ]


@pytest.mark.parametrize("channels", [None, [], [{"name": "heartbeat", "product_ids": ["BTC-USD"]}]])
def test_an_acknowledgement_of_nothing_of_ours_confirms_nothing(channels: object):
    assert decode({"type": "subscriptions", "channels": channels}) == [Ack(True, "", "", "", 0)]


@pytest.mark.parametrize("name", ["level2", "level2_batch", "level2_50"])
def test_a_book_has_several_names(name: str):
    listed = [{"name": name, "product_ids": ["BTC-USD"]}]

    assert decode({"type": "subscriptions", "channels": listed}) == [Ack(True, "", "book", BTC, 0)]


def test_a_refusal_is_in_the_venues_words():
    assert decode(frames.ERROR) == [
        Ack(False, "Failed to subscribe: GIBBERISH-USD is not a valid product", "", "", 0)
    ]


@pytest.mark.parametrize("message", frames.FULL, ids=lambda message: message["type"])
def test_single_orders_are_nothing_to_us(message: dict):
    assert decode(message) == [Unknown(message["type"])]


def test_the_order_of_keys_and_blanks_mean_nothing():
    for message in (frames.TICKER, frames.CHANGE, frames.MATCH, frames.SNAPSHOT):
        turned = json.dumps(dict(reversed(message.items())), indent=1).encode()

        assert codec.decode(turned, NS) == decode(message)


@pytest.mark.parametrize(
    "message",
    [
        frames.SNAPSHOT | {"bids": [["1"]]},
        frames.SNAPSHOT | {"product_id": "<b>"},
        frames.CHANGE | {"changes": [["bid", "1", "1"]]},
        frames.CHANGE | {"changes": [["buy", 1, "1"]]},
        frames.CHANGE | {"time": "yesterday"},
        frames.MATCH | {"side": "SELL"},
        frames.MATCH | {"trade_id": "10"},
        frames.MATCH | {"time": "2014-11-07"},
        frames.LAST_MATCH | {"side": ""},
        frames.TICKER | {"price": None},
        frames.BEAT | {"last_trade_id": -1},
        {"type": "status", "products": [{"id": "BTC-USD"}]},
        {"type": "subscriptions", "channels": ["level2"]},
    ],
)
def test_a_known_message_of_the_wrong_shape_says_so(message: dict):
    with pytest.raises(DecodeError, match="frame starts"):
        decode(message)
