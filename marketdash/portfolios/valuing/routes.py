"""Which markets can say what things are worth in a currency, so that no others are asked. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from marketdash.portfolios.valuing.valuation import MOST_STEPS

DETOUR = 1
"""Steps more than the fewest: a path that is live may be one longer than the shortest."""


class Pair(NamedTuple):
    """A market that can be asked: one ``base`` in ``quote``."""

    symbol: str
    base: str
    quote: str


class Ways:
    """All that lead to one currency, looked for once however many ask."""

    def __init__(self, pairs: Iterable[Pair], currency: str) -> None:
        listed = [pair for pair in pairs if pair.base != pair.quote]
        self.currency, self._order = currency, {pair.symbol: at for at, pair in enumerate(listed)}
        self._markets, self._to_end = _markets_at(listed), _steps(_beside(listed), currency)

    def needed(self, assets: Iterable[str], detour: int = DETOUR) -> list[str]:
        """The markets on any path from one of ``assets`` that is short enough, in their order."""
        found: set[str] = set()
        for asset in set(assets) & self._to_end.keys() - {self.currency}:
            most = min(MOST_STEPS, self._to_end[asset] + detour)
            found.update(_near(asset, self.currency, self._markets, self._to_end, most))
        return sorted(found, key=self._order.__getitem__)

    def most_steps(self, detour: int = DETOUR) -> dict[str, int]:
        """Of a path from each asset: those that :meth:`needed` has the markets of."""
        return {asset: min(MOST_STEPS, steps + detour) for asset, steps in self._to_end.items()}


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


def _markets_at(pairs: Iterable[Pair]) -> dict[str, list[tuple[str, str]]]:
    """From each asset (market, the other one)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for symbol, base, quote in pairs:
        found.setdefault(base, []).append((symbol, quote))
        found.setdefault(quote, []).append((symbol, base))
    return found


def _near(
    start: str,
    end: str,
    markets: Mapping[str, Sequence[tuple[str, str]]],
    to_end: Mapping[str, int],
    most: int,
) -> Iterator[str]:
    """Looking around where the end is still within reach, and not behind it: at few markets of thousands."""
    steps, waiting = {start: 0}, deque([start])
    while waiting:
        at = waiting.popleft()
        for symbol, further in markets[at] if at != end else ():
            if steps[at] + 1 + to_end.get(further, MOST_STEPS) > most:
                continue
            yield symbol
            if further not in steps:
                steps[further] = steps[at] + 1
                waiting.append(further)
