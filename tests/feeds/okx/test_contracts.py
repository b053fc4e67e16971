"""What OKX tells of contracts, of options and of itself: https://www.okx.com/docs-v5/en/

The paragraph is named where a side, a unit or a time is pinned.
"""

from __future__ import annotations

from math import erf, exp, log, pi, sqrt

import pytest

from feeds.events import (
    Funding,
    Heartbeat,
    InstrumentStatus,
    Liquidation,
    Mark,
    OpenInterest,
    OptionQuote,
    Unknown,
    VenueStatus,
)
from feeds.venues.okx.public import OkxCodec
from tests.feeds.okx import frames
from tests.feeds.okx.frames import US, frame

NS = 1_786_309_548_642_080_000


@pytest.fixture
def codec() -> OkxCodec:
    return OkxCodec()


def test_a_mark_has_the_index_of_its_contract_if_that_is_young(codec):
    mark = frame("mark-price", "LTC-USD-190628", frames.MARK)
    assert codec.decode(mark, NS) == [Mark("OKX:LTC-USD-190628", "0.1", "", "", US, NS)]

    assert codec.decode(frame("index-tickers", "LTC-USD", frames.INDEX), NS) == [Heartbeat("OKX", US, NS)]

    assert codec.decode(mark, NS) == [Mark("OKX:LTC-USD-190628", "0.1", "0.105", "", US, NS)]
    other = frame("mark-price", "LTC-USD_UM-SWAP", {**frames.MARK, "instId": "LTC-USD_UM-SWAP"})
    assert codec.decode(other, NS)[0].index == "0.105"
    later = NS + 120_000_000_000
    assert codec.decode(mark, later) == [Mark("OKX:LTC-USD-190628", "0.1", "", "", US, later)]


def test_what_it_would_settle_at_is_told_before_it_does(codec):
    family = {"instType": "FUTURES", "instFamily": "XRP-USDT"}
    assert codec.decode(frame("estimated-price", family, frames.SETTLEMENT), NS) == [
        Mark("OKX:XRP-USDT-250307", "", "", "2.4230631578947368", 1_741_244_598_708_000, NS)
    ]


def test_funding_has_its_time_and_its_interval(codec):
    """As "users should focus on the difference between fundingTime and nextFundingTime":
    #public-data-websocket-funding-rate-channel."""
    eight_hours_us = 28_800_000_000
    assert codec.decode(frame("funding-rate", "BTC-USD-SWAP", frames.FUNDING), NS) == [
        Funding(
            "OKX:BTC-USD-SWAP", "0.0001875391284828", 1_700_726_400_000_000, eight_hours_us, "",
            1_700_724_675_402_000, NS,
        )
    ]  # fmt: skip


def test_open_interest_is_counted_in_contracts(codec):
    """As "oi: Open interest, in units of contracts", #public-data-websocket-open-interest-channel."""
    assert codec.decode(frame("open-interest", "BTC-USDT-SWAP", frames.INTEREST), NS) == [
        OpenInterest("OKX:BTC-USDT-SWAP", "2216113.01000000309", "contracts", 1_743_041_250_440_000, NS)
    ]


def test_a_liquidation_has_the_side_of_its_order(codec):
    """As "side: Order side", "posSide: Position mode side", "sz … FUTURES/SWAP, the unit is contract": who
    was short is bought back. "This data doesn't represent the total number of liquidations on OKX":
    #public-data-websocket-liquidation-orders-channel."""
    assert codec.decode(frame("liquidation-orders", frames.SWAPS, frames.LIQUIDATION, id="1512"), NS) == [
        Liquidation("OKX:IOST-USDT-SWAP", "buy", "0.007831", "", "13", "", 1_692_266_434_010_000, NS)
    ]
    assert codec.samples_liquidations


def test_an_option_has_volatilities_in_per_cent_and_greeks_in_dollars(codec):
    """As #public-data-websocket-option-summary-channel has it, "deltaBS: Sensitivity of option price to uly
    price in BS mode". Those of ``delta`` are in coins: -1.118 of a put, which in dollars has -0.99997."""
    assert codec.decode(frame("opt-summary", frames.BTC_OPTIONS, frames.SUMMARY), NS) == [
        OptionQuote(
            instrument="OKX:BTC-USD-241013-70000-P",
            bid_iv="0",
            ask_iv="116.69998535",
            mark_iv="36.75503331",
            delta="-0.9999672034",
            gamma="0.0000000002",
            vega="0.0000114332",
            theta="28.2649858387",
            rho="",
            underlying="BTC-USD",
            underlying_price="62604.6993093463",
            rate="",
            exchange_us=1_728_703_155_650_000,
            received_ns=NS,
        )
    ]


def test_greeks_are_in_the_units_that_are_promised(codec):
    """Black's formula agrees: ``vegaBS`` is dollars for a point of volatility, ``gammaBS`` for a dollar."""
    [found] = codec.decode(frame("opt-summary", frames.BTC_OPTIONS, frames.SUMMARY), NS)
    years = (1_728_806_400_000_000 - found.exchange_us) / 31_536_000_000_000
    forward, deviation = float(found.underlying_price), float(found.mark_iv) / 100 * sqrt(years)
    d1 = log(forward / 70_000) / deviation + deviation / 2
    density = exp(-d1 * d1 / 2) / sqrt(2 * pi)

    assert forward * density * sqrt(years) / 100 == pytest.approx(float(found.vega), rel=0.02)
    assert density / (forward * deviation) == pytest.approx(float(found.gamma), rel=0.3)
    assert -(1 + erf(-d1 / sqrt(2))) / 2 == pytest.approx(float(found.delta), rel=1e-4)


@pytest.mark.parametrize(
    ("state", "status", "reason"),
    [("live", "trading", ""), ("suspend", "halted", "suspend"), ("preopen", "halted", "preopen"),
     ("expired", "delisted", "expired")],
)  # fmt: skip
def test_the_venue_says_what_trades(codec, state, status, reason):
    told = frame("instruments", frames.SWAPS, {**frames.LISTED, "state": state})
    assert codec.decode(told, NS) == [InstrumentStatus("OKX:BTC-USDT-SWAP", status, reason, NS)]


def test_margin_says_nothing_of_spot(codec):
    told = {**frames.LISTED, "instId": "BTC-USDT", "instType": "MARGIN"}
    assert codec.decode(frame("instruments", {"instType": "MARGIN"}, told), NS) == [
        Unknown("instruments MARGIN")
    ]


@pytest.mark.parametrize(
    ("change", "event"),
    [
        ({}, VenueStatus("OKX", "halted", "Trading account WebSocket system upgrade", NS)),
        ({"serviceType": "5", "state": "completed"}, VenueStatus("OKX", "online", "", NS)),
        ({"state": "scheduled"}, Unknown("maintenance of a part")),
        ({"serviceType": "9"}, Unknown("maintenance of a part")),
        ({"env": "2"}, Unknown("maintenance of a part")),
    ],
)
def test_maintenance_of_everything_halts_everything(codec, change, event):
    """serviceType 0 is the sockets, 5 trading; the others are a part of it: #status-ws-status-channel."""
    assert codec.decode(frame("status", {}, {**frames.MAINTENANCE, **change}), NS) == [event]


def test_limits_of_prices_are_the_pulse_of_a_link(codec):
    assert codec.decode(frame("price-limit", "LTC-USD-190628", frames.LIMIT), NS) == [
        Heartbeat("OKX", US, NS)
    ]
