"""What the recording of options proves of units, and of the rule by which books continue."""

from __future__ import annotations

import json
from math import erf, exp, log, pi, sqrt
from pathlib import Path

import pytest

from feeds.events import BookDelta, BookSnapshot, Mark, OptionQuote
from feeds.venues.deribit.public import DeribitCodec
from tests.feeds.replaying import records

RECORDED = "deribit-v2/2021-04-17_options.jsonl.gz"
YEAR_S = 365 * 86400


@pytest.fixture(scope="module")
def played(captures: Path) -> list[object]:
    codec = DeribitCodec()
    found = [record for record in records(captures / RECORDED) if record["k"] == "recv"]
    return [event for record in found for event in codec.decode(record["raw"].encode(), record["ns"])]


@pytest.fixture(scope="module")
def listed(captures: Path) -> dict:
    bodies = [record["raw"] for record in records(captures / RECORDED) if record["k"] == "http"]
    codec = DeribitCodec()
    return {spec.native: spec for body in bodies for spec in codec.decode_instruments(body.encode())}


def test_each_change_follows_the_one_before(played) -> None:
    last: dict[str, int] = {}
    for event in played:
        if type(event) is BookDelta:
            assert event.previous == last[event.instrument]
        if type(event) in (BookDelta, BookSnapshot):
            last[event.instrument] = event.last
    assert len(last) == 10


def normal(x: float) -> float:
    return (1 + erf(x / sqrt(2))) / 2


def test_greeks_are_black_76_of_the_volatility_in_per_cent(played, listed) -> None:
    """They are "standard Black Scholes", theta "the minimum of 1 day theta and lifetime theta" (object greeks
    of https://docs.deribit.com/api-reference/market-data/public-ticker). Of what unit, the recording itself
    says: in dollars, vega and rho for one per cent, theta for a day of 365, and never more than the option is
    worth."""
    looked = 0
    worth: dict[str, float] = {}
    for event in played:
        if type(event) is Mark:
            worth[event.instrument] = float(event.mark)
        if type(event) is not OptionQuote:
            continue
        spec = listed[event.instrument.partition(":")[2]]
        years = (spec.expiry_us - event.exchange_us) / 1e6 / YEAR_S
        forward, strike, sigma = float(event.underlying_price), float(spec.strike), float(event.mark_iv) / 100
        d1 = (log(forward / strike) + sigma**2 * years / 2) / (sigma * sqrt(years))
        d2, sign = d1 - sigma * sqrt(years), 1 if spec.right == "call" else -1
        density = exp(-(d1**2) / 2) / sqrt(2 * pi)
        decay = forward * density * sigma / 2 / sqrt(years) * min(1 / 365, years)
        black = {
            "delta": normal(d1) - (sign < 0),
            "vega": forward * sqrt(years) * density / 100,
            "theta": -min(decay, worth[event.instrument] * forward),
            "rho": sign * strike * years * normal(sign * d2) / 100,
        }
        told = {name: float(getattr(event, name)) for name in black}
        assert told == pytest.approx(black, rel=0.02, abs=0.02)
        assert float(event.gamma) == pytest.approx(density / (forward * sigma * sqrt(years)), abs=0.00001)
        looked += 1
    assert looked > 50


def test_the_recorded_lists_are_understood(listed) -> None:
    """An inverse option is paid in its coin, and its price is too: 0.0005 of a bitcoin is a tick."""
    call, perpetual = listed["BTC-25MAR22-50000-C"], listed["BTC-PERPETUAL"]

    assert call[:11] == (
        "DERIBIT", "BTC-25MAR22-50000-C", "option", "BTC", "BTC", "BTC", "0.0005", "0.1", "trading",
        1648195200000_000, "50000",
    )  # fmt: skip
    assert (call.right, call.contract_size, call.inverse) == ("call", "1", False)
    assert perpetual[2:6] == ("perpetual", "BTC", "USD", "BTC")
    assert (perpetual.expiry_us, perpetual.inverse) == (0, True)
    assert {spec.kind for spec in listed.values()} == {"option", "future", "perpetual"}


def test_documented_answers_are_understood(captures: Path) -> None:
    codec, folder = DeribitCodec(), captures / "examples/deribit"
    for path in sorted(folder.glob("ws_*.json")):
        assert codec.decode(path.read_bytes(), 1), path.name
    combos = (folder / "http_get_instruments_option_combo.json").read_bytes()
    assert codec.decode_instruments(combos) == []
    assert json.loads(combos)["result"]
