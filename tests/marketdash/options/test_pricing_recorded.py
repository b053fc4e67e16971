"""Deribit's own volatilities and underlying prices must give its own marks and greeks: that pins the model,
the length of a year, the clock, and every unit.

What the fields mean: https://docs.deribit.com/subscriptions/market-data/tickerinstrument_nameinterval
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from marketdash.options import pricing
from marketdash.options.pricing import YEAR_US, Terms, implied
from tests.feeds.replaying import records

NAME = "deribit-v2/2021-04-17_options.jsonl.gz"
HALF_A_DIGIT = 0.005
"""Volatilities are told to 0.01 %."""
MOVED = 5e-5
"""In coin, a tenth of the tick of 0.0005: the venue works marks and volatilities out at moments of their own,
and tells them with the underlying's price of another."""


class Told(NamedTuple):
    """One ticker of an option, with what its instrument says of itself."""

    name: str
    ticker: dict[str, Any]
    right: str
    strike: float
    expiry_us: int

    def terms(self, year_us: int = YEAR_US) -> Terms:
        """What is left is counted by the venue's clock: the ticker's own stamp."""
        left_us = self.expiry_us - self.ticker["timestamp"] * 1000
        return Terms(self.right, self.strike, left_us / year_us, self.ticker["interest_rate"])

    @property
    def forward(self) -> float:
        return self.ticker["underlying_price"]


def told(path: Path) -> Iterator[Told]:
    listed: dict[str, dict[str, Any]] = {}
    for record in records(path):
        if "raw" not in record:
            continue
        body = json.loads(record["raw"])
        if "get_instruments" in record.get("url", ""):
            listed.update({each["instrument_name"]: each for each in body["result"]})
        elif body.get("params", {}).get("channel", "").startswith("ticker."):
            ticker = body["params"]["data"]
            its = listed[ticker["instrument_name"]]
            expiry_us = its["expiration_timestamp"] * 1000
            yield Told(ticker["instrument_name"], ticker, its["option_type"], its["strike"], expiry_us)


@pytest.fixture(scope="module")
def tickers(captures: Path) -> list[Told]:
    found = list(told(captures / NAME))
    assert len(found) == 92 and len({each.name for each in found}) == 10
    return found


def test_marks_are_prices_in_coin(tickers: list[Told]) -> None:
    """An inverse option's price is the dollar price over the underlying's, ``underlying_price`` and not the
    index."""
    for each in tickers:
        terms, volatility = each.terms(), each.ticker["mark_iv"] / 100
        price = pricing.in_coin(pricing.black76(each.forward, terms, volatility), each.forward)
        vega = pricing.black76_greeks(each.forward, terms, volatility).vega / each.forward

        assert price == pytest.approx(each.ticker["mark_price"], abs=HALF_A_DIGIT * vega + MOVED), each


def test_our_greeks_are_the_venues(tickers: list[Told]) -> None:
    """Within the last digit that is told, or a few thousandths; theta of the last day is the mark itself."""
    for each in tickers:
        terms, volatility = each.terms(), each.ticker["mark_iv"] / 100
        ours = pricing.black_scholes_greeks(each.forward * terms.discount, terms, volatility)
        price = pricing.black76(each.forward, terms, volatility)
        theta = pricing.told_theta(ours.theta, terms.years, price)
        theirs = each.ticker["greeks"]

        assert ours.delta == pytest.approx(theirs["delta"], abs=2e-4), each
        assert ours.gamma == pytest.approx(theirs["gamma"], abs=6e-6), each
        assert ours.vega == pytest.approx(theirs["vega"], rel=2e-3), each
        assert theta == pytest.approx(theirs["theta"], rel=8e-3), each
        assert ours.rho == pytest.approx(theirs["rho"], rel=2e-3), each


def test_our_volatility_of_a_mark_is_the_venues(tickers: list[Told]) -> None:
    for each in tickers:
        terms, theirs = each.terms(), each.ticker["mark_iv"]
        found = implied(each.ticker["mark_price"] * each.forward, each.forward, terms)
        vega = each.ticker["greeks"]["vega"] / each.forward

        assert found.volatility is not None, (each, found.reason)
        assert found.volatility * 100 == pytest.approx(theirs, abs=HALF_A_DIGIT + MOVED / vega), each


def test_bids_and_asks_imply_what_the_venue_says(tickers: list[Told]) -> None:
    """To a tenth of a point; where nobody bids the venue tells 0, and we tell that there is no price."""
    compared = 0
    for each in tickers:
        for side in ("bid", "ask"):
            price, theirs = each.ticker[f"best_{side}_price"], each.ticker[f"{side}_iv"]
            found = implied(price * each.forward, each.forward, each.terms())
            if price == 0:
                assert theirs == 0 and found == (None, "there is no price"), each
            elif found.volatility is not None and theirs > 0:
                compared += 1
                assert found.volatility * 100 == pytest.approx(theirs, abs=0.1, rel=4e-3), (each, side)
    assert compared > 90


def test_a_year_has_365_days(tickers: list[Told]) -> None:
    """Of the longest option in the recording: with a quarter of a day more each mark would be too low."""
    longest = max(tickers, key=lambda each: each.expiry_us)
    day_us = YEAR_US // 365

    def miss(year_us: int) -> float:
        price = pricing.black76(longest.forward, longest.terms(year_us), longest.ticker["mark_iv"] / 100)
        return abs(price / longest.forward - longest.ticker["mark_price"])

    assert miss(YEAR_US) < 2.5e-5 < 4e-5 < min(miss(365 * day_us + day_us // 4), miss(360 * day_us))


def test_the_recording_is_the_one_of_the_reference(captures: Path, tickers: list[Told]) -> None:
    golden = json.loads((captures / "golden.json").read_text())[NAME]["last_option_tickers"]
    last = {each.name: each.ticker for each in tickers}

    for name, expected in golden.items():
        found = {greek: Decimal(str(number)) for greek, number in last[name]["greeks"].items()}
        assert found == {greek: Decimal(text) for greek, text in expected["greeks"].items()}, name
