"""What a followed portfolio says: rows of the contract that lead from one snapshot to the next."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from marketdash.live.portfolio_rows import PortfolioRow
from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.valuing.rows import HEARD_AGAIN_US, Rows
from marketdash.portfolios.valuing.valuation import Quote
from tests.fakes.client_store import ClientStore
from tests.marketdash.portfolios.random_ledgers import ledgers
from tests.marketdash.portfolios.test_moving import BOUGHT, Prices, followed, ticks
from tests.marketdash.portfolios.writing import entry, leg

ENVELOPE = {"id": 7, "epoch": "e", "age_us": 0}


class Follower:
    """What a client makes of the rows, each of which is one of the contract's."""

    def __init__(self) -> None:
        self.store, self.seq = ClientStore("portfolio"), 0

    def take(self, body: Any, whole: bool = False) -> Any:
        if body is not None:
            self.seq += 1
            row = {**ENVELOPE, "prev": 0 if whole else self.seq - 1, "seq": self.seq, **body}
            msgspec.json.decode(msgspec.json.encode(row), type=PortfolioRow)
            assert self.store.apply({"type": "snapshot" if whole else "update", "data": [row]}) == []
        return self.store.value("7")


@seed(10)
@settings(max_examples=50)
@given(st.data(), ledgers)
def test_rows_lead_to_what_a_snapshot_says(data: st.DataObject, entries: list[object]) -> None:
    book = Book("EUR", "fifo").fold(entries)  # type: ignore[arg-type]
    held = sorted({asset for _, asset in book.pools} - {"EUR"} | {"BTC"})
    names = [(asset, "EUR") for asset in held] + [("USD", "EUR")]
    prices, follower = Prices(), Follower()
    rows = Rows(followed(book, prices))
    follower.take(rows.whole(0), whole=True)

    for at, (quote, before) in enumerate(data.draw(st.lists(ticks(names), min_size=1, max_size=8))):
        prices.hear(quote._replace(age_us=-at * HEARD_AGAIN_US), before)
        seen = follower.take(said(rows, at))
        assert rows.said() == seen

    assert Rows(followed(book, prices)).whole(seen["ts"]) == seen


MONEY = st.decimals(Decimal("0.000001"), Decimal("99999"), places=6).map(plain)
QUANTITIES = st.one_of(
    MONEY, st.sampled_from(["0.000000000000000001", "30", "-7", "12345678901234567890.123456789012345678"])
)
MARKETS = [("BTC", "EUR"), ("ETH", "EUR"), ("ADA", "USD"), ("EUR", "USD")]


@seed(13)
@settings(max_examples=100)
@given(st.data(), st.lists(st.tuples(QUANTITIES, MONEY), min_size=3, max_size=3))
def test_what_only_moves_is_told_as_it_would_be_from_nothing(
    data: st.DataObject, held: list[tuple[str, str]]
) -> None:
    """Live prices all along, on paths read forwards and backwards: every figure is the one of a new book."""
    legs = [
        leg(asset, quantity, worth=worth)
        for asset, (quantity, worth) in zip(("BTC", "ETH", "ADA"), held, strict=True)
    ]
    book = Book("EUR", "fifo").fold([entry("deposit", *legs)])
    prices, follower = Prices(), Follower()
    for base, other in MARKETS:
        prices.hear(Quote(f"A:{base}/{other}", base, other, "5", "5", "", 0), "4")
    rows = Rows(followed(book, prices))
    follower.take(rows.whole(0), whole=True)

    moves = st.tuples(st.sampled_from(MARKETS), MONEY, st.sampled_from(["4", "4", "3.9"]))
    for at, ((base, other), price, before) in enumerate(data.draw(st.lists(moves, min_size=1, max_size=9))):
        prices.hear(Quote(f"A:{base}/{other}", base, other, price, price, "", -at * HEARD_AGAIN_US), before)
        if data.draw(st.booleans()):
            seen = follower.take(said(rows, at))
            assert {**Rows(followed(book, prices)).whole(0), "ts": at} == {**seen, "ts": at}


def said(rows: Rows, ts_us: int) -> Any:
    """As a client reads it."""
    return msgspec.json.decode(msgspec.json.encode(rows.since(ts_us)))


def spoken(prices: Prices) -> Rows:
    rows = Rows(followed(Book("EUR", "fifo").fold(BOUGHT), prices))  # type: ignore[arg-type]
    rows.whole(0)
    return rows


def bitcoin(price: str, at_us: int, bid_qty: str = "") -> Quote:
    return Quote("A:BTC/EUR", "BTC", "EUR", price, price, "", -at_us)


def test_only_what_changed_is_said() -> None:
    prices = Prices()
    prices.hear(bitcoin("400", 0))
    rows = spoken(prices)

    prices.hear(bitcoin("401", 5))

    assert said(rows, 9) == {
        "ts": 9,
        "total": "1171",
        "unrealised": {"value": "202", "unknown": 1, "known": 1},
        "holdings": [{"asset": "BTC", "price": "401", "value": "802", "gain": "202", "ts_received": 5}],
    }
    assert said(rows, 10) is None


def test_a_price_that_comes_again_is_young_again_once_a_second() -> None:
    prices = Prices()
    prices.hear(bitcoin("400", 0))
    rows = spoken(prices)

    prices.hear(bitcoin("400", HEARD_AGAIN_US - 1))
    assert said(rows, 1) is None
    prices.hear(bitcoin("400", HEARD_AGAIN_US))
    assert said(rows, 2) == {"ts": 2, "holdings": [{"asset": "BTC", "ts_received": HEARD_AGAIN_US}]}


def test_a_price_that_is_not_live_any_more_makes_the_total_partial_and_says_why() -> None:
    prices = Prices()
    prices.hear(bitcoin("400", 0))
    prices.hear(Quote("A:ETH/EUR", "ETH", "EUR", "10", "10", "", 0))
    rows = spoken(prices)

    prices.hear(bitcoin("400", 0)._replace(state="stale"))
    body = said(rows, 3)

    assert body is not None and (body["state"], body["stale"]) == ("stale", ["BTC"])
    assert body["reason"] == "BTC at a price that is not live" and "total" not in body
    assert body["holdings"] == [{"asset": "BTC", "live": False}]
    prices.hear(bitcoin("400", 0))
    again = said(rows, 4)
    assert again is not None and (again["state"], again["reason"], again["stale"]) == ("live", "", [])


def test_the_numbers_are_plain_text_with_all_their_digits() -> None:
    prices = Prices()
    prices.hear(bitcoin("400.10", 0))
    said = Rows(followed(Book("EUR", "fifo").fold(BOUGHT), prices)).whole(0)  # type: ignore[arg-type]
    line = next(each for each in said["holdings"] if each["asset"] == "BTC")
    assert (line["value"], line["price"], plain(line["accounts"][0][0])) == ("800.2", "400.1", "1")
