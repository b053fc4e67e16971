"""Readers beside writers, and books that are gone on with: always what a fold from nothing gives."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, connections

from marketdash.instruments.models import Asset
from marketdash.portfolios import actions, queries, reading
from marketdash.portfolios.accounting.drafts import Draft, DraftRate
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.accounting.pools import METHODS
from marketdash.portfolios.models import Account, Portfolio, SavedBook
from tests.marketdash.portfolios import agreement
from tests.marketdash.portfolios.random_ledgers import MOST, built
from tests.marketdash.portfolios.test_stored import placed
from tests.marketdash.portfolios.writing import contracts, draft_of, entry, leg

Folds = list[int]


@pytest.fixture
def folds(monkeypatch: Any) -> Folds:
    """How many entries each fold took; and every fold is worth saving."""
    counted: Folds = []
    fold = Book.fold

    def counting(book: Book, entries: Any, *told: Any) -> Book:
        entries = list(entries)
        counted.append(len(entries))
        return fold(book, entries, *told)

    monkeypatch.setattr(Book, "fold", counting)
    monkeypatch.setattr(queries, "SAVE_AFTER", 1)
    return counted


def anew(portfolio: Portfolio) -> Any:
    book = Book(portfolio.base.code, portfolio.method)
    for each in queries.entries(portfolio):
        book.apply(each)
    return agreement.of_book(book)


def bought(account: Account, at_us: int, amount: str = "1") -> Draft:
    legs = (leg("BTC", amount, account=account.pk), leg("EUR", "-100", account=account.pk))
    return replace(draft_of(entry("buy", *legs)), at_us=at_us)


@pytest.mark.django_db
def test_a_book_is_folded_once_and_then_gone_on_with(
    portfolio: Portfolio, kraken: Account, folds: Folds
) -> None:
    actions.record(portfolio, [bought(kraken, at_us) for at_us in (10, 20, 30)])

    for further in ([], [bought(kraken, 30)], [bought(kraken, 40), bought(kraken, 50)], []):
        actions.record(portfolio, further)
        assert agreement.of_book(queries.book(portfolio)) == anew(portfolio)

    assert folds == [3, 1, 2, 0]


@pytest.mark.django_db
def test_what_belongs_before_its_end_folds_anew(portfolio: Portfolio, kraken: Account, folds: Folds) -> None:
    swap = (leg("BTC", "-1", account=kraken.pk), leg("ETH", "10", account=kraken.pk))
    rows = actions.record(
        portfolio, [bought(kraken, 10), replace(draft_of(entry("swap", *swap)), at_us=30)]
    ).entries
    steps: list[tuple[Callable[[], Any], int]] = [
        (lambda: None, 2),
        (lambda: actions.record(portfolio, [bought(kraken, 29)]), 3),
        (lambda: actions.state_rate(portfolio, rows[1].pk, DraftRate("BTC", "EUR", "7", "typed")), 3),
        (lambda: actions.reverse(portfolio, rows[1].pk), 2),
        (lambda: actions.correct(portfolio, rows[0].pk, bought(kraken, 10, "5")), 2),
        (lambda: actions.set_method(portfolio, "hifo"), 2),
        (lambda: actions.set_base(portfolio, "USD"), 2),
        (lambda: actions.set_base(portfolio, "EUR"), 0),
        (lambda: SavedBook.objects.update(rules="of another release"), 2),
        (lambda: rename("BTC", "XBT"), 2),
        (lambda: rename("XBT", "BTC"), 2),
    ]

    for change, expected in steps:
        change()
        assert agreement.of_book(queries.book(portfolio)) == anew(portfolio)
        assert folds.pop() == expected


def rename(code: str, to: str) -> None:
    Asset.objects.filter(code=code).update(code=to)


@pytest.mark.django_db
def test_a_book_that_was_folded_while_an_asset_got_another_code_is_not_saved(
    portfolio: Portfolio, kraken: Account, folds: Folds
) -> None:
    actions.record(portfolio, [bought(kraken, 10)])
    found = reading.folded_before(portfolio, "fifo", reading.reach(portfolio))
    found.further(queries.entries(portfolio))
    rename("BTC", "XBT")
    reading.save(portfolio, found)

    assert not SavedBook.objects.exists()
    assert agreement.of_book(queries.book(portfolio)) == anew(portfolio)


@pytest.mark.django_db
def test_what_contracts_settle_in_goes_by_its_code_of_now(
    portfolio: Portfolio, kraken: Account, folds: Folds
) -> None:
    terms = contracts("KRAKEN:BTC-PERP", "USDT", "1", "100")._replace(account=kraken.pk)
    actions.record(portfolio, [draft_of(entry("fill", terms))])

    codes = []
    for change in (lambda: None, lambda: rename("USDT", "TETHER")):
        change()
        codes += [held.asset for held in queries.book(portfolio).positions.values()]

    assert codes == ["USDT", "TETHER"]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_any_history_of_changes_ends_in_the_same_book(
    seed: int, portfolio: Portfolio, kraken: Account, wallet: Account, folds: Folds
) -> None:
    chance = random.Random(seed)
    told = built([chance.randrange(MOST) for _ in range(60)])
    drafts = [draft_of(placed(each, {1: kraken.pk, 2: wallet.pk})) for each in told]
    for at, draft in enumerate(drafts):
        if chance.random() < 0.2:
            draft = replace(draft, at_us=max(0, draft.at_us - 3_000_000))
        actions.record(portfolio, [draft])
        counted = [each.id for each in queries.entries(portfolio)]
        if chance.random() < 0.15:
            actions.reverse(portfolio, chance.choice(counted))
        if at % 3 == 0:
            portfolio.method = chance.choice(sorted(METHODS))
            assert agreement.of_book(queries.book(portfolio)) == anew(portfolio)

    assert min(folds) < 10 < max(folds)


@pytest.mark.django_db
def test_a_reader_sees_nothing_that_was_recorded_while_it_read(portfolio: Portfolio, kraken: Account) -> None:
    actions.record(portfolio, [bought(kraken, 10)])
    reach = reading.reach(portfolio)
    row = actions.record(portfolio, [bought(kraken, 20)]).entries[0]
    first = next(iter(queries.entries(portfolio)))
    actions.state_rate(portfolio, first.id, DraftRate("BTC", "EUR", "7", "typed"))
    actions.reverse(portfolio, first.id)

    assert list(reading.entries(portfolio, reach)) == [first]
    assert [each.id for each in queries.entries(portfolio)] == [row.pk]


@pytest.mark.django_db
def test_opening_asks_the_same_few_questions(
    portfolio: Portfolio, kraken: Account, folds: Folds, django_assert_max_num_queries: Any
) -> None:
    actions.record(portfolio, [bought(kraken, at_us) for at_us in range(50)])
    queries.book(portfolio)

    with django_assert_max_num_queries(10, connection=connection):
        queries.book(portfolio)


@pytest.mark.django_db(transaction=True)
def test_two_that_record_the_same_at_once_record_it_once(portfolio: Portfolio, kraken: Account) -> None:
    drafts = [replace(bought(kraken, at_us), fingerprint=f"row {at_us}") for at_us in range(20)]
    done: list[int] = []

    def record() -> None:
        for at in range(0, 20, 5):
            done.append(len(actions.record(portfolio, drafts[at : at + 5]).entries))
        connections.close_all()

    threads = [threading.Thread(target=record) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert (sum(done), len(done)) == (20, 8)
    assert len(list(queries.entries(portfolio))) == 20
