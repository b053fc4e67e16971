"""Documented frames, and what they mean: each side, unit and time as OKX's own documentation has it.

https://www.okx.com/docs-v5/en/; the paragraph is named where it is pinned.
"""

from __future__ import annotations

import json
from zlib import crc32

import pytest

from feeds.codec import DecodeError
from feeds.events import (
    Ack,
    Bar,
    BookDelta,
    BookSnapshot,
    Quote,
    Reconnect,
    Stats,
    Trade,
    Unknown,
)
from feeds.venues.okx.public import OkxCodec
from tests.feeds.okx import frames
from tests.feeds.okx.frames import US, frame

NS = 1_786_309_548_642_080_000


@pytest.fixture
def codec() -> OkxCodec:
    return OkxCodec()


def test_a_ticker_has_the_best_prices_and_the_day(codec):
    us = 1_747_141_319_306_000
    assert codec.decode(frame("tickers", "BTC-USDT-SWAP", frames.TICKER), NS) == [
        Quote("OKX:BTC-USDT-SWAP", "103699.9", "299.02", "103700", "1004.09", us, NS),
        Stats(
            "OKX:BTC-USDT-SWAP", "103700", "10918796.25", "104628.1", "100700", "-197.5", "-0.19", us, NS
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("native", "volume"),
    [
        # "If it is a derivatives contract, the value is the number of contracts."
        ("BTC-USDT-SWAP", "10918796.25"),
        ("BTC-USD-261225", "10918796.25"),
        ("BTC-USD-261225-100000-C", "10918796.25"),
        # "If it is SPOT/MARGIN, the value is the quantity in base currency."
        ("BTC-USDT", "10918796.25"),
    ],
)
def test_a_volume_is_in_what_quantities_are_in(codec, native, volume):
    """vol24h, https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-tickers-channel: contracts
    of all but spot; ``volCcy24h`` is in coins (of spot in the quote). The recorded day of 2022 agrees:
    779,573 contracts of 100 dollars were 2,620.289 coins at about 30,000."""
    _, stats = codec.decode(frame("tickers", native, {**frames.TICKER, "instId": native}), NS)

    assert stats.volume == volume


def test_empty_sides_and_a_price_of_nobody_are_empty(codec):
    empty = {"bidPx": "", "bidSz": "", "askPx": "0", "askSz": "0", "last": "", "open24h": "", "vol24h": "0"}
    found = codec.decode(frame("tickers", "BTC-USDT-SWAP", {**frames.TICKER, **empty}), NS)

    assert [found[0].bid, found[0].bid_qty, found[0].ask, found[0].ask_qty] == [""] * 4
    assert [found[1].last, found[1].change, found[1].change_pct, found[1].volume] == ["", "", "", "0"]


@pytest.mark.parametrize("channel", ["trades", "trades-all"])
def test_a_trade_says_the_side_of_the_taker(codec, channel):
    """As "side: Trade side of taker", #order-book-trading-market-data-ws-trades-channel."""
    assert codec.decode(frame(channel, "BTC-USDT", frames.TRADE), NS) == [
        Trade("OKX:BTC-USDT", "130639474", "buy", "42219.9", "0.12060306", 1_630_048_897_897_000, NS)
    ]


def test_trades_of_options_come_by_family(codec):
    """Quantities in contracts, #order-book-trading-market-data-ws-option-trades-channel."""
    family = {"instType": "OPTION", "instFamily": "BTC-USD"}
    assert codec.decode(frame("option-trades", family, frames.OPTION_TRADE), NS) == [
        Trade("OKX:BTC-USD-230224-18000-C", "38", "sell", "0.045", "2", 1_672_286_551_080_000, NS)
    ]


def test_what_two_streams_tell_counts_once(codec):
    codec.decode(frame("trades", "BTC-USDT", frames.TRADE), NS)

    assert codec.decode(frame("trades-all", "BTC-USDT", frames.TRADE), NS) == [Unknown("trades told twice")]
    other = frame("trades-all", "ETH-USDT", {**frames.TRADE, "instId": "ETH-USDT"})
    assert [type(event) for event in codec.decode(other, NS)] == [Trade]


def test_a_book_is_linked_by_its_numbers(codec):
    """#order-book-trading-market-data-ws-order-book-channel: the checksum is 0 and says nothing."""
    snapshot = codec.decode(frame("books", "BTC-USDT", frames.SNAPSHOT, action="snapshot"), NS)
    update = codec.decode(frame("books", "BTC-USDT", frames.UPDATE, action="update"), NS)

    bids, asks = [("8476.97", "256"), ("8475.55", "101")], [("8476.98", "415"), ("8477", "7")]
    assert snapshot == [BookSnapshot("OKX:BTC-USDT", bids, asks, 0, 123456, None, US, NS)]
    changed = [("8475.54", "100")], [("8477", "0")]
    first, last, previous = 123457, 123457, 123456
    assert update == [BookDelta("OKX:BTC-USDT", *changed, first, last, previous, None, US + 100_000, NS)]


@pytest.mark.parametrize("channel", ["books", "books-l2-tbt", "books50-l2-tbt"])
def test_a_book_without_numbers_is_proven_by_its_checksum(codec, channel):
    """As it was until 2023: signed, over "bid:qty:ask:qty" of 25 levels a side."""
    words = "8476.97:256:8476.98:415:8475.55:101:8477:7"
    signed = int.from_bytes(crc32(words.encode()).to_bytes(4, "big"), "big", signed=True)
    old = {key: value for key, value in frames.SNAPSHOT.items() if not key.endswith("eqId")}

    [found] = codec.decode(frame(channel, "BTC-USDT", {**old, "checksum": signed}, action="snapshot"), NS)

    assert (found.last, found.checksum) == (0, crc32(words.encode()))
    assert codec.checksum(found.bids, found.asks) == found.checksum


@pytest.mark.parametrize(
    ("change", "action"),
    [
        ({"seqId": None}, "snapshot"),
        ({"seqId": None}, "update"),
        ({"prevSeqId": None}, "update"),
        ({"prevSeqId": -1}, "update"),
        ({}, "replace"),
        ({"ts": "yesterday"}, "update"),
    ],
)
def test_a_book_that_nothing_proves_is_refused(codec, change, action):
    with pytest.raises(DecodeError):
        codec.decode(frame("books", "BTC-USDT", {**frames.UPDATE, **change}, action=action), NS)


def test_best_prices_alone_are_a_quote(codec):
    quote = Quote("OKX:BCH-USDT-SWAP", "111.05", "57745", "111.06", "55154", 1_670_324_386_802_000, NS)
    assert codec.decode(frame("bbo-tbt", "BCH-USDT-SWAP", frames.BEST), NS) == [quote]
    assert codec.decode(frame("bbo-tbt", "BCH-USDT-SWAP", {**frames.BEST, "bids": []}), NS)[0].bid == ""


def test_five_levels_are_a_book_unless_there_is_a_whole_one(codec):
    five = frame("books5", "BCH-USDT-SWAP", frames.FIVE)
    book, quote = codec.decode(five, NS)
    assert (book.depth, book.last, len(book.bids), book.asks[4]) == (5, 0, 5, ("111.1", "67272"))
    assert (quote.bid, quote.ask) == ("111.05", "111.06")

    codec.decode(frame("books", "BCH-USDT-SWAP", frames.SNAPSHOT, action="snapshot"), NS)
    assert codec.decode(five, NS) == [quote]


@pytest.mark.parametrize(
    ("word", "interval"), [("1m", 1), ("15m", 15), ("4H", 240), ("1D", 1440), ("1Dutc", 1440), ("1W", 10080)]
)
def test_candles_are_bars(codec, word, interval):
    """The sixth is "with a unit of contract" of contracts, of the base of spot, and the last "0 represents
    that it is uncompleted, 1 that it is completed": #order-book-trading-market-data-ws-candlesticks-channel.
    """
    figures = "8533.02", "8553.74", "8527.17", "8548.26", "45247"
    assert codec.decode(frame(f"candle{word}", "BTC-USDT", frames.CANDLE), NS) == [
        Bar("OKX:BTC-USDT", interval, US, *figures, 0, False, False)
    ]
    [closed] = codec.decode(frame(f"candle{word}", "BTC-USDT", [*frames.CANDLE[:8], "1"]), NS)
    assert closed.closed


def test_of_two_whole_books_the_first_is_followed(codec):
    """Each has numbers of its own; a hundred milliseconds of the one are ten messages of the other."""
    codec.decode(frame("books", "BTC-USDT", frames.SNAPSHOT, action="snapshot"), NS)

    other = frame("books-l2-tbt", "BTC-USDT", frames.SNAPSHOT, action="snapshot")
    assert codec.decode(other, NS) == [Unknown("book told twice")]


def test_months_have_no_length(codec):
    assert codec.decode(frame("candle1M", "BTC-USDT", frames.CANDLE), NS) == [Unknown("channel candle1M")]


@pytest.mark.parametrize(
    ("arg", "acks"),
    [
        ({"channel": "books", "instId": "BTC-USDT"}, [("book", "OKX:BTC-USDT", "")]),
        ({"channel": "trades", "instId": "BTC-USDT"},
         [("trade", "OKX:BTC-USDT", ""), ("ohlc", "OKX:BTC-USDT", "")]),
        ({"channel": "mark-price", "instId": "BTC-USDT-SWAP"}, [("mark", "OKX:BTC-USDT-SWAP", "")]),
        ({"channel": "liquidation-orders", "instType": "SWAP"}, [("", "", "liquidation-orders:SWAP")]),
        ({"channel": "opt-summary", "instFamily": "BTC-USD"}, [("", "", "opt-summary:BTC-USD")]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("event", ["subscribe", "unsubscribe"])
def test_each_stream_is_agreed_to_by_itself(codec, arg, acks, event):
    found = codec.decode(json.dumps({"id": "7", "event": event, "arg": arg, "connId": "a4"}).encode(), NS)

    subscribed = event == "subscribe"
    assert found == [Ack(True, "", *names, 0, subscribed, stream=stream) for *names, stream in acks]


def test_a_refusal_names_its_stream(codec):
    words = (
        "Wrong URL or channel:books,instId:BTC-NONE doesn't exist. Please use the correct URL, channel and "
        "parameters referring to API document."
    )
    told = json.dumps({"event": "error", "code": "60018", "msg": words, "connId": "a4"}).encode()
    assert codec.decode(told, NS) == [Ack(False, f"60018 {words}"[:200], "book", "OKX:BTC-NONE", 0)]


def test_a_refusal_of_a_whole_request_has_its_number(codec):
    told = b'{"id":"9","event":"error","code":"60012","msg":"Invalid request","connId":"a4"}'
    assert codec.decode(told, NS) == [Ack(False, "60012 Invalid request", "", "", 9)]


def test_an_index_that_is_missing_costs_no_mark(codec):
    words = "Wrong URL or channel:index-tickers,instId:NONE-USD doesn't exist."
    told = json.dumps({"id": "9", "event": "error", "code": "60018", "msg": words}).encode()
    assert codec.decode(told, NS) == [Unknown("no index-tickers")]


def test_a_notice_of_an_upgrade_asks_for_another_link(codec):
    words = "The connection will soon be closed for a service upgrade. Please reconnect."
    told = json.dumps({"event": "notice", "code": "64008", "msg": words, "connId": "a4"}).encode()
    assert codec.decode(told, NS) == [Reconnect(words)]


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (b'{"event":"channel-conn-count","channel":"orders","connCount":"2","connId":"a4"}',
         "event channel-conn-count"),
        (b'{"event":"notice","code":"1","msg":"","connId":"a4"}', "notice 1"),
        (frame("economic-calendar", {}, {}), "channel economic-calendar"),
        (b'{"event":"subscribe","arg":{"channel":"economic-calendar"}}', "subscribe economic-calendar"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_counted(codec, told, kind):
    assert codec.decode(told, NS) == [Unknown(kind)]


def test_an_answer_that_nobody_waits_for_says_nothing(codec):
    told = b'{"event":"subscribe","arg":{"channel":"price-limit","instId":"BTC-USDT-SWAP"}}'
    assert codec.decode(told, NS) == []


def test_a_pong_says_nothing_of_the_data(codec):
    assert codec.decode(b"pong", NS) == []


@pytest.mark.parametrize(
    "told",
    [
        frame("trades", "BTC-USDT", {**frames.TRADE, "instId": "ETH-USDT"}),
        frame("trades", "BTC-USDT", {**frames.TRADE, "side": "both"}),
        frame("tickers", "BTC-USDT", frames.TICKER),
        frame("tickers", "", frames.TICKER),
        frame("mark-price", "BTC-USDT-SWAP", frames.MARK),
        frame("liquidation-orders", frames.SWAPS, {**frames.LIQUIDATION, "details": [{"side": "buy"}]}),
        frame("candle1m", "BTC-USDT", ["1597026383085", "1", "NaN", "1", "1", "1"]),
    ],
)
def test_a_known_frame_of_wrong_shape_is_an_error(codec, told):
    with pytest.raises(DecodeError):
        codec.decode(told, NS)
