"""Fills as bots and files are told them: numbers are text, with all their digits."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import Max, QuerySet

from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.executions import measures
from marketdash.portfolios.models import Fill, Portfolio

Body = dict[str, Any]


def fills(portfolio: Portfolio) -> QuerySet[Fill]:
    """The newest first, by when they happened."""
    return Fill.objects.filter(account__portfolio=portfolio).select_related("account__venue", "entry")


class Last(NamedTuple):
    """``changed_us`` grows with every change of any of them; both are 0 where there are none."""

    pk: int
    changed_us: int


NONE = Last(0, 0)


def last(portfolio: Portfolio) -> Last:
    found = Fill.objects.filter(account__portfolio=portfolio).aggregate(pk=Max("pk"), at=Max("changed_us"))
    return Last(found["pk"] or 0, found["at"] or 0)


def told(portfolio: Portfolio, after: int, limit: int) -> tuple[list[Body], int | None]:
    """In the order in which they were heard of, and what to ask with for those behind."""
    found = list(fills(portfolio).filter(pk__gt=after).order_by("pk")[: limit + 1])
    kept = found[:limit]
    return [body(each) for each in kept], kept[-1].pk if len(found) > limit else None


def measured(row: Fill) -> measures.Measures:
    return measures.of(row.side, row.price, row.qty, row.bid, row.ask, row.exchange_us, row.acknowledged_us)


def sources(row: Fill) -> list[str]:
    """Who told of it: the exchange's stream, its list of trades, a file."""
    is_of_file = row.entry is not None and row.entry.imported_id is not None
    heard = (("stream", row.by_stream), ("list", row.by_rest), ("file", is_of_file))
    return [name for name, told in heard if told]


def body(row: Fill) -> Body:
    found = measured(row)
    return {
        "id": row.pk,
        "account": row.account_id,
        "entry": row.entry_id,
        "symbol": row.instrument,
        "trade_id": row.trade_id,
        "order_id": row.order_id or None,
        "side": row.side,
        "price": row.price,
        "qty": row.qty,
        "cost": row.cost or None,
        "base": row.base,
        "quote": row.quote,
        "fees": [{"asset": asset, "amount": amount} for asset, amount in row.fees],
        "liquidity": row.liquidity or None,
        "sources": sources(row),
        "ts_exchange": row.exchange_us,
        "ts_received": row.received_us,
        "acknowledged": row.acknowledged_us,
        "latency_us": found.latency_us,
        "bid": row.bid or None,
        "ask": row.ask or None,
        "quote_age_us": row.quote_age_us,
        "no_quote": row.no_quote or None,
        "slippage": None if found.slippage is None else plain(found.slippage),
        "slippage_bp": None if found.basis_points is None else plain(found.basis_points),
        "waits": row.waits or None,
    }
