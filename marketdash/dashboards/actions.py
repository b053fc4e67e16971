"""Every write to watchlists: bounded, validated, and only ever of what the caller may change.

Each function takes a list that came through :func:`marketdash.access.changeable`. A list's row is locked
while its items change, so two tabs that write at once follow one another.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max, Model, QuerySet

from marketdash.dashboards.models import NAME_LENGTH, Watchlist, WatchlistItem
from marketdash.dashboards.ordering import arranged
from marketdash.instruments.models import Instrument

MAX_LISTS, MAX_ITEMS = 50, 500
FIRST_NAME = "Favourites"
_AT_ONCE = 400  # SQLite bounds the number of parameters


class Refused(ValueError):
    """What was asked cannot be; ``field`` is what it was about, the message what was expected and found."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(f"{field}: {words}")
        self.field, self.words = field, words


@transaction.atomic
def create(owner: Any, name: str) -> Watchlist:
    """A new list after the others. ``owner`` None: a shared one."""
    held = Watchlist.objects.filter(owner=owner)
    lock(owner)
    if held.count() >= MAX_LISTS:
        raise Refused("name", f"expected at most {MAX_LISTS} lists; delete one first")
    return Watchlist.objects.create(owner=owner, name=_free(name, held), place=_next(held))


@transaction.atomic
def rename(watchlist: Watchlist, name: str) -> None:
    others = Watchlist.objects.filter(owner=watchlist.owner).exclude(pk=watchlist.pk)
    watchlist.name = _free(name, others)
    watchlist.save(update_fields=["name"])


def delete(watchlist: Watchlist) -> None:
    watchlist.delete()


@transaction.atomic
def order_lists(owner: Any, asked: Iterable[int]) -> None:
    lock(owner)
    _arrange(Watchlist.objects.filter(owner=owner), "pk", asked)


@transaction.atomic
def add(watchlist: Watchlist, names: Iterable[str]) -> int:
    """Append instruments by their full names; how many were not in it. One that is unknown refuses all."""
    items = _locked(watchlist).items
    wanted = list(dict.fromkeys(names))
    found = _instruments(wanted)
    if missing := [name for name in wanted if name not in found]:
        raise Refused("symbol", f"expected an instrument that is listed here, found {missing[0]!r:.80}")
    held = set(items.values_list("instrument_id", flat=True))
    new = [found[name] for name in wanted if found[name] not in held]
    if len(held) + len(new) > MAX_ITEMS:
        raise Refused("symbol", f"expected at most {MAX_ITEMS} in a list, found {len(held) + len(new)}")
    start = _next(items)
    WatchlistItem.objects.bulk_create(
        WatchlistItem(watchlist=watchlist, instrument_id=key, place=start + at) for at, key in enumerate(new)
    )
    return len(new)


@transaction.atomic
def remove(watchlist: Watchlist, name: str) -> int | None:
    """Which place it had, so that it can be put back there; None: it was not in it."""
    held = list(_locked(watchlist).items.values_list("instrument__symbol", flat=True))
    if name not in held:
        return None
    watchlist.items.filter(instrument__symbol=name).delete()
    return held.index(name)


@transaction.atomic
def restore(watchlist: Watchlist, name: str, place: int) -> None:
    """Put back what was removed."""
    if add(watchlist, [name]):
        held = list(watchlist.items.values_list("instrument__symbol", flat=True))
        order_items(watchlist, [*held[:-1][:place], name, *held[:-1][place:]])


@transaction.atomic
def order_items(watchlist: Watchlist, asked: Iterable[str]) -> None:
    """By full names; what the asker did not know of stays behind the one that it followed."""
    _arrange(_locked(watchlist).items.all(), "instrument__symbol", asked)


@transaction.atomic
def move(watchlist: Watchlist, name: str, by: int) -> None:
    """One item up or down by so many places, as far as there are any."""
    held = list(_locked(watchlist).items.values_list("instrument__symbol", flat=True))
    if name in held:
        at = held.index(name)
        held.insert(max(0, at + by), held.pop(at))
        order_items(watchlist, held)


@transaction.atomic
def first(owner: Any) -> Watchlist:
    """The list that a star fills where none is open: the top one, made when there is none."""
    lock(owner)
    return Watchlist.objects.filter(owner=owner).first() or create(owner, FIRST_NAME)


def _instruments(names: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    names = [name for name in names if "\0" not in name]  # PostgreSQL would not be asked for it
    for start in range(0, len(names), _AT_ONCE):
        rows = Instrument.objects.filter(symbol__in=names[start : start + _AT_ONCE])
        found.update(rows.values_list("symbol", "pk"))
    return found


def unknown(names: Iterable[str]) -> list[str]:
    """Those that are no instruments of ours, followed or not."""
    asked = list(names)
    found = _instruments(asked)
    return [name for name in asked if name not in found]


def lock(owner: Any) -> None:
    """Whose things are being counted or arranged: two requests of one person follow one another."""
    if owner is not None:
        get_user_model().objects.select_for_update().get(pk=owner.pk)


def _locked(watchlist: Watchlist) -> Watchlist:
    return Watchlist.objects.select_for_update(of=("self",)).get(pk=watchlist.pk)


def _arrange(held: QuerySet, field: str, asked: Iterable[Any]) -> None:
    rows: dict[Any, Model] = {}
    for row in held.select_related("instrument") if field.startswith("instrument") else held:
        rows[row.instrument.symbol if field.startswith("instrument") else row.pk] = row
    order = [rows[key] for key in arranged(list(rows), asked)]
    changed = [row for place, row in enumerate(order) if row.place != place]
    for place, row in enumerate(order):
        row.place = place
    held.model.objects.bulk_update(changed, ["place"], batch_size=100)


def _next(rows: Any) -> int:
    last = rows.aggregate(last=Max("place"))["last"]
    return 0 if last is None else last + 1


def line_of(name: str) -> str:
    """A name as it is kept: one line, printable."""
    kept = " ".join(name.split())
    if not 0 < len(kept) <= NAME_LENGTH or not kept.isprintable():
        raise Refused("name", f"expected 1 to {NAME_LENGTH} printable characters, found {name!r:.80}")
    return kept


def _free(name: str, others: QuerySet[Watchlist]) -> str:
    """The same, and no other list's."""
    kept = line_of(name)
    if others.filter(name=kept).exists():
        raise Refused("name", f"expected one that is not in use, found {kept!r}")
    return kept
