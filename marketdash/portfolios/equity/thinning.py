"""Which points of a curve stay as it grows old: each minute, then each hour, then each day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

MINUTE, HOUR, DAY = 1, 60, 1440
MINUTE_US = 60_000_000


class Step(NamedTuple):
    """Points that stand for ``finer`` minutes stand for ``grain`` once they are ``after`` minutes old."""

    finer: int
    grain: int
    after: int


STEPS = (Step(MINUTE, HOUR, 2 * DAY), Step(HOUR, DAY, 90 * DAY))


class Old(NamedTuple):
    key: int
    minute: int
    base: int
    partial: bool
    since_us: int | None


def before(step: Step, now_minute: int) -> int:
    """Up to which minute it is due: whole hours or days alone, so that none is thinned twice."""
    return (now_minute - step.after) // step.grain * step.grain


def kept(points: Iterable[Old], grain: int) -> set[int]:
    """Keys, of points in their order. Of each hour or day its last whole one, else its last; and where
    money moved or the past was changed, the point with it and the one before: returns need both."""
    listed = list(points)
    last: dict[tuple[int, int], Old] = {}
    for each in listed:
        at = each.minute // grain, each.base
        if at not in last or last[at].partial or not each.partial:
            last[at] = each
    return {each.key for each in last.values()} | set(_beside_changes(listed))


def _beside_changes(points: Iterable[Old]) -> Iterator[int]:
    for one, after in pairwise(points):
        if after.since_us is not None:
            yield from (one.key, after.key)
