"""Each message of Deribit, whole, as the events it means."""

from __future__ import annotations

import json

import msgspec
import pytest

from feeds.codec import DecodeError
from feeds.events import (
    Ack,
    BookDelta,
    BookSnapshot,
    Funding,
    Heartbeat,
    InstrumentStatus,
    Liquidation,
    Mark,
    OpenInterest,
    OptionQuote,
    Quote,
    Reply,
    Stats,
    Trade,
    Unknown,
    VenueStatus,
)
from feeds.venues.deribit.public import DeribitCodec
from tests.feeds.deribit import frames

NS = 1_700_000_000_000_000_001
BTC = "DERIBIT:BTC-PERPETUAL"
CALL, PUT = "DERIBIT:BTC-25MAR22-50000-C", "DERIBIT:BTC-2JUN21-37000-P"
AT, OPTION_AT = 1765541474086_000, 1618677878904_000
EIGHT_HOURS_US = 28_800_000_000

MEANT = {
    "perpetual": (
        frames.PERPETUAL,
        [
            Quote(BTC, "92283.5", "117660.0", "92284.0", "186520.0", AT, NS),
            Stats(BTC, "92283.5", "1092371540.0", "93612.0", "89277.5", "", "-2.3275", AT, NS),
            Mark(BTC, "92281.78", "92263.55", "", AT, NS),
            OpenInterest(BTC, "1132329370.0", "quote", AT, NS),
            Funding(BTC, "-0.00001742", 0, EIGHT_HOURS_US, "", AT, NS),
        ],
    ),
    "future without bids": (
        frames.FUTURE,
        [
            Quote("DERIBIT:BTC-27MAR26", "", "", "93110.0", "1860.0", AT, NS),
            Stats("DERIBIT:BTC-27MAR26", "93100.0", "1033000.0", "93612.0", "89277.5", "", "", AT, NS),
            Mark("DERIBIT:BTC-27MAR26", "93105.78", "92263.55", "92263.55", AT, NS),
            OpenInterest("DERIBIT:BTC-27MAR26", "1132370.0", "quote", AT, NS),
        ],
    ),
    "linear, locked": (
        frames.LINEAR,
        [
            Quote("DERIBIT:ETH_USDC-PERPETUAL", "3220.8", "1.25", "3221.2", "2.5", AT, NS),
            Stats("DERIBIT:ETH_USDC-PERPETUAL", "3221.0", "611.25", "3280.0", "3180.0", "", "0.5", AT, NS),
            Mark("DERIBIT:ETH_USDC-PERPETUAL", "3220.9", "3220.1", "", AT, NS),
            OpenInterest("DERIBIT:ETH_USDC-PERPETUAL", "5120.75", "base", AT, NS),
            Funding("DERIBIT:ETH_USDC-PERPETUAL", "0.0", 0, EIGHT_HOURS_US, "", AT, NS),
            InstrumentStatus("DERIBIT:ETH_USDC-PERPETUAL", "halted", "locked", NS),
        ],
    ),
    "option that never traded": (
        frames.OPTION,
        [
            Quote(CALL, "0.4", "1.0", "", "", OPTION_AT, NS),
            Stats(CALL, "", "", "", "", "", "", OPTION_AT, NS),
            Mark(CALL, "0.42348784", "60634.37", "", OPTION_AT, NS),
            OpenInterest(CALL, "1.0", "base", OPTION_AT, NS),
            OptionQuote(
                CALL, "62.52", "0.0", "71.89", "0.81907", "0.00001", "188.5171", "-19.83417", "274.07754",
                "SYN.BTC-25MAR22", "74020.92", "0.0", OPTION_AT, NS,
            ),
        ],
    ),
    "spot": (
        frames.SPOT,
        [
            Quote("DERIBIT:BTC_USDC", "92283.0", "0.25", "92284.0", "0.5", AT, NS),
            Stats("DERIBIT:BTC_USDC", "92283.0", "12.5", "93612.0", "89277.5", "", "1.0", AT, NS),
        ],
    ),
    "quote": (frames.QUOTE, [Quote(BTC, "3914.97", "40.0", "3996.61", "50.0", 1550658624149_000, NS)]),
    "snapshot": (
        frames.SNAPSHOT,
        [
            BookSnapshot(
                BTC, [("5042.34", "30.0"), ("5041.94", "20.0")], [("5042.64", "40.0"), ("5043.3", "40.0")],
                0, 297217, None, 1554373962454_000, NS,
            )
        ],
    ),
    "change": (
        frames.CHANGE,
        [
            BookDelta(
                BTC, [("5041.94", "0"), ("5042.34", "0")], [("5042.94", "20.0")],
                0, 297218, 297217, None, 1554373911330_000, NS,
            )
        ],
    ),
    "twenty levels": (
        frames.LEVELS,
        [
            BookSnapshot(
                BTC, [("160.0", "40.0")], [("161.0", "20.0")], 20, 109615, None, 1554375447971_000, NS
            )
        ],
    ),
    "prices in groups": (frames.GROUPS, [Unknown("book in groups")]),
    "trades": (
        frames.TRADES,
        [
            Trade(BTC, "403691824", "sell", "92294.5", "10.0", 1765531356452_000, NS),
            Trade(BTC, "403691825", "sell", "92288.5", "750.0", 1765531356452_000, NS),
            Liquidation(BTC, "sell", "92288.5", "92288.5", "750.0", "750.0", 1765531356452_000, NS),
        ],
    ),
    "trades of all options": (
        frames.OPTION_TRADES,
        [Trade("DERIBIT:BTC-19MAY26-75000-C", "244365195", "buy", "0.0174", "0.1", 1779118041757_000, NS)],
    ),
    "index": (
        frames.INDEX,
        [Stats("DERIBIT:btc_usd", "3937.89", "", "", "", "", "", 1550588002899_000, NS)],
    ),
    "volatility": (
        frames.DVOL,
        [Stats("DERIBIT:dvol_btc_usd", "129.36", "", "", "", "", "", 1619777946007_000, NS)],
    ),
    "interest": (
        frames.INTEREST,
        [
            Mark(BTC, "", "7872.88", "", 1571386349530_000, NS),
            Funding(BTC, "0.004999511380756577", 0, EIGHT_HOURS_US, "", 1571386349530_000, NS),
        ],
    ),
    "marks of options": (
        frames.OPTION_MARKS,
        [
            Mark(PUT, "0.0333", "", "", 1622470378005_000, NS),
            OptionQuote(PUT, "", "", "90", "", "", "", "", "", "", "", "", 1622470378005_000, NS),
        ],
    ),
    "terminated": (
        frames.LISTING,
        [InstrumentStatus("DERIBIT:BTC-22MAR19-6500-C", "delisted", "terminated", NS)],
    ),
    "maintenance": (frames.PLATFORM, [VenueStatus("DERIBIT", "halted", "maintenance", NS)]),
    "an index that is locked": (frames.LOCKED, [Unknown("platform_state")]),
    "estimate": (frames.ESTIMATE, [Unknown("channel estimated_expiration_price")]),
    "heartbeat": (frames.HEARTBEAT, [Heartbeat("DERIBIT", 0, NS)]),
    "tested": (frames.TESTED, [Heartbeat("DERIBIT", 1535043730126250, NS)]),
    "refused": (frames.REFUSED, [Ack(False, "too many requests (10028)", "", "", 3)]),
}  # fmt: skip


@pytest.fixture
def codec() -> DeribitCodec:
    return DeribitCodec()


@pytest.mark.parametrize("name", MEANT)
def test_a_message_means_these_events(codec: DeribitCodec, name: str) -> None:
    frame, events = MEANT[name]

    assert codec.decode(frame, NS) == events


@pytest.mark.parametrize("name", MEANT)
def test_it_means_the_same_however_it_is_laid_out(codec: DeribitCodec, name: str) -> None:
    """Spaces, and keys in another order."""
    frame, events = MEANT[name]
    laid_out = frame.replace(b'":', b'" : ').replace(b'{"jsonrpc" : "2.0",', b"{")[:-1] + b',"jsonrpc":"2.0"}'

    assert codec.decode(laid_out, NS) == events


def test_a_question_for_a_sign_of_life_is_answered(codec: DeribitCodec) -> None:
    """https://docs.deribit.com/api-reference/session-management/public-set_heartbeat: who does not answer
    with public/test is disconnected."""
    reply, alive = codec.decode(frames.TEST_REQUEST, NS)

    assert type(reply) is Reply
    assert json.loads(reply.text)["method"] == "public/test"
    assert alive == Heartbeat("DERIBIT", 0, NS)


def test_an_answer_agrees_to_what_its_channels_bring(codec: DeribitCodec) -> None:
    [ack] = codec.decode(frames.SUBSCRIBED, NS)

    assert (ack.ok, ack.req_id) == (True, 3)
    assert {channel for channel, _ in ack.agreed} == {
        "ticker", "mark", "funding", "option", "trade", "ohlc", "liquidation",
    }  # fmt: skip
    assert {instrument for _, instrument in ack.agreed} == {BTC}


def test_words_in_data_are_told(codec: DeribitCodec) -> None:
    error = '{"code":-32602,"message":"Invalid params","data":{"reason":"wrong format","param":"channels"}}'
    [ack] = codec.decode(f'{{"jsonrpc":"2.0","id":9,"error":{error}}}'.encode(), NS)

    assert ack == Ack(False, "Invalid params: wrong format (-32602)", "", "", 9)


@pytest.mark.parametrize(("flag", "sides"), [("T", ["buy"]), ("M", ["sell"]), ("MT", ["sell", "buy"])])
def test_a_liquidation_is_of_the_side_that_was_closed(
    codec: DeribitCodec, flag: str, sides: list[str]
) -> None:
    """``direction`` is the taker's; ``"M"`` when the maker's side was under liquidation, ``"T"`` the taker's:
    https://docs.deribit.com/subscriptions/market-data/tradesinstrument_nameinterval"""
    frame = frames.OPTION_TRADES.replace(b'"amount":0.1', b'"amount":0.1,"liquidation":"%b"' % flag.encode())

    trade, *closed = codec.decode(frame, NS)

    assert trade.side == "buy"
    assert [each.side for each in closed] == sides


def test_a_book_that_closed_is_told_open_once(codec: DeribitCodec) -> None:
    """States of a book: https://docs.deribit.com/subscriptions/market-data/tickerinstrument_nameinterval"""
    opened = frames.LINEAR.replace(b'"locked"', b'"open"')
    told = [codec.decode(frame, NS)[-1] for frame in (opened, frames.LINEAR, frames.LINEAR, opened, opened)]

    statuses = [event.status if type(event) is InstrumentStatus else "" for event in told]
    assert statuses == ["", "halted", "halted", "trading", ""]


@pytest.mark.parametrize(
    ("state", "status"),
    [("settlement", "halted"), ("halted", "halted"), ("inactive", "halted"), ("delivered", "delisted"),
     ("archivized", "delisted")],
)  # fmt: skip
def test_what_was_delivered_never_trades_again(codec: DeribitCodec, state: str, status: str) -> None:
    frame = frames.OPTION.replace(b'"state":"open"', b'"state":"%b"' % state.encode())

    assert codec.decode(frame, NS)[-1] == InstrumentStatus(CALL, status, state, NS)


@pytest.mark.parametrize(
    "frame",
    [
        frames.CHANGE.replace(b'"prev_change_id":297217,', b""),
        frames.CHANGE.replace(b'"delete"', b'"drop"'),
        frames.TRADES.replace(b'"sell"', b'"zero"'),
        frames.TRADES.replace(b"92294.5", b'"92294.5"'),
        frames.PERPETUAL.replace(b'"best_bid_price":92283.5,', b""),
        frames.PERPETUAL.replace(b"1765541474086", b"1e30"),
        frames.INDEX.replace(b"3937.89", b"true"),
        frames.INTEREST.replace(b"perpetual.BTC-PERPETUAL.raw", b"perpetual"),
    ],
)
def test_a_known_message_of_the_wrong_shape_is_an_error(codec: DeribitCodec, frame: bytes) -> None:
    with pytest.raises(DecodeError):
        codec.decode(frame, NS)


@pytest.mark.parametrize(
    ("frame", "time"),
    [(frames.INTEREST, b'"timestamp":1571386349530,'), (frames.OPTION_MARKS, b'"timestamp":1622470378005,')],
)
def test_a_mark_that_is_told_without_a_time_is_one(codec: DeribitCodec, frame: bytes, time: bytes) -> None:
    whole, [mark, *_] = codec.decode(frame, NS), codec.decode(frame.replace(time, b""), NS)

    assert mark == msgspec.structs.replace(whole[0], exchange_us=0)
