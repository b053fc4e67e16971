"""Lists as people have them: one a line, comma-separated, exported from a chart site, or typed. Pure.

Every entry has a fate that is shown before anything is saved.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from marketdash.instruments.ranking import best
from marketdash.instruments.search import plain

MAX_TEXT, MAX_ENTRIES, MAX_ENTRY, MAX_CHOICES = 100_000, 500, 100, 12
ADDED, THERE, UNKNOWN, AMBIGUOUS = "added", "already there", "unknown", "ambiguous"

_CUT = re.compile(r"[,;\t|]+")
_AROUND_SLASH = re.compile(r"\s*/\s*")
_WRAPPING = "\"'`“”‘’()[]{}<>=+$@ \u200b\ufeff\xa0"
_PERPETUAL = re.compile(r"(?:\.P|[-_/ ]?PERP(?:ETUAL)?)$")


class TooMuch(ValueError):
    """More than one paste may hold; the message says how much is right."""


class Known(NamedTuple):
    """An instrument that an entry may mean. ``followed``: prices come in for it here.

    ``names`` and ``quotes`` are what else its two assets are called: XBT for BTC.
    """

    symbol: str
    base: str
    quote: str
    venue_title: str
    kind: str
    followed: bool
    names: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()

    @property
    def venue(self) -> str:
        return self.symbol.partition(":")[0]

    @property
    def native(self) -> str:
        return self.symbol.partition(":")[2]


class Line(NamedTuple):
    """One entry: ``symbol`` where it is certain, ``choices`` where it is not."""

    text: str
    fate: str
    symbol: str = ""
    choices: tuple[Known, ...] = ()


def entries(text: str) -> list[str]:
    """What the text names, each once, in its order. Headings (``###…``) and ``#`` comments name nothing."""
    if len(text) > MAX_TEXT:
        raise TooMuch(f"expected at most {MAX_TEXT:,} characters at once, found {len(text):,}")
    found: dict[str, None] = {}
    for line in text.splitlines():
        heading = line.lstrip(_WRAPPING).startswith("###")
        if heading or not line.lstrip(_WRAPPING).startswith("#"):
            pieces = _CUT.split(line)[heading:]
            found.update(dict.fromkeys(name for piece in pieces for name in _names_in(piece)))
    if len(found) > MAX_ENTRIES:
        raise TooMuch(f"expected at most {MAX_ENTRIES} entries at once, found {len(found):,}")
    return list(found)


def _names_in(piece: str) -> Iterable[str]:
    """Blanks separate too, but around a slash: no name of an instrument has one."""
    bare = (word.strip(_WRAPPING)[:MAX_ENTRY] for word in _AROUND_SLASH.sub("/", piece).split())
    return (word for word in bare if plain(word) and not word.startswith("#"))


class Book:
    """Every instrument by what people call it."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._exact: dict[str, Known] = {}
        self._upper: dict[str, Known] = {}
        self._named: defaultdict[str, dict[str, Known]] = defaultdict(dict)
        for each in known:
            self._exact[each.symbol] = each
            self._upper.setdefault(each.symbol.upper(), each)
            for name in _names(each):
                self._named[name][each.symbol] = each

    def read(self, text: str, held: Collection[str] = ()) -> list[Line]:
        """The fate of each entry of ``text`` for a list that holds ``held``."""
        lines, there = [], set(held)
        for entry in entries(text):
            line = self._fate(entry, there)
            there.add(line.symbol)
            lines.append(line)
        return lines

    def _fate(self, entry: str, there: Collection[str]) -> Line:
        found = self.meant(entry)
        if not found:
            return Line(entry, UNKNOWN)
        if len(found) > 1:
            return Line(entry, AMBIGUOUS, choices=tuple(found[:MAX_CHOICES]))
        return Line(entry, THERE if found[0].symbol in there else ADDED, found[0].symbol)

    def meant(self, entry: str) -> list[Known]:
        """Those that go by this name, the followed ones alone where there are any; a full name is certain."""
        exact = self._exact.get(entry) or self._upper.get(entry.upper())
        if exact is not None:
            return [exact]
        venue, colon, native = entry.upper().rpartition(":")
        perpetual = _PERPETUAL.sub("", native)
        found = self._under(venue, native)
        if not found and perpetual != native:
            found = [each for each in self._under(venue, perpetual) if each.kind == "perpetual"]
        return [each for each in found if each.followed] or found

    def _under(self, venue: str, native: str) -> list[Known]:
        place = plain(venue)
        named = self._named.get(plain(native), {}).values()
        return sorted(
            (each for each in named if not place or place in _venues(each)),
            key=lambda each: (not each.followed, each.symbol),
        )

    def suggestions(self, typed: str, limit: int = MAX_CHOICES) -> list[Known]:
        """The best answers to what is being typed."""
        known = sorted(self._exact.values(), key=lambda each: (not each.followed, each))
        return best(typed[:MAX_ENTRY], known, limit)


def _names(each: Known) -> set[str]:
    """What is looked up: its own symbol, its base, and the pair, by each of their names."""
    bases, quotes = (each.base, *each.names), (each.quote, *each.quotes)
    pairs = (base + quote for base in bases for quote in quotes)
    return {plain(name) for name in (each.native, *bases, *pairs)} - {""}


def _venues(each: Known) -> set[str]:
    return {plain(each.venue), plain(each.venue_title)}
