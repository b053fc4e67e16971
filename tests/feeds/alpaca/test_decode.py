"""Each documented message of Alpaca, whole, as the events it means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.codec import DecodeError, InstrumentSpec, Subscription
from feeds.events import (
    Ack,
    Bar,
    Event,
    Heartbeat,
    InstrumentStatus,
    LoggedIn,
    Quote,
    Stats,
    Trade,
    TradeUndone,
    Unknown,
)
from feeds.refusals import is_passing
from feeds.venues.alpaca.messages import trade_id
from feeds.venues.alpaca.public import AlpacaCodec
from feeds.venues.alpaca.shapes import micros
from tests.feeds.alpaca import frames
from tests.feeds.hostile import BYTES, only_decode_errors

NS = 1_680_000_000_000_000_000
AAPL = Subscription("ticker", "ALPACA:AAPL", "AAPL")


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1_000_000)


def beat(at_us: int) -> Heartbeat:
    return Heartbeat("ALPACA", at_us, NS)


T_US, C_US = 1_614_009_104_208_000, 1_680_791_106_542_305
HALTED = "Trading Halt: Trading Halted; For information requested by NASDAQ"
# Sizes are what the documentation calls them: shares of trades, round lots of quotes, carried as they come.
MEANING: dict[str, tuple[bytes, list[Event]]] = {
    "trade": (frames.TRADE, [Trade("ALPACA:AAPL", "18680-CD-96921", "", "126.55", "1", T_US, NS)]),
    "quote": (
        frames.QUOTE,
        [Quote("ALPACA:AMD", "87.66", "1", "87.68", "4", 1_614_009_105_335_689, NS)],
    ),
    "day": (frames.DAILY, [Stats("ALPACA:SPY", "", "749378", "389.13", "388.975", "", "", 0, NS)]),
    "minute": (frames.BAR, [beat(us("2021-02-22T19:15:00Z"))]),
    "minute again": (frames.UPDATED, [beat(us("2021-02-22T19:15:00Z"))]),
    "correction": (
        frames.CORRECTION,
        [
            TradeUndone(
                "ALPACA:EEM",
                "19453-BM-52983525033527",
                Trade("ALPACA:EEM", "19453-BM-52983525034326", "", "39.1809", "440000", C_US, NS),
                C_US,
                NS,
            )
        ],
    ),
    "cancellation": (
        frames.CANCEL,
        [TradeUndone("ALPACA:GOOGL", "19453-CD-465", None, us("2023-04-06T13:15:42Z") + 835_409, NS)],
    ),
    "band": (frames.BAND, [beat(us("2023-04-06T13:44:45Z") + 565_960)]),
    "halt": (frames.HALT, [InstrumentStatus("ALPACA:AAPL", "halted", HALTED, NS)]),
    "resumption": (frames.RESUMED, [InstrumentStatus("ALPACA:AAPL", "trading", "", NS)]),
    "imbalance": (frames.IMBALANCE, [beat(us("2024-12-13T19:58:09Z") + 242_138)]),
    "novelty": (b'{"T":"zz","S":"AAPL"}', [Unknown("T zz")]),
}
ERRORS: dict[int, list[Event]] = {
    400: [Ack(False, "400 the request was not understood", "", "", 0)],
    401: [LoggedIn(False, "401 not authenticated", 30)],
    402: [LoggedIn(False, "402 auth failed", 600)],
    403: [Unknown("error 403")],
    404: [LoggedIn(False, "404 auth timeout", 30)],
    405: [Ack(False, "405 the plan has no more symbols", "", "", 0)],
    406: [LoggedIn(False, "406 connection limit exceeded", 60)],
    407: [Unknown("error 407")],
    409: [LoggedIn(False, "409 insufficient subscription", 600)],
    410: [Unknown("error 410")],
    500: [Unknown("error 500")],
}


@pytest.mark.parametrize("name", MEANING)
def test_a_message_means_these_events(name: str) -> None:
    message, events = MEANING[name]

    assert AlpacaCodec().decode(b"[%b]" % message, NS) == events


def test_messages_of_all_sorts_come_in_one_array_and_a_strange_one_costs_no_other() -> None:
    together = b"[%b]" % b",".join(message for message, _ in MEANING.values())

    assert AlpacaCodec().decode(together, NS) == [event for _, events in MEANING.values() for event in events]


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_means_these_events(code: int) -> None:
    assert AlpacaCodec().decode(frames.ERRORS[code], NS) == ERRORS[code]


def test_a_plan_that_is_full_is_no_passing_trouble() -> None:
    """Else thirty symbols would be asked for again each ten seconds."""
    assert not is_passing(ERRORS[405][0].error)


def test_what_controls_the_link() -> None:
    codec = AlpacaCodec()

    assert codec.decode(frames.CONNECTED, NS) == [beat(0)]
    assert codec.decode(frames.AUTHENTICATED, NS) == [LoggedIn(True)]
    assert codec.decode(frames.SUBSCRIBED, NS) == [
        beat(0),
        *(Ack(True, "", "ticker", f"ALPACA:{each}", 0) for each in ("AMD", "CLDR")),
        *(Ack(True, "", channel, "ALPACA:AAPL", 0) for channel in ("trade", "ohlc")),
        Ack(True, "", "stats", "ALPACA:VOO", 0),
    ]


def test_an_empty_side_of_a_quote_is_empty() -> None:
    """Before the opening: ``"bp":0,"bs":0``."""
    empty = frames.QUOTE.replace(b'"bp":87.66,"bs":1', b'"bp":0,"bs":0').replace(b"87.68", b"0.00")
    [quote] = AlpacaCodec().decode(b"[%b]" % empty, NS)

    assert (quote.bid, quote.bid_qty, quote.ask, quote.ask_qty) == ("", "", "", "")


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        (b'"p":126.55', b'"p":"126.55"'), (b'"p":126.55', b'"price":126.55'), (b'"i":96921', b'"i":"96921"'),
        (b'"S":"AAPL"', b'"S":"A APL"'), (b".208Z", b".208"), (b".208Z", b".Z"), (b"15:51:44", b"15:51:61"),
        (b"2021-02-22", b"2021-02-31"), (b".208Z", b".2x8Z"), (b'"s":1', b'"s":null,"q":[]'),
    ],
)  # fmt: skip
def test_a_trade_of_another_shape_is_an_error_or_no_trade(found: bytes, instead: bytes) -> None:
    assert found in frames.TRADE
    try:
        [event] = AlpacaCodec().decode(b"[%b]" % frames.TRADE.replace(found, instead, 1), NS)
    except DecodeError:
        return
    assert event.qty == ""  # which the state refuses


@given(
    st.integers(31_536_000, 4_000_000_000),
    st.text("0123456789", max_size=12),
)
def test_a_time_is_exact_to_the_microsecond_whatever_its_fraction(second: int, fraction: str) -> None:
    """RFC 3339 with up to nanoseconds, as many digits as are needed."""
    at = datetime.fromtimestamp(second, UTC)
    text = f"{at:%Y-%m-%dT%H:%M:%S}{'.' * bool(fraction)}{fraction}Z"

    assert micros(text) == second * 1_000_000 + int(fraction.ljust(6, "0")[:6])


def test_numbers_of_trades_are_those_of_a_day_in_new_york() -> None:
    """ "Trade ID" is one of an exchange, a tape and a day; the last session ends at 20:00 there."""
    first, last = us("2026-11-27T04:00-05:00"), us("2026-11-27T19:59:59-05:00")

    assert trade_id(first, "C", "V", 7) == trade_id(last, "C", "V", 7)
    assert trade_id(us("2026-07-01T04:00-04:00"), "C", "V", 7) == trade_id(
        us("2026-07-01T19:59-04:00"), "C", "V", 7
    )
    assert trade_id(last, "C", "V", 7) != trade_id(us("2026-11-28T04:00-05:00"), "C", "V", 7)
    assert trade_id(last, "C", "V", 7) != trade_id(last, "A", "V", 7)


# REST


def test_stocks_are_listed_and_those_named_like_a_coin_are_none() -> None:
    def spec(symbol: str, base: str, status: str = "trading") -> InstrumentSpec:
        return InstrumentSpec("ALPACA", symbol, "equity", base, "USD", "USD", "0.01", "1", status)

    codec = AlpacaCodec()
    expected = [spec("AAPL", "AAPL"), spec("BTC", "BTC.US"), spec("BRK.B", "BRK.B", "halted")]
    assert codec.decode_instruments(frames.ASSETS) == expected
    codec.feed = "test"
    assert codec.decode_instruments(frames.ASSETS)[0] == spec("FAKEPACA", "FAKEPACA")


def test_candles_are_bars() -> None:
    codec = AlpacaCodec()
    start = us("2022-01-03T09:00:00Z")

    [bar] = codec.decode_candles(AAPL, 60, frames.BARS, start + 3_600_000_000)
    assert bar == Bar(
        AAPL.instrument, 60, start, "178.26", "178.34", "177.76", "178.08", "60937", 1727, True, False
    )
    assert codec.decode_candles(AAPL, 60, b'{"bars":null,"symbol":"AAPL"}', 0) == []
    assert codec.candles_request(AAPL, 1440) is None
    path = codec.candles_request(AAPL, 1, start, start - 600_000_000).path
    assert path == (
        "/v2/stocks/AAPL/bars?timeframe=1Min&limit=10000&sort=asc&adjustment=raw&feed=iex"
        "&start=2022-01-03T08:50:00Z&end=2022-01-10T07:29:59Z"
    )


def test_the_change_of_the_day_is_against_the_close_before() -> None:
    codec = AlpacaCodec()
    figures = AAPL._replace(channel="stats")

    assert codec.poll_request(figures).path == "/v2/stocks/AAPL/snapshot?feed=iex"
    assert codec.decode_poll(figures, frames.SNAPSHOT, NS) == [
        Stats(
            AAPL.instrument, "125.91", "125863164", "126.27", "122.77", "-0.94", "-0.74",
            us("2021-05-11T20:00:00Z") + 435_997, NS,
        )
    ]  # fmt: skip


@given(BYTES)
def test_answers_of_any_sort_do_no_harm(body: bytes) -> None:
    codec = AlpacaCodec()
    only_decode_errors(codec.decode_instruments, body)
    only_decode_errors(codec.decode_candles, AAPL, 1, body, 0)
    only_decode_errors(codec.decode_poll, AAPL, body, NS)
    only_decode_errors(codec.decode_hours, [body, b"{}"])
    only_decode_errors(codec.decode_hours, [frames.CALENDAR, body])


def test_a_list_of_nothing_may_be_null() -> None:
    told = frames.SUBSCRIBED.replace(b'"trades":["AAPL"]', b'"trades":null')

    assert AlpacaCodec().decode(told, NS) == [
        event for event in AlpacaCodec().decode(frames.SUBSCRIBED, NS) if "AAPL" not in str(event)
    ]
