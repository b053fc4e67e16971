"""What a row of a portfolio carries. Pure."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from marketdash.live.rows import Closed, Number, Step, Text


class FigureItem(Closed):
    """A sum of the ``known`` parts; of the ``unknown`` ones nobody can say."""

    value: str
    unknown: int
    known: int


class HoldingItem(Closed):
    """One asset in all ``accounts`` (number, quantity). An update carries what changed of it.

    In the portfolio's currency: ``cost`` and ``average`` (of one) of what has a known cost, ``price`` of
    one, ``value``, ``gain``, ``day`` (against the prices of a day ago). What nobody can say is null.
    ``unknown``: how much has no known cost. ``path`` and ``by``: the way to its price, and the markets on it;
    the oldest of them said its price at ``ts_received``. Its weight is value by total, its gain in per cent
    of the cost's amount.

    By a link without amounts: ``weight`` (of 1), ``gain_pct``, ``day_pct``, and whether it is ``partly`` of
    unknown cost, in place of all quantities and sums.
    """

    asset: str
    accounts: list[tuple[int, str]] | UnsetType = UNSET
    quantity: Text = UNSET
    average: Text | None = UNSET
    cost: Text = UNSET
    unknown: Text = UNSET
    price: Text | None = UNSET
    value: Text | None = UNSET
    gain: Text | None = UNSET
    day: Text | None = UNSET
    live: bool | UnsetType = UNSET
    path: Text = UNSET
    by: list[str] | UnsetType = UNSET
    ts_received: Number | None = UNSET
    weight: Text | None = UNSET
    gain_pct: Text | None = UNSET
    day_pct: Text | None = UNSET
    partly: bool | UnsetType = UNSET


class PositionItem(Closed):
    """Contracts of instrument ``name`` in one account. ``opened`` and ``mark`` are its prices; ``value`` is
    all that is still to come, ``gain`` what of it is unrealised, both in the portfolio's currency.

    By a link without amounts: the ``nth`` line of this name, and its ``weight``.
    """

    name: str
    account: Number = UNSET
    nth: Number = UNSET
    weight: Text | None = UNSET
    asset: Text = UNSET
    quantity: Text = UNSET
    opened: Text | None = UNSET
    mark: Text | None = UNSET
    value: Text | None = UNSET
    gain: Text | None = UNSET
    day: Text | None = UNSET
    live: bool | UnsetType = UNSET
    ts_received: Number | None = UNSET


class PortfolioRow(Step, kw_only=True):
    """``state`` live: ``total`` is all of it at live prices. Else ``missing`` has no value, or ``stale`` an
    old one; of ``uncosted`` a part has no known cost.

    ``fills`` grows when one of its fills is new or another than it was: there are more at the REST API.
    A line is ``ts`` - ``ts_received`` + ``age_us`` old, then grows older. ``day`` in per cent is of
    ``total`` - ``day``. By a link without amounts ``gain_pct`` and ``day_pct`` are all there is of sums.
    """

    id: int
    ts: int
    base: Text = UNSET
    method: Text = UNSET
    total: Text = UNSET
    unrealised: FigureItem | UnsetType = UNSET
    realised: FigureItem | UnsetType = UNSET
    income: FigureItem | UnsetType = UNSET
    fees: FigureItem | UnsetType = UNSET
    funding: FigureItem | UnsetType = UNSET
    day: FigureItem | UnsetType = UNSET
    gain_pct: Text | None = UNSET
    day_pct: Text | None = UNSET
    missing: list[str] | UnsetType = UNSET
    stale: list[str] | UnsetType = UNSET
    uncosted: list[str] | UnsetType = UNSET
    holdings: list[HoldingItem] | UnsetType = UNSET
    positions: list[PositionItem] | UnsetType = UNSET
    fills: Number = UNSET
