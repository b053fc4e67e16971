"""What is answered of portfolios. Numbers are text with all their digits; null is what nobody can say."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from marketdash.api.shapes import LARGEST, MAX_PAGE, Name

Text = str | None


class NothingAsked(Schema):
    pass


class LotsAsked(Schema):
    asset: Annotated[
        Name, Field(description="Of one asset, by its code, or of contracts, by their full name; none: all")
    ] = ""


class EntriesAsked(Schema):
    after: Annotated[int, Field(ge=0, le=LARGEST, description="What the page before gave as next")] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 100


class FillsAsked(EntriesAsked):
    pass


class Portfolio(Schema):
    """``own``: else it is shown to you by its ``owner``."""

    id: int
    name: str
    base: str
    method: str
    owner: str
    own: bool


class Portfolios(Schema):
    data: list[Portfolio]


class Account(Schema):
    id: int
    name: str
    venue: Text


class Figure(Schema):
    """A sum of the ``known`` parts; of the ``unknown`` ones nobody can say."""

    value: str
    unknown: int
    known: int


class Holding(Schema):
    """One asset; ``accounts`` are number and quantity. Money is in the portfolio's currency. ``price`` is of
    one, by the markets in ``by``, of which the oldest spoke at ``ts_received``."""

    asset: str
    accounts: list[tuple[int, str]]
    quantity: str
    average: Text
    cost: str
    unknown: str
    price: Text
    value: Text
    weight: Text
    gain: Text
    gain_pct: Text
    day: Text
    live: bool
    path: str
    by: list[str]
    ts_received: int | None


class Position(Schema):
    """Contracts in one account: ``value`` is all that is still to come of them."""

    name: str
    account: int
    asset: str
    quantity: str
    opened: Text
    mark: Text
    value: Text
    weight: Text
    gain: Text
    day: Text
    live: bool
    ts_received: int | None


class Sums(Schema):
    """``ts`` is the moment, in microseconds; ``reason`` says what of ``total`` is not live, or not there."""

    ts: int
    base: str
    state: Literal["live", "stale"]
    reason: str
    total: str
    unrealised: Figure
    realised: Figure
    income: Figure
    fees: Figure
    funding: Figure
    day: Figure
    day_pct: Text
    missing: list[str]
    stale: list[str]
    uncosted: list[str]


class Worth(Sums):
    """``state`` live: the total is all of it at live prices; else ``reason`` says what is not. ``ts`` is the
    moment, in microseconds."""

    id: int
    method: str
    accounts: list[Account]
    holdings: list[Holding]
    positions: list[Position]


class PortfolioAnswer(Schema):
    data: Worth


class CrossRate(Schema):
    """One of a ``currency`` is ``rate`` of the common one, by the markets in ``by``, of which the oldest
    spoke at ``ts_received``."""

    currency: str
    rate: str
    live: bool
    path: str
    by: list[str]
    ts_received: int


class Total(Sums):
    """Sums of ``portfolios``, in ``base``; what those of another currency come to is turned by one of
    ``rates``, gains too. ``state`` live: it is all of it at live prices and rates; else ``reason`` says what
    is not. ``missing`` and ``stale`` are assets, and currencies whose rate is not there, or not live."""

    portfolios: int
    rates: list[CrossRate]


class TotalAnswer(Schema):
    data: Total


class Lot(Schema):
    """``entry`` is the one that opened it, at ``opened``. Of contracts ``asset`` is the full name: they have
    a ``price``, in what they settle in, and no cost."""

    account: int
    asset: str
    quantity: str
    cost: Text
    opened: int
    entry: int
    price: Text = None


class Lots(Schema):
    data: list[Lot]


class LegShape(Schema):
    """``instrument`` and its terms are of contracts alone."""

    account: int
    asset: str
    amount: str
    role: str
    worth: Text
    worth_currency: Text
    instrument: str = ""
    price: Text = None
    multiplier: Text = None
    inverse: bool = False


class RateShape(Schema):
    asset: str
    currency: str
    rate: str
    source: str


class EntryShape(Schema):
    """``counts``: it is neither a reversal nor reversed. ``corrects``: in whose place it stands."""

    id: int
    time: int
    kind: str
    account: int
    counts: bool
    corrects: int | None
    source: str
    reference: str
    note: str
    recorded: int
    legs: list[LegShape]
    rates: list[RateShape]


class Entries(Schema):
    data: list[EntryShape]
    next: int | None


class FeePaid(Schema):
    """Above 0 it was paid."""

    asset: str
    amount: str


class FillShape(Schema):
    """Numbers are the exchange's own digits; times are microseconds, ``acknowledged`` and ``ts_exchange`` by
    its clock. ``bid`` and ``ask`` are the best ones as they stood here just before, ``quote_age_us`` old, or
    ``no_quote`` says why they are not known. ``slippage`` above 0 is worse than they were. Without an
    ``entry`` it ``waits``, for that reason."""

    id: int
    account: int
    entry: int | None
    symbol: str
    trade_id: str
    order_id: Text
    side: Literal["buy", "sell"] | str
    price: str
    qty: str
    cost: Text
    base: str
    quote: str
    fees: list[FeePaid]
    liquidity: Text
    sources: list[Literal["stream", "list", "file"]]
    ts_exchange: int
    ts_received: int
    acknowledged: int | None
    latency_us: int | None
    bid: Text
    ask: Text
    quote_age_us: int | None
    no_quote: Text
    slippage: Text
    slippage_bp: Text
    waits: Text


class Fills(Schema):
    data: list[FillShape]
    next: int | None
