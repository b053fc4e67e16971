"""How the panels of the instrument page are arranged: what may be, presets, and the text that is kept. Pure.

A screen is 24 columns wide; 24 rows fill one height of it, and it may be three heights long. Its panels are
in reading order, which is also the one column of a phone. Each follows the page's instrument, a link group
with an instrument of its own, or one instrument alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from itertools import combinations
from typing import NamedTuple

import msgspec

from feeds import symbols

COLUMNS, ROWS = 24, 72
MAX_PANELS = 16
MAX_TEXT = 8192
PAGE = "page"
GROUPS = ("a", "b", "c")


class Kind(NamedTuple):
    """What a panel can be; below its least size it says nothing. ``channel``: what it shows, where there are
    instruments without it; a chart shows stored bars all the same."""

    title: str
    min_w: int
    min_h: int
    channel: str = ""


KINDS = {
    "chart": Kind("Chart", 6, 6),
    "book": Kind("Book", 4, 8, symbols.BOOK),
    "tape": Kind("Trades", 4, 5, symbols.TRADE),
    "depth": Kind("Depth", 4, 5, symbols.BOOK),
    "quotes": Kind("Elsewhere", 4, 4),
    "figures": Kind("Figures", 4, 4),
    "contract": Kind("Contract", 5, 3, symbols.MARK),
    "liquidations": Kind("Liquidations", 4, 5, symbols.LIQUIDATION),
    "option": Kind("Option", 5, 3, symbols.OPTION),
    "oracle": Kind("Oracle", 6, 4),
}


class Panel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """``follows``: the page, a link group, or the full name of an instrument. ``interval``: of a chart."""

    kind: str
    x: int
    y: int
    w: int
    h: int
    follows: str = PAGE
    interval: int = 1

    def meets(self, other: Panel) -> bool:
        across = self.x < other.x + other.w and other.x < self.x + self.w
        return across and self.y < other.y + other.h and other.y < self.y + self.h


class Screen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """``groups``: the instrument of each link group that a panel follows."""

    panels: tuple[Panel, ...]
    groups: dict[str, str] = {}

    def symbol(self, panel: Panel, page: str) -> str:
        """Whose values the panel shows on the page of ``page``."""
        return page if panel.follows == PAGE else self.groups.get(panel.follows, panel.follows)

    def names(self) -> list[str]:
        """Instruments that it shows whatever the page is, each once."""
        return list(dict.fromkeys(self.symbol(each, PAGE) for each in self.panels if each.follows != PAGE))

    def renamed(self, now: Callable[[str], str | None]) -> Screen:
        """The same, with the names that its instruments have ``now``; None: the one that it has."""
        panels = tuple(
            msgspec.structs.replace(each, follows=now(each.follows) or each.follows) for each in self.panels
        )
        groups = {group: now(symbol) or symbol for group, symbol in self.groups.items()}
        return Screen(panels, groups)


class Invalid(ValueError):
    """``field`` is what it was about, the message what was expected and found."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(f"{field}: {words}")
        self.field, self.words = field, words


def _screen(*panels: tuple[str, int, int, int, int, int]) -> Screen:
    return Screen(tuple(Panel(*each[:5], interval=each[5] or 1) for each in panels))


PRESETS = {
    "Trading": _screen(
        ("chart", 0, 0, 13, 17, 0),
        ("book", 13, 0, 6, 24, 0),
        ("tape", 19, 0, 5, 24, 0),
        ("depth", 0, 17, 5, 7, 0),
        ("quotes", 5, 17, 8, 7, 0),
    ),
    "Chart": _screen(("chart", 0, 0, 18, 24, 0), ("book", 18, 0, 6, 15, 0), ("quotes", 18, 15, 6, 9, 0)),
    "Depth & tape": _screen(
        ("book", 0, 0, 7, 24, 0),
        ("depth", 7, 0, 10, 12, 0),
        ("tape", 17, 0, 7, 24, 0),
        ("chart", 7, 12, 10, 12, 0),
    ),
    "Oracle": _screen(
        ("oracle", 0, 0, 13, 6, 0),
        ("book", 13, 0, 6, 24, 0),
        ("tape", 19, 0, 5, 24, 0),
        ("chart", 0, 6, 13, 18, 0),
    ),
    "Four intervals": _screen(
        ("chart", 0, 0, 12, 12, 1),
        ("chart", 12, 0, 12, 12, 15),
        ("chart", 0, 12, 12, 12, 60),
        ("chart", 12, 12, 12, 12, 1440),
    ),
}
"""The first is what nobody arranged."""
DEFAULT = PRESETS["Trading"]

CONTRACT = _screen(
    ("contract", 0, 0, 24, 3, 0),
    ("chart", 0, 3, 13, 14, 0),
    ("book", 13, 3, 6, 21, 0),
    ("tape", 19, 3, 5, 12, 0),
    ("liquidations", 19, 15, 5, 9, 0),
    ("depth", 0, 17, 5, 7, 0),
    ("quotes", 5, 17, 8, 7, 0),
)
OPTION = _screen(
    ("option", 0, 0, 24, 3, 0),
    ("chart", 0, 3, 13, 14, 0),
    ("book", 13, 3, 6, 21, 0),
    ("tape", 19, 3, 5, 21, 0),
    ("depth", 0, 17, 5, 7, 0),
    ("quotes", 5, 17, 8, 7, 0),
)
INDEX = _screen(("quotes", 0, 0, 24, 24, 0))
"""Nobody trades it: there is only what it can be held against."""
TRADED = _screen(("chart", 0, 0, 18, 16, 0), ("tape", 18, 0, 6, 24, 0), ("quotes", 0, 16, 18, 8, 0))
QUOTED = _screen(("chart", 0, 0, 24, 16, 0), ("quotes", 0, 16, 24, 8, 0))
"""Where a venue tells no book, as of shares, and where it is a dealer that tells no trades either: half of
:data:`DEFAULT` would be panels that say so."""
_OF_KIND = {
    "perpetual": {"Contract": CONTRACT},
    "future": {"Contract": CONTRACT},
    "option": {"Option": OPTION},
    "index": {"Index": INDEX},
}


def presets(kind: str, told: Container[str] = symbols.CHANNELS) -> dict[str, Screen]:
    """What the page of an instrument of this kind offers, whose venue tells these channels; the first is what
    nobody arranged."""
    if kind not in _OF_KIND and symbols.BOOK not in told:
        return {"Quotes": TRADED if symbols.TRADE in told else QUOTED} | PRESETS
    return _OF_KIND.get(kind, {}) | PRESETS


def text(screen: Screen) -> str:
    return msgspec.json.encode(screen).decode()


def read(kept: str | bytes) -> Screen:
    """The screen in a text of ours or of anybody; raises :class:`Invalid`."""
    if len(kept) > MAX_TEXT:
        raise Invalid("screen", f"expected at most {MAX_TEXT} characters, found {len(kept)}")
    try:
        screen = msgspec.json.decode(kept, type=Screen, strict=True)
    except msgspec.ValidationError as problem:
        raise _in_our_words(str(problem)) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as problem:
        raise Invalid("screen", f"expected JSON, found something else: {problem}") from None
    _check(screen)
    ordered = sorted(screen.panels, key=lambda each: (each.y, each.x))
    return msgspec.structs.replace(screen, panels=tuple(ordered))


def _in_our_words(problem: str) -> Invalid:
    """msgspec says ``Expected `int`, got `str` - at `$.panels[0].x```."""
    words, _, place = problem.partition(" - at ")
    found = re.sub(r"^Expected (.*), got (.*)$", r"expected \1, found \2", words.replace("`", ""))
    field = place.strip("`").removeprefix("$").lstrip(".")
    return Invalid(field or "screen", found[0].lower() + found[1:])


def _check(screen: Screen) -> None:
    if len(screen.panels) > MAX_PANELS:
        raise Invalid("panels", f"expected at most {MAX_PANELS}, found {len(screen.panels)}")
    for name, symbol in screen.groups.items():
        _one_of(f"groups.{name}", name, GROUPS)
        _instrument(f"groups.{name}", symbol)
    for at, panel in enumerate(screen.panels):
        _check_panel(f"panels[{at}]", panel, screen.groups)
    for (one, first), (other, second) in combinations(enumerate(screen.panels), 2):
        if first.meets(second):
            title = KINDS[first.kind].title
            words = f"expected a free place, found that panels[{one}], the {title}, is there"
            raise Invalid(f"panels[{other}]", words)


def _check_panel(field: str, panel: Panel, groups: dict[str, str]) -> None:
    _one_of(f"{field}.kind", panel.kind, KINDS)
    kind = KINDS[panel.kind]
    _between(f"{field}.w", panel.w, kind.min_w, COLUMNS)
    _between(f"{field}.h", panel.h, kind.min_h, ROWS)
    _between(f"{field}.x", panel.x, 0, COLUMNS - panel.w)
    _between(f"{field}.y", panel.y, 0, ROWS - panel.h)
    _one_of(f"{field}.interval", panel.interval, symbols.INTERVALS)
    if panel.follows in GROUPS and panel.follows not in groups:
        raise Invalid(f"groups.{panel.follows}", f"expected an instrument for {field}, found none")
    if panel.follows not in (PAGE, *GROUPS):
        _instrument(f"{field}.follows", panel.follows)


def _between(field: str, found: int, least: int, most: int) -> None:
    if not least <= found <= most:
        raise Invalid(field, f"expected {least} to {most}, found {found}")


def _one_of(field: str, found: object, known: Iterable[object]) -> None:
    if found not in known:
        raise Invalid(field, f"expected one of {', '.join(map(str, known))}, found {found!r:.80}")


def _instrument(field: str, name: str) -> None:
    try:
        symbols.split_instrument(name)
    except symbols.InvalidName as problem:
        raise Invalid(field, str(problem).removeprefix("symbol: ").removeprefix("venue: ")) from None
