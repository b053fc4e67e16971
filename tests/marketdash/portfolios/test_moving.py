"""A portfolio whose prices move is at every moment what it would be if it were valued from nothing."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.accounting.pools import METHODS
from marketdash.portfolios.valuing.moving import Moving
from marketdash.portfolios.valuing.pricing import Earlier, Pricing
from marketdash.portfolios.valuing.summary import summary
from marketdash.portfolios.valuing.valuation import Market, Quote
from tests.marketdash.portfolios.random_ledgers import INSTRUMENTS, ledgers
from tests.marketdash.portfolios.writing import contracts, entry, fee, leg, rate

PRICES = st.one_of(
    st.decimals(Decimal("0.000001"), Decimal("99999"), places=6).map(plain), st.sampled_from(["", "1", "0"])
)


CONTRACTS = {"A:BTC-PERP", *(name for name, _, _ in INSTRUMENTS)}


class Prices:
    """All that was heard, and what follows from it at once."""

    def __init__(self) -> None:
        self.market = Market("EUR")
        self.earlier: dict[str, Earlier] = {}
        self.pricing = Pricing(self.market, self.earlier)
        self.quotes: dict[str, Quote] = {}
        self.marks: dict[str, Quote] = {}

    def hear(self, quote: Quote, before: str = "") -> None:
        self.quotes[quote.symbol] = quote
        if before and Decimal(before):
            self.earlier[quote.symbol] = Earlier(quote.base, Decimal(before))
        if quote.symbol in CONTRACTS:
            self.marks[quote.symbol] = quote
        else:
            self.market.update(quote)

    def from_nothing(self, book: Book) -> object:
        market = Market("EUR", (each for each in self.quotes.values() if each.symbol not in CONTRACTS))
        return summary(book, market, dict(self.marks), dict(self.earlier))


@st.composite
def ticks(draw: st.DrawFn, names: list[tuple[str, str]]) -> tuple[Quote, str]:
    base, other = draw(st.sampled_from(names))
    symbol = draw(st.sampled_from([f"A:{base}/{other}"] * 4 + sorted(CONTRACTS)))
    bid, ask, last, before = (draw(PRICES) for _ in range(4))
    state, age_us = draw(st.sampled_from(["live", "live", "live", "stale"])), draw(st.integers(-99, 0))
    return Quote(symbol, base, other, bid, ask, last, age_us, state), before


def followed(book: Book, prices: Prices) -> Moving:
    return Moving(book, prices.pricing, prices.marks, prices.earlier)


def agrees(moving: Moving, prices: Prices) -> None:
    found = moving.summary()
    assert found == prices.from_nothing(moving.book)
    assert (moving.total, moving.unrealised, moving.day) == (found.total, found.unrealised, found.day)


@seed(9)
@settings(max_examples=60)
@given(st.data(), ledgers, st.sampled_from(sorted(METHODS)))
def test_whatever_ticks_come_it_is_what_it_would_be_from_nothing(
    data: st.DataObject, entries: list[object], method: str
) -> None:
    book = Book("EUR", method).fold(entries)  # type: ignore[arg-type]
    held = sorted({asset for _, asset in book.pools} - {"EUR"} | {"BTC"})
    names = [(asset, "EUR") for asset in held] + [(asset, "USD") for asset in held] + [("USD", "EUR")]
    prices = Prices()
    moving = followed(book, prices)
    agrees(moving, prices)

    for tick in data.draw(st.lists(ticks(names), min_size=1, max_size=12)):
        prices.hear(*tick)
        if data.draw(st.booleans()):  # else several come at once
            moving.take()
            agrees(moving, prices)


def quote(name: str, price: str, **more: str) -> Quote:
    base, other = name.split("/")
    return Quote(f"A:{name}", base, other, price, price, "", 0, **more)


BOUGHT = (
    entry("deposit", leg("EUR", "1000")),
    entry("buy", leg("BTC", "2"), leg("EUR", "-600"), fee("EUR", "-1")),
    entry("buy", leg("ETH", "3"), leg("EUR", "-30")),
)


def test_only_what_a_tick_is_about_is_worked_out_again() -> None:
    prices = Prices()
    prices.hear(quote("BTC/EUR", "400"))
    prices.hear(quote("ETH/EUR", "9"))
    moving = followed(Book("EUR", "fifo").fold(BOUGHT), prices)  # type: ignore[arg-type]

    prices.hear(quote("BTC/EUR", "401"))
    changes = moving.take().changes

    assert list(changes) == [("BTC", 0)]
    assert (changes["BTC", 0].before.value, changes["BTC", 0].now.value) == (800, 802)
    assert not moving.take().changes
    assert moving.lines["BTC", 0] is changes["BTC", 0].now


def test_what_goes_on_as_it_did_is_no_object_until_somebody_asks() -> None:
    prices = Prices()
    for name in ("BTC/EUR", "ETH/EUR"):
        prices.hear(quote(name, "400"), "390")
    moving = followed(Book("EUR", "fifo").fold(BOUGHT), prices)  # type: ignore[arg-type]

    prices.hear(quote("BTC/EUR", "401"), "390")
    prices.hear(quote("ETH/EUR", "400"), "390")
    taken = moving.take()

    assert [json.loads(each)["asset"] for each in taken.steady.said] == ["BTC"]
    assert [each.asset for each, _ in taken.steady.again] == ["ETH"]
    assert (taken.steady.value, taken.steady.day, taken.changes) == (2, 2, {})
    agrees(moving, prices)
    prices.hear(quote("BTC/EUR", "401"), "391")
    assert moving.take().steady.day == -2
    agrees(moving, prices)


def test_contracts_follow_their_own_market_and_the_rate_of_what_they_settle_in() -> None:
    terms = contracts("A:BTC-PERP", "USDT", "2", "100")
    prices = Prices()
    prices.hear(quote("USDT/EUR", "2"))
    opened = entry("fill", terms, rate("USDT", "1"))
    moving = followed(Book("EUR", "fifo").fold([opened]), prices)  # type: ignore[list-item]
    assert moving.lines["A:BTC-PERP", 1].value is None

    prices.hear(Quote("A:BTC-PERP", "BTC", "USD", "110", "110", "", 0))
    assert moving.take().changes["A:BTC-PERP", 1].now.value == 40
    agrees(moving, prices)
    prices.hear(quote("USDT/EUR", "1"))
    assert moving.take().changes["A:BTC-PERP", 1].now.value == 20
    agrees(moving, prices)


def test_a_price_that_goes_leaves_what_it_was_about_unknown() -> None:
    prices = Prices()
    prices.hear(quote("BTC/EUR", "400"))
    moving = followed(Book("EUR", "fifo").fold(BOUGHT), prices)  # type: ignore[arg-type]
    assert moving.total == Decimal(1000 - 631 + 800)

    prices.hear(quote("BTC/EUR", ""))
    moving.take()

    assert moving.total == Decimal(1000 - 631) and moving.summary().missing == ("BTC", "ETH")
    agrees(moving, prices)
