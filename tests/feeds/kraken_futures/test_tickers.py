"""What a ticker of Kraken's derivatives means: quote, figures of a day, mark, open interest, funding.

https://docs.kraken.com/exchange/api-reference/futures-websocket/ticker
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from feeds.codec import DecodeError
from feeds.events import (
    BASE_UNITS,
    CONTRACTS,
    Event,
    Funding,
    InstrumentStatus,
    Mark,
    OpenInterest,
    Quote,
    Stats,
)
from feeds.venues.kraken_futures.public import KrakenFuturesCodec
from tests.feeds.kraken_futures import frames

NS = 1_790_360_000_000_000_001
INVERSE, LINEAR = "KRAKEN_FUTURES:PI_XBTUSD", "KRAKEN_FUTURES:PF_XBTUSD"
HOUR_US = 3_600_000_000


def decoded(frame: bytes) -> list[Event]:
    return KrakenFuturesCodec().decode(frame, NS)


def of(kind: type, frame: bytes) -> list[Any]:
    return [event for event in decoded(frame) if type(event) is kind]


def test_a_ticker_is_quote_figures_mark_open_interest_and_funding() -> None:
    us = 1790359997224_000
    assert decoded(frames.LINEAR) == [
        Quote(LINEAR, "84001.0", "0.0273", "84002.0", "0.006", us, NS),
        Stats(LINEAR, "83997.0", "4237.2723", "", "", "", "-0.22", us, NS),
        Mark(LINEAR, "84004.11362574516", "83995.76", "", us, NS),
        OpenInterest(LINEAR, "2189.7813", BASE_UNITS, us, NS),
        Funding(LINEAR, "0.00001089345", 1790362800000_000, HOUR_US, "0.00001575425", us, NS),
    ]


def test_an_inverse_perpetual_counts_contracts() -> None:
    """ "Contract size 1 USD": https://support.kraken.com/hc/en-us/articles/360022835911"""
    us = 1676393235406_000
    assert decoded(frames.INVERSE) == [
        Quote(INVERSE, "21978.5", "2536.0", "21987.0", "13948.0", us, NS),
        Stats(INVERSE, "21983.5", "31403908.0", "22123.0", "21456.0", "", "1.9974017538161748", us, NS),
        Mark(INVERSE, "21979.68641534714", "21984.54", "", us, NS),
        OpenInterest(INVERSE, "30072580.0", CONTRACTS, us, NS),
        Funding(
            INVERSE, "-0.000001380384722222", 1676394000000_000, HOUR_US, "-0.000008047629166667", us, NS
        ),
    ]


def test_a_future_has_no_funding_and_an_empty_side_is_empty() -> None:
    name, us = "KRAKEN_FUTURES:FI_XBTUSD_230331", 1676393235406_000
    assert decoded(frames.FUTURE) == [
        Quote(name, "", "", "22110.5", "1200", us, NS),
        Stats(name, "22101.0", "180400", "", "", "", "0.8", us, NS),
        Mark(name, "22103.25", "21984.54", "", us, NS),
        OpenInterest(name, "812000", CONTRACTS, us, NS),
    ]


def test_the_relative_rate_is_the_fraction_and_the_other_what_a_contract_pays() -> None:
    """ "The absolute funding rate relative to the spot price at the time of funding rate calculation", an
    hour before at most: dollars over the price, or coins of a contract of one dollar times the price.
    https://docs.kraken.com/exchange/api-reference/futures-websocket/ticker"""
    [linear], [inverse] = of(Funding, frames.LINEAR), of(Funding, frames.INVERSE)

    assert float(linear.rate) == pytest.approx(0.912482213835 / 83995.76, rel=0.01)
    assert float(inverse.rate) == pytest.approx(-6.2604214e-11 * 21984.54, rel=0.01)


def test_the_next_time_is_the_end_of_the_hour_and_no_duration() -> None:
    """ "Auto-Roll Period: every 1 hour at the end of the hour. Rate for next period is calculated over
    current 1 hour period": what is in force now is charged then, and the prediction is the hour's after it.
    https://support.kraken.com/hc/en-us/articles/4844359082772"""
    for frame in (frames.LINEAR, frames.INVERSE):
        [funding] = of(Funding, frame)
        assert funding.next_us % HOUR_US == 0
        assert 0 < funding.next_us - funding.exchange_us <= HOUR_US
        assert funding.interval_us == HOUR_US


def test_a_rate_that_is_left_out_is_zero() -> None:
    """ "If zero, field is not populated": https://docs.kraken.com/exchange/api-reference/futures-websocket/ticker"""
    names = (
        b'"funding_rate":0.912482213835,',
        b'"funding_rate_prediction":1.3232500286425,',
        b'"relative_funding_rate":0.00001089345,',
        b'"relative_funding_rate_prediction":0.00001575425,',
    )
    frame = frames.LINEAR
    for name in names:
        frame = frame.replace(name, b"")

    [funding] = of(Funding, frame)
    assert (funding.rate, funding.predicted) == ("0", "0")
    with pytest.raises(DecodeError, match="relative_funding_rate"):
        decoded(frames.LINEAR.replace(names[2], b""))


def test_a_rate_has_as_many_digits_as_can_be_carried() -> None:
    frame = frames.LINEAR.replace(b"0.00001089345", b"-1.380384722222e-9")

    [funding] = of(Funding, frame)

    assert funding.rate == "-0.00000000138038472222"
    assert Decimal(funding.rate) == round(Decimal("-1.380384722222e-9"), 20)


def test_the_change_of_a_day_is_in_per_cent() -> None:
    """What the venue answered for PF_BANUSD: last 0.1375, open24h 0.13759, change24h -0.07.
    https://github.com/ccxt/ccxt/issues/25343"""
    change = (Decimal("0.1375") - Decimal("0.13759")) / Decimal("0.13759") * 100
    [stats] = of(Stats, frames.LINEAR.replace(b'"change":-0.22', b'"change":-0.07'))

    assert stats.change_pct == f"{change:.2f}" == "-0.07"
    assert stats.change == ""


@pytest.mark.parametrize(("word", "reason"), [("suspended", "suspended"), ("post_only", "post only")])
def test_a_contract_that_nobody_can_trade_says_so_until_its_ticker_does_not(word: str, reason: str) -> None:
    """ "Post-only mode, meaning no trades can be executed but orders can be placed":
    https://support.kraken.com/hc/en-us/articles/4844359082772"""
    codec = KrakenFuturesCodec()
    closed = frames.LINEAR.replace(b'"%b":false' % word.encode(), b'"%b":true' % word.encode())

    told = [codec.decode(frame, NS)[-1] for frame in (frames.LINEAR, closed, frames.LINEAR, frames.LINEAR)]

    assert told[1] == InstrumentStatus(LINEAR, "halted", reason, NS)
    assert told[2] == InstrumentStatus(LINEAR, "trading", "", NS)
    assert [type(event) for event in (told[0], told[3])] == [Funding, Funding]


def test_a_small_ticker_has_prices_alone() -> None:
    """https://docs.kraken.com/exchange/api-reference/futures-websocket/ticker_lite"""
    name = "KRAKEN_FUTURES:FI_ETHUSD_210625"
    assert decoded(frames.LITE) == [
        Quote(name, "1753.45", "", "1760.35", "", 0, NS),
        Stats(name, "", "6899673.0", "", "", "", "13.448175559936647", 0, NS),
    ]


def test_a_price_without_its_size_is_an_error() -> None:
    with pytest.raises(DecodeError, match="with its size"):
        decoded(frames.LINEAR.replace(b'"bid":', b'"best":'))


def test_a_next_time_of_null_is_none() -> None:
    told = frames.LINEAR.replace(b'"next_funding_rate_time":1790362800000', b'"next_funding_rate_time":null')

    [funding] = [e for e in KrakenFuturesCodec().decode(told, NS) if isinstance(e, Funding)]

    assert (funding.rate, funding.next_us) == ("0.00001089345", 0)
