"""Our own volatilities and greeks of one option, from the prices of its row. Pure, in floats: estimates.

``core/estimates.js`` has the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from marketdash.instruments import display
from marketdash.instruments.catalogue import Listed
from marketdash.options import pricing
from marketdash.options.pricing import YEAR_US, Terms

VOLATILITIES = ("bid_iv", "ask_iv", "mark_iv")
GREEKS = ("delta", "gamma", "vega", "theta", "rho")
FIGURES = (*VOLATILITIES, *GREEKS)
_PRICES = {"bid_iv": "bid", "ask_iv": "ask", "mark_iv": "mark"}


class Estimate(NamedTuple):
    """``numbers``: of :data:`FIGURES` what there is, volatilities in per cent; ``reasons``: why not, of the
    rest."""

    numbers: Mapping[str, float]
    reasons: Mapping[str, str]


def estimate(listed: Listed, body: Mapping[str, Any]) -> Estimate:
    """By the row's own time, price of the underlying and rate. Greeks are those at the volatility that the
    mark implies; so what is not in the mark is not in them."""
    forward = number(body.get("underlying_price"))
    stamp_us = body.get("ts_exchange") or body.get("ts_received") or 0
    years = (listed.expiry_us - stamp_us) / YEAR_US if stamp_us else 0.0
    terms = Terms(listed.right, number(listed.strike), years, number(body.get("rate")))
    if not stamp_us:
        return Estimate({}, dict.fromkeys(FIGURES, "nothing was told yet"))
    unit = forward if listed.in_coin else 1.0
    found = {
        name: pricing.implied(number(body.get(price)) * unit, forward, terms)
        for name, price in _PRICES.items()
    }
    numbers = {name: each.volatility * 100 for name, each in found.items() if each.volatility is not None}
    reasons = {name: each.reason for name, each in found.items() if each.volatility is None}
    volatility = found["mark_iv"].volatility
    if volatility is None:
        return Estimate(numbers, reasons | dict.fromkeys(GREEKS, f"of the mark: {reasons['mark_iv']}"))
    return Estimate(numbers | _greeks(forward, terms, volatility), reasons)


def _greeks(forward: float, terms: Terms, volatility: float) -> dict[str, float]:
    found = pricing.black_scholes_greeks(forward * terms.discount, terms, volatility)
    price = pricing.black76(forward, terms, volatility)
    return found._replace(theta=pricing.told_theta(found.theta, terms.years, price))._asdict()


def number(text: object) -> float:
    """A decimal of ours as a float; 0 where there is none."""
    found = display.decimal(text)
    return 0.0 if found is None else float(found)
