"""Options that are simulated: which there are, and what they are worth by Black's formula.

A chain is of the last Fridays of two months that lie ahead, so that it never expires while it is simulated,
with strikes around what the asset was worth at first.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import erf, exp, log, pi, sin, sqrt
from typing import NamedTuple

from feeds.simulator.assets import ASSETS, Listing

_YEAR_NS = 365 * 86_400 * 10**9
_DAYS_AHEAD = 20
_EXPIRIES, _STRIKES, _STEP = 2, 5, 0.05
_MAJORS = ("BTC", "ETH")
_LEAST_NS = 3600 * 10**9
_MONTH_MS = 30 * 86_400_000


class Worth(NamedTuple):
    """In quote for one of the base: ``vega`` for one point of volatility, ``rho`` of the interest, ``theta``
    for a day; ``volatility`` a fraction a year."""

    price: float
    volatility: float
    delta: float
    gamma: float
    vega: float
    theta: float
    rho: float


def expiries(now: datetime | None = None) -> list[datetime]:
    """At 8:00 UTC, nearest first."""
    first = (now or datetime.now(UTC)) + timedelta(days=_DAYS_AHEAD)
    year, month, found = first.year, first.month, list[datetime]()
    while len(found) < _EXPIRIES:
        friday = _last_friday(year, month)
        if friday > first:
            found.append(friday)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


def _last_friday(year: int, month: int) -> datetime:
    following = datetime(year + month // 12, month % 12 + 1, 1, 8, tzinfo=UTC)
    last = following - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - 4) % 7)


def strikes(price: float) -> list[int]:
    """Round ones, a twentieth of the price apart."""
    step = max(1, round(price * _STEP, 1 - len(str(int(price * _STEP)))))
    middle = round(price / step)
    return [round(step * (middle + at - _STRIKES // 2)) for at in range(_STRIKES)]


def chain(venue: str, quote: str, native: str, price_decimals: int, qty_decimals: int) -> Iterator[Listing]:
    """``native`` is a format of ``base``, ``expiry`` (``25DEC26``), ``strike`` and ``right`` (C, P)."""
    for rank, base in enumerate(_MAJORS):
        forward = ASSETS[base]
        for expiry in expiries():
            day = f"{expiry.day}{expiry:%b%y}".upper()
            for strike in strikes(forward):
                for right in ("call", "put"):
                    name = native.format(base=base, expiry=day, strike=strike, right=right[0].upper())
                    listing = Listing(
                        venue, name, "option", base, quote, 1.0, price_decimals, qty_decimals, 20 + 10 * rank,
                        settle=quote, expiry_ms=round(expiry.timestamp() * 1000), strike=strike, right=right,
                    )  # fmt: skip
                    begun_ns = (listing.expiry_ms - _MONTH_MS) * 1_000_000
                    yield listing._replace(price=worth(listing, forward, begun_ns).price)


def worth(listing: Listing, forward: float, now_ns: int) -> Worth:
    """By a volatility that smiles and wanders; the last hour lasts for ever."""
    strike, left_ns = listing.strike, max(listing.expiry_ms * 1_000_000 - now_ns, _LEAST_NS)
    years = left_ns / _YEAR_NS
    volatility = level(now_ns) + 0.6 * log(strike / forward) ** 2
    root = volatility * sqrt(years)
    d1 = log(forward / strike) / root + root / 2
    call = forward * _below(d1) - strike * _below(d1 - root)
    density = exp(-d1 * d1 / 2) / sqrt(2 * pi)
    is_call = listing.right == "call"
    sign = 1 if is_call else -1
    return Worth(
        call if is_call else call - forward + strike,
        volatility,
        _below(d1) - (not is_call),
        density / (forward * root),
        forward * density * sqrt(years) / 100,
        -forward * density * volatility / (2 * sqrt(years)) / 365,
        sign * strike * years * _below(sign * (d1 - root)) / 100,
    )


def level(now_ns: int) -> float:
    """What volatilities are at the money: up and down in half an hour, and a little in four minutes; the
    same at the same time of each day."""
    seconds = now_ns / 1e9
    return 0.5 + 0.02 * sin(2 * pi * seconds / 1800) + 0.008 * sin(2 * pi * seconds / 240)


def _below(deviations: float) -> float:
    """Of a normal distribution, what lies below."""
    return (1 + erf(deviations / sqrt(2))) / 2
