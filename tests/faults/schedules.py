"""Schedules of faults: drawn by a seed, and made smaller when one has failed.

A schedule is a list of :class:`Fault`, each of which has a seed of its own, so that a run can be repeated
without some of them: that is how :func:`shrunk` finds the few that matter.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Fault(NamedTuple):
    """``after`` so many seconds; ``pick`` chooses the instrument, ``n`` is how many or how long."""

    after: float
    kind: str
    pick: int = 0
    n: int = 1
    seed: int = 0


def schedule(seed: int, kinds: Sequence[str], count: int, every_s: float) -> list[Fault]:
    """So many faults of these kinds, in the order that the seed has; now and then several at once."""
    dice = random.Random(seed)
    return [
        Fault(
            dice.expovariate(1 / every_s),
            kind := dice.choice(kinds),
            dice.randrange(1000),
            dice.choice(_COUNTS.get(kind, (1,))),
            dice.randrange(1 << 30),
        )
        for _ in range(count)
    ]


_COUNTS = {
    "drop": (1, 1, 2, 5),
    "duplicate": (1, 3),
    "shuffle": (2, 3, 5, 8, 50),
    "stall": (1, 2, 4, 7, 20),
    "garbage": (1, 5),
    "start": (0, 1, 2, 3, 4, 5),
}


def shrunk(faults: Sequence[Fault], fails: Callable[[Sequence[Fault]], bool]) -> list[Fault]:
    """As few of them as still fail: ever smaller parts are left out as long as that changes nothing.

    The time of what is left out is added to the next one, so that the others strike when they did.
    """
    kept, size = list(faults), max(1, len(faults) // 2)
    while True:
        at = 0
        while at < len(kept):
            fewer = _without(kept, at, at + size)
            if fewer != kept and fails(fewer):
                kept = fewer
            else:
                at += size
        if size == 1:
            return kept
        size = max(1, size // 2)


def _without(faults: list[Fault], start: int, end: int) -> list[Fault]:
    waited = sum(fault.after for fault in faults[start:end])
    rest = faults[end:]
    if rest:
        rest = [rest[0]._replace(after=rest[0].after + waited), *rest[1:]]
    return faults[:start] + rest
