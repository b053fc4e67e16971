"""What contracts have beside prices, as OpenAPI tells it."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema
from pydantic import Field

from marketdash.api.shapes import MAX_TICKERS, Answer, Name, Row


class MarksAsked(Schema):
    symbol: Annotated[list[Name], Field(max_length=MAX_TICKERS, description="None: all that have one")] = []


class Mark(Row):
    """``settle``: at what it would settle now. ``open_interest_unit``: base, contracts or quote."""

    mark: str | None = None
    index: str | None = None
    settle: str | None = None
    open_interest: str | None = None
    open_interest_unit: str | None = None
    ts_open_interest: int | None = None
    ts_exchange: int | None = None
    ts_received: int | None = None


class Funding(Row):
    """``rate``: of the position for one ``interval``, above 0: who is long pays, at ``next``."""

    rate: str | None = None
    next: int | None = None
    interval: int | None = None
    predicted: str | None = None
    ts_exchange: int | None = None
    ts_received: int | None = None


class LiquidationItem(Schema):
    """``side`` is the closing order's: who sells was long."""

    side: str
    price: str
    average: str
    qty: str
    filled: str
    ts_exchange: int


class Liquidations(Row):
    """Newest last. A venue may tell a sample alone. ``since`` when it is in this state."""

    since: int | None = None
    liquidations: list[LiquidationItem]


class Option(Row):
    """Volatilities: per cent a year, 0 where there is no such price. Greeks are the venue's: ``vega`` for a
    point of volatility, ``theta`` for a day, ``rho`` for a point of ``rate``, which is a fraction a year."""

    bid: str | None = None
    bid_qty: str | None = None
    ask: str | None = None
    ask_qty: str | None = None
    last: str | None = None
    volume: str | None = None
    mark: str | None = None
    index: str | None = None
    open_interest: str | None = None
    open_interest_unit: str | None = None
    bid_iv: str | None = None
    ask_iv: str | None = None
    mark_iv: str | None = None
    delta: str | None = None
    gamma: str | None = None
    vega: str | None = None
    theta: str | None = None
    rho: str | None = None
    underlying: str | None = None
    underlying_price: str | None = None
    rate: str | None = None
    ts_exchange: int | None = None
    ts_received: int | None = None


class Marks(Answer):
    data: list[Mark]


class Options(Answer):
    data: list[Option]


class Fundings(Answer):
    data: list[Funding]


class LiquidationsAnswer(Answer):
    data: list[Liquidations]
