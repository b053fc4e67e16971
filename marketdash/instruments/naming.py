"""Addresses of instruments that come many at a time."""

from __future__ import annotations

from collections.abc import Iterable

from feeds import symbols
from marketdash.instruments.models import FormerSymbol, Instrument, hashed_slug


def give_slugs(fresh: Iterable[Instrument]) -> None:
    """Addresses that nobody has; a name that was given up and is given anew means the new one."""
    fresh = list(fresh)
    taken = set(Instrument.objects.values_list("slug", flat=True)) if fresh else set()
    for row in fresh:
        plain = symbols.slug(row.symbol)
        row.slug = hashed_slug(row.symbol) if plain in taken else plain
        taken.add(row.slug)
    names = {row.symbol for row in fresh}
    reused = [each.pk for each in FormerSymbol.objects.all() if each.symbol in names]
    FormerSymbol.objects.filter(pk__in=reused).delete()
