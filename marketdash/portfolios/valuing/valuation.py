"""What things are worth in one currency, by market rates alone. Pure.

A :class:`Market` is a table of quotes. From each asset to the currency it knows one path, the best: the one
with the fewest rates that are not live, of these the one with the fewest steps, of these the one with the
narrowest spreads, counted in powers of ten so that it does not change with every tick, of these the first
by name. So the same table gives the same path, however it came to be. A stablecoin is an asset like others.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from feeds.frames import LIVE
from marketdash.portfolios.accounting.exact import EXACT, ONE, ZERO, InvalidNumber, magnitude, number, share

MOST_STEPS = 4
_WIDEST = 0
_HALF = Decimal("0.5")


class Quote(NamedTuple):
    """One market's last values, in its own text; empty is unknown. ``base`` and ``quote`` are assets."""

    symbol: str
    base: str
    quote: str
    bid: str
    ask: str
    last: str
    age_us: int
    state: str = LIVE


class Marked(NamedTuple):
    """A price of one derivative: ``when`` are words, ``age_us`` is what it was old at that time."""

    price: Decimal
    when: str
    age_us: int


class Step(NamedTuple):
    """One ``source`` is ``over ÷ under`` of ``target``."""

    symbol: str
    source: str
    target: str
    over: Decimal
    under: Decimal
    age_us: int
    state: str


class Rate(NamedTuple):
    """One of an asset in the currency: a quotient, because a rate read backwards is seldom a short number."""

    over: Decimal
    under: Decimal
    steps: tuple[Step, ...]

    @property
    def age_us(self) -> int:
        """Of the oldest step."""
        return max([step.age_us for step in self.steps], default=0)

    @property
    def is_live(self) -> bool:
        return all(step.state == LIVE for step in self.steps)

    @property
    def path(self) -> str:
        """``ETH → USDT → USD``"""
        return " → ".join([*(step.source for step in self.steps), *(step.target for step in self.steps[-1:])])

    def of(self, quantity: Decimal) -> Decimal:
        """Rounded once, at the end, however long the path is."""
        return share(quantity, self.over, self.under)


class _Edge(NamedTuple):
    """A market that has a price, as paths are chosen: ``rank`` is (not live, breadth of its spread)."""

    quote: Quote
    price: Decimal
    rank: tuple[int, int]


class Market:
    """``update`` as ticks come, ``rate`` as somebody asks. Paths are found anew only when a rank changed.

    ``most`` bounds the steps of an asset's path: what other markets are in the table besides those on its own
    short paths makes no difference to it then.
    A rate is the same object until one of its quotes comes again: so whoever holds one knows by looking
    whether anything of it may have changed. ``moved`` are assets whose rate may be another since whoever
    keeps rates emptied it.
    """

    def __init__(
        self, currency: str, quotes: Iterable[Quote] = (), most: Mapping[str, int] | None = None
    ) -> None:
        self.currency, self.most = currency, most or {}
        self._edges: dict[str, _Edge] = {}
        self._at: dict[str, set[str]] = {}
        self._paths: dict[str, tuple[str, ...]] | None = None
        self._rates: dict[str, Rate | None] = {}
        self._through: dict[str, set[str]] = {}
        self.moved: set[str] = set()
        for quote in quotes:
            self.update(quote)

    def update(self, quote: Quote) -> bool:
        """Whether paths may have changed with it."""
        held, edge = self._edges.get(quote.symbol), _edge(quote)
        if edge is None:
            if held is not None:
                self._remove(held.quote)
            return held is not None
        sides = (quote.base, quote.quote)
        is_new = held is None or (held.quote.base, held.quote.quote) != sides
        if held is not None and is_new:
            self._remove(held.quote)
        self._edges[quote.symbol] = edge
        if not is_new and held is not None and held.rank == edge.rank:
            through = self._through.get(quote.symbol, ())
            self.moved.update(through)
            for asset in through:
                self._rates.pop(asset, None)
            return False
        for side in sides:
            self._at.setdefault(side, set()).add(quote.symbol)
        self._forget_paths()
        return True

    def rate(self, asset: str) -> Rate | None:
        """None: no market leads from it to the currency."""
        if asset not in self._rates:
            self._rates[asset] = self._find(asset)
        return self._rates[asset]

    def _find(self, asset: str) -> Rate | None:
        if self._paths is None:
            self._paths = dict(_best_paths(self.currency, self._edges, self._at, self.most))
        path = self._paths.get(asset)
        for symbol in path or ():
            self._through.setdefault(symbol, set()).add(asset)
        return None if path is None else _rate(asset, [self._edges[symbol] for symbol in path])

    def _remove(self, quote: Quote) -> None:
        del self._edges[quote.symbol]
        for side in (quote.base, quote.quote):
            self._at[side].discard(quote.symbol)
        self._forget_paths()

    def _forget_paths(self) -> None:
        self._paths = None
        self.moved.update(self._rates)
        self._rates.clear()
        self._through.clear()


def _edge(quote: Quote) -> _Edge | None:
    """The middle of the book where both sides are there and do not cross, else the last price."""
    bid, ask = _price(quote.bid), _price(quote.ask)
    breadth = _WIDEST
    if bid and ask and bid <= ask:
        price = EXACT.multiply(EXACT.add(bid, ask), _HALF)
        spread = EXACT.subtract(ask, bid)
        breadth = min(_WIDEST, magnitude(spread, price)) if spread else -99
    elif last := _price(quote.last):
        price = last
    else:
        return None
    is_own = quote.base == quote.quote
    return None if is_own else _Edge(quote, price, (int(quote.state != LIVE), breadth))


def price_of(quote: Quote) -> Decimal | None:
    """As rates are made of it; None where the market has no price."""
    edge = _edge(quote)
    return None if edge is None else edge.price


def _price(text: str) -> Decimal | None:
    """None where there is none: what a venue wrote must not stop what everything else is worth."""
    try:
        found = number(text) if text else ZERO
    except InvalidNumber:
        return None
    return found if found > 0 else None


def _best_paths(
    currency: str, edges: Mapping[str, _Edge], at: Mapping[str, set[str]], most: Mapping[str, int]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """From each asset that can be reached, the symbols of its steps, its own first. Dijkstra from the end.

    A cost is (not live, steps, breadth, symbols from the end): each part only grows along a path. An asset
    that is met again with fewer steps is left again, because what lies beyond may be within reach only so.
    """
    waiting: list[tuple[int, int, int, tuple[str, ...], str]] = [(0, 0, 0, (), currency)]
    fewest: dict[str, int] = {}
    found: set[str] = set()
    while waiting:
        dead, steps, breadth, symbols, asset = heapq.heappop(waiting)
        if steps >= fewest.get(asset, MOST_STEPS + 1):
            continue
        if asset not in found and steps <= most.get(asset, MOST_STEPS):
            found.add(asset)
            yield asset, symbols[::-1]
        fewest[asset] = steps
        for symbol in at.get(asset, ()) if steps < MOST_STEPS else ():
            edge = edges[symbol]
            further = edge.quote.base if edge.quote.quote == asset else edge.quote.quote
            if steps + 1 < fewest.get(further, MOST_STEPS + 1):
                rank = (dead + edge.rank[0], steps + 1, breadth + 100 + edge.rank[1])
                heapq.heappush(waiting, (*rank, (*symbols, symbol), further))


def _rate(asset: str, edges: Iterable[_Edge]) -> Rate:
    steps, over, under = [], ONE, ONE
    for quote, price, _ in edges:
        forward = quote.base == asset
        target = quote.quote if forward else quote.base
        steps.append(
            Step(
                quote.symbol,
                asset,
                target,
                price if forward else ONE,
                ONE if forward else price,
                quote.age_us,
                quote.state,
            )
        )
        over = EXACT.multiply(over, price) if forward else over
        under = under if forward else EXACT.multiply(under, price)
        asset = target
    return Rate(over, under, tuple(steps))
