"""Which formats a header can be, by the names of its columns in any order. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from marketdash.portfolios.imports.declared import Format

_ZONE = re.compile(r"\(?\b(?:utc|gmt)\b\s*(?:([+\-−])\s*(\d{1,2})(?::?(\d{2}))?)?\)?", re.IGNORECASE)
_IN_NAME = re.compile(r"\s*\(\s*(?:utc|gmt)[^)]*\)", re.IGNORECASE)


def plain(name: str) -> str:
    """A column's name without case, underscores, asterisks, and the time zone that it may carry."""
    return " ".join(_IN_NAME.sub("", name).replace("_", " ").replace("*", " ").lower().split())


def columns(header: Iterable[str]) -> list[str]:
    """Plain names, each once: the second ``cur.`` is ``cur. 2``."""
    seen: Counter[str] = Counter()
    found = []
    for name in map(plain, header):
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return found


def zone(text: str) -> int | None:
    """Minutes east of UTC that a text names: ``Date(UTC+7)``, ``Time Zone:UTC+3``; else None."""
    found = _ZONE.search(text)
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    total = int(hours or 0) * 60 + int(minutes or 0)
    return None if total > 14 * 60 else (total if sign == "+" else -total)


def fits(format: Format, names: Sequence[str]) -> bool:
    there = set(names)
    needed = (format.columns[meaning] for meaning in format.needs)
    return all(not there.isdisjoint(each) for each in needed) and there.isdisjoint(format.never)


def candidates(header: Sequence[str], formats: Iterable[Format]) -> list[Format]:
    """All that fit. Two or more: somebody has to say which."""
    names = columns(header)
    return [each for each in formats if fits(each, names)]
