"""The round that applies rules: what their spots are worth is read here, and what they choose is switched."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import close_old_connections
from django.utils import timezone

from feeds import symbols
from marketdash import publish, venues
from marketdash.instruments import rules
from marketdash.instruments.rule_models import Rule

EVERY_S, LISTS_S = 5.0, 900.0
"""How soon a rule that was changed is applied; how often the lists of venues that have rules are fetched."""
_READ_S = 2.0


async def follow() -> None:
    """Apply every rule that is due."""
    found = await _due()
    if not found:
        return
    spots = await _spots({rule.spot.symbol for rule in found if rule.spot is not None})
    for rule in found:
        spot = spots.get(rule.spot.symbol) if rule.spot is not None else None
        await sync_to_async(rules.apply, thread_sensitive=False)(rule, spot)


@sync_to_async(thread_sensitive=False)
def _due() -> list[Rule]:
    close_old_connections()
    return list(rules.due(timezone.now()))


async def _spots(names: Iterable[str]) -> dict[str, Decimal]:
    """Of those that have a live price: the middle of bid and ask, else the last."""
    topics = {symbols.topic(symbols.TICKER, name): name for name in names}
    rows = await publish.read(list(topics), _READ_S)
    prices = {topics[topic]: price_of(row) for topic, row in rows.items() if topic in topics}
    return {name: price for name, price in prices.items() if price is not None}


def price_of(row: publish.Row) -> Decimal | None:
    if row.state != "live":
        return None
    bid, ask, last = (row.body.get(name) or "" for name in ("bid", "ask", "last"))
    if bid and ask:
        return (Decimal(bid) + Decimal(ask)) / 2
    return Decimal(last) if last else None


@sync_to_async(thread_sensitive=False)
def refresh_lists() -> None:
    """New strikes and expiries are listed all day: whoever follows them by rule asks for them."""
    close_old_connections()
    names = set(Rule.objects.filter(enabled=True).values_list("venue__name", flat=True))
    if known := sorted(names & venues.titles().keys()):
        call_command("sync_instruments", "--quiet", venue=known)
