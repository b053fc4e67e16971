"""Sides of one thing that a file has a second apart: a conversion is booked out, and then in. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from marketdash.portfolios.accounting.ledger import PRINCIPAL
from marketdash.portfolios.imports.pieces import Piece

_SECOND_US = 1_000_000

Group: TypeAlias = list[Piece]
Place: TypeAlias = tuple[tuple[str, ...], int]
"""Where it stands besides the time, and in which second."""


def met(groups: Iterable[Group], together: Sequence[str]) -> list[Group]:
    """A side and the other one next to it are one group, where no third could be meant."""
    found = list(groups)
    sides = {_place(group, together): group for group in found if _side(group)}
    gone = set()
    for place, group in sides.items():
        other = _partner(place, sides)
        if other is None or _partner(other, sides) != place or other < place:
            continue
        group += sides[other]
        gone.add(id(sides[other]))
    return [group for group in found if id(group) not in gone]


def _place(group: Group, together: Sequence[str]) -> Place:
    where = (text for name, text in zip(together, group[0].group, strict=True) if name != "time")
    return (group[0].rule.kind, *where), group[0].at_us // _SECOND_US


def _side(group: Group) -> int:
    """1 where all comes in, -1 where all goes out; 0 is a whole trade, or of rows that stand together."""
    if not all(piece.group and piece.rule.apart for piece in group):
        return 0
    signs = {
        1 if part.amount > 0 else -1 for piece in group for part in piece.parts if part.role == PRINCIPAL
    }
    return signs.pop() if len(signs) == 1 else 0


def _partner(place: Place, sides: Mapping[Place, Group]) -> Place | None:
    where, second = place
    beside = [each for each in ((where, second - 1), (where, second + 1)) if each in sides]
    if len(beside) != 1 or _side(sides[beside[0]]) == _side(sides[place]):
        return None
    return beside[0]
