"""Simulated options: which there are, and that what they are worth hangs together."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feeds.simulator.assets import Listing
from feeds.simulator.options import chain, expiries, strikes, worth

DAY_NS = 86_400 * 10**9
NOW_NS = 1_790_000_000 * 10**9


def listing(strike: int, right: str, days: float = 30) -> Listing:
    expiry_ms = round(NOW_NS / 1e6 + days * 86_400_000)
    return Listing("X", "X", "option", "BTC", "USDT", 1.0, 0, 2, 20, "USDT", 1, expiry_ms, strike, right)


def test_call_and_put_are_worth_the_forward_together():
    for strike in (50_000, 64_000, 80_000):
        call, put = (worth(listing(strike, right), 64_000, NOW_NS) for right in ("call", "put"))
        assert call.price - put.price == pytest.approx(64_000 - strike, abs=1e-6)
        assert call.delta - put.delta == pytest.approx(1)
        assert (call.gamma, call.vega, call.volatility) == (put.gamma, put.vega, put.volatility)


def test_greeks_are_what_the_price_does():
    near = listing(64_000, "call")
    at = worth(near, 64_000, NOW_NS)
    up, down = worth(near, 64_010, NOW_NS), worth(near, 63_990, NOW_NS)
    assert (up.price - down.price) / 20 == pytest.approx(at.delta, rel=1e-3)
    assert (up.delta - down.delta) / 20 == pytest.approx(at.gamma, rel=1e-2)
    assert worth(near, 64_000, NOW_NS + DAY_NS).price - at.price == pytest.approx(at.theta, rel=0.05)
    assert worth(near, 64_000, NOW_NS + 40 * DAY_NS).price > 0, "the last hour lasts"


@pytest.mark.parametrize(
    ("now", "days"),
    [((2026, 11, 27), ["2026-12-25", "2027-01-29"]), ((2026, 12, 10), ["2027-01-29", "2027-02-26"])],
)
def test_a_chain_is_of_fridays_that_lie_ahead(now: tuple[int, int, int], days: list[str]):
    found = expiries(datetime(*now, tzinfo=UTC))
    assert [f"{each:%Y-%m-%d}" for each in found] == days
    assert {(each.weekday(), each.hour) for each in found} == {(4, 8)}


def test_strikes_are_round_and_around_the_price():
    assert strikes(64_000) == [57_000, 60_000, 63_000, 66_000, 69_000]
    assert strikes(1920) == [1700, 1800, 1900, 2000, 2100]


def test_every_listing_of_a_chain_says_what_it_is():
    found = list(chain("X", "USDT", "{base}-{expiry}-{strike}-{right}", 0, 2))
    assert len({each.native for each in found}) == len(found) == 2 * 2 * 5 * 2
    assert {each.right for each in found} == {"call", "put"}
    assert all(
        each.price > 0 and each.expiry_ms and each.kind == "option" and not each.inverse for each in found
    )
