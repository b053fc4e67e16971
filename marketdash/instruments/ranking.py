"""How well an instrument answers what was typed: exact, then prefix, suffix, substring. Pure.

``core/search.js`` ranks by the same law in the page.
"""

from __future__ import annotations

import functools
import heapq
import math
from collections.abc import Iterable, Sequence
from typing import Any

from feeds.symbols import derivatives_of
from marketdash.instruments.search import plain, words

_REMEMBERED = 20_000


def rank(searched: Sequence[str], typed: Iterable[str]) -> float:
    """0 is best, infinite: it does not answer. Of equal fields the earlier one wins. All are plain texts."""
    return sum(min(_of(field, word) + place / 100 for place, field in enumerate(searched)) for word in typed)


def _of(field: str, word: str) -> float:
    if field == word:
        return 0
    if field.startswith(word):
        return 1
    if field.endswith(word):
        return 2
    return 3 if word in field else math.inf


def best(typed: str, known: Iterable[Any], limit: int) -> list[Any]:
    """Of what a page may list, as the catalogue has it, the best answers; of equal ones contracts come after
    what they are of, and the others in the order given."""
    asked = words(typed)
    ranked = (
        (
            (rank(_fields(each), asked), bool(derivatives_of(each.kind)), at, each)
            for at, each in enumerate(known)
        )
        if asked
        else ()
    )
    return [each for at, _, _, each in heapq.nsmallest(limit, ranked) if at < math.inf]


@functools.lru_cache(maxsize=_REMEMBERED)
def _fields(each: Any) -> tuple[str, ...]:
    own = (each.base, each.base + each.quote, each.native, each.symbol, each.quote)
    aliases = (field for name in each.names for field in (name, name + each.quote))
    return tuple(map(plain, (*own, each.venue, each.venue_title, each.kind, *aliases)))
