"""The order that somebody asked for, whatever was added or removed elsewhere meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def arranged(held: Sequence[T], asked: Iterable[T]) -> list[T]:
    """``held`` in the order of ``asked``. What was not asked for keeps its place after the one before it.

    Names that are not held, and repetitions, are ignored: the page that asked was a moment old.
    """
    known = set(held)
    order = [each for each in dict.fromkeys(asked) if each in known]
    named = set(order)
    before: T | None = None
    for each in held:
        if each not in named:
            order.insert(order.index(before) + 1 if before is not None else 0, each)
        before = each
    return order
