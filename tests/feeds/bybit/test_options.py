"""Each message of Bybit's options as the events it means, and what they say of units."""

from __future__ import annotations

from math import erf, exp, log, pi, sqrt

import pytest

from feeds.codec import DecodeError
from feeds.events import (
    Ack,
    BookDelta,
    BookSnapshot,
    Mark,
    OpenInterest,
    OptionQuote,
    Quote,
    Stats,
    Trade,
    Unknown,
)
from feeds.venues.bybit.public import OptionCodec
from feeds.venues.bybit.wire import percent
from tests.feeds.bybit import frames

NS = 1_700_000_000_000_000_001
CALL, US = "BYBIT_OPTION:BTC-6JAN23-17500-C", 1672917511074_000


@pytest.fixture
def codec() -> OptionCodec:
    return OptionCodec()


def test_a_ticker_is_a_whole_line(codec):
    """https://bybit-exchange.github.io/docs/v5/websocket/public/ticker: volatilities and the change of a day
    are fractions; the price 0 is none."""
    for _ in range(2):
        assert codec.decode(frames.OPTION_TICKER, NS) == [
            Quote(CALL, "", "", "10", "5.1", US, NS),
            Stats(CALL, "10", "26.55", "25", "5", "", "-33.333334", US, NS),
            Mark(CALL, "7.86976724", "16823.73", "", US, NS),
            OptionQuote(
                CALL, "0", "51.4", "48.96", "0.047831", "0.00021453", "0.81351067", "-19.9115368", "", "",
                "16815.1", "", US, NS,
            ),
            OpenInterest(CALL, "49.85", "base", US, NS),
        ]  # fmt: skip


def test_vega_is_of_one_point_of_volatility_and_theta_of_a_day():
    """The documentation has no units, but its own example has: Black's formula for the same price, volatility
    and time, 20.7 hours before delivery at 8:00 UTC. In the last day theta is what the rest of it takes."""
    forward, strike, deviation = 16815.1, 17500.0, 0.4896
    left_days = (1672992000_000 - US / 1000) / 86_400_000
    root = deviation * sqrt(left_days / 365)
    d1 = log(forward / strike) / root + root / 2
    density = exp(-d1 * d1 / 2) / sqrt(2 * pi)
    vega = forward * density * sqrt(left_days / 365)
    theta = -forward * density * deviation / (2 * sqrt(left_days / 365)) / 365

    found = OptionCodec().decode(frames.OPTION_TICKER, NS)[3]

    assert float(found.vega) == pytest.approx(vega / 100, rel=0.01)
    assert float(found.theta) == pytest.approx(theta * left_days, rel=0.01)
    assert float(found.delta) == pytest.approx((1 + erf(d1 / sqrt(2))) / 2, rel=0.01)


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        ("0.514", "51.4"), ("-0.33333334", "-33.333334"), ("0", "0"), ("1", "100"), ("0.5", "50"),
        ("0.50", "50"), ("0.001", "0.1"), ("0.0015", "0.15"), ("12.34567", "1234.567"), ("+0.01", "+1"),
        ("0.000", "0.0"),
        ("", ""), ("NaN", "NaN"), ("1e5", "1e5"), (".5", ".5"),
    ],
)  # fmt: skip
def test_a_fraction_becomes_per_cent_without_a_digit_lost(fraction: str, shown: str):
    assert percent(fraction) == shown


def test_trades_of_all_options_of_a_base_come_together(codec):
    """ "option uses baseCoin, e.g., publicTrade.BTC"; ``S`` is the taker's side here too."""
    us = 1672917511070_000
    assert codec.decode(frames.OPTION_TRADE, NS) == [
        Trade(CALL, "c-17500", "sell", "10", "0.5", us, NS),
        Trade("BYBIT_OPTION:BTC-6JAN23-18000-C", "c-18000", "buy", "10", "0.5", us, NS),
    ]
    with pytest.raises(DecodeError):
        codec.decode(frames.OPTION_TRADE.replace(b'"s":"BTC-', b'"s":"ETH-'), NS)


@pytest.mark.parametrize("depth", [25, 100])
def test_books_have_two_depths(codec, depth: int):
    book, change = (
        each.replace(b"BTCUSDT", b"BTC-6JAN23-17500-C").replace(b"book.50", b"book.%d" % depth)
        for each in (frames.BOOK, frames.CHANGE)
    )
    events = [*codec.decode(book, NS), *codec.decode(change, NS)]
    assert [type(event) for event in events] == [BookSnapshot, BookDelta]
    assert {event.instrument for event in events} == {CALL}


def test_an_answer_names_topics(codec):
    """https://bybit-exchange.github.io/docs/v5/ws/connect: ``successTopics`` and ``failTopics``."""
    words = "refused without a reason: tickers.BTC-6JAN23-1-C"
    assert codec.decode(frames.OPTION_AGREED, NS) == [
        Ack(True, "", "book", "BYBIT_OPTION:BTC-6JAN23-18000-C", 0),
        Ack(True, "", "", "", 0, stream="publicTrade.BTC"),
        Ack(False, words, "", "", 0, stream="tickers.BTC-6JAN23-1-C"),
    ]


def test_what_options_do_not_have_means_nothing(codec):
    strange = {frames.KLINE: "kline.5", frames.LIQUIDATION: "allLiquidation", frames.OTHERS[0]: "adlAlert"}
    for frame, kind in strange.items():
        assert codec.decode(frame, NS) == [Unknown(kind)]
    assert [codec.decode(pong, NS) for pong in frames.PONGS] == [[]] * 4
