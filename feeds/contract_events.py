"""What a codec says about a contract beside its prices. Read from :mod:`feeds.events`, whose rules hold."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct


class Mark(Struct, frozen=True, gc=False):
    """The price at which a venue values its contract; a field that the frame did not carry is ``""``.

    ``index`` is the price of the underlying that it makes from spot markets, ``settle`` what the contract
    would settle at if it expired now. The basis is mark against index: readers work it out.
    """

    instrument: str
    mark: str
    index: str
    settle: str
    exchange_us: int
    received_ns: int


class Funding(Struct, frozen=True, gc=False):
    """What holders of a perpetual pay each other; ``rate`` > 0: those who are long pay.

    ``rate`` is signed, a fraction of the position's worth for one interval (``0.0001`` is 0.01 %), and the
    one that will be charged at ``next_us`` (0: not said) as it stands now. ``interval_us`` is how long one
    interval lasts, 0 where the venue does not say it in its stream: none is assumed. ``predicted`` is the
    rate of the interval after that, ``""`` where the venue tells none.
    """

    instrument: str
    rate: str
    next_us: int
    interval_us: int
    predicted: str
    exchange_us: int
    received_ns: int


BASE_UNITS, CONTRACTS, QUOTE_UNITS = "base", "contracts", "quote"
"""What an open interest is counted in; a contract is the instrument's contract size."""


class OpenInterest(NamedTuple):
    """How much of a contract is held: each contract once, though somebody is long and somebody short.

    ``unit`` is one of :data:`BASE_UNITS`, :data:`CONTRACTS`, :data:`QUOTE_UNITS`.
    """

    instrument: str
    amount: str
    unit: str
    exchange_us: int
    received_ns: int


class OptionQuote(Struct, frozen=True, gc=False):
    """What a venue works out of an option's prices; a field that the frame did not carry is ``""``.

    Volatilities are in per cent a year (``65.2`` is 65.2 %), ``0`` where there is no such price. The greeks
    are signed and the venue's own: ``delta`` and ``gamma`` for 1 of the underlying, ``vega`` for one point
    of volatility, ``theta`` for a day, ``rho`` for one point of the interest rate. ``underlying`` is its name
    for what it is priced off (a future, or a price it makes itself), ``rate`` the interest it reckons with,
    a fraction a year. Prices come as :class:`Quote`, :class:`Stats` and :class:`Mark`.
    """

    instrument: str
    bid_iv: str
    ask_iv: str
    mark_iv: str
    delta: str
    gamma: str
    vega: str
    theta: str
    rho: str
    underlying: str
    underlying_price: str
    rate: str
    exchange_us: int
    received_ns: int


class Liquidation(NamedTuple):
    """A venue closed somebody's position. ``side`` is its order's: who sells here was long.

    ``price`` is the order's limit, ``average`` what its fills brought on average (``""``: not said, or none
    yet), ``qty`` what the order was for, ``filled`` what of it is done. Venues number none of them, and
    may send a sample alone; a codec says so in ``samples_liquidations``.
    """

    instrument: str
    side: str
    price: str
    average: str
    qty: str
    filled: str
    exchange_us: int
    received_ns: int
