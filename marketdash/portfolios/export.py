"""A portfolio's tables as CSV and as JSON: every digit; in CSV no cell that a spreadsheet would compute."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from marketdash.instruments import csvfile, display
from marketdash.portfolios.accounting import exact
from marketdash.portfolios.executions import queries
from marketdash.portfolios.models import Fill, Leg, Portfolio
from marketdash.portfolios.valuing.summary import Summary

HOLDINGS = (
    *("asset", "quantity", "accounts", "average_cost", "cost", "quantity_of_unknown_cost", "price"),
    *("price_path", "price_age_s", "price_live", "value", "weight", "gain", "gain_percent", "change_24h"),
    *("currency", "as_of"),
)
ENTRIES = (
    *("entry", "time", "kind", "account", "leg_account", "role", "amount", "asset", "worth"),
    *("worth_currency", "instrument", "price", "multiplier", "inverse", "source", "reference", "note"),
    *("corrects", "recorded"),
)


FILLS = (
    *("fill", "time", "account", "symbol", "trade_id", "order_id", "side", "price", "quantity", "base"),
    *("quote", "cost", "liquidity", "fees", "sources", "bid", "ask", "quote_age_us", "no_quote", "slippage"),
    *("slippage_bp", "latency_us", "entry", "waits", "received"),
)
_NUMBERS = frozenset({"price", "qty", "cost", "bid", "ask", "slippage", "slippage_bp"})


class Table(NamedTuple):
    """The same cells in every form; what nobody can say is empty."""

    header: tuple[str, ...]
    rows: Iterable[Iterable[object]]

    def csv(self) -> str:
        return csvfile.table(self.header, self.rows)

    def json(self) -> str:
        """An object a row; numbers are text, because readers take others for binary fractions."""
        rows = (dict(zip(self.header, (_told(cell) for cell in row), strict=True)) for row in self.rows)
        return json.dumps(list(rows), ensure_ascii=False, indent=0)


def _told(cell: object) -> str | None:
    return str(cell) if cell != "" else None


def holdings(summary: Summary, accounts: Mapping[int, str], read_us: int) -> Table:
    """Derivatives stand below, by their instrument."""
    return Table(HOLDINGS, [*_held(summary, accounts, read_us), *_opened(summary, accounts, read_us)])


def _held(summary: Summary, accounts: Mapping[int, str], read_us: int) -> Iterator[Iterable[object]]:
    for row in summary.holdings:
        parts = (f"{accounts.get(pk, '')}: {exact.plain(quantity)}" for pk, quantity in row.accounts)
        yield (
            *(row.asset, _number(row.quantity), "; ".join(parts)),
            *map(_number, (row.average, row.cost, row.unknown, row.price)),
            "" if row.rate is None else row.rate.path,
            *_standing(row.age_us, row.value is not None and not row.is_stale),
            *map(_number, (row.value, row.weight, row.gain, row.percent, row.day)),
            *(summary.base, clock(read_us)),
        )


def _opened(summary: Summary, accounts: Mapping[int, str], read_us: int) -> Iterator[Iterable[object]]:
    for row in summary.positions:
        yield (
            *(row.name, _number(row.quantity), accounts.get(row.account, "")),
            *(_number(row.opened), "", "", _number(row.mark), ""),
            *_standing(row.age_us, row.live),
            *map(_number, (row.value, row.weight, row.gain, None, row.day)),
            *(summary.base, clock(read_us)),
        )


def _standing(age_us: int | None, live: bool) -> tuple[str, str]:
    age = "" if age_us is None else exact.plain(Decimal(age_us) / 1_000_000)
    return age, "yes" if live else "no"


def entries(portfolio: Portfolio) -> Table:
    """A row for each leg, in the ledger's order; reversals and what they reversed are there too."""
    legs = Leg.objects.filter(entry__portfolio=portfolio).order_by("entry__at_us", "entry_id", "pk")
    related = ("entry__account", "account", "asset", "currency")
    return Table(ENTRIES, map(_leg, legs.select_related(*related).iterator(chunk_size=2000)))


def _leg(leg: Leg) -> tuple[Any, ...]:
    entry = leg.entry
    return (
        *(entry.pk, clock(entry.at_us), entry.kind, entry.account.name, leg.account.name, leg.role),
        *(_number(leg.amount), leg.asset.code, _number(leg.worth)),
        leg.currency.code if leg.currency is not None else "",
        *(leg.instrument, _number(leg.price), _number(leg.multiplier), "yes" if leg.inverse else "no"),
        *(entry.source, entry.reference, entry.note, entry.corrects_id or "", entry.recorded.isoformat()),
    )


def fills(portfolio: Portfolio) -> Table:
    """A row for each, the newest first; slippage above 0 is worse than the quote, below it better."""
    return Table(FILLS, map(_fill, queries.fills(portfolio).iterator(chunk_size=2000)))


def _fill(fill: Fill) -> tuple[Any, ...]:
    told = queries.body(fill)
    names = ("symbol", "trade_id", "order_id", "side", "price", "qty", "base", "quote", "cost", "liquidity")
    fees = "; ".join(f"{amount} {asset}" for asset, amount in fill.fees)
    measured = ("bid", "ask", "quote_age_us", "no_quote", "slippage", "slippage_bp", "latency_us")
    return (
        *(fill.pk, clock(fill.exchange_us), fill.account.name),
        *(_plain(name, told[name]) for name in names),
        *(fees, ", ".join(told["sources"])),
        *(_plain(name, told[name]) for name in measured),
        *(fill.entry_id or "", fill.waits, clock(fill.received_us)),
    )


def _plain(name: str, value: object) -> object:
    """A number below 0 is no formula."""
    if value is None:
        return ""
    return csvfile.Plain(value) if name in _NUMBERS and display.decimal(value) is not None else value


def clock(us: int) -> str:
    return f"{datetime.fromtimestamp(us // 1_000_000, UTC):%Y-%m-%dT%H:%M:%S}.{us % 1_000_000:06d}Z"


def _number(value: Decimal | None) -> str:
    return "" if value is None else csvfile.Plain(exact.plain(value))
