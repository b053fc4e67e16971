"""Long ledgers are folded ahead; whoever opens one before that is told so, and never another number."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from marketdash import publish
from marketdash.accounts import tokens
from marketdash.portfolios import actions, queries, reading
from marketdash.portfolios.accounting.drafts import Draft, DraftRate
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.desk import Portfolios
from marketdash.portfolios.folding import MOST_WAITED_NS, Folding
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.models import Account, Leg, Portfolio, SavedBook
from tests.marketdash.portfolios import agreement
from tests.marketdash.portfolios.looking import Rows, client, text, ticker
from tests.marketdash.portfolios.writing import draft_of, entry, leg

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 3


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three entries are a long ledger."""
    monkeypatch.setattr(queries, "SAVE_AFTER", 2)
    monkeypatch.setattr(queries.folded_so_far, "__defaults__", ("", MOST))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(publish, "notify", lambda *words: found.append(words))
    return found


@pytest.fixture
def clock() -> list[int]:
    return [0]


@pytest.fixture
def folding(clock: list[int]) -> Folding:
    return Folding(lambda: clock[0])


def bought(account: Account, *times: int) -> list[Draft]:
    legs = (leg("BTC", "1", account=account.pk), leg("EUR", "-100", account=account.pk))
    return [replace(draft_of(entry("buy", *legs)), at_us=at_us) for at_us in times]


def anew(portfolio: Portfolio) -> Any:
    return agreement.of_book(Book(portfolio.base.code, portfolio.method).fold(queries.entries(portfolio)))


@pytest.fixture
def long(portfolio: Portfolio, kraken: Account, rows: Rows) -> Portfolio:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450")
    actions.record(portfolio, bought(kraken, 10, 20, 30, 40))
    return portfolio


def test_nobody_waits_for_a_long_fold_and_all_is_there_after_it(
    alice: User, long: Portfolio, folding: Folding, told: list[Any]
) -> None:
    there, address = client(alice), f"/portfolios/{long.pk}/"
    html = text(there.get(address), 202)
    assert "Being worked out" in html and 'data-widget="folding"' in html
    assert "data-sum" not in html and 'data-widget="portfolio"' not in html
    assert html.count('aria-label="Entry ') == 4, "the entries are there at once"

    assert folding.work_due() == 1

    assert 'data-sum="total"' in text(there.get(address))
    assert ("remake", "portfolio", str(long.pk)) in told
    assert agreement.of_book(queries.book(long)) == anew(long)


@pytest.mark.parametrize("page", ["", "unknown/", "currency/?base=USD", "assets/BTC/", "holdings.csv"])
def test_every_page_says_that_it_is_being_worked_out(
    alice: User, long: Portfolio, folding: Folding, page: str
) -> None:
    there, address = client(alice), f"/portfolios/{long.pk}/{page}"

    for _ in range(3):  # one round for the portfolio's own, one more for another currency
        answer = there.get(address)
        if answer.status_code == 202:
            assert "Being worked out" in text(answer, 202)
            folding.work_due()
            folding.work_due()

    assert answer.status_code == 200


def test_lists_links_and_bots_are_told_so_too(alice: User, long: Portfolio, folding: Folding) -> None:
    _, secret = actions.make_link(long, "open", 1, True)
    _, token = tokens.make(alice, "bot", ("read:portfolios",))
    bot = Client(headers={"authorization": f"Bearer {token}"})
    addresses = {
        "/portfolios/": (client(alice), 202),
        f"/shared/{secret}/": (Client(), 202),
        f"/api/v1/portfolios/{long.pk}": (bot, 503),
        f"/api/v1/portfolios/{long.pk}/lots": (bot, 503),
    }

    before = {at: who.get(at) for at, (who, _) in addresses.items()}
    folding.work_due()
    folding.work_due()

    assert {at: each.status_code for at, each in before.items()} == {
        at: status for at, (_, status) in addresses.items()
    }
    assert "Being worked out" in text(before["/portfolios/"], 202)
    assert before[f"/api/v1/portfolios/{long.pk}"]["Retry-After"] == "2"
    assert {who.get(at).status_code for at, (who, _) in addresses.items()} == {200}


def test_another_method_is_folded_when_it_is_chosen(long: Portfolio, folding: Folding) -> None:
    folding.work_due()
    folding.work_due()
    actions.set_method(long, "hifo")
    with pytest.raises(queries.Unfolded):
        queries.book(long)

    assert folding.work_due() == 1

    assert agreement.of_book(queries.book(long)) == anew(long)


def test_one_more_entry_is_folded_by_whoever_asks(long: Portfolio, kraken: Account, folding: Folding) -> None:
    folding.work_due()
    folding.work_due()
    saved = SavedBook.objects.get().entries
    actions.record(long, bought(kraken, 50))

    assert agreement.of_book(queries.book(long)) == anew(long)
    assert SavedBook.objects.get().entries == saved, "nothing that is worth saving"


@pytest.mark.parametrize("change", ["an earlier entry", "a late rate", "a reversal"])
def test_what_belongs_before_its_end_is_not_shown_before_it_is_in(
    long: Portfolio, kraken: Account, folding: Folding, change: str
) -> None:
    folding.work_due()
    folding.work_due()
    first = long.entries.order_by("pk")[0].pk
    if change == "an earlier entry":
        actions.record(long, bought(kraken, 5))
    elif change == "a late rate":
        actions.state_rate(long, first, DraftRate("BTC", "USD", "7", "typed"))
    else:
        actions.record(long, bought(kraken, 50))
        actions.reverse(long, first)
    with pytest.raises(queries.Unfolded):
        queries.book(long)

    assert folding.work_due() == 1  # asked for: at once

    assert agreement.of_book(queries.book(long)) == anew(long)


def test_what_is_unknown_is_saved_with_the_book(
    portfolio: Portfolio, kraken: Account, folding: Folding
) -> None:
    pk = kraken.pk
    unknown = [replace(draft_of(entry("deposit", leg("ETH", "20", account=pk))), at_us=at) for at in (1, 2)]
    actions.record(portfolio, [*unknown, *bought(kraken, 10, 20, 30)])
    folding.work_due()
    folding.work_due()
    more = replace(draft_of(entry("reward", leg("BNB", "2", account=pk))), at_us=40)
    actions.record(portfolio, [more])

    found = queries.lacks(portfolio)

    assert [(each.kind, each.assets, each.cost) for each in found] == [
        ("deposit", (), ("ETH",)),
        ("deposit", (), ("ETH",)),
        ("reward", ("BNB",), ()),
    ]


def test_a_ledger_in_motion_waits_ten_seconds_at_most_and_an_import_to_its_end(
    long: Portfolio, kraken: Account, folding: Folding, clock: list[int]
) -> None:
    folded = [folding.work_due()]
    for number in range(3):
        actions.record(long, bought(kraken, 50 + number))
        clock[0] += MOST_WAITED_NS // 3 + 1
        folded.append(folding.work_due())
    assert folded == [0, 0, 0, 1]

    about = {"file_name": "a.csv", "sha256": "0" * 64, "size": 1, "format": "byhand"}
    held = Import.objects.create(portfolio=long, account=kraken, by=long.owner, state=Import.RUNNING, **about)
    actions.record(long, bought(kraken, 1, 2, 3))
    clock[0] += 2 * MOST_WAITED_NS
    assert [folding.work_due(), folding.work_due()] == [0, 0]
    held.delete()
    assert [folding.work_due(), folding.work_due()] == [0, 1]


def test_who_follows_it_is_told_that_its_numbers_do_not_move(
    long: Portfolio, kraken: Account, folding: Folding
) -> None:
    class Silent:
        def moved(self) -> set[str]:
            return set()

        def value(self, topic: str) -> None:
            return None

    desk, key = Portfolios().desk(Silent()), str(long.pk)
    behind = async_to_sync(desk.open)(key, None)
    assert json.loads(behind.whole())["state"] == "stale" and behind.since() is None
    assert async_to_sync(desk.open)(key, behind) is behind
    folding.work_due()
    folding.work_due()

    made = async_to_sync(desk.open)(key, behind)
    assert "total" in json.loads(made.whole())
    actions.record(long, bought(kraken, 5))
    assert "worked out" in json.loads(async_to_sync(desk.open)(key, made).whole())["reason"]


def test_a_form_that_is_refused_meanwhile_keeps_its_status(alice: User, long: Portfolio) -> None:
    answer = client(alice).post(f"/portfolios/{long.pk}/rename/", {"name": ""})

    assert "data-sum" not in text(answer, 422)


def test_what_a_change_among_the_newest_would_do_is_worked_out_once_it_is_folded(
    long: Portfolio, folding: Folding, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_REVIEWED", 2)
    queries.folded_so_far(long, most=None)
    *_, newest = queries.entries(long)
    change = newest._replace(id=2**62), newest.id
    assert queries.preview(long, *change).is_brief

    reading.want(long, "fifo")
    assert folding.work_due() == 1

    assert not queries.preview(long, *change).is_brief


def test_the_database_is_told_how_large_a_ledger_became_before_it_is_read(
    long: Portfolio, folding: Folding, told: list[Any]
) -> None:
    """PostgreSQL finds out by itself, a minute later: until then it read a hundred thousand for minutes."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite keeps no such statistics of its own")

    folding.work_due()
    folding.work_due()

    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [Leg._meta.db_table])
        assert cursor.fetchone() == (8,)
