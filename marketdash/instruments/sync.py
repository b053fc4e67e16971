"""A venue's own list in place of what we knew of it: what is new, renamed, back, halted or gone.

What was chosen here (enabled, channels, depth) is kept, and so is the address. Nothing is ever deleted,
because history, watchlists and bars hang on it: what is no longer listed is marked so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from feeds import symbols
from feeds.codec import QUANTO, InstrumentSpec
from marketdash.instruments import assets, history, naming, rules
from marketdash.instruments.actions import notify_on_commit
from marketdash.instruments.models import FormerSymbol, Instrument, Kind, Status, Venue

_FACTS = (
    "kind",
    "base",
    "quote",
    "settle",
    "expiry",
    "strike",
    "right",
    "tick_size",
    "lot_size",
    "contract_size",
    "status",
)
_NAMES = ("native", "symbol")
_BATCH = 200
"""SQLite bounds the number of parameters."""


class Synced(NamedTuple):
    """What one list did: how many it names, how many of each fate, and how many that we cannot carry."""

    listed: int
    new: int
    delisted: int
    refused: int
    renamed: int = 0
    relisted: int = 0
    halted: int = 0


@transaction.atomic
def upsert(name: str, title: str, specs: Iterable[InstrumentSpec]) -> Synced:
    """Take over the whole list of one venue, in one transaction. An empty list changes nothing."""
    venue, _ = Venue.objects.get_or_create(name=name, defaults={"title": title})
    specs, known = list(specs), assets.Assets()
    carried = [spec for spec in specs if not _is_quanto(spec, partial(known.meaning, venue.pk))]
    listed = {row.symbol: row for spec in carried if (row := _row(venue, spec))}
    refused = len(specs) - len(listed)
    if not listed:
        return Synced(0, 0, 0, refused)
    kept = {row.symbol: row for row in venue.instruments.select_for_update().select_related("venue")}
    fresh = [row for symbol, row in listed.items() if symbol not in kept]
    gone = [row for symbol, row in kept.items() if symbol not in listed and row.status != Status.DELISTED]
    assets.settle([*listed.values(), *gone])
    pairs = _renamed(gone, fresh)
    changes = [(row, _changed(row, listed[symbol])) for symbol, row in kept.items() if symbol in listed]
    changes += [(row, _changed(row, pairs[row.pk])) for row in gone if row.pk in pairs]
    changes += [(row, {"status": (row.status, Status.DELISTED)}) for row in gone if row.pk not in pairs]
    fresh = [row for row in fresh if row not in pairs.values()]
    _save(venue, changes, fresh)
    if fresh:
        rules.look_again(venue)
    notify_on_commit()
    return _counted(len(listed), len(fresh), refused, changes)


def _row(venue: Venue, spec: InstrumentSpec) -> Instrument | None:
    """``None`` where the venue lists something that we cannot carry: a name or a size out of bounds."""
    try:
        symbol = symbols.instrument_name(venue.name, spec.native)
        sizes = (spec.tick_size, spec.lot_size, spec.contract_size, *filter(None, [spec.strike]))
        if not all(symbols.number(size) > 0 for size in sizes):
            return None
    except (symbols.InvalidName, symbols.InvalidNumber):
        return None
    if spec.kind not in Kind.values or spec.status not in Status.values or not spec.base or not spec.quote:
        return None
    facts = {name: getattr(spec, name) for name in _FACTS if name != "expiry"}
    for name in ("base", "quote", "settle"):
        facts[name] = facts[name][:32]
    expiry = datetime.fromtimestamp(spec.expiry_us / 1e6, UTC) if spec.expiry_us else None
    return Instrument(venue=venue, native=spec.native, symbol=symbol, expiry=expiry, **facts)


def _is_quanto(spec: InstrumentSpec, meaning: Callable[[str], str]) -> bool:
    """Paid in a third thing, at a rate of its own that no size here tells: what it gains would be wrong by a
    price. By the venue's word; where it has none, paid in another asset than what it is of or priced in."""
    if not symbols.derivatives_of(spec.kind) or spec.pays:
        return spec.pays == QUANTO
    return bool(spec.settle) and meaning(spec.settle) not in map(meaning, (spec.base, spec.quote))


def _changed(row: Instrument, listed: Instrument) -> dict[str, tuple[Any, Any]]:
    return history.differences(row, {name: getattr(listed, name) for name in (*_NAMES, *_FACTS)})


def _renamed(gone: list[Instrument], fresh: list[Instrument]) -> dict[int, Instrument]:
    """Row that is gone → its new name: where one goes and one comes that is the same in all but its name.

    Codes are compared as the assets that they stand for, so an alias makes a rename known (MATIC is POL).
    """
    leaving, coming = _by_identity(gone), _by_identity(fresh)
    return {
        rows[0].pk: coming[identity][0]
        for identity, rows in leaving.items()
        if len(rows) == 1 and len(coming.get(identity, ())) == 1
    }


def _by_identity(rows: Iterable[Instrument]) -> dict[tuple[object, ...], list[Instrument]]:
    found: dict[tuple[object, ...], list[Instrument]] = {}
    for row in rows:
        if row.base_asset_id and row.quote_asset_id:
            parts = (row.kind, row.base_asset_id, row.quote_asset_id, row.expiry, row.strike, row.right)
            found.setdefault(parts, []).append(row)
    return found


Changes = list[tuple[Instrument, dict[str, tuple[Any, Any]]]]


def _save(venue: Venue, changes: Changes, fresh: list[Instrument]) -> None:
    _write([(row, changed) for row, changed in changes if set(changed) - {"status"}])
    for status in Status.values:
        ids = [row.pk for row, changed in changes if changed.get("status", ("", ""))[1] == status]
        for start in range(0, len(ids), _BATCH):
            found = Instrument.objects.filter(pk__in=ids[start : start + _BATCH])
            found.update(status=status, delisted_at=timezone.now() if status == Status.DELISTED else None)
    naming.give_slugs(fresh)
    Instrument.objects.bulk_create(fresh, batch_size=_BATCH)
    by = history.venue_list(venue.title)
    history.record(by, [(row, changed) for row, changed in changes if changed])


def _write(changes: Changes) -> None:
    former = [
        FormerSymbol(symbol=changed["symbol"][0], instrument=row)
        for row, changed in changes
        if "symbol" in changed
    ]
    for row, changed in changes:
        for name, (_, new) in changed.items():
            setattr(row, name, new)
    rows = [row for row, _ in changes]
    assets.settle(rows)
    settled = ["base_asset", "quote_asset", "searched"]
    Instrument.objects.bulk_update(rows, [*_NAMES, *_FACTS, *settled], batch_size=_BATCH // 4)
    FormerSymbol.objects.filter(symbol__in=[each.symbol for each in former]).delete()
    FormerSymbol.objects.bulk_create(former, batch_size=_BATCH)


def _counted(listed: int, new: int, refused: int, changes: Changes) -> Synced:
    fates = [changed["status"] for _, changed in changes if "status" in changed]
    return Synced(
        listed,
        new,
        delisted=sum(now == Status.DELISTED for _, now in fates),
        refused=refused,
        renamed=sum("symbol" in changed for _, changed in changes),
        relisted=sum(was == Status.DELISTED for was, _ in fates),
        halted=sum(now == Status.HALTED for _, now in fates),
    )
