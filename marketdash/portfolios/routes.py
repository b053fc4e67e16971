"""Which markets can say what things are worth in a currency, so that no others are asked. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from marketdash.portfolios.valuation import MOST_STEPS

DETOUR = 1
"""Steps more than the fewest: a path that is live may be one longer than the shortest."""


class Pair(NamedTuple):
    """A market that can be asked: one ``base`` in ``quote``."""

    symbol: str
    base: str
    quote: str


def needed(pairs: Iterable[Pair], currency: str, assets: Iterable[str], detour: int = DETOUR) -> list[str]:
    """The markets on any path from one of ``assets`` to ``currency`` that is short enough, in their order."""
    listed = [pair for pair in pairs if pair.base != pair.quote]
    beside = _beside(listed)
    to_end, most, found = _steps(beside, currency), most_steps(listed, currency, detour), set()
    for asset in set(assets) & to_end.keys() - {currency}:
        found.update(_within(listed, _steps(beside, asset), to_end, most[asset]))
    return [pair.symbol for pair in listed if pair.symbol in found]


def most_steps(pairs: Iterable[Pair], currency: str, detour: int = DETOUR) -> dict[str, int]:
    """Of a path from each asset to ``currency``: those that :func:`needed` has the markets of."""
    to_end = _steps(_beside(pair for pair in pairs if pair.base != pair.quote), currency)
    return {asset: min(MOST_STEPS, steps + detour) for asset, steps in to_end.items()}


def _beside(pairs: Iterable[Pair]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for _, base, quote in pairs:
        found.setdefault(base, set()).add(quote)
        found.setdefault(quote, set()).add(base)
    return found


def _steps(beside: Mapping[str, set[str]], start: str) -> dict[str, int]:
    """To each asset within reach, the fewest."""
    found, waiting = {start: 0}, deque([start])
    while waiting:
        at = waiting.popleft()
        for further in beside.get(at, ()) if found[at] < MOST_STEPS else ():
            if further not in found:
                found[further] = found[at] + 1
                waiting.append(further)
    return found


def _within(
    pairs: Iterable[Pair], from_start: Mapping[str, int], to_end: Mapping[str, int], most: int
) -> Iterable[str]:
    far = MOST_STEPS + 1
    for symbol, base, quote in pairs:
        one_way = from_start.get(base, far) + to_end.get(quote, far)
        other_way = from_start.get(quote, far) + to_end.get(base, far)
        if min(one_way, other_way) + 1 <= most:
            yield symbol
