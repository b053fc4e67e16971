"""A point of each portfolio and minute: one, true, and thinned as it grows old."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketdash import publish
from marketdash.instruments.models import Asset
from marketdash.portfolios import actions, prices, queries
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.equity import equity, thinning
from marketdash.portfolios.equity.thinning import DAY, HOUR, MINUTE_US, Old
from marketdash.portfolios.models import Account, EquityPoint, Portfolio
from marketdash.portfolios.standing import Books
from tests.marketdash.portfolios.looking import Rows, client, text, ticker
from tests.marketdash.portfolios.writing import draft_of, entry, leg

pytestmark = pytest.mark.django_db
NOON = 29_000_160  # a minute with which an hour and a day begin


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """``at(minute)``: a round whose prices are read then; what it noted, by the portfolio's name."""
    books = Books()

    async def nothing(*given: Any) -> dict[str, Any]:
        return {}

    monkeypatch.setattr(publish, "last_closes", nothing)

    def noted(minute: int, by: Books = books) -> dict[str, EquityPoint]:
        monkeypatch.setattr(prices.time, "time_ns", lambda: (minute * MINUTE_US + 250_000) * 1000)
        async_to_sync(equity.note)(by)
        found = EquityPoint.objects.filter(minute=minute).select_related("portfolio")
        return {each.portfolio.name: each for each in found}

    return noted


def bought(account: Account, minute: int, amount: str = "1") -> Any:
    legs = (leg("BTC", amount, account=account.pk), leg("EUR", "-10", account=account.pk))
    return replace(draft_of(entry("buy", *legs)), at_us=minute * MINUTE_US)


def paid_in(account: Account, minute: int, amount: str = "100") -> Any:
    return replace(
        draft_of(entry("deposit", leg("EUR", amount, account=account.pk))), at_us=minute * MINUTE_US
    )


def test_a_point_says_what_the_page_says(held: Portfolio, alice: User, rows: Rows, at: Any) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.123456789")

    point = at(NOON)["Savings"]

    assert (point.total, point.partial) == (Decimal("1350.123456789"), False)
    assert (point.base_id, point.since_us, point.grain) == (held.base_id, None, 1)
    assert point.entries == held.entries.latest("pk").pk
    assert "1350.123456789" in text(client(alice).get(f"/portfolios/{held.pk}/"))


def test_a_minute_has_one_point_whoever_comes_again(held: Portfolio, rows: Rows, at: Any) -> None:
    for price in ("450", "999"):
        rows["ticker:KRAKEN:BTC/EUR"] = ticker(price)
        at(NOON, Books())
    at(NOON + 3)

    points = EquityPoint.objects.values_list("minute", "total")

    assert list(points) == [(NOON, Decimal(1350)), (NOON + 3, Decimal(1899))]


def test_what_has_no_price_is_partial_and_what_is_all_unknown_is_not_noted(
    held: Portfolio, alice: User, rows: Rows, at: Any
) -> None:
    bare = actions.create(alice, "All of it unknown", "EUR")
    wallet = actions.open_account(bare, "Wallet")
    actions.record(bare, [draft_of(entry("deposit", leg("NEW", "5", account=wallet.pk)))])
    actions.create(alice, "Empty", "EUR")

    noted = at(NOON)

    assert {name: (each.total, each.partial) for name, each in noted.items()} == {
        "Savings": (Decimal(900), True),
        "Empty": (Decimal(0), False),
    }
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450", "stale")
    assert (at(NOON + 1)["Savings"].total, noted["Savings"].since_us) == (Decimal(1350), None)
    assert at(NOON + 1)["Savings"].partial


def test_a_point_knows_how_far_back_the_ledger_was_changed(
    held: Portfolio, kraken: Account, rows: Rows, at: Any
) -> None:
    at(NOON)
    steps = [
        ([], None),
        ([bought(kraken, NOON + 2)], None),
        ([paid_in(kraken, NOON + 3)], NOON + 3),
        ([bought(kraken, NOON + 4), bought(kraken, NOON - DAY)], NOON - DAY),
        ([], None),
    ]

    for minute, (drafts, since) in enumerate(steps, NOON + 1):
        actions.record(held, drafts)
        point = at(minute)["Savings"]
        assert point.since_us == (None if since is None else since * MINUTE_US), minute
    actions.reverse(held, held.entries.get(at_us=(NOON + 3) * MINUTE_US).pk)
    assert at(NOON + 9, Books())["Savings"].since_us == (NOON + 3) * MINUTE_US


def test_a_ledger_is_read_when_something_was_recorded_and_no_sooner(
    held: Portfolio, kraken: Account, rows: Rows, at: Any, monkeypatch: Any
) -> None:
    books, folds = Books(), []
    monkeypatch.setattr(queries, "folded_so_far", counted(queries.folded_so_far, folds))
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450")
    changes = [
        (lambda: None, 1),
        (lambda: None, 0),
        (lambda: actions.record(held, [bought(kraken, NOON)]), 1),
        (lambda: actions.set_method(held, "hifo"), 1),
        (lambda: Asset.objects.filter(code="NEW").update(code="OLD"), 1),
        (lambda: actions.set_base(held, "USD"), 1),
        (lambda: None, 0),
    ]

    for minute, (change, expected) in enumerate(changes, NOON):
        change()
        at(minute, books)
        assert len(folds) == expected, minute
        folds.clear()


def test_a_round_asks_as_much_of_the_database_for_many_as_for_one(
    held: Portfolio, alice: User, rows: Rows, at: Any
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450")
    books, asked = Books(), []
    for more in (0, 20):
        Portfolio.objects.bulk_create(
            Portfolio(owner=alice, name=f"Portfolio {n}", base=held.base) for n in range(more)
        )
        at(NOON + more, books)
        with CaptureQueriesContext(connection) as queried:
            noted = at(NOON + more + 1, books)
        asked.append(len(queried) - 1)  # one is the fixture's own
        assert len(noted) == more + 1

    assert asked[0] == asked[1] <= 6


def counted(work: Any, calls: list[Any]) -> Any:
    def working(*given: Any, **more: Any) -> Any:
        calls.append(given)
        return work(*given, **more)

    return working


def test_a_ledger_that_cannot_be_folded_costs_the_others_nothing(
    held: Portfolio, alice: User, rows: Rows, at: Any, monkeypatch: Any
) -> None:
    bad = actions.create(alice, "Bad", "EUR")
    fold = Book.fold

    def folding(book: Book, entries: Any, *told: Any) -> Book:
        if not (entries := list(entries)):
            raise ValueError("no such ledger")
        return fold(book, entries, *told)

    monkeypatch.setattr(Book, "fold", folding)
    books = Books()

    assert set(at(NOON, books)) == {"Savings"} and bad.pk
    assert books.counters == {"equity books failed": 1, "equity books folded": 1}


@pytest.mark.django_db(transaction=True)
def test_a_portfolio_that_goes_meanwhile_takes_no_other_point_with_it(
    held: Portfolio, alice: User, rows: Rows, at: Any, monkeypatch: Any
) -> None:
    gone = actions.create(alice, "Gone", "EUR")
    read = prices.of_books

    async def deleting(*given: Any) -> Any:
        await Portfolio.objects.filter(pk=gone.pk).adelete()
        return await read(*given)

    monkeypatch.setattr(prices, "of_books", deleting)

    assert set(at(NOON)) == {"Savings"}


def test_a_minute_is_behind_while_the_one_before_it_alone_has_points(
    held: Portfolio, rows: Rows, at: Any
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450")
    late_us = 50_000_000
    assert not equity.is_behind(NOON * MINUTE_US)  # nothing was ever noted

    at(NOON)

    behind = [equity.is_behind((NOON + each) * MINUTE_US + late_us) for each in range(-1, 4)]
    assert behind == [False, False, True, False, False]


@pytest.mark.usefixtures("database")
def test_old_points_stand_for_hours_and_very_old_ones_for_days(portfolio: Portfolio) -> None:
    now = NOON + 100 * DAY
    chosen = [(0, 1), (7, 1), (59, 1), (60, 1), (DAY, 1), (12 * DAY, 1), (12 * DAY + 61, 1)]
    chosen += [(98 * DAY - 1, 1), (98 * DAY, 1), (98 * DAY + 1, 1), (100 * DAY, 1)]
    EquityPoint.objects.bulk_create(
        EquityPoint(portfolio=portfolio, base=portfolio.base, minute=NOON + minute, grain=grain, **BLANK)
        for minute, grain in chosen
    )

    removed = [equity.thin(now * MINUTE_US) for _ in range(2)]

    left = EquityPoint.objects.values_list("minute", "grain")
    assert [(minute - NOON, grain) for minute, grain in left] == [
        (60, DAY),
        (DAY, DAY),
        (12 * DAY, HOUR),
        (12 * DAY + 61, HOUR),
        (98 * DAY - 1, HOUR),
        (98 * DAY, 1),
        (98 * DAY + 1, 1),
        (100 * DAY, 1),
    ]
    assert removed == [3, 0]


BLANK: dict[str, Any] = {"total": Decimal(1), "partial": False, "entries": 0}


def old(minute: int, partial: bool = False, since_us: int | None = None) -> Old:
    return Old(minute, NOON + minute, 1, partial, since_us)


def test_the_last_whole_one_of_an_hour_stays_and_what_returns_need() -> None:
    told = [old(0), old(1), old(2, partial=True), old(60, partial=True), old(61, partial=True), old(125)]
    assert thinning.kept(told, HOUR) == {1, 61, 125}

    moved = [old(0), old(1), old(2, since_us=5), old(3), old(4)]
    assert thinning.kept(moved, HOUR) == {1, 2, 4}


@pytest.mark.parametrize("seed", range(20))
def test_thinning_again_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)
    minutes = sorted(chance.sample(range(3 * DAY), 200))
    points = [old(each, chance.random() < 0.3, chance.choice((None, None, 5))) for each in minutes]

    kept = thinning.kept(points, HOUR)

    left = [each for each in points if each.key in kept]
    assert thinning.kept(left, HOUR) == kept and thinning.kept(left, DAY) <= kept
    assert {each.minute // HOUR for each in left} == {each.minute // HOUR for each in points}
