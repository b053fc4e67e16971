"""Every write to what is followed. Each one is in the history, and tells the running processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from marketdash import publish
from marketdash.instruments import assets, history
from marketdash.instruments.history import By
from marketdash.instruments.models import Alias, Asset, Instrument, Venue
from marketdash.instruments.rule_models import Rule
from marketdash.instruments.starter import ALIASES, ASSETS, RULES, STARTERS

CHANNELS = ("enabled", "ticker", "trades", "bars", "book_depth")
"""What an operator chooses of an instrument; the rest is the venue's word."""

_BATCH = 500
"""SQLite bounds the number of parameters."""


def notify_on_commit() -> None:
    """The worker and every web process read the configuration again."""
    transaction.on_commit(lambda: publish.notify("configure"))


@transaction.atomic
def add_starters(venues: Mapping[str, str]) -> int:
    """List and enable the starter set of ``venues`` (name to title); the number of new instruments.

    A venue that has instruments already is left as its operator made it. What has dates comes by rule.
    """
    Asset.objects.bulk_create([Asset(code=c, title=t) for c, t in ASSETS.items()], ignore_conflicts=True)
    rows: list[Instrument] = []
    untouched: list[Venue] = []
    for name, title in venues.items():
        venue, _ = Venue.objects.get_or_create(name=name, defaults={"title": title})
        if not venue.instruments.exists() and not Rule.objects.filter(venue=venue).exists():
            rows += _starters_of(venue)
            untouched.append(venue)
    _add_aliases(venues)
    assets.settle(rows)
    for row in rows:
        row.save()
    Rule.objects.bulk_create(_rules_of(untouched))
    if Instrument.objects.filter(base_asset=None).exists():  # rows of a release that knew no assets
        assets.settle_all()
    notify_on_commit()
    return len(rows)


def add_assets(codes: Iterable[str], of: int) -> None:
    """Of which nothing is known but what they are called: the user ``of`` holds them, and no venue here lists
    them. Those that are there stay as they are."""
    Asset.objects.bulk_create([Asset(code=code, of_id=of) for code in codes], ignore_conflicts=True)


def _starters_of(venue: Venue) -> list[Instrument]:
    return [
        Instrument(
            venue=venue,
            native=row.native,
            symbol=f"{venue.name}:{row.native}",
            kind=row.kind,
            base=row.base,
            quote=row.quote,
            tick_size=row.tick_size,
            lot_size=row.lot_size,
            book_depth=row.depth,
            settle=row.settle,
            contract_size=row.contract_size,
            enabled=True,
        )
        for row in STARTERS.get(venue.name, ())
    ]


def _rules_of(venues: Iterable[Venue]) -> list[Rule]:
    """Of venues that nobody arranged yet, where what they go by is there."""
    symbols = {rule.spot for rules in RULES.values() for rule in rules}
    spots = {row.symbol: row for row in Instrument.objects.filter(symbol__in=symbols)}
    return [
        Rule(
            venue=venue,
            kind=rule.kind,
            base=rule.base,
            within_days=rule.within_days,
            band=rule.band,
            spot=spots[rule.spot],
            trades=True,
            book_depth=rule.depth,
            most=rule.most,
        )
        for venue in venues
        for rule in RULES.get(venue.name, ())
        if rule.spot in spots
    ]


def _add_aliases(venues: Iterable[str]) -> None:
    """Those that are known, once: whoever has aliases already has made them as they should be."""
    if Alias.objects.exists():
        return
    of_venue = {venue.name: venue for venue in Venue.objects.filter(name__in=list(venues))}
    of_asset = {asset.code: asset for asset in Asset.objects.all()}
    Alias.objects.bulk_create(
        Alias(code=code, asset=of_asset[means], venue=of_venue.get(venue))
        for venue, codes in ALIASES.items()
        if not venue or venue in of_venue
        for code, means in codes.items()
    )


@transaction.atomic
def choose(rows: QuerySet[Instrument], values: Mapping[str, Any], by: By) -> int:
    """Set ``values`` (of :data:`CHANNELS`) on all of ``rows``; how many that changed."""
    found = list(rows.select_for_update(of=("self",)).order_by())
    changes = [(row, changed) for row in found if (changed := history.differences(row, values))]
    ids = [row.pk for row, _ in changes]
    for start in range(0, len(ids), _BATCH):
        Instrument.objects.filter(pk__in=ids[start : start + _BATCH]).update(**values)
    history.record(by, changes)
    if changes:
        notify_on_commit()
    return len(changes)


@transaction.atomic
def choose_named(names: Iterable[str], values: Mapping[str, Any], by: By) -> list[str]:
    """The same by full name; the names that exist. The caller reports the others."""
    wanted, found = list(dict.fromkeys(names)), []
    for start in range(0, len(wanted), _BATCH):
        rows = Instrument.objects.filter(symbol__in=wanted[start : start + _BATCH])
        found += list(rows.values_list("symbol", flat=True))
        choose(rows, values, by)
    return found


def set_enabled(names: Iterable[str], *, enabled: bool) -> list[str]:
    """Follow these, or stop, from a program; the names that exist."""
    return choose_named(names, {"enabled": enabled}, history.command_line())
