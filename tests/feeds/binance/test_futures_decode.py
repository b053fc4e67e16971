"""Each message of Binance's futures streams, whole, as the events it means."""

from __future__ import annotations

import pytest

from feeds.codec import DecodeError
from feeds.events import (
    Ack,
    BookDelta,
    Funding,
    Heartbeat,
    InstrumentStatus,
    Liquidation,
    Mark,
    Quote,
    Stats,
    Trade,
    Unknown,
)
from feeds.venues.binance.futures import CoinmCodec, UsdmCodec
from tests.feeds.binance.futures_frames import (
    CONTRACT,
    DEPTH,
    LIQUIDATION,
    MARK,
    PULSES,
    QUOTE,
    TICKER,
    TRADE,
    framed,
)

NS = 1_700_000_000_000_000_001
BTC = "BINANCE_USDM:BTCUSDT"

MEANT = [
    (
        DEPTH,
        [BookDelta(BTC, [("0.0024", "10")], [("0.0026", "0")], 157, 160, 149, None, 123456789_000, NS)],
    ),
    (TRADE, [Trade(BTC, "5933014", "sell", "0.001", "100", 123456785_000, NS)]),
    (
        QUOTE,
        [Quote(BTC, "25.35190000", "31.21000000", "25.36520000", "40.66000000", 1568014460893_000, NS)],
    ),
    (
        TICKER,
        [
            Stats(
                BTC, "16584.60000000", "122474.816", "16764.89000000", "16456.51000000", "-131.40000000",
                "-0.786", 1672515782136_000, NS,
            )
        ],
    ),
    (
        MARK,
        [
            Mark(BTC, "11794.15000000", "11784.62659091", "11784.25641265", 1562305380000_000, NS),
            Funding(BTC, "0.00038167", 1562306400000_000, 0, "", 1562305380000_000, NS),
        ],
    ),
    (
        LIQUIDATION,
        [
            Liquidation(
                BTC, "sell", "9910.00000000", "9910.12345678", "0.014", "0.013", 1568014460894_000, NS
            )
        ],
    ),
    (CONTRACT, [InstrumentStatus(BTC, "halted", "settling", NS)]),
    *((pulse, [Heartbeat("BINANCE_USDM", 1568014460893_000, NS)]) for pulse in PULSES),
]  # fmt: skip


@pytest.fixture
def codec() -> UsdmCodec:
    return UsdmCodec()


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(("frame", "events"), MEANT, ids=lambda value: repr(value)[12:32])
def test_a_frame_means_its_events_the_first_time_and_later(codec, frame: bytes, events: list, times: int):
    for _ in range(times):
        assert codec.decode(frame, NS) == events


@pytest.mark.parametrize(("frame", "events"), MEANT[:7], ids=lambda value: repr(value)[12:32])
def test_a_payload_without_its_stream_means_the_same(codec, frame: bytes, events: list):
    assert codec.decode(frame.partition(b'"data":')[2][:-1], NS) == events


def test_the_aggressor_is_the_one_who_was_not_the_maker(codec):
    """The documentation of aggTrade: ``m`` is "is the buyer the market maker?"."""
    [seller] = codec.decode(TRADE, NS)
    [buyer] = codec.decode(TRADE.replace(b'"m":true', b'"m":false'), NS)
    assert (seller.side, buyer.side) == ("sell", "buy")


def test_two_markets_with_one_symbol_are_two_instruments():
    names = {each.decode(TRADE, NS)[0].instrument for each in (UsdmCodec(), CoinmCodec())}
    assert names == {"BINANCE_USDM:BTCUSDT", "BINANCE_COINM:BTCUSDT"}


def test_a_future_has_a_mark_and_no_funding():
    """The documentation: ``r`` is empty and ``T`` 0 for delivery symbols."""
    frame = framed(
        "btcusd_210326@markPrice",
        '{"e":"markPriceUpdate","E":1611306080000,"s":"BTCUSD_210326","p":"31810.5","P":"31809.2","r":"","T":0}',
    )
    [mark] = CoinmCodec().decode(frame, NS)
    assert (type(mark), mark.index, mark.instrument) == (Mark, "", "BINANCE_COINM:BTCUSD_210326")


def test_a_liquidation_without_fills_has_no_average(codec):
    [event] = codec.decode(LIQUIDATION.replace(b"9910.12345678", b"0"), NS)
    assert event.average == ""


def test_an_empty_side_has_no_price(codec):
    [event] = codec.decode(QUOTE.replace(b'"25.35190000"', b'"0.00"'), NS)
    assert (event.bid, event.bid_qty) == ("", "")


@pytest.mark.parametrize(
    ("word", "status"),
    [("TRADING", "trading"), ("DELIVERED", "delisted"), ("CLOSE", "delisted"), ("PRE_SETTLE", "halted")],
)
def test_what_the_venue_says_of_a_contract(codec, word: str, status: str):
    [event] = codec.decode(CONTRACT.replace(b"SETTLING", word.encode()), NS)
    assert event.status == status


def test_a_contract_of_the_other_market_is_none_of_ours(codec):
    """Since the markets were joined, both are told on each: ``st`` says which it is."""
    [event] = codec.decode(CONTRACT.replace(b'"cs"', b'"st":2,"cs"'), NS)
    assert type(event) is Unknown


@pytest.mark.parametrize(
    "frame",
    [
        DEPTH.replace(b'"pu":149,', b""),
        DEPTH.replace(b'"s":"BTCUSDT"', b'"s":"ETHUSDT"'),
        TRADE.replace(b'"0.001"', b"0.001"),
        MARK.replace(b"1562305380000", b"-1"),
        LIQUIDATION.replace(b"SELL", b"NEITHER"),
        LIQUIDATION.replace(b'"s":"BTCUSDT"', b'"s":"ETHUSDT"'),
        CONTRACT.replace(b"BTCUSDT", b"BTC USDT"),
    ],
)
def test_a_known_message_of_wrong_shape_is_an_error(codec, frame: bytes):
    with pytest.raises(DecodeError):
        codec.decode(frame, NS)


@pytest.mark.parametrize(
    ("frame", "event"),
    [
        (b'{"result":null,"id":7}', Ack(True, "", "", "", 7)),
        (b'{"error":{"code":2,"msg":"bad"},"id":7}', Ack(False, "bad", "", "", 7)),
        (b'{"code":3,"msg":"Invalid JSON"}', Ack(False, "Invalid JSON", "", "", 0)),
        (framed("btcusdt@kline_1m", '{"e":"kline","s":"BTCUSDT"}'), Unknown("kline_1m")),
        (b'{"e":"novelty"}', Unknown("novelty")),
    ],
)
def test_answers_and_what_means_nothing(codec, frame: bytes, event: object):
    assert codec.decode(frame, NS) == [event]


@pytest.mark.parametrize("pulse", PULSES)
def test_a_pulse_beats_beside_the_whole_book_too(codec, pulse: bytes):
    codec.decode(DEPTH, NS)

    assert [type(event) for event in codec.decode(pulse, NS)] == [Heartbeat]


def test_trades_that_are_told_twice_count_once(codec):
    single = framed(
        "btcusdt@trade",
        '{"e":"trade","E":123456789,"T":123456785,"s":"BTCUSDT","t":12345,"p":"0.001","q":"100","X":"MARKET","m":true}',
    )
    assert [type(event) for event in codec.decode(TRADE, NS)] == [Trade]
    assert codec.decode(single, NS) == [Unknown("trade")]

    [alone] = UsdmCodec().decode(single, NS)
    assert (alone.trade_id, alone.side) == ("12345", "sell")


@pytest.mark.parametrize("enveloped", [True, False])
def test_a_stream_of_all_contracts_is_that_of_each_of_this_market(codec, enveloped):
    """``!markPrice@arr``: since the integration of both markets it has those of the other one (``st`` 2)."""
    one = MARK[MARK.index(b'"data":') + 7 : -1]
    other = one.replace(b'"st":1', b'"st":2').replace(b"BTCUSDT", b"BTCUSD_PERP")
    rows = b"[%b,%b]" % (one, other)
    frame = b'{"stream":"!markPrice@arr@1s","data":%b}' % rows if enveloped else rows

    assert codec.decode(frame, NS) == [*codec.decode(MARK, NS), Unknown("instrument of another market")]


def test_liquidations_of_all_contracts_come_one_by_one(codec):
    one = LIQUIDATION[LIQUIDATION.index(b'"data":') + 7 : -1]
    frame = b'{"stream":"!forceOrder@arr","data":%b}' % one

    assert codec.decode(frame, NS) == codec.decode(LIQUIDATION, NS)
