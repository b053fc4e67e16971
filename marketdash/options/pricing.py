"""What European options are worth by Black's and by Black and Scholes's formula, their greeks, and the
volatility that a price implies. Pure, in floats: these are estimates, and are shown as such.

Units: prices and strikes in the currency of the strike; rates and volatilities as fractions a year; a year is
365 days, as Deribit counts it (its own ``mark_iv`` gives its own ``mark_price`` with this and with no other).

``core/black76.js`` works the same out in the page; ``tests/contract/options/black76.json`` holds both to one
another's digits.
"""

from __future__ import annotations

import math
from typing import NamedTuple

YEAR_DAYS = 365
YEAR_US = YEAR_DAYS * 86_400_000_000
LEAST_VOLATILITY, MOST_VOLATILITY = 0.001, 20.0
"""Beyond 0.1 % and 2,000 % a year nothing that is quoted says anything of volatility."""
MOST_YEARS, MOST_RATE = 100.0, 5.0
_STEPS, _CLOSE = 100, 1e-13
_NOISE = 1e-12
"""What is left of two large numbers says nothing below this part of them."""


class Terms(NamedTuple):
    """``right`` is ``call`` or ``put``; ``years`` are left; ``rate`` of money without risk, continuous."""

    right: str
    strike: float
    years: float
    rate: float = 0.0

    @property
    def sign(self) -> int:
        return 1 if self.right == "call" else -1

    @property
    def discount(self) -> float:
        return math.exp(-self.rate * self.years)


class Greeks(NamedTuple):
    """Of one option on one unit. ``delta`` and ``gamma`` per 1 of the underlying, ``vega`` per percentage
    point of volatility, ``theta`` per day, ``rho`` per percentage point of the rate.

    ``delta`` is that of the price in the strike's currency, N(d1), also where the option is paid in coin:
    Deribit tells that one, not the one that is less by the premium.
    """

    delta: float
    gamma: float
    vega: float
    theta: float
    rho: float


class Implied(NamedTuple):
    """``volatility`` None: there is none, and ``reason`` says why, in words."""

    volatility: float | None
    reason: str = ""


# prices


def black76(forward: float, terms: Terms, volatility: float) -> float:
    """On a forward (Black 1976)."""
    return terms.discount * _undiscounted(forward, terms, volatility)


def black_scholes(spot: float, terms: Terms, volatility: float) -> float:
    """On a spot price that pays nothing (Black and Scholes 1973)."""
    return black76(spot / terms.discount, terms, volatility)


def in_coin(price: float, forward: float) -> float:
    """Of one that is paid in its base (inverse): the price in units of the underlying, as at Deribit."""
    return price / forward


def _undiscounted(forward: float, terms: Terms, volatility: float) -> float:
    spread = volatility * math.sqrt(max(0.0, terms.years))
    sign, strike = terms.sign, terms.strike
    if spread <= 0:
        return max(0.0, sign * (forward - strike))
    first, second = _quantiles(forward, strike, spread)
    return max(0.0, sign * (forward * normal(sign * first) - strike * normal(sign * second)))


def _quantiles(forward: float, strike: float, spread: float) -> tuple[float, float]:
    """The formulas' d1 and d2."""
    first = math.log(forward / strike) / spread + spread / 2
    return first, first - spread


def normal(x: float) -> float:
    """How much of the standard normal distribution lies below ``x``."""
    return math.erfc(-x / math.sqrt(2)) / 2


def density(x: float) -> float:
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


# greeks


def black_scholes_greeks(spot: float, terms: Terms, volatility: float) -> Greeks:
    """By the spot price. ``rho`` holds the spot, so a forward moves with the rate."""
    sign, strike, years, discount = terms.sign, terms.strike, terms.years, terms.discount
    forward = spot / discount
    spread = volatility * math.sqrt(max(0.0, years))
    if spread <= 0:
        return _expired(forward, terms)
    first, second = _quantiles(forward, strike, spread)
    bell, kept = density(first), strike * discount * normal(sign * second)
    return Greeks(
        delta=sign * normal(sign * first),
        gamma=bell / (spot * spread),
        vega=spot * bell * math.sqrt(years) / 100,
        theta=-(spot * bell * volatility / (2 * math.sqrt(years)) + sign * terms.rate * kept) / YEAR_DAYS,
        rho=sign * years * kept / 100,
    )


def black76_greeks(forward: float, terms: Terms, volatility: float) -> Greeks:
    """By the forward, which ``rho`` holds."""
    discount, years = terms.discount, terms.years
    plain = black_scholes_greeks(forward, terms._replace(rate=0.0), volatility)
    price = black76(forward, terms, volatility)
    return Greeks(
        delta=discount * plain.delta,
        gamma=discount * plain.gamma,
        vega=discount * plain.vega,
        theta=discount * plain.theta + terms.rate * price / YEAR_DAYS,
        rho=-max(0.0, years) * price / 100,
    )


def _expired(forward: float, terms: Terms) -> Greeks:
    """Nothing is uncertain any more."""
    inside = terms.sign * (forward - terms.strike)
    delta = 1.0 if inside > 0 else 0.5 if inside == 0 else 0.0
    return Greeks(terms.sign * delta, 0.0, 0.0, 0.0, 0.0)


def told_theta(theta: float, years: float, price: float) -> float:
    """Of a day, or of what is left where that is less; what it costs cannot be lost twice.

    Deribit tells it so: in the recording of 2021-04-17 a call with 1.6 days left has its price for theta, and
    one with 0.64 days left 0.64 times the formula's.
    """
    return max(theta * min(1.0, years * YEAR_DAYS), -price) if theta < 0 else theta


# the volatility that a price implies


def implied(price: float, forward: float, terms: Terms) -> Implied:
    """By Black's formula. Never not a number: where there is none it says why."""
    if refused := _refusal(price, forward, terms):
        return Implied(None, refused)
    # What is in the money is looked at from the other side, where no large number hides the small one.
    inside = terms.sign * (forward - terms.strike)
    worth = price / terms.discount - max(0.0, inside)
    outside = terms._replace(right=_other(terms.right)) if inside > 0 else terms
    if inside > 0 and worth <= _NOISE * forward:
        return Implied(None, "the price is all intrinsic value")
    if worth <= _undiscounted(forward, outside, LEAST_VOLATILITY):
        return Implied(None, f"it would be below {LEAST_VOLATILITY * 100:g}%")
    if worth >= _undiscounted(forward, outside, MOST_VOLATILITY):
        return Implied(None, f"it would be above {MOST_VOLATILITY * 100:g}%")
    return Implied(_solved(worth, forward, outside))


def _refusal(price: float, forward: float, terms: Terms) -> str:
    if not math.isfinite(forward) or forward <= 0:
        return "there is no price of the underlying"
    if not all(map(math.isfinite, (price, *terms[1:]))) or price <= 0 or terms.strike <= 0:
        return "there is no price"
    if terms.years <= 0:
        return "it has expired"
    if terms.years > MOST_YEARS or abs(terms.rate) > MOST_RATE:
        return "its expiry or its rate is out of all bounds"
    least = terms.discount * max(0.0, terms.sign * (forward - terms.strike))
    most = terms.discount * (forward if terms.right == "call" else terms.strike)
    if price < least * (1 - 1e-12):
        return "the price is below its intrinsic value"
    return "the price is above what it can ever be worth" if price >= most else ""


def _other(right: str) -> str:
    return "put" if right == "call" else "call"


def _solved(worth: float, forward: float, terms: Terms) -> float:
    """Newton's steps on the logarithm of the price, which is nearly straight, kept inside a bracket."""
    low, high, root = LEAST_VOLATILITY, MOST_VOLATILITY, math.sqrt(terms.years)
    guess = math.sqrt(2 * abs(math.log(forward / terms.strike))) / root
    guess = min(high, max(low, guess or worth / forward * math.sqrt(2 * math.pi) / root))
    for _ in range(_STEPS):
        price = _undiscounted(forward, terms, guess)
        low, high = (guess, high) if price < worth else (low, guess)
        slope = forward * density(_quantiles(forward, terms.strike, guess * root)[0]) * root
        step = price * math.log(worth / price) / slope if price > 0 and slope > 0 else math.inf
        inside = low < guess + step < high
        nearer = guess + step if inside else (low + high) / 2
        if abs(nearer - guess) <= _CLOSE * guess:
            return nearer
        guess = nearer
    return guess
