"""How well an instrument answers what was typed: exact, then prefix, suffix, substring. Pure.

``core/search.js`` ranks by the same law in the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence


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
