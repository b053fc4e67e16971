"""Bitstamp's messages as events: sides, times, zeros and numbers as its documentation has them."""

from __future__ import annotations

import pytest

from feeds.codec import DecodeError
from feeds.events import (
    Ack,
    BookDelta,
    BookSnapshot,
    Funding,
    Heartbeat,
    Mark,
    Quote,
    Reconnect,
    Trade,
    Unknown,
)
from feeds.venues.bitstamp.public import BitstampCodec
from tests.feeds.bitstamp import frames

NS = 1_789_457_618_000_000_000
BTC, PERPETUAL = "BITSTAMP:btcusd", "BITSTAMP:btcusd-perp"


@pytest.fixture
def codec() -> BitstampCodec:
    return BitstampCodec()


@pytest.mark.parametrize("each", [*frames.TRADES, frames.NEW_TRADE])
def test_the_side_of_a_trade_is_that_of_the_later_order(codec, each):
    """https://www.bitstamp.net/websocket/v2/: "Trade type (0 - buy; 1 - sell)". Orders are numbered as they
    come, so who came to the other has the greater number, and it is that one's side which is named."""
    [trade] = codec.decode(frames.told("trade", "live_trades_btcusd", each), NS)

    came = "buy" if each["buy_order_id"] > each["sell_order_id"] else "sell"
    assert trade.side == came


def test_a_trade_has_the_digits_of_its_text(codec):
    """The bare number beside it is that of a float: 0.014140160000000001."""
    [old] = codec.decode(frames.told("trade", "live_trades_btcusd", frames.OLD_TRADE), NS)
    [new] = codec.decode(frames.told("trade", "live_trades_btcusd-perp", frames.NEW_TRADE), NS)

    assert old == Trade(BTC, "93215787", "sell", "12700.00", "0.01414016", 1562650233964229, NS)
    id_ = "2001939623936278528"
    assert new == Trade(PERPETUAL, id_, "buy", "77204", "0.00921", 1789456400586000, NS)


def test_a_trade_without_text_has_the_digits_of_its_numbers(codec):
    bare = {key: value for key, value in frames.TRADES[1].items() if not key.endswith("_str")}

    [trade] = codec.decode(frames.told("trade", "live_trades_btcusd", bare), NS)

    assert (trade.price, trade.qty) == ("6294.77", "1.08")


def test_a_picture_is_a_whole_book_of_a_hundred_levels_and_its_best_prices(codec):
    """https://www.bitstamp.net/websocket/v2/, "Live order book": the top 100 a side, in each message."""
    book, quote = codec.decode(frames.told("data", "order_book_btcusd-perp", frames.PICTURE), NS)

    us = 1789457617906487
    bids, asks = ([tuple(row) for row in frames.PICTURE[side]] for side in ("bids", "asks"))
    assert book == BookSnapshot(PERPETUAL, bids, asks, 100, us, None, us, NS)
    assert quote == Quote(PERPETUAL, "77188", "0.41122", "77189", "0.41124", us, NS)


def test_a_side_without_levels_has_no_best_price(codec):
    _, quote = codec.decode(frames.told("data", "order_book_btcusd", {**frames.PICTURE, "bids": []}), NS)

    assert (quote.bid, quote.bid_qty, quote.ask) == ("", "", "77189")


def test_a_change_replaces_what_is_at_its_prices(codec):
    """https://www.bitstamp.net/websocket/v2/, "Live full order book": an amount of zero is a level that is
    gone, in as many digits as the market has. Any older book may take it: nothing says what came before."""
    [old] = codec.decode(frames.told("data", "diff_order_book_btcusd", frames.CHANGE), NS)
    [new] = codec.decode(frames.told("data", "diff_order_book_btcusd-perp", frames.NEW_CHANGE), NS)

    us = 1560182488522670
    bids, asks = ([tuple(row) for row in frames.CHANGE[side]] for side in ("bids", "asks"))
    assert old == BookDelta(BTC, bids, asks, 1, us, None, None, us, NS)
    us = 1789456316507635
    assert new == BookDelta(PERPETUAL, [("77049", "0.00000")], [], 1, us, None, None, us, NS)


def test_mark_index_and_funding_come_together(codec):
    """https://www.bitstamp.net/websocket/v2/, "Funding rate": times in seconds, the rate a fraction."""
    events = codec.decode(frames.told("funding_rate_saved", "funding_rate_btcusd-perp", frames.RATE), NS)

    us = 1789455924_000000
    assert events == [
        Mark(PERPETUAL, "77291.94844771", "77276.264", "", us, NS),
        Funding(PERPETUAL, "0.00013", 1789459200_000000, 0, "", us, NS),
    ]


def test_what_the_venue_says_of_requests_and_of_itself(codec):
    said = [codec.decode(frame, NS)[0] for frame in (frames.AGREED, frames.LEFT, frames.REFUSED)]

    assert said == [
        Ack(True, "", "", "", 0, stream="order_book_btcusd"),
        Ack(True, "", "", "", 0, subscribed=False, stream="order_book_btcusd"),
        Ack(False, "Invalid channel provided.", "", "", 0),
    ]
    assert codec.decode(frames.BEAT, NS) == [Heartbeat("BITSTAMP", 0, NS)]
    assert type(codec.decode(frames.MOVED, NS)[0]) is Reconnect


@pytest.mark.parametrize("frame", [frames.DETAIL, frames.ORDER])
def test_single_orders_are_not_read(codec, frame):
    assert [type(event) for event in codec.decode(frame, NS)] == [Unknown]


@pytest.mark.parametrize(
    ("event", "channel", "data", "changes"),
    [
        ("trade", "live_trades_btcusd", frames.OLD_TRADE, {"type": 2}),
        ("trade", "live_trades_btcusd", frames.OLD_TRADE, {"type": "0"}),
        ("trade", "live_trades_btcusd", frames.OLD_TRADE, {"price_str": "", "price": None}),
        ("trade", "live_trades_btc usd", frames.OLD_TRADE, {}),
        ("data", "order_book_btcusd", frames.PICTURE, {"microtimestamp": "-1"}),
        ("data", "order_book_btcusd", frames.PICTURE, {"microtimestamp": "9" * 30}),
        ("data", "order_book_btcusd", frames.PICTURE, {"bids": [["1", "2", "3"]]}),
        ("data", "diff_order_book_btcusd", frames.CHANGE, {"asks": [[1, 2]]}),
        ("funding_rate_saved", "funding_rate_btcusd-perp", frames.RATE, {"next_funding_time": "soon"}),
    ],
)
def test_what_makes_no_sense_is_said_to_make_none(codec, event, channel, data, changes):
    with pytest.raises(DecodeError):
        codec.decode(frames.told(event, channel, {**data, **changes}), NS)


@pytest.mark.parametrize("key", ["microtimestamp", "bids", "asks"])
def test_a_book_without_what_proves_it_is_none(codec, key):
    for channel in ("order_book_btcusd", "diff_order_book_btcusd"):
        data = {name: value for name, value in frames.PICTURE.items() if name != key}
        with pytest.raises(DecodeError):
            codec.decode(frames.told("data", channel, data), NS)


def test_a_trade_without_microseconds_has_its_second(codec):
    old = {name: value for name, value in frames.OLD_TRADE.items() if name != "microtimestamp"}

    [trade] = codec.decode(frames.told("trade", "live_trades_btcusd", old), NS)

    assert trade.exchange_us == 1_562_650_233_000_000
