"""The best bid and ask as they stood here when something was traded: a short memory of each market. Pure.

The order that is filled changes the quote, so the one that counts had arrived before the exchange traded, by
its own clock, or before the fill arrived where that clock is ahead of ours. What was not followed then, not
live, or is remembered no more is unknown: nothing is guessed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

KEPT_US = 30_000_000
MOST = 512
"""Of each market: half a minute of a quiet one, some seconds of a busy one. A fill comes within one."""


class Sample(NamedTuple):
    """``received_us``: wall time at which the worker read it. ``live``: it was the quote then."""

    received_us: int
    bid: str
    ask: str
    live: bool


class Quoted(NamedTuple):
    """``age_us``: for how long it had stood. Without it ``reason`` says why there is none."""

    bid: str = ""
    ask: str = ""
    age_us: int | None = None
    reason: str = ""


NOT_FOLLOWED = "not followed then"
NOT_LIVE = "not live then"
TOO_LATE = "heard of too late"
ONE_SIDED = "no bid or no ask then"


class Quotes:
    """By full name of the instrument, the newest last."""

    def __init__(self) -> None:
        self._kept: dict[str, deque[Sample]] = {}

    def follow(self, names: Iterable[str]) -> None:
        """These and no others; what was heard of those that stay is kept."""
        self._kept = {name: self._kept.get(name) or deque(maxlen=MOST) for name in names}

    def heard(self, name: str, sample: Sample) -> None:
        """One that says the same again changes nothing: it has stood since it was first said."""
        kept = self._kept.get(name)
        if kept is None or (kept and kept[-1][1:] == sample[1:]):
            return
        kept.append(sample)
        while len(kept) > 2 and sample.received_us - kept[1].received_us > KEPT_US:
            kept.popleft()

    def at(self, name: str, exchange_us: int, received_us: int) -> Quoted:
        """When the exchange did something at ``exchange_us`` that came at ``received_us``."""
        kept = self._kept.get(name)
        if not kept:
            return Quoted(reason=NOT_FOLLOWED)
        at_us = min(exchange_us or received_us, received_us)
        before = (each for each in reversed(kept) if each.received_us < at_us)
        found = next(before, None)
        return Quoted(reason=TOO_LATE) if found is None else _quoted(found, at_us)


def _quoted(sample: Sample, at_us: int) -> Quoted:
    if not sample.live:
        return Quoted(reason=NOT_LIVE)
    if not (sample.bid and sample.ask):
        return Quoted(reason=ONE_SIDED)
    return Quoted(sample.bid, sample.ask, at_us - sample.received_us)
