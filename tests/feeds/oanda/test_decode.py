"""Each line and answer of OANDA, whole, as the events it means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.codec import DecodeError, InstrumentSpec, Subscription
from feeds.credentials import Credentials
from feeds.events import Bar, Event, Heartbeat, InstrumentStatus, Quote, Unknown
from feeds.venues.oanda.messages import CLOSED, INVALID
from feeds.venues.oanda.public import OandaCodec
from feeds.venues.oanda.shapes import micros
from tests.feeds.hostile import BYTES, only_decode_errors
from tests.feeds.oanda import frames

NS = 1_786_309_548_642_080_000
EUR = Subscription("ticker", "OANDA:EUR_USD", "EUR_USD")


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1_000_000)


# Sizes are units of the base, as https://developer.oanda.com/rest-live-v20/pricing-common-df/ (PriceBucket)
# has the liquidity at a price; times are of RFC 3339 to the nanosecond, …/primitives-df/ (DateTime).
YEN = Quote(
    "OANDA:EUR_JPY", "114.295", "1000000", "114.312", "1000000", us("2016-10-27T08:38:43Z") + 94_548, NS
)
EURO = Quote(
    "OANDA:EUR_USD", "1.19153", "1000000", "1.19167", "1000000", us("2021-03-05T14:03:12Z") + 731_905, NS
)
LATER = Quote(
    "OANDA:EUR_USD", *("1.19153", "1000000", "1.19167", "1000000"), us("2021-03-05T21:59:58Z") + 1000, NS
)
DOLLAR = Quote("OANDA:AUD_CAD", "0.98114", "", "0.98139", "", us("2014-01-30T20:47:08Z") + 66_398, NS)
MEANING: dict[str, tuple[bytes, list[Event]]] = {
    "of 2016": (frames.OLD, [YEN]),
    "heartbeat": (frames.HEARTBEAT, [Heartbeat("OANDA", us("2016-10-27T08:38:44Z") + 327_443, NS)]),
    "price": (frames.PRICE, [EURO]),
    # https://developer.oanda.com/rest-live-v20/pricing-df/: tradeable, and PriceStatus that it replaces
    "closed": (frames.CLOSED, [InstrumentStatus("OANDA:EUR_USD", "halted", CLOSED, NS), LATER]),
    "closed in 2016": (frames.OLD_CLOSED, [InstrumentStatus("OANDA:EUR_JPY", "halted", CLOSED, NS), YEN]),
    "invalid": (frames.INVALID, [InstrumentStatus("OANDA:EUR_JPY", "halted", INVALID, NS), YEN]),
    "gold": (
        frames.GOLD,
        [Quote("OANDA:XAU_USD", "4058.110", "500", "4058.570", "", 1_786_309_548_642_080, NS)],
    ),
    "one side": (
        frames.ONE_SIDED,
        [Quote("OANDA:EUR_USD", "", "", "1.15340", "1000000", us("2026-11-27T05:00:00Z"), NS)],
    ),
    "of 2014": (frames.TICK, [DOLLAR]),
    "halted in 2014": (frames.TICK_HALTED, [InstrumentStatus("OANDA:AUD_CAD", "halted", CLOSED, NS), DOLLAR]),
    "heartbeat of 2014": (frames.BEAT, [Heartbeat("OANDA", us("2014-01-30T20:47:11Z") + 543_511, NS)]),
    "novelty": (b'{"type":"NEWS","time":"2026-11-27T05:00:00Z"}', [Unknown("type NEWS")]),
    "words": (b'{"errorMessage":"Internal server error"}', [Unknown("message")]),
}


@pytest.mark.parametrize("name", MEANING)
def test_a_line_means_these_events(name: str):
    frame, events = MEANING[name]
    assert OandaCodec().decode(frame, NS) == events


def test_what_can_be_traded_again_is_said_as_long_as_anybody_may_have_missed_it():
    codec = OandaCodec()
    codec.decode(frames.CLOSED, NS)

    again = [codec.decode(frames.PRICE, NS + after_s * 10**9)[1:] for after_s in (1, 59, 61, 62)]

    said = [[(each.status, each.reason) for each in events] for events in again]
    assert said == [[("trading", "")], [("trading", "")], [("trading", "")], []]


@pytest.mark.parametrize(
    "frame",
    [
        frames.PRICE[:-1],
        frames.PRICE.replace(b'"bids":', b'"buys":'),
        frames.PRICE.replace(b'"1.19153"', b"1.19153"),
        frames.PRICE.replace(b"1000000", b"[]", 1),
        frames.PRICE.replace(b"EUR_USD", b"EUR USD"),
        frames.PRICE.replace(b"2021-03-05T", b"2021-13-05T"),
        frames.HEARTBEAT.replace(b"2016-10-27T08:38:44.327443673Z", b"yesterday"),
    ],
)
def test_a_line_of_the_wrong_shape_is_an_error(frame: bytes):
    with pytest.raises(DecodeError):
        OandaCodec().decode(frame, NS)


@given(frame=BYTES)
def test_nothing_else_comes_out_whatever_comes_in(frame: bytes):
    codec = OandaCodec()
    only_decode_errors(codec.decode, frame, NS)
    only_decode_errors(codec.decode_instruments, frame)
    only_decode_errors(codec.decode_candles, EUR, 1, frame, NS // 1000)


@given(at=st.integers(0, 4_000_000_000 * 10**9))
def test_times_are_cut_to_the_microsecond_in_both_forms(at: int):
    seconds, ns = divmod(at, 10**9)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    assert micros(f"{text}.{ns:09d}Z") == micros(f"{seconds}.{ns:09d}") == at // 1000


# by REST


def test_currencies_and_metals_are_listed_and_bets_are_not():
    """https://developer.oanda.com/rest-live-v20/primitives-df/ (Instrument, InstrumentType)"""
    assert OandaCodec().decode_instruments(frames.INSTRUMENTS) == [
        InstrumentSpec("OANDA", "EUR_USD", "forex", "EUR", "USD", "USD", "0.00001", "1", "trading"),
        InstrumentSpec("OANDA", "USD_JPY", "forex", "USD", "JPY", "JPY", "0.001", "1", "trading"),
        InstrumentSpec("OANDA", "XAU_USD", "forex", "XAU", "USD", "USD", "0.001", "1", "trading"),
    ]


def test_candles_are_of_the_middle_and_count_no_volume():
    """``volume`` is the number of prices: https://developer.oanda.com/rest-live-v20/instrument-df/"""
    start = us("2021-03-05T14:02:00Z")
    assert OandaCodec().decode_candles(EUR, 1, frames.CANDLES, start + 90_000_000) == [
        Bar("OANDA:EUR_USD", 1, start, "1.19151", "1.19174", "1.19148", "1.19160", "0", 0, True, False),
        Bar(
            *("OANDA:EUR_USD", 1, start + 60_000_000),
            *("1.19161", "1.19165", "1.19158", "1.19158", "0", 0, False, False),
        ),
    ]


def test_days_begin_at_midnight_of_utc():
    """Else at 17:00 of New York: https://developer.oanda.com/rest-live-v20/instrument-ep/"""
    request = OandaCodec().candles_request(EUR, 1440, 0, us("2021-03-01T00:00:00Z"))

    assert request is not None
    assert request.path == (
        "/v3/instruments/EUR_USD/candles?price=M&granularity=D&dailyAlignment=0&alignmentTimezone=UTC"
        "&from=2021-03-01T00:00:00Z&count=5000"
    )
    with pytest.raises(DecodeError):
        OandaCodec().decode_candles(EUR, 1440, frames.CANDLES, 0)


# where and with what


@pytest.mark.parametrize(("feed", "host"), [("practice", "fxpractice"), ("live", "fxtrade")])
def test_a_token_is_of_one_environment(feed: str, host: str):
    """https://developer.oanda.com/rest-live-v20/development-guide/"""
    codec = OandaCodec()
    codec.feed = feed

    assert codec.ws_url == f"https://stream-{host}.oanda.com"
    assert codec.rest_url == f"https://api-{host}.oanda.com"


def test_the_account_is_in_the_address_and_the_token_in_a_header():
    codec, key = OandaCodec(), Credentials("a-token", "101-004-1234567-001")
    wanted = [EUR, Subscription("ticker", "OANDA:USD_CAD", "USD_CAD")]
    [plan] = codec.links(wanted)

    assert key.filled(plan.path + codec.query(plan.subscriptions)) == (
        "/v3/accounts/101-004-1234567-001/pricing/stream?instruments=EUR_USD%2CUSD_CAD"
    )
    assert key.filled(codec.instruments_request().path) == "/v3/accounts/101-004-1234567-001/instruments"
    assert codec.key_headers(key)["Authorization"] == "Bearer a-token"


def test_many_instruments_take_a_few_streams_of_the_twenty_that_there_may_be():
    wanted = [Subscription("ticker", f"OANDA:A{n}_USD", f"A{n}_USD") for n in range(700)]
    codec = OandaCodec()
    plans = codec.links(wanted)

    assert len(plans) <= 16
    assert max(len(plan.path + codec.query(plan.subscriptions)) for plan in plans) < 2000
