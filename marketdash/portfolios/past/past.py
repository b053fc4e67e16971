"""What stored closes say of rates at the times of entries, for many of them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from marketdash import publish
from marketdash.portfolios import prices
from marketdash.portfolios.accounting.ledger import Entry, Rate
from marketdash.portfolios.past.nearby import Close, lacking, least, market, stated, with_rates
from marketdash.portfolios.valuing import routes
from marketdash.portfolios.valuing.valuation import Market, Quote

FETCHED = (60, 1440)
"""Minutes of the bars that are fetched: hours are near enough, days reach back."""

MOST_WAYS = 3
Asked = Callable[[set[publish.Moment]], set[str]]


class Found(NamedTuple):
    """``rates`` to be stated with an entry, and the assets of which it lacks one still. ``coming``: bars that
    may say it are on their way."""

    entry: Entry
    rates: list[Rate]
    lacks: list[str]
    coming: bool = False


def fetch(moments: set[publish.Moment]) -> set[str]:
    """Has what is not stored fetched; of which instruments something is on its way."""
    return publish.fetch_bars(moments, FETCHED)


class Past:
    """In one currency, by the markets that are followed when it is made.

    First by the shortest paths where all closes are near, because then no other path is better. Where they
    say nothing, bars are ``asked`` for; and where none are on their way, all paths are tried, and closes that
    are further away.
    """

    def __init__(self, base: str, asked: Asked = lambda moments: set()) -> None:
        self.base, self._asked = base, asked
        self._pairs = {pair.symbol: pair for pair in prices.pairs()}
        self._ways = routes.Ways(self._pairs.values(), base)
        self.within = self._ways.most_steps()
        self._asking: dict[tuple[str, ...], list[str]] = {}
        self._markets: dict[tuple[int, tuple[str, ...]], list[str]] = {}

    def found(self, entries: Iterable[Entry]) -> list[Found]:
        """Of those that lack something."""
        whole = [Found(each, [], lacks) for each in entries if (lacks := lacking(each, self.base))]
        near = self._further(whole, 0, only_near=True)
        coming = self._asked(
            {(symbol, each.entry.at_us) for each in near for symbol in self._worth_asking(each.lacks)}
        )
        waits = [not coming.isdisjoint(self._worth_asking(each.lacks)) for each in near]
        rest = [each for each, wait in zip(near, waits, strict=True) if each.lacks and not wait]
        further = {each.entry.id: each for each in self._further(rest, routes.DETOUR, only_near=False)}
        found = [
            each._replace(coming=True) if wait else further.get(each.entry.id, each)
            for each, wait in zip(near, waits, strict=True)
        ]
        return [each._replace(lacks=self._least(each)) if each.lacks else each for each in found]

    def _least(self, found: Found) -> list[str]:
        return least(with_rates(found.entry, found.rates), self.base, self.within)

    def _further(self, found: Sequence[Found], detour: int, only_near: bool) -> list[Found]:
        """With the rates that paths of so many steps more than the fewest say."""
        closes = publish.closes_at({moment for each in found for moment in self._moments(each, detour)})
        most = self._ways.most_steps(detour)
        return [self._with(each, closes, detour, most, only_near) for each in found]

    def _with(
        self,
        found: Found,
        closes: Mapping[publish.Moment, publish.PastClose],
        detour: int,
        most: Mapping[str, int],
        only_near: bool,
    ) -> Found:
        there = {
            moment[0]: Close(self._pairs[moment[0]], *closes[moment])
            for moment in self._moments(found, detour)
            if moment in closes
        }
        entry = with_rates(found.entry, found.rates)
        now = market(self.base, there.values(), entry.at_us, most)
        more, lacks = stated(entry, now, there, only_near)
        return found._replace(rates=[*found.rates, *more], lacks=lacks)

    def _worth_asking(self, lacks: Sequence[str]) -> list[str]:
        """The markets of a few ways that have none in common, the best by name first: bars of years are not
        fetched of all markets that a dollar has ever been traded for."""
        key = tuple(lacks)
        if key not in self._asking:
            self._asking[key] = list(self._few(lacks))
        return self._asking[key]

    def _few(self, lacks: Sequence[str]) -> Iterator[str]:
        left = set(self.markets(lacks, 0))
        most = self._ways.most_steps(0)
        for _ in range(MOST_WAYS):
            quotes = (Quote(*self._pairs[symbol], "", "", "1", 0) for symbol in left)
            ways = Market(self.base, quotes, most)
            rates = [rate for asset in lacks if (rate := ways.rate(asset)) is not None]
            found = {step.symbol for rate in rates for step in rate.steps}
            left -= found
            yield from sorted(found)

    def _moments(self, found: Found, detour: int) -> list[publish.Moment]:
        return [(symbol, found.entry.at_us) for symbol in self.markets(found.lacks, detour)]

    def markets(self, lacks: Sequence[str], detour: int) -> list[str]:
        """All that have a say in what these are worth, on paths of so many steps more than the fewest."""
        key = detour, tuple(lacks)
        if key not in self._markets:
            self._markets[key] = self._ways.needed(lacks, detour)
        return self._markets[key]
