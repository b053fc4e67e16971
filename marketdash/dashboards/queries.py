"""What may be read of watchlists, by whom. No query here grows with the number of lists or items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Prefetch, QuerySet

from marketdash import access
from marketdash.dashboards.actions import FIRST_NAME
from marketdash.dashboards.models import Watchlist, WatchlistItem
from marketdash.dashboards.pasting import MAX_ENTRY, Book, Known
from marketdash.instruments import search
from marketdash.instruments.catalogue import aliases, listed
from marketdash.instruments.lines import Line, line, unfollowed
from marketdash.instruments.models import Instrument, Status

MOST_ANSWERS = 1000
"""Of which the best are suggested: a word that so many answer is not typed to its end."""

_ASSETS = [f"{side}{part}" for side in ("base_asset", "quote_asset") for part in ("", "__code", "__title")]
_COLUMNS = (
    *("symbol", "base", "quote", "venue__title", "kind", "enabled", "venue__enabled", "status"),
    *_ASSETS,
)


@dataclass(frozen=True)
class Shown:
    """The lists that somebody may open, the one that is open with what it holds, and what stars fill.

    ``starred`` are the names in the open list, or else in the one that a star would add to.
    """

    lists: list[Watchlist]
    open: Watchlist | None
    items: list[Line]
    target: Watchlist | None
    starred: list[str]

    @property
    def editable(self) -> bool:
        """Whether the open list is one that this person may change."""
        return self.open is not None and self.open == self.target

    @property
    def target_name(self) -> str:
        return self.target.name if self.target else FIRST_NAME

    @cached_property
    def starred_set(self) -> frozenset[str]:
        return frozenset(self.starred)

    def state(self) -> dict[str, Any]:
        """What a page compares with the server's when it is looked at again."""
        return {
            "lists": [[each.pk, each.name] for each in self.lists],
            "open": self.open.pk if self.open else None,
            "target": self.target.pk if self.target else None,
            "starred": self.starred,
        }


def lists(user: Any) -> list[Watchlist]:
    """One's own, then the shared ones; each with ``size``."""
    found = access.readable(Watchlist.objects.all(), user).annotate(size=Count("items"))
    return sorted(found, key=_by_place)


def names(watchlist: Watchlist) -> list[str]:
    """In its order."""
    return list(watchlist.items.values_list("instrument__symbol", flat=True))


def items(watchlist: Watchlist) -> list[Line]:
    """In its order and without values; those that are no longer followed say so."""
    parts = (f"instrument__{name}" for name in ("venue", "base_asset", "quote_asset"))
    rows = watchlist.items.select_related(*parts)
    return [_line(row.instrument) for row in rows]


def _line(row: Instrument) -> Line:
    is_followed = row.enabled and row.venue.enabled
    return line(listed(row), None) if is_followed else unfollowed(listed(row))


def shown(user: Any, asked: str | None) -> Shown:
    """``asked``: a key in text, ``all``, or nothing, which is the first shared list for a visitor.

    A key of somebody else's list is as unknown as one that never was: all markets are shown.
    """
    mine = lists(user)
    is_visitor = user is None or not user.is_authenticated
    chosen = next((each for each in mine if str(each.pk) == asked), None)
    if asked is None and is_visitor:
        chosen = next((each for each in mine if each.size), None)
    own = [each for each in mine if not is_visitor and each.owner_id == user.pk]
    may = chosen is not None and access.may_change(user, chosen)
    target = chosen if may else next(iter(own), None)
    held = items(chosen) if chosen else []
    starred = [each.listed.symbol for each in held] if target == chosen else names(target) if target else []
    return Shown(mine, chosen, held, target, starred)


def book() -> Book:
    """Every instrument that is listed here, as a paste is read against it."""
    return Book(_known(Instrument.objects.all()))


def suggestions(typed: str) -> list[Known]:
    """The best answers to what is being typed, among those that hold all its words."""
    rows = Instrument.objects.all()
    asked = search.words(typed[:MAX_ENTRY])
    for word in asked:
        rows = rows.filter(searched__contains=word)
    return Book(_known(rows[:MOST_ANSWERS])).suggestions(typed) if asked else []


def _known(rows: QuerySet[Instrument]) -> Iterator[Known]:
    codes = aliases()
    for row in rows.values(*_COLUMNS).iterator():
        followed = row["enabled"] and row["venue__enabled"] and row["status"] != Status.DELISTED
        base, quote = (
            tuple(filter(None, (row[f"{side}__code"], row[f"{side}__title"], *codes.get(row[side], ()))))
            for side in ("base_asset", "quote_asset")
        )
        parts = (row["symbol"], row["base"], row["quote"], row["venue__title"], row["kind"])
        yield Known(*parts, followed, base, quote)


def exported(watchlist: Watchlist) -> str:
    """One full name a line, as a paste takes it. It begins with a letter: no sheet runs it as a formula."""
    return "".join(f"{name}\n" for name in names(watchlist))


def as_rows(user: Any) -> list[dict[str, Any]]:
    """Plain values for an API: each list that somebody may read, with its instruments in order."""
    rows = WatchlistItem.objects.select_related("instrument").only("watchlist_id", "instrument__symbol")
    found = access.readable(Watchlist.objects.all(), user).prefetch_related(Prefetch("items", rows))
    return [
        {
            "id": each.pk,
            "name": each.name,
            "shared": each.owner_id is None,
            "symbols": [item.instrument.symbol for item in each.items.all()],
        }
        for each in sorted(found, key=_by_place)
    ]


def _by_place(each: Watchlist) -> tuple[bool, int, int]:
    """One's own come before the shared ones."""
    return (each.owner_id is None, each.place, each.pk)
