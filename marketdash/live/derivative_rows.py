"""Rows of contracts: what a venue values them at, what holders pay each other, whom it closed. Pure."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from marketdash.live.rows import Closed, Number, Step, Text


class MarkRow(Step, kw_only=True):
    """Only what changed, absolute. ``settle``: at what it would settle now.

    ``open_interest`` is counted in ``open_interest_unit``: units of the base or of the quote, or contracts of
    the instrument's contract size. It comes by a way of its own, at ``ts_open_interest``.
    """

    symbol: str
    mark: Text = UNSET
    index: Text = UNSET
    settle: Text = UNSET
    open_interest: Text = UNSET
    open_interest_unit: Literal["base", "contracts", "quote"] | UnsetType = UNSET
    ts_open_interest: Number = UNSET
    ts_exchange: Number = UNSET
    ts_received: Number = UNSET


class FundingRow(Step, kw_only=True):
    """Only what changed, absolute. ``rate`` is a fraction of the position for one ``interval``, above 0: who
    is long pays, at ``next``. ``predicted``: the one after. What the venue does not say is not there.
    """

    symbol: str
    rate: Text = UNSET
    next: Number = UNSET
    interval: Number = UNSET
    predicted: Text = UNSET
    ts_exchange: Number = UNSET
    ts_received: Number = UNSET


class LiquidationItem(Closed):
    """``side`` is the closing order's: who sells was long. ``price`` is its limit, ``average`` what it got,
    "" where nothing is said; ``qty`` is what it was for, ``filled`` what of it is done."""

    side: Literal["buy", "sell"]
    price: str
    average: str
    qty: str
    filled: str
    ts_exchange: int


class LiquidationRow(Step, kw_only=True):
    """``skipped``: how many since ``prev`` were left out before the first one here. A venue may tell a sample
    alone. ``since`` goes with ``state``: since when it is so, by the feed's clock."""

    symbol: str
    liquidations: list[LiquidationItem]
    skipped: Number = UNSET
    since: Number = UNSET


class OptionRow(Step, kw_only=True):
    """Only what changed, absolute: a whole line of a chain, in one topic.

    Volatilities are in per cent a year, "0" where there is no such price. The greeks are the venue's:
    ``delta`` and ``gamma`` for 1 of the underlying, ``vega`` for a point of volatility, ``theta`` for a day,
    ``rho`` for a point of ``rate``, which is a fraction a year. ``underlying`` is the venue's name for what
    it is priced off. ``ts_exchange`` and ``ts_received`` are when volatilities and greeks were told.
    """

    symbol: str
    bid: Text = UNSET
    bid_qty: Text = UNSET
    ask: Text = UNSET
    ask_qty: Text = UNSET
    last: Text = UNSET
    volume: Text = UNSET
    mark: Text = UNSET
    index: Text = UNSET
    open_interest: Text = UNSET
    open_interest_unit: Literal["base", "contracts", "quote"] | UnsetType = UNSET
    bid_iv: Text = UNSET
    ask_iv: Text = UNSET
    mark_iv: Text = UNSET
    delta: Text = UNSET
    gamma: Text = UNSET
    vega: Text = UNSET
    theta: Text = UNSET
    rho: Text = UNSET
    underlying: Text = UNSET
    underlying_price: Text = UNSET
    rate: Text = UNSET
    ts_exchange: Number = UNSET
    ts_received: Number = UNSET
