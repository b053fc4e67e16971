"""What each message of Kraken's derivatives means: documented frames, and the events that they are.

https://docs.kraken.com/exchange/api-reference/futures-websocket
"""

from __future__ import annotations

import pytest

from feeds.codec import DecodeError
from feeds.events import (
    Ack,
    BookDelta,
    BookSnapshot,
    Event,
    Heartbeat,
    Liquidation,
    Trade,
    Unknown,
)
from feeds.venues.kraken_futures.public import KrakenFuturesCodec
from tests.feeds.kraken_futures import frames

NS = 1_790_360_000_000_000_001
INVERSE, LINEAR = "KRAKEN_FUTURES:PI_XBTUSD", "KRAKEN_FUTURES:PF_XBTUSD"
HOUR_US = 3_600_000_000


def decoded(frame: bytes) -> list[Event]:
    return KrakenFuturesCodec().decode(frame, NS)


# books


def test_a_book_begins_whole_and_goes_on_level_by_level() -> None:
    """``seq`` is one more each time: 7,014 of 7,014 changes of a recording."""
    assert decoded(frames.SNAPSHOT) == [
        BookSnapshot(
            INVERSE,
            [("34892.5", "6385"), ("34892", "10924")],
            [("34911.5", "20598"), ("34912", "2300")],
            0,
            326072249,
            None,
            1612269825817_000,
            NS,
        )
    ]
    assert decoded(frames.CHANGE) == [
        BookDelta(INVERSE, [], [("34981", "0")], 0, 326094134, 326094133, None, 1612269953629_000, NS)
    ]
    bought = decoded(frames.CHANGE.replace(b'"sell"', b'"buy"'))
    assert (bought[0].bids, bought[0].asks) == ([("34981", "0")], [])


def test_the_order_of_keys_means_nothing() -> None:
    other = (
        b'{"product_id":"PI_XBTUSD","feed":"book",'
        + frames.CHANGE[len(b'{"feed":"book","product_id":"PI_XBTUSD",') :]
    )

    assert decoded(other) == decoded(frames.CHANGE)


def test_levels_of_a_snapshot_at_which_nothing_is_left_are_none() -> None:
    [book] = decoded(frames.SNAPSHOT.replace(b"10924", b"0.0"))

    assert book.bids == [("34892.5", "6385")]


# trades


def test_the_side_of_a_trade_is_the_takers() -> None:
    """ "The classification of the taker side in the matched trade: buy if the taker is a buyer":
    https://docs.kraken.com/exchange/api-reference/futures-websocket/trade"""
    uid, us = "05af78ac-a774-478c-a50c-8b9c234e071e", 1612266317519_000
    assert decoded(frames.TRADE) == [Trade(INVERSE, uid, "sell", "34969.5", "15000", us, NS)]


@pytest.mark.parametrize("kind", [b"assignment", b"termination", b"block"])
def test_whatever_was_traded_is_a_trade(kind: bytes) -> None:
    assert decoded(frames.TRADE.replace(b'"fill"', b'"%b"' % kind)) == decoded(frames.TRADE)


def test_a_liquidation_is_the_takers_order() -> None:
    """ "liquidation if it is a result of a user being liquidated from their position"."""
    us = 1612266317519_000
    assert decoded(frames.LIQUIDATION) == [
        *decoded(frames.TRADE),
        Liquidation(INVERSE, "sell", "34969.5", "34969.5", "15000", "15000", us, NS),
    ]


def test_trades_of_before_come_oldest_first_and_end_no_position_again() -> None:
    older, newer = decoded(frames.TRADES)

    assert older == Trade(
        INVERSE,
        "45ee9737-1877-4682-bc68-e4ef818ef88a",
        "sell",
        "34891",
        "9643",
        1612269656839_000,
        NS,
        replayed=True,
    )
    assert newer.trade_id.startswith("caa9c653") and newer.replayed
    assert decoded(b'{"feed":"trade_snapshot","product_id":"PI_XBTUSD","trades":[]}') == [
        Heartbeat("KRAKEN_FUTURES", 0, NS)
    ]


def test_a_trade_of_old_goes_by_its_number() -> None:
    [trade] = decoded(frames.OLD_TRADE)

    assert (trade.trade_id, trade.qty, trade.instrument) == ("5271", "3.0", "KRAKEN_FUTURES:FI_XBTUSD_190426")


# what is said of the link


def test_what_the_venue_agreed_to() -> None:
    assert decoded(frames.SUBSCRIBED) == [
        Ack(True, "", "", "", 0, stream="ticker:PF_XBTUSD"),
        Ack(True, "", "", "", 0, stream="ticker:PI_XBTUSD"),
    ]
    assert decoded(frames.BOOK_SUBSCRIBED) == [Ack(True, "", "book", LINEAR, 0)]
    assert decoded(frames.UNSUBSCRIBED) == [Ack(True, "", "", "", 0, False, stream="trade:PF_XBTUSD")]
    assert decoded(frames.BEATING) == [Ack(True, "", "", "", 0)]
    spaced = frames.BOOK_SUBSCRIBED.replace(b'"subscribed"', b'"subscribed "')
    assert decoded(spaced) == decoded(frames.BOOK_SUBSCRIBED), "as the documentation has it"


def test_what_the_venue_refused() -> None:
    failed = frames.BOOK_SUBSCRIBED.replace(b"subscribed", b"subscribed_failed")
    assert decoded(failed) == [Ack(False, "subscription failed", "book", LINEAR, 0)]
    assert decoded(frames.INVALID) == [Ack(False, "Invalid product id", "", "", 0)]
    assert decoded(frames.WRONG_FEED) == [Ack(False, "Couldn't subscribe to invalid feed", "", "", 0)]


def test_signs_of_life_and_what_means_nothing_to_us() -> None:
    assert decoded(frames.HEARTBEAT) == [Heartbeat("KRAKEN_FUTURES", 1534262350627_000, NS)]
    assert decoded(frames.INFO) == []
    assert decoded(frames.TWICE) == [Unknown("alert Already subscribed to feed, re")]
    assert [type(event) for event in decoded(frames.CHALLENGE)] == [Unknown]
    assert decoded(frames.ACCOUNT) == [Unknown("feed open_orders_snapshot")]


@pytest.mark.parametrize(
    "frame",
    [
        frames.CHANGE.replace(b'"seq":326094134', b'"seq":0'),
        frames.CHANGE.replace(b'"seq"', b'"sequence"'),
        frames.CHANGE.replace(b'"sell"', b'"up"'),
        frames.CHANGE.replace(b"34981", b'"much"'),
        frames.SNAPSHOT.replace(b'"asks"', b'"offers"'),
        frames.TRADE.replace(b'"qty"', b'"size"'),
        frames.TRADE.replace(b"1612266317519", b"-1"),
        frames.LINEAR.replace(b"PF_XBTUSD", b"P F"),
    ],
)
def test_a_message_of_the_wrong_shape_is_an_error(frame: bytes) -> None:
    with pytest.raises(DecodeError):
        decoded(frame)
