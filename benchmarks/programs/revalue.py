"""One portfolio whose prices all moved: python -m benchmarks.programs.revalue HOLDINGS INSTRUMENTS.

Prints a line of JSON: processor time in µs to say what changed of it, and to value it from nothing and say
all of it; the lines are the same ones. Ticks are taken in before, once as for all portfolios.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from decimal import Decimal

import msgspec

from marketdash.portfolios.accounting.exact import precisely
from marketdash.portfolios.accounting.ledger import Entry, Leg, Worth
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.valuing.moving import Moving
from marketdash.portfolios.valuing.pricing import Earlier, Pricing
from marketdash.portfolios.valuing.rows import Rows
from marketdash.portfolios.valuing.valuation import Market, Quote

PORTFOLIOS, TURNS = 20, 10
encode = msgspec.json.Encoder().encode


class Markets:
    """Made-up ones in US dollars, that all move at once."""

    def __init__(self, count: int) -> None:
        self.dice, self.names = random.Random(5), [f"A{n}" for n in range(count)]
        self.prices = {name: self.dice.randrange(10**3, 10**7) for name in self.names}
        self.market, self.earlier = Market("USD"), {}
        self.pricing = Pricing(self.market, self.earlier)

    def move(self, at_us: int) -> None:
        for name in self.names:
            price = self.prices[name] = max(100, self.prices[name] + self.dice.choice((-1, 1)))
            symbol = f"K:{name}/USD"
            bid, ask = Decimal(price).scaleb(-2), Decimal(price + 1).scaleb(-2)
            self.market.update(Quote(symbol, name, "USD", str(bid), str(ask), "", -at_us))
            self.earlier[symbol] = Earlier(name, Decimal(900))
        with precisely():
            for name in self.names:
                self.pricing.of(name)

    def book(self, holdings: int) -> Book:
        held = enumerate(self.dice.sample(self.names, holdings), 1)
        return Book("USD", "fifo").fold(Entry(n, n, "deposit", (self._leg(name),)) for n, name in held)

    def _leg(self, name: str) -> Leg:
        return Leg(1, name, self._some(), "principal", Worth(self._some(), "USD", "stated"))

    def _some(self) -> Decimal:
        return Decimal(self.dice.randrange(1, 10**8)).scaleb(-4)


def timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1e6


def main(holdings: int, instruments: int) -> None:
    markets = Markets(instruments)
    markets.move(0)
    books = [markets.book(holdings) for _ in range(PORTFOLIOS)]
    said = [Rows(Moving(book, markets.pricing, {}, markets.earlier)) for book in books]
    for rows in said:
        rows.whole(0)
    spent = {"changed": 0.0, "whole": 0.0}
    for turn in range(1, TURNS + 1):
        markets.move(turn * 2_000_000)
        spent["changed"] += timed(lambda: [encode(rows.since(1)) for rows in said])
        spent["whole"] += timed(lambda: [encode(anew(markets, book)) for book in books])
    print(json.dumps({name: us / PORTFOLIOS / TURNS for name, us in spent.items()}))


def anew(markets: Markets, book: Book) -> object:
    pricing = Pricing(markets.market, markets.earlier)
    return Rows(Moving(book, pricing, {}, markets.earlier)).whole(1)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
