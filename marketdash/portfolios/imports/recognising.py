"""Which formats a header can be, by the names of its columns in any order. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from marketdash.portfolios.imports.declared import Format

_ZONE = re.compile(r"\(?\b(?:utc|gmt)\b\s*(?:([+\-−])\s*(\d{1,2})(?::?(\d{2}))?)?\)?", re.IGNORECASE)
_IN_NAME = re.compile(r"\s*\(\s*(?:utc|gmt)[^)]*\)", re.IGNORECASE)
_OF_MONEY = re.compile(r"(.+ )\(([a-z]{3,4})\)")
ANY_MONEY = "(*)"
"""In a format's name of a column: ``total (*)`` is ``Total (EUR)`` of one and ``Total (GBP)`` of another."""


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


def money(name: str) -> str:
    """The currency that a column's plain name ends with, "" where it has none."""
    found = _OF_MONEY.fullmatch(name)
    return found[2].upper() if found else ""


def _any_money(name: str) -> str:
    return _OF_MONEY.sub(rf"\1{ANY_MONEY}", name) if name.endswith(")") else name


def places(names: Sequence[str], wanted: Iterable[str]) -> list[int]:
    """Of the columns that carry one meaning, in the order in which they count."""
    alike = [_any_money(name) for name in names]
    return [
        at
        for each in wanted
        for at in range(len(names))
        if each == (alike if each.endswith(ANY_MONEY) else names)[at]
    ]


def fits(format: Format, names: Sequence[str]) -> bool:
    there = {*names, *map(_any_money, names)}
    needed = (format.columns[meaning] for meaning in format.needs)
    return all(not there.isdisjoint(each) for each in needed) and there.isdisjoint(format.never)


def candidates(header: Sequence[str], formats: Iterable[Format]) -> list[Format]:
    """All that fit. Two or more: somebody has to say which."""
    names = columns(header)
    return [each for each in formats if fits(each, names)]
