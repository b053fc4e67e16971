"""Documented messages of Bitfinex → whole events. The documentation is at https://docs.bitfinex.com/reference"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.codec import DecodeError
from feeds.events import (
    Ack,
    BookDelta,
    BookSnapshot,
    Event,
    Funding,
    Heartbeat,
    LinkSequence,
    Liquidation,
    Mark,
    OpenInterest,
    Quote,
    Reconnect,
    Reply,
    Stats,
    Trade,
    Unknown,
    VenueStatus,
)
from feeds.symbols import BOOK, TRADE
from feeds.venues.bitfinex.public import BitfinexCodec
from tests.feeds.bitfinex import frames
from tests.feeds.bitfinex.test_requests import wish

NS = 1_786_309_548_642_080_000
BTC, ETH, PERPETUAL = "BITFINEX:tBTCUSD", "BITFINEX:tETHUSD", "BITFINEX:tBTCF0:USTF0"


@pytest.fixture
def codec() -> BitfinexCodec:
    """That of a link on which everything was agreed to."""
    made = BitfinexCodec()
    for frame in frames.ASKED:
        made.decode(frame, NS)
    return made


def last(codec: BitfinexCodec, *told: bytes) -> list[Event]:
    return [codec.decode(frame, NS) for frame in told][-1]


def test_a_ticker_says_best_prices_without_sizes_and_the_day_in_per_cent(codec: BitfinexCodec) -> None:
    """ "BID_SIZE: sum of the 25 highest bid sizes"; DAILY_CHANGE_RELATIVE "*100 for percentage change":
    https://docs.bitfinex.com/reference/rest-public-ticker"""
    assert last(codec, frames.TICKER) == [
        Quote(BTC, "7616.5", "", "7617.5", "", 0, NS),
        Stats(BTC, "7617.1", "8314.71200815", "8257.8", "7500", "-550.8", "-6.74", 0, NS),
    ]


def test_a_trade_is_told_once_and_its_sign_is_the_takers(codec: BitfinexCodec) -> None:
    """ "How much was bought (positive) or sold (negative)"; "the order that causes the trade determines if
    it is a buy or a sell": https://docs.bitfinex.com/v1/reference/ws-public-trades"""
    us = 1574694478_809_000
    assert last(codec, frames.EXECUTED) == [Trade(BTC, "401597396", "sell", "7245", "0.002", us, NS)]
    assert last(codec, frames.EXECUTED_AGAIN) == [Heartbeat("BITFINEX", 0, NS)]


def test_trades_before_are_told_oldest_first(codec: BitfinexCodec) -> None:
    assert last(codec, frames.TRADES) == [
        Trade(BTC, "401597393", "sell", "7244.9", "0.005", 1574694475_039_000, NS, True),
        Trade(BTC, "401597395", "buy", "7245.3", "0.005", 1574694478_808_000, NS, True),
    ]


def test_a_book_begins_whole_and_goes_on_level_by_level(codec: BitfinexCodec) -> None:
    """ "When count = 0 then you have to delete the price level"; amounts of asks are negative:
    https://docs.bitfinex.com/reference/ws-public-books"""
    bids, asks = [("170.24", "5.5"), ("170.23", "1.25")], [("170.26", "3.2"), ("170.31", "0.00000015")]
    assert last(codec, frames.BOOK) == [BookSnapshot(ETH, bids, asks, 0, 0, None, 0, NS)]
    assert last(codec, frames.LEVEL) == [BookDelta(ETH, [("170.25", "2.54")], [], 0, 0, None, None, 0, NS)]
    assert last(codec, frames.GONE) == [BookDelta(ETH, [], [("170.26", "0")], 0, 0, None, None, 0, NS)]


def test_a_level_in_another_form_is_the_same(codec: BitfinexCodec) -> None:
    plain = last(codec, frames.BOOK, frames.LEVEL)
    assert last(codec, b"[10092, [170.25, 1, 2.54]]") == plain
    [small] = last(codec, b"[10092,[1.5e-7,1,-25e-1]]")
    assert small.asks == [("0.00000015", "2.5")]


def test_numbers_and_times_of_messages_follow_what_they_bring(codec: BitfinexCodec) -> None:
    """https://docs.bitfinex.com/docs/ws-general#configuration: SEQ_ALL and TIMESTAMP."""
    ms = 1596124822001
    told = last(codec, frames.BOOK, frames.numbered(frames.LEVEL, 7, ms))
    assert told == [
        LinkSequence(7),
        BookDelta(ETH, [("170.25", "2.54")], [], 0, 0, None, None, ms * 1000, NS),
    ]
    assert last(codec, frames.numbered(frames.BEAT, 9)) == [LinkSequence(9), Heartbeat("BITFINEX", 0, NS)]
    assert last(codec, frames.numbered(frames.BEAT, 0, ms))[1:] == [Heartbeat("BITFINEX", ms * 1000, NS)]
    assert last(codec, b'[17470,"hb",1596124822001]') == [Heartbeat("BITFINEX", ms * 1000, NS)]
    assert [type(event) for event in last(codec, frames.numbered(frames.EXECUTED, 8))] == [
        LinkSequence,
        Trade,
    ]
    assert last(codec, b"[5,[1,2,3],10]") == [LinkSequence(10), Unknown("channel that was not agreed to")]


def test_a_checksum_speaks_of_its_book_and_loses_its_sign(codec: BitfinexCodec) -> None:
    """ "Checksums will be sent as a signed integer": https://docs.bitfinex.com/docs/ws-websocket-checksum"""
    [event] = last(codec, frames.BOOK, b'[10092,"cs",-1890203112]')
    assert event == BookDelta(ETH, (), (), 0, 0, None, 2**32 - 1890203112, 0, NS)


def test_a_list_of_levels_is_a_book_again_unless_it_is_of_changes(codec: BitfinexCodec) -> None:
    """BULK_UPDATES, 536870912: book updates come as arrays of arrays, as a snapshot does."""
    [again] = last(codec, frames.BOOK, frames.BOOK)
    assert type(again) is BookSnapshot
    [removed] = last(codec, b"[10092,[[170.24,0,1],[170.25,1,2]]]")
    assert (type(removed), removed.bids) == (BookDelta, [("170.24", "0"), ("170.25", "2")])
    codec.decode(b'{"event":"conf","status":"OK","flags":536870912}', NS)
    [change] = last(codec, b"[10092,[[170.24,1,1]]]")
    assert type(change) is BookDelta
    [begun] = last(codec, frames.BOOK_ASKED, frames.BOOK)
    assert type(begun) is BookSnapshot, "the first one of a subscription is whole, whatever the flags"


def test_an_empty_book_is_one(codec: BitfinexCodec) -> None:
    assert last(codec, b"[10092,[]]") == [BookSnapshot(ETH, [], [], 0, 0, None, 0, NS)]
    assert last(codec, b"[10092,[]]") == [BookDelta(ETH, [], [], 0, 0, None, None, 0, NS)]


def test_single_orders_make_levels(codec: BitfinexCodec) -> None:
    """ "PRICE = 0 means that you have to remove the order from your book":
    https://docs.bitfinex.com/reference/ws-public-raw-books"""
    assert last(codec, frames.RAW) == [
        BookSnapshot(BTC, [("7294.7", "1")], [("7295", "1")], 0, 0, None, 0, NS)
    ]
    assert last(codec, frames.ORDER) == [BookDelta(BTC, [], [("7295", "1.25")], 0, 0, None, None, 0, NS)]
    assert last(codec, frames.ORDER_GONE) == [
        BookDelta(BTC, [("7294.7", "0.5")], [], 0, 0, None, None, 0, NS)
    ]
    [moved] = last(codec, b"[433290,[34753006045,7294,0.75]]")
    assert moved.bids == [("7294.7", "0"), ("7294", "0.75")]
    [nothing] = last(codec, b"[433290,[1,0,1]]")
    assert (nothing.bids, nothing.asks) == ([], [])


def test_levels_count_where_single_orders_come_too(codec: BitfinexCodec) -> None:
    codec.decode(frames.BOOK_ASKED.replace(b"tETHUSD", b"tBTCUSD"), NS)
    assert last(codec, frames.RAW, frames.ORDER) == [Heartbeat("BITFINEX", 0, NS)]


def test_a_perpetual_tells_mark_funding_and_open_interest(codec: BitfinexCodec) -> None:
    """CURRENT_FUNDING "funding applied in the current 8h period", NEXT_FUNDING_ACCRUED "current accrued
    funding for next 8h period", OPEN_INTEREST "total number of outstanding derivative contracts":
    https://docs.bitfinex.com/reference/rest-public-derivatives-status"""
    us = 1596124822_000_000
    assert last(codec, frames.DERIV) == [
        Mark(PERPETUAL, "0.7664", "0.771995", "", us, NS),
        Funding(PERPETUAL, "-0.01381344", 1596153600_000_000, 8 * 3600_000_000, "0.0001056", us, NS),
        OpenInterest(PERPETUAL, "246502.09001551", "base", us, NS),
    ]


def test_a_position_is_liquidated_when_that_was_carried_out(codec: BitfinexCodec) -> None:
    """ "0 -> initial liquidation trigger, 1 market execution"; "negative values means a short position":
    that is bought; "the price at which the position has been acquired":
    https://docs.bitfinex.com/reference/rest-public-liquidations"""
    name, us = "BITFINEX:tETHF0:USTF0", 1609144352_338_000
    assert last(codec, frames.TRIGGERED) == [Heartbeat("BITFINEX", 0, NS)]
    assert last(codec, frames.LIQUIDATED) == [
        Liquidation(name, "buy", "736.13", "", "1.67288094", "", us, NS)
    ]
    [long] = last(codec, frames.LIQUIDATED.replace(b"-1.67", b"1.67"))
    assert long.side == "sell"


@pytest.mark.parametrize(
    ("frame", "event"),
    [
        (frames.INFO, VenueStatus("BITFINEX", "online", "", NS)),
        (frames.IN_MAINTENANCE, VenueStatus("BITFINEX", "halted", "maintenance", NS)),
        (frames.MAINTENANCE, VenueStatus("BITFINEX", "halted", "maintenance", NS)),
        (frames.RESTART, Reconnect("the venue restarts its server")),
        (frames.INVALID, Ack(False, "symbol: invalid", "ticker", "BITFINEX:tNONE", 0)),
        (frames.FULL, Ack(False, "subscribe: limit", "", "", 0, stream="trades:tETHUSD")),
        (frames.NOT_LEFT, Unknown("unsubscribe: invalid")),
        (frames.CANDLES_ASKED, Unknown("channel candles")),
        (frames.LENT_ASKED, Unknown("channel trades")),
        (frames.OLD_CONF, Heartbeat("BITFINEX", 0, NS)),
        (frames.TRADES_ASKED, Ack(True, "", "", "", 0, stream="trades:tBTCUSD")),
        (frames.BOOK_ASKED, Ack(True, "", "book", ETH, 0)),
        (frames.DERIV_ASKED, Ack(True, "", "", "", 0, stream="deriv:tBTCF0:USTF0")),
        (frames.LIQUIDATIONS_ASKED, Ack(True, "", "", "", 0, stream="liq:global")),
        (frames.LEFT, Ack(True, "", "", "", 0, False, stream="liq:global")),
        (b'{"event":"novelty"}', Unknown("event novelty")),
    ],
)
def test_what_happens_to_a_link_is_told_by_objects(codec: BitfinexCodec, frame: bytes, event: Event) -> None:
    assert last(codec, frame) == [event]


def test_after_maintenance_everything_is_asked_for_again(codec: BitfinexCodec) -> None:
    """ "It is advised to unsubscribe/subscribe again all channels":
    https://docs.bitfinex.com/docs/ws-general#info-messages"""
    online, again = last(codec, frames.MAINTENANCE, frames.RESUMED)
    assert online == VenueStatus("BITFINEX", "online", "", NS)
    assert type(again) is Reconnect


def test_an_older_answer_names_the_pair_alone() -> None:
    codec = BitfinexCodec()
    told = codec.decode(b'{"event":"subscribed","channel":"book","chanId":3,"pair":"BTCUSD","prec":"P0"}', NS)
    assert told == [Ack(True, "", "book", BTC, 0)]


def test_what_is_there_already_is_agreed_to_if_its_number_is_known(codec: BitfinexCodec) -> None:
    known = frames.TWICE.replace(b"tXRPUSD", b"tETHUSD")
    assert last(codec, known) == [Ack(True, "", "book", ETH, 0)]
    [lost] = last(codec, frames.TWICE)
    assert type(lost) is Reconnect


def test_what_was_left_before_it_had_a_number_is_left_when_it_gets_one() -> None:
    codec = BitfinexCodec()
    codec.unsubscribe([wish(BOOK, "tETHUSD")], 5)
    assert codec.decode(frames.BOOK_ASKED, NS) == [
        Ack(True, "", "book", ETH, 0),
        Reply('{"event":"unsubscribe","chanId":10092}'),
    ]
    codec.unsubscribe([wish(TRADE, "tBTCUSD")], 6)
    codec.subscribe([wish(TRADE, "tBTCUSD")], 7)
    assert len(codec.decode(frames.TRADES_ASKED, NS)) == 1, "wanted again meanwhile"


def test_each_link_has_numbers_of_its_own(codec: BitfinexCodec) -> None:
    other = codec.for_link()
    assert last(other, frames.LEVEL) == [Unknown("channel that was not agreed to")]
    other.decode(frames.BOOK_ASKED.replace(b"tETHUSD", b"tBTCUSD"), NS)
    assert [event.instrument for event in last(other, frames.LEVEL) + last(codec, frames.LEVEL)] == [BTC, ETH]


def test_a_frame_that_cannot_be_read_is_known_by_its_number(codec: BitfinexCodec) -> None:
    with pytest.raises(DecodeError):
        codec.decode(b"[10092,[170.25,1]]", NS)
    assert list(codec.numbered(b"[10092,[170.25,1]]")) == [("book", ETH)]
    assert set(codec.numbered(b'[17470,"te",[')) == {("trade", BTC), ("ohlc", BTC)}
    assert set(codec.numbered(b"[335856,[")) == {("mark", PERPETUAL), ("funding", PERPETUAL)}
    assert not [*codec.numbered(b"[91684,["), *codec.numbered(b"[1,["), *codec.numbered(b"{")]


@given(st.decimals(-(10**6), 10**6, allow_nan=False, places=8), st.integers(1, 10**9))
def test_digits_come_through_whatever_the_exponent(amount, number: int) -> None:
    codec = BitfinexCodec()
    codec.decode(frames.BOOK_ASKED, NS)
    text = f"{amount.normalize():E}" if number % 2 else f"{amount:f}"
    [event] = codec.decode(f"[10092,[1.5,{number},{text}]]".encode(), NS)
    [(price, qty)] = [*event.bids, *event.asks]
    assert (price, type(amount)(qty)) == ("1.5", abs(amount))
    assert "e" not in qty.lower() and bool(event.asks) == text.startswith("-")
