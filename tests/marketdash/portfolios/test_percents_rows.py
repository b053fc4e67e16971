"""What a link without amounts is told as it moves: rows of the contract, and no amount follows from them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.valuing.percents_rows import PercentRows
from marketdash.portfolios.valuing.rows import HEARD_AGAIN_US
from marketdash.portfolios.valuing.valuation import Quote
from tests.marketdash.portfolios.random_ledgers import ledgers
from tests.marketdash.portfolios.test_moving import Prices, followed, ticks
from tests.marketdash.portfolios.test_rows import Follower
from tests.marketdash.portfolios.writing import contracts, entry, leg

SUMS = {"ts", "base", "gain_pct", "day_pct", "missing", "stale", "uncosted", "state", "reason"}
HOLDING = {"asset", "weight", "live", "ts_received", "gain_pct", "day_pct", "partly", "path", "by"}
POSITION = {"name", "nth", "weight", "live", "ts_received"}
WEIGHT, PER_CENT = re.compile(r"-?[0-9]+(\.[0-9]{1,3})?"), re.compile(r"-?[0-9]+(\.[0-9]{1,2})?")


def numbers(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each text that is a number, by the name of its field."""
    for part in (body, *body.get("holdings", ()), *body.get("positions", ())):
        for name, value in part.items():
            if isinstance(value, str) and name not in ("asset", "name", "base", "state", "reason", "path"):
                yield name, value


def checked(body: Any) -> Any:
    """No field but those that may be there, no number longer than it is written."""
    assert body is None or set(body) <= SUMS | {"holdings", "positions"}
    for item in (body or {}).get("holdings", ()):
        assert set(item) <= HOLDING
    for item in (body or {}).get("positions", ()):
        assert set(item) <= POSITION
    for name, value in numbers(body or {}):
        assert (WEIGHT if name == "weight" else PER_CENT).fullmatch(value), (name, value)
    return body


def keyed(value: dict[str, Any]) -> dict[str, Any]:
    """Lines of a client stand where they first came."""
    lists = ("holdings", "positions")
    keys = {
        name: {(each.get("asset"), each.get("name"), each.get("nth")): each for each in value[name]}
        for name in lists
    }
    return {**value, **keys}


@seed(11)
@settings(max_examples=50)
@given(st.data(), ledgers)
def test_rows_lead_to_what_a_snapshot_says(data: st.DataObject, entries: list[Entry]) -> None:
    book = Book("EUR", "fifo").fold(entries)
    held = sorted({asset for _, asset in book.pools} - {"EUR"} | {"BTC"})
    names = [(asset, "EUR") for asset in held] + [("USD", "EUR")]
    prices, follower = Prices(), Follower()
    rows = PercentRows(followed(book, prices))
    follower.take(checked(rows.whole(0)), whole=True)

    for at, (quote, before) in enumerate(data.draw(st.lists(ticks(names), min_size=1, max_size=8))):
        prices.hear(quote._replace(age_us=-at * HEARD_AGAIN_US), before)
        seen = follower.take(checked(rows.since(at)))
        assert keyed(rows.said()) == keyed(seen)

    whole = PercentRows(followed(book, prices)).whole(seen["ts"])
    assert keyed(whole) == keyed(seen)


PAIRS = [("BTC", "EUR"), ("ETH", "EUR")]
AMOUNTS = st.decimals("0.001", "1000", places=3)


@st.composite
def bought(draw: st.DrawFn) -> list[Entry]:
    """What was bought at costs of its own, some of it open as contracts, and money that is left."""
    entries = [entry("deposit", leg("EUR", str(draw(AMOUNTS))))]
    for asset in ("BTC", "ETH"):
        for _ in range(draw(st.integers(1, 3))):
            entries.append(entry("deposit", leg(asset, str(draw(AMOUNTS)), worth=str(draw(AMOUNTS)))))
    entries.append(entry("fill", contracts("A:BTC-PERP", "EUR", str(draw(AMOUNTS)), "100")))
    return entries


def times(entries: list[Entry], factor: Decimal) -> list[Entry]:
    def larger(each: Any) -> Any:
        worth = each.worth and each.worth._replace(amount=each.worth.amount * factor)
        return each._replace(amount=each.amount * factor, worth=worth)

    return [each._replace(legs=tuple(map(larger, each.legs))) for each in entries]


@seed(12)
@settings(max_examples=100)
@given(st.data(), bought(), st.sampled_from(["1000", "0.001", "7", "123.456"]))
def test_a_portfolio_many_times_as_large_says_the_same(
    data: st.DataObject, entries: list[Entry], factor: str
) -> None:
    """So no amount follows from what is said, however long somebody listens."""
    heard = data.draw(st.lists(ticks(PAIRS), min_size=1, max_size=8))
    said = []
    for each in (entries, times(entries, Decimal(factor))):
        prices = Prices()
        rows = PercentRows(followed(Book("EUR", "fifo").fold(each), prices))
        frames = [rows.whole(0)]
        for at, (quote, before) in enumerate(heard):
            prices.hear(quote._replace(age_us=-at * HEARD_AGAIN_US), before)
            frames.append(rows.since(at))  # type: ignore[arg-type]
        said.append(json.dumps(frames))

    assert said[0] == said[1]


def test_of_lines_that_weigh_the_same_nobody_sees_which_is_larger() -> None:
    prices = Prices()
    for base, other in PAIRS:
        prices.hear(Quote(f"A:{base}/{other}", base, other, "5", "5", "5", 0, "live"))
    for btc, eth in (("1", "1.0001"), ("1.0001", "1")):
        book = Book("EUR", "fifo").fold(
            [entry("deposit", leg("BTC", btc)), entry("deposit", leg("ETH", eth))]
        )
        found = PercentRows(followed(book, prices)).whole(0)
        assert [(each["asset"], each["weight"]) for each in found["holdings"]] == [
            ("BTC", "0.5"),
            ("ETH", "0.5"),
        ]


def test_several_lines_of_one_instrument_name_no_account() -> None:
    opened = [contracts("A:BTC-PERP", "EUR", "1", "100")._replace(account=account) for account in (7, 9)]
    book = Book("EUR", "fifo").fold([entry("fill", each) for each in opened])
    found = PercentRows(followed(book, Prices())).whole(0)

    assert [(each["name"], each["nth"]) for each in found["positions"]] == [
        ("A:BTC-PERP", 0),
        ("A:BTC-PERP", 1),
    ]
