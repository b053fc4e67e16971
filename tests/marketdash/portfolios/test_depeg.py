"""A stablecoin loses its peg, rates go and come, prices grow old: every total that is not whole says so."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

import pytest

from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.valuing.lines import Holding
from marketdash.portfolios.valuing.rows import Rows
from marketdash.portfolios.valuing.valuation import Quote
from tests.marketdash.portfolios.test_moving import Prices, followed
from tests.marketdash.portfolios.writing import entry, leg
from tests.scoreboard import Score

PAIRS = ("BTC/USDT", "ETH/USDT", "ETH/BTC", "USDT/EUR", "BTC/USD", "USD/EUR")
ASSETS = ("BTC", "ETH", "USDT", "USD")
PEGS = ("1", "0.9999", "0.90", "0.5", "0.0001")


def held() -> Book:
    told = [entry("deposit", leg(asset, "3", worth="1")) for asset in ("EUR", *ASSETS)]
    return Book("EUR", "fifo").fold(told)


def reached(quotes: dict[str, Quote], *, live: bool) -> set[str]:
    """What some path of at most four rates leads from to the currency, found by going outward from it."""
    pairs = [each.symbol[2:].split("/") for each in quotes.values() if each.bid]
    if live:
        pairs = [each.symbol[2:].split("/") for each in quotes.values() if each.bid and each.state == "live"]
    found = {"EUR"}
    for _ in range(4):
        found |= {other for one, two in pairs for other in (one, two) if found & {one, two}}
    return found


def along(line: Holding, quotes: dict[str, Quote]) -> Fraction:
    """Its quantity by the path that it says, price by price."""
    assert line.rate is not None
    value, at = Fraction(line.quantity), line.asset
    for step in line.rate.steps:
        quote, (base, _) = quotes[step.symbol], step.symbol[2:].split("/")
        price = (Fraction(quote.bid) + Fraction(quote.ask)) / 2
        value, at = (value * price if base == at else value / price), step.target
    assert at == "EUR"
    return value


def moves(dice: random.Random) -> Iterator[Quote]:
    while True:
        base, other = dice.choice(PAIRS).split("/")
        price = dice.choice(PEGS) if base == "USDT" else f"{dice.randrange(1, 10**6)}e-2"
        price = "" if dice.random() < 0.25 else price
        state = dice.choice(("live", "live", "live", "stale", "down"))
        yield Quote(f"A:{base}/{other}", base, other, price, price, "", -dice.randrange(10**6), state)


@pytest.mark.fault(
    "F40",
    "A stablecoin at 0.90, 0.50 and 0.0001, pairs removed and rates stale, in random order",
    goal="every total that is not whole and live is marked; no rate is taken for 1; the path is shown",
)
def test_whatever_rates_do_the_total_says_what_it_lacks(score: Score) -> None:
    prices, dice, marked = Prices(), random.Random(score.seed), 0
    moving = followed(held(), prices)
    rows = Rows(moving)
    state = rows.whole(0)
    told = moves(dice)
    for at in range(score.times(full=100_000, few=500)):
        prices.hear(next(told))
        state |= rows.since(at) or {}
        found, summary = moving.summary(), prices.from_nothing(moving.book)
        assert found == summary
        there, live = reached(prices.quotes, live=False), reached(prices.quotes, live=True)
        assert set(found.missing) == {asset for asset in ASSETS if asset not in there}
        assert set(found.stale) == {asset for asset in ASSETS if asset in there - live}
        assert state["state"] == ("stale" if found.missing or found.stale else "live")
        for line in found.holdings:
            if line.asset != "EUR" and line.value is not None:
                assert abs(Fraction(line.value) - along(line, prices.quotes)) < Fraction(1, 10**20)
        known = [Fraction(line.value) for line in found.holdings if line.value is not None]
        assert Fraction(found.total) == sum(known)
        marked += state["state"] == "stale"
        score.runs += 1
    score.note("of them not whole or not live, and marked", marked, "")
    assert 0 < marked < score.runs
