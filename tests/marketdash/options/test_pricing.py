"""The formulas against integrals and differences that know nothing of them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from marketdash.options import pricing
from marketdash.options.pricing import Terms, implied

GOLDEN = json.loads((Path(__file__).parents[2] / "contract/options/black76.json").read_text())
NAMES = ("delta", "gamma", "vega", "theta", "rho")

forwards = st.floats(0.5, 200_000)
moneyness = st.floats(0.2, 5.0)
years = st.floats(0.5 / 365, 3.0)
volatilities = st.floats(0.05, 3.0)
rates = st.floats(-0.05, 0.15)
rights = st.sampled_from(["call", "put"])


def expected_payoff(forward: float, terms: Terms, volatility: float) -> float:
    """The discounted mean of what a lognormal price pays, by Simpson's rule on either side of the strike."""
    spread = volatility * math.sqrt(terms.years)

    def weighed(z: float) -> float:
        price = forward * math.exp(spread * z - spread * spread / 2)
        bell = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        return max(0.0, terms.sign * (price - terms.strike)) * bell

    kink = (math.log(terms.strike / forward) + spread * spread / 2) / spread
    low, high = (max(kink, -12.0), 12.0 + spread) if terms.right == "call" else (-12.0, min(kink, 12.0))
    return terms.discount * simpson(weighed, low, high) if low < high else 0.0


def simpson(function: Callable[[float], float], low: float, high: float, pieces: int = 2000) -> float:
    step = (high - low) / pieces
    inner = sum(function(low + at * step) * (4 if at % 2 else 2) for at in range(1, pieces))
    return (function(low) + inner + function(high)) * step / 3


def slope(function: Callable[[float], float], at: float, by: float) -> float:
    """Five points: off by the fourth power of ``by``."""
    near = 8 * (function(at + by) - function(at - by))
    return (near - function(at + 2 * by) + function(at - 2 * by)) / (12 * by)


CASES = [
    (forward, Terms(right, strike, days / 365, rate), volatility)
    for forward, strike in ((64_012.3, 60_000.0), (64_012.3, 80_000.0), (0.5123, 0.5), (150.0, 120.0))
    for right in ("call", "put")
    for days, volatility in ((2, 0.9), (30, 0.65), (400, 0.7))
    for rate in (0.0, 0.05, -0.01)
]


@pytest.mark.parametrize(("forward", "terms", "volatility"), CASES)
def test_a_price_is_the_mean_of_what_is_paid(forward: float, terms: Terms, volatility: float) -> None:
    wanted = expected_payoff(forward, terms, volatility)

    assert pricing.black76(forward, terms, volatility) == pytest.approx(wanted, rel=1e-8, abs=forward * 1e-11)
    spot = forward * terms.discount
    assert pricing.black_scholes(spot, terms, volatility) == pytest.approx(
        wanted, rel=1e-8, abs=forward * 1e-11
    )


@pytest.mark.parametrize(("forward", "terms", "volatility"), CASES)
@pytest.mark.parametrize("model", ["black76", "black_scholes"])
def test_greeks_are_the_slopes_of_the_price(
    model: str, forward: float, terms: Terms, volatility: float
) -> None:
    price = getattr(pricing, model)
    found = getattr(pricing, f"{model}_greeks")(forward, terms, volatility)

    by, later, dearer = forward * 1e-4, terms.years * 1e-4, 1e-5
    delta = slope(lambda x: price(x, terms, volatility), forward, by)
    gamma = slope(lambda x: getattr(pricing, f"{model}_greeks")(x, terms, volatility).delta, forward, by)
    vega = slope(lambda x: price(forward, terms, x), volatility, volatility * 1e-4) / 100
    theta = -slope(lambda x: price(forward, terms._replace(years=x), volatility), terms.years, later) / 365
    rho = slope(lambda x: price(forward, terms._replace(rate=x), volatility), terms.rate, dearer) / 100

    for name, wanted in zip(NAMES, (delta, gamma, vega, theta, rho), strict=True):
        least = {"delta": 1e-7, "gamma": 1e-7 / forward}.get(name, forward * 1e-9)
        assert getattr(found, name) == pytest.approx(wanted, rel=1e-5, abs=least), name


@given(forwards, moneyness, years, volatilities, rates)
def test_a_call_less_a_put_is_the_forward_less_the_strike(
    forward: float, away: float, left: float, volatility: float, rate: float
) -> None:
    call, put = (Terms(right, forward * away, left, rate) for right in ("call", "put"))

    difference = pricing.black76(forward, call, volatility) - pricing.black76(forward, put, volatility)

    assert difference == pytest.approx(call.discount * forward * (1 - away), abs=forward * 1e-12)


@given(forwards, moneyness, years, volatilities, rates, rights)
def test_a_price_leads_back_to_its_volatility(
    forward: float, away: float, left: float, volatility: float, rate: float, right: str
) -> None:
    terms = Terms(right, forward * away, left, rate)
    price = pricing.black76(forward, terms, volatility)
    value = price / terms.discount - max(0.0, terms.sign * (forward - terms.strike))
    assume(value > forward * 1e-9)  # below that the digits of a float say nothing of it

    found = implied(price, forward, terms)

    assert found.volatility is not None, found.reason
    assert found.volatility == pytest.approx(volatility, rel=1e-4)
    assert pricing.black76(forward, terms, found.volatility) == pytest.approx(
        price, rel=1e-10, abs=forward * 1e-13
    )


@given(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-1, 1),
    rights,
)
def test_whatever_is_asked_the_answer_is_a_number_or_a_reason(
    price: float, forward: float, strike: float, left: float, rate: float, right: str
) -> None:
    found = implied(price, forward, Terms(right, strike, left, rate))

    if found.volatility is None:
        assert found.reason
    else:
        assert pricing.LEAST_VOLATILITY <= found.volatility <= pricing.MOST_VOLATILITY and not found.reason


@pytest.mark.parametrize(
    ("price", "forward", "terms", "reason"),
    [
        (0.0, 100.0, Terms("call", 100.0, 1.0), "there is no price"),
        (math.nan, 100.0, Terms("call", 100.0, 1.0), "there is no price"),
        (5.0, 0.0, Terms("call", 100.0, 1.0), "there is no price of the underlying"),
        (5.0, 100.0, Terms("call", 100.0, 0.0), "it has expired"),
        (9.9, 110.0, Terms("call", 100.0, 1.0), "the price is below its intrinsic value"),
        (9.9, 90.0, Terms("put", 100.0, 1.0), "the price is below its intrinsic value"),
        (10.0, 110.0, Terms("call", 100.0, 1.0), "the price is all intrinsic value"),
        (110.0, 110.0, Terms("call", 100.0, 1.0), "the price is above what it can ever be worth"),
        (100.0, 90.0, Terms("put", 100.0, 1.0), "the price is above what it can ever be worth"),
        (99.0, 100.0, Terms("call", 100.0, 1 / 365), "it would be above 2000%"),
        (0.001, 100.0, Terms("put", 100.0, 1.0), "it would be below 0.1%"),
        (5.0, 100.0, Terms("put", 100.0, 101.0), "its expiry or its rate is out of all bounds"),
    ],
)
def test_a_price_that_implies_nothing_says_why(
    price: float, forward: float, terms: Terms, reason: str
) -> None:
    assert implied(price, forward, terms) == (None, reason)


@pytest.mark.parametrize("model", [pricing.black76_greeks, pricing.black_scholes_greeks])
def test_what_has_expired_is_certain(model: Callable[..., pricing.Greeks]) -> None:
    found = [model(at, Terms("put", 100.0, 0.0), 0.5).delta for at in (90.0, 100.0, 110.0)]

    assert found == [-1.0, -0.5, 0.0]
    assert model(90.0, Terms("call", 100.0, -1.0), 0.5) == (0.0, 0.0, 0.0, 0.0, 0.0)
    assert pricing.black76(90.0, Terms("put", 100.0, 0.0), 0.5) == 10.0


def test_theta_is_of_a_day_and_never_more_than_there_is() -> None:
    assert pricing.told_theta(-29.53, 1.636 / 365, 12.69) == -12.69
    assert pricing.told_theta(-200.0, 0.5 / 365, 500.0) == -100.0
    assert pricing.told_theta(-76.0, 12 / 365, 8_000.0) == -76.0
    assert pricing.told_theta(0.4, 12 / 365, 0.1) == 0.4


def test_the_shared_numbers_are_those_of_the_integral() -> None:
    """``tests/js/black76.test.js`` reads the same file."""
    assert len(GOLDEN["cases"]) > 30
    for case in GOLDEN["cases"]:
        terms = Terms(case["right"], case["strike"], case["years"], case["rate"])
        forward, volatility = case["forward"], case["volatility"]
        spot = forward * terms.discount
        price = pricing.black76(forward, terms, volatility)

        assert price == pytest.approx(case["price"], rel=1e-12)
        assert price == pytest.approx(
            expected_payoff(forward, terms, volatility), rel=1e-7, abs=forward * 1e-11
        )
        greeks = pricing.black_scholes_greeks(spot, terms, volatility)
        for name in NAMES:
            assert getattr(greeks, name) == pytest.approx(case[name], rel=1e-11), name
        assert implied(price, forward, terms).volatility == pytest.approx(case["implied"], rel=1e-9)
    for case in GOLDEN["refused"]:
        terms = Terms(case["right"], case["strike"], case["years"], case["rate"])
        assert implied(case["price"], case["forward"], terms) == (None, case["reason"])
