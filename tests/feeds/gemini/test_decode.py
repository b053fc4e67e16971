"""Frames of Gemini's socket of today → whole events."""

from __future__ import annotations

import pytest

from feeds.codec import DecodeError, Subscription
from feeds.events import (
    BASE_UNITS,
    BUY,
    SELL,
    Ack,
    BookDelta,
    BookSnapshot,
    Funding,
    Heartbeat,
    Mark,
    OpenInterest,
    Quote,
    Stats,
    Trade,
    Unknown,
)
from feeds.keeper import Keeper, Rules
from feeds.venues.gemini.public import GeminiCodec
from tests.feeds.gemini import frames

NS = 1_789_456_742_500_000_000
BTC, PERP = "GEMINI:BTCUSD", "GEMINI:BTCGUSDPERP"


def read(frame: bytes, codec: GeminiCodec | None = None, ns: int = NS) -> list:
    return (codec or GeminiCodec()).decode(frame, ns)


def test_best_prices_are_text_and_their_time_is_in_nanoseconds() -> None:
    """https://developer.gemini.com/websocket/streams: "Event time (nanoseconds)", symbols in small."""
    assert read(frames.BEST) == [
        Quote(BTC, "45000.50", "1.25000000", "45001.00", "0.75000000", 1_751_508_438_600_117, NS)
    ]


@pytest.mark.parametrize("nothing", [b"0", b"0.00", b""])
def test_a_side_without_a_price_is_empty(nothing: bytes) -> None:
    [found] = read(frames.BEST.replace(b"45001.00", nothing))

    assert (found.bid, found.ask, found.ask_qty) == ("45000.50", "", "")


def test_the_first_frame_of_a_book_is_all_of_it_and_goes_from_its_number_to_the_same() -> None:
    """With ``snapshot=-1``: https://developer.gemini.com/websocket/introduction. Captured."""
    [book] = read(frames.WHOLE)

    assert book[:1] + book[3:] == (
        "GEMINI:AVAXGUSDPERP", 0, 1764527605191349, None, 1_789_456_740_173_524, NS
    )  # fmt: skip
    assert isinstance(book, BookSnapshot)
    assert (book.bids[0], book.bids[-1], len(book.bids)) == (
        ("7.487000", "140.40000"),
        ("0.160000", "10000.00000"),
        7,
    )
    assert (book.asks[0], len(book.asks)) == (("7.503000", "142.60000"), 5)


def test_a_change_follows_what_ended_where_it_begins() -> None:
    """ "If a frame's U skips ahead of the last applied u, discard the book and resubscribe":
    https://developer.gemini.com/specs/asyncapi/websocket.yaml. Captured."""
    name = "GEMINI:ETHGUSDPERP"
    assert read(frames.SECOND) == [
        BookDelta(
            name, [("2482.5500", "1.047")], [], 1764527605192687, 1764527605192712, None, None,
            1_789_456_742_362_015, NS,
        )
    ]  # fmt: skip

    keeper = Keeper(Rules.of(GeminiCodec()))
    begins = BookSnapshot(name, [("2482.5500", "1")], [("2483.5000", "1")], 0, 1764527605192323, None, 0, NS)
    assert keeper.snapshot(begins, 0) == ""
    [first], [second] = read(frames.FIRST), read(frames.SECOND)
    assert [keeper.delta(each) for each in (first, second, first, second)] == [
        "", "", "duplicates", "duplicates",
    ]  # fmt: skip
    assert keeper.readable(2) == ""
    assert keeper.book.best(2) == ([("2482.5500", "1.047")], [("2483.4500", "1.047")])


def test_a_change_that_begins_later_than_the_last_one_ended_is_a_hole() -> None:
    keeper = Keeper(Rules.of(GeminiCodec()))
    keeper.snapshot(BookSnapshot("GEMINI:ETHGUSDPERP", [], [], 0, 1764527605192685, None, 0, NS), 0)

    [second] = read(frames.SECOND)

    assert keeper.delta(second) == "gaps"


def test_numbers_that_go_back_make_no_sense() -> None:
    with pytest.raises(DecodeError, match="expected u from 12345680 on, found 12345678"):
        read(frames.CHANGE.replace(b"12345677", b"12345680"))


def test_a_buyer_who_had_rested_was_sold_to() -> None:
    """``m`` true is a sale: https://github.com/gemini/developer-platform, samples/python/ws_trades.py"""
    assert read(frames.TRADE) == [Trade(BTC, "123456789", SELL, "1000.00", "0.25", 1_700_000_000_000_000, NS)]
    assert read(frames.BARE_TRADE) == [
        Trade(BTC, "2840140956529623", BUY, "117284.86", "0.000643", 1_759_291_847_686_856, NS)
    ]


def test_a_mark_is_told_with_the_index_of_rest_and_not_with_the_one_beside_it() -> None:
    """``i`` was 100 times the index of BTC, and 0.01 times that of TRUMP, on 15 September 2026."""
    codec = GeminiCodec()
    mark = ("77303.727", 1_789_456_746_446_652)
    assert read(frames.MARK, codec) == [Mark(PERP, mark[0], "", "", mark[1], NS)]

    wish = Subscription("mark", PERP, "BTCGUSDPERP")
    assert codec.poll_request(wish).path == "/v1/riskstats/BTCGUSDPERP"
    # 18.2696 × 77244.69 = 1411229.5883: open interest counts units of the base.
    assert codec.decode_poll(wish, frames.RISK, NS) == [OpenInterest(PERP, "18.2696", BASE_UNITS, 0, NS)]

    assert read(frames.MARK, codec) == [Mark(PERP, mark[0], "77199.85", "", mark[1], NS)]
    late = NS + 91_000_000_000
    assert read(frames.MARK, codec, late) == [Mark(PERP, mark[0], "", "", mark[1], late)]


def test_funding_is_an_amount_for_one_of_the_base_and_becomes_a_fraction() -> None:
    """7.90688 of 77302.223, for the hour that ends at ``T``; captured. A positive amount is paid by who is
    long: https://support.gemini.com/hc/en-us/articles/12086831169819"""
    assert read(frames.PAYMENT) == [
        Funding(
            PERP, "0.000102285286", 1_789_459_200_000_000, 3_600_000_000, "", 1_789_459_200_000_000, NS
        )
    ]  # fmt: skip
    assert read(frames.PAYMENT.replace(b'"7.90688"', b'"-7.90688"'))[0].rate == "-0.000102285286"
    assert read(frames.PAYMENT.replace(b"false", b"true")) == [], "what was charged is of the past"
    for nonsense in (b'"p":"0"', b'"p":"x"', b'"p":""'):
        with pytest.raises(DecodeError):
            read(frames.PAYMENT.replace(b'"p":"77302.223"', nonsense))


def test_figures_of_a_day_are_told_with_the_next_price_and_once() -> None:
    """``open`` is the price 24 hours ago: https://developer.gemini.com/rest/market-data"""
    codec = GeminiCodec()
    wish = Subscription("ticker", BTC, "BTCUSD")
    assert codec.poll_request(wish).path == "/v2/ticker/BTCUSD"
    assert codec.decode_poll(wish, frames.DAY, NS) == []

    quote, stats = read(frames.BEST, codec)

    assert stats == Stats(
        BTC, "9347.66", "", "9440.66", "9106.51", "225.90", "2.48", 1_751_508_438_600_117, NS
    )
    assert read(frames.BEST, codec) == [quote]


def test_a_last_price_by_rest_does_not_undo_a_trade_that_the_stream_told() -> None:
    """REST may be behind: only what traded a minute before it is older than what it says."""
    codec, wish = GeminiCodec(), Subscription("ticker", BTC, "BTCUSD")

    def last(traded_ns: int, asked_ns: int) -> str:
        read(frames.TRADE, codec, traded_ns)
        codec.decode_poll(wish, frames.DAY, asked_ns)
        return read(frames.BEST, codec, asked_ns)[1].last

    assert last(NS, NS + 59_000_000_000) == "1000.00"
    assert last(NS, NS + 61_000_000_000) == "9347.66"
    assert last(NS, NS - 1) == "1000.00"


def test_best_levels_of_five_are_the_pulse_of_a_link_and_no_book() -> None:
    assert read(frames.PARTIAL) == [Heartbeat("GEMINI", 0, NS)]
    with_symbol = frames.PARTIAL.replace(b',"bids"', b',"symbol":"btcusd","bids"')
    assert read(with_symbol) == [Heartbeat("GEMINI", 0, NS)]


def test_answers_have_the_number_of_the_request_and_a_refusal_its_words() -> None:
    """https://developer.gemini.com/websocket/message-format"""
    assert read(frames.AGREED) == read(b'{"id":"1","status":200}') == [Ack(True, "", "", "", 1)]
    words = "-1013 Invalid stream name: nosuchperp@depth@100ms"
    assert read(frames.REFUSED) == [Ack(False, words, "", "", 4)]
    assert read(b'{"id":3,"status":429}') == [Ack(False, "status 429", "", "", 3)]
    assert read(b'{"id":"pulse","status":200}') == []
    assert read(b'{"id":"pulse","status":400,"error":{"code":-1013,"msg":"x"}}') == [
        Unknown("answer to the pulse")
    ]


@pytest.mark.parametrize("spelling", ["{ ", '{"E":1789456742362015387,'])
def test_frames_of_another_order_of_fields_are_read_alike(spelling: str) -> None:
    body = frames.SECOND.decode()
    if spelling.startswith('{"E"'):
        body = body.replace(',"E":1789456742362015387', "")

    assert read((spelling + body[1:]).encode()) == read(frames.SECOND)


@pytest.mark.parametrize(
    "frame",
    [
        frames.CHANGE.replace(b'"U":12345677,', b""),
        frames.CHANGE.replace(b'"s":"btcusd",', b""),
        frames.CHANGE.replace(b'"1.25000000"', b"1.25"),
        frames.BEST.replace(b'"A":"0.75000000"', b'"A":null'),
        frames.TRADE.replace(b"true", b'"true"'),
        frames.MARK.replace(b'"p":"77303.727",', b""),
        frames.FIRST.replace(b"ethgusdperp", b"eth<usd"),
    ],
)
def test_a_known_frame_of_another_shape_is_an_error_that_shows_its_head(frame: bytes) -> None:
    with pytest.raises(DecodeError, match="frame starts"):
        read(frame)


def test_what_means_nothing_here_is_named() -> None:
    assert read(b'{"e":"contractStatus","s":"GEMI-X"}') == [Unknown("contractStatus")]
    assert read(b'{"stock":1}') == [Unknown("message")]
