"""Every write to the catalogue. Each one tells the running processes when it is committed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db import transaction

from feeds import symbols
from feeds.codec import InstrumentSpec
from marketdash import publish
from marketdash.instruments.models import Asset, Instrument, Kind, Status, Venue, hashed_slug
from marketdash.instruments.starter import ASSETS, STARTERS

_FROM_VENUE = ["kind", "base", "quote", "settle", "tick_size", "lot_size", "status"]


class Synced(NamedTuple):
    """What one synchronisation did: rows listed, new among them, gone from the venue, not usable."""

    listed: int
    new: int
    delisted: int
    refused: int


def notify_on_commit() -> None:
    """The worker and every web process read the configuration again."""
    transaction.on_commit(lambda: publish.notify("configure"))


@transaction.atomic
def add_starters(venues: Mapping[str, str]) -> int:
    """List and enable the starter set of ``venues`` (name to title); the number of new instruments.

    A venue that has instruments already is left as its operator made it.
    """
    Asset.objects.bulk_create([Asset(code=c, title=t) for c, t in ASSETS.items()], ignore_conflicts=True)
    added = 0
    for name, title in venues.items():
        venue, _ = Venue.objects.get_or_create(name=name, defaults={"title": title})
        if not venue.instruments.exists():
            added += _add_starters(venue)
    notify_on_commit()
    return added


def _add_starters(venue: Venue) -> int:
    rows = STARTERS.get(venue.name, ())
    for row in rows:
        Instrument(
            venue=venue,
            native=row.native,
            kind=row.kind,
            base=row.base,
            quote=row.quote,
            tick_size=row.tick_size,
            lot_size=row.lot_size,
            book_depth=row.depth,
            enabled=True,
        ).save()
    return len(rows)


@transaction.atomic
def upsert(name: str, title: str, specs: Iterable[InstrumentSpec]) -> Synced:
    """Put a venue's own list in place of what we knew of it, in one transaction.

    What was chosen here (enabled, channels, depth) is kept. What the venue no longer lists is marked
    delisted, never deleted: history hangs on it.
    """
    venue, _ = Venue.objects.get_or_create(name=name, defaults={"title": title})
    known = dict(venue.instruments.values_list("symbol", "slug"))
    taken = set(Instrument.objects.values_list("slug", flat=True))
    specs = list(specs)
    rows = {row.symbol: row for spec in specs if (row := _row(venue, spec, known, taken))}
    Instrument.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["symbol"], update_fields=_FROM_VENUE
    )
    delisted = _delist(venue, set(known) - set(rows)) if rows else 0
    notify_on_commit()
    return Synced(len(rows), len(rows.keys() - known.keys()), delisted, len(specs) - len(rows))


def _row(venue: Venue, spec: InstrumentSpec, known: dict[str, str], taken: set[str]) -> Instrument | None:
    """``None`` where the venue lists something that we cannot carry: a name or a size out of bounds."""
    try:
        symbol = symbols.instrument_name(venue.name, spec.native)
        if not all(symbols.number(size) > 0 for size in (spec.tick_size, spec.lot_size)):
            return None
    except (symbols.InvalidName, symbols.InvalidNumber):
        return None
    if spec.kind not in Kind.values or spec.status not in Status.values:
        return None
    return Instrument(
        venue=venue,
        native=spec.native,
        symbol=symbol,
        slug=known.get(symbol) or _new_slug(symbol, taken),
        kind=spec.kind,
        base=spec.base[:32],
        quote=spec.quote[:32],
        settle=spec.settle[:32],
        tick_size=spec.tick_size,
        lot_size=spec.lot_size,
        status=spec.status,
    )


def _new_slug(symbol: str, taken: set[str]) -> str:
    plain = symbols.slug(symbol)
    chosen = hashed_slug(symbol) if plain in taken else plain
    taken.add(chosen)
    return chosen


def _delist(venue: Venue, gone: set[str]) -> int:
    rows = venue.instruments.exclude(status=Status.DELISTED).values_list("id", "symbol")
    ids = [row_id for row_id, symbol in rows if symbol in gone]
    for start in range(0, len(ids), 500):  # SQLite bounds the number of parameters
        Instrument.objects.filter(id__in=ids[start : start + 500]).update(status=Status.DELISTED)
    return len(ids)


@transaction.atomic
def set_enabled(names: Iterable[str], *, enabled: bool) -> list[str]:
    """Follow these, or stop; the names that exist. The caller reports the others."""
    rows = Instrument.objects.filter(symbol__in=list(names))
    found = list(rows.values_list("symbol", flat=True))
    rows.update(enabled=enabled)
    notify_on_commit()
    return found
