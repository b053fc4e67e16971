"""Finding an instrument by any part of its name: words in any order, aliases, any separators. Pure.

Each instrument keeps one text of all that it may be called (``searched``), so that a search among tens of
thousands is one pass over one column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_SEPARATORS = re.compile(r"[\s\0/\-_.:]+")
_GROUPS = re.compile("(?<=[0-9])[,'\u2019\u202f\u00a0](?=[0-9])")
"""What people write between the digits of a number; a plain space parts words."""
_MOST_WORDS = 8
"""A pasted page is no search; each word is one comparison per row."""


def plain(text: str) -> str:
    """Upper case, without what stands between the parts of a name: ``sol/eur`` → ``SOLEUR``."""
    return _SEPARATORS.sub("", text).upper()


def words(typed: str) -> list[str]:
    """What all have to be found; ``60,000`` is ``60000``, whatever stands between its digits."""
    found = (plain(word) for word in _GROUPS.sub("", typed).split())
    return list(dict.fromkeys(word for word in found if word))[:_MOST_WORDS]


def text(row: Any, bases: Iterable[str], quotes: Iterable[str], titles: Iterable[str] = ()) -> str:
    """All that ``row`` may be called: ``bases`` and ``quotes`` are the codes of its assets, aliases included,
    ``titles`` their names in words."""
    bases, quotes = list(dict.fromkeys(bases)), list(dict.fromkeys(quotes))
    pairs = (base + quote for base in bases for quote in quotes)
    parts = (row.symbol, row.native, row.venue.title, row.kind, *bases, *quotes, *pairs, *titles)
    return " ".join(dict.fromkeys(filter(None, map(plain, parts))))
