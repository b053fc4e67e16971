"""What Gemini's older sockets sent, for those who recorded it."""

from __future__ import annotations

import pytest

from feeds.codec import DecodeError
from feeds.events import (
    BUY,
    SELL,
    UNTOLD,
    BookDelta,
    BookSnapshot,
    Funding,
    Heartbeat,
    LinkSequence,
    Mark,
    Trade,
    Unknown,
)
from feeds.venues.gemini.public import GeminiCodec
from tests.feeds.gemini import frames

CODEC = GeminiCodec()
NS = 1_655_335_881_000_000_000
BTC, PERP = "GEMINI:BTCUSD", "GEMINI:BTCGUSDPERP"


def read(frame: bytes) -> list:
    return CODEC.decode(frame, NS)


def test_the_first_levels_of_v2_are_the_whole_book_with_the_last_trades_newest_first() -> None:
    """ "The initial response will show the existing state of the order books and last 50 trades", the side is
    the taker's: https://developer.gemini.com/websocket/archived/v2"""
    book, *trades = read(frames.V2_WHOLE)

    bids = [("22252.37", "0.02"), ("22251.61", "0.04")]
    assert book == BookSnapshot(BTC, bids, [("22253.00", "0.98942292")], 0, 0, None, 0, NS)
    assert trades == [
        Trade(BTC, "122258141090", BUY, "22250.00", "0.00704098", 1_655_330_213_216_000, NS, True),
        Trade(BTC, "122258141091", SELL, "22250.01", "0.5", 1_655_330_213_216_000, NS, True),
        Trade(BTC, "122258166738", BUY, "22269.14", "0.00004473", 1_655_330_221_424_000, NS, True),
    ]


@pytest.mark.parametrize("beside", [b'"trades":[]', b'"auction_events":[]'])
def test_a_market_that_never_traded_begins_with_its_whole_book_too(beside: bytes) -> None:
    [book] = read(b'{"type":"l2_updates","symbol":"BTCUSD","changes":[["buy","1","2"]],%b}' % beside)

    assert book == BookSnapshot(BTC, [("1", "2")], [], 0, 0, None, 0, NS)


def test_levels_of_v2_are_what_is_there_now_and_have_no_number_and_no_time() -> None:
    assert read(frames.V2_CHANGE) == [
        BookDelta(BTC, [("22252.37", "0.1")], [("22253.00", "0")], 0, 0, None, None, 0, NS)
    ]


def test_a_trade_of_v2_goes_by_its_own_number_where_it_has_one() -> None:
    assert read(frames.V2_TRADE) == [
        Trade(BTC, "122278173770", BUY, "22530.80", "0.04", 1_655_335_880_981_000, NS)
    ]
    [numbered] = read(frames.V2_NUMBERED)
    assert (numbered.trade_id, numbered.exchange_us) == ("2840140800042677", 151_231_241_000)
    [auctioned] = read(frames.V2_TRADE.replace(b'"buy"', b'"auction"'))
    assert auctioned.side == UNTOLD


def test_marks_and_funding_of_v2_have_times_in_nanoseconds() -> None:
    """Captured on 15 September 2026; 9.25568 of 77260.531."""
    assert read(frames.V2_MARK) == [Mark(PERP, "77233.302", "77188.41867", "", 1_789_456_071_687_541, NS)]
    assert read(frames.V2_PAYMENT) == [
        Funding(
            PERP, "0.000119798296", 1_789_459_200_000_000, 3_600_000_000, "", 1_789_456_071_687_573, NS
        )
    ]  # fmt: skip
    documented = frames.V2_PAYMENT.replace(b'"mark_price":"77260.531",', b"")
    assert read(documented) == [], "of an amount alone no fraction can be told"


def test_heartbeats_of_both() -> None:
    assert read(frames.V2_BEAT) == [Heartbeat("GEMINI", 1_789_456_747_150_000, NS)]
    beat = Heartbeat("GEMINI", 1_547_742_998_508_000, NS)
    assert read(frames.V1_BEAT) == [LinkSequence(30), beat]


def test_v1_of_several_markets_is_proven_by_the_number_of_the_link() -> None:
    """``makerSide`` is who had rested: https://developer.gemini.com/websocket/archived/multi-market-data"""
    assert read(frames.V1_WHOLE) == [
        LinkSequence(0),
        BookSnapshot(
            "GEMINI:SHIBUSD", [("0.000000001", "4.817624"), ("0.000000002", "2")], [], 0, 0, None, 0, NS
        ),
        BookSnapshot("GEMINI:ETHUSD", [], [("1342.20", "3"), ("1342.10", "1.7")], 0, 0, None, 0, NS),
    ]
    us = 1_547_760_288_001_000
    assert read(frames.V1_TRADE) == [
        LinkSequence(15),
        BookDelta(BTC, [], [("3632.54", "0")], 0, 0, None, None, us, NS),
        Trade(BTC, "5375547515", BUY, "3632.54", "0.1362819142", us, NS),
    ]
    [_, _, sold] = read(frames.V1_TRADE.replace(b'"makerSide":"ask"', b'"makerSide":"bid"'))
    assert sold.side == SELL


def test_v1_of_one_market_does_not_say_which_and_best_prices_are_no_book() -> None:
    assert read(frames.V1_OF_ONE) == [LinkSequence(1), Unknown("v1 update that names no market")]
    best = frames.V1_WHOLE.replace(b'"initial"', b'"top-of-book"')
    assert read(best) == [LinkSequence(0)]
    begins = (
        b'{"eventId":1764559146464275,"events":[{"delta":"0.06","price":"83948.71","reason":"initial",'
        b'"remaining":"0.06","side":"ask","symbol":"BTCUSD","type":"change"}],"socket_sequence":0,"type":"update"}'
    )
    assert read(begins) == [LinkSequence(0)]


def test_candles_and_auctions_are_counted_and_a_refusal_is_named() -> None:
    assert read(frames.V2_CANDLES) == [Unknown("candles_15m_updates")]
    assert read(b'{"type":"auction_open","symbol":"BTCUSD"}') == [Unknown("auction_open")]
    assert read(b'{"reason":"NoValidTradingPairs","result":"error"}') == [Unknown("NoValidTradingPairs")]


@pytest.mark.parametrize(
    "frame",
    [
        frames.V2_CHANGE.replace(b'"sell"', b'"ask side"'),
        frames.V2_TRADE.replace(b'"event_id":122278173770,', b""),
        frames.V2_TRADE.replace(b'"buy"', b'"bought"'),
        frames.V2_CHANGE.replace(b'"changes"', b'"levels"'),
        frames.V1_TRADE.replace(b'"tid":5375547515,', b""),
    ],
)
def test_another_shape_is_an_error(frame: bytes) -> None:
    with pytest.raises(DecodeError):
        read(frame)
