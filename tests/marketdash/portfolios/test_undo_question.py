"""Before an import is undone a page says what would then be owed."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import strip_tags

from marketdash.instruments.models import Alias, Asset
from marketdash.portfolios import actions, queries
from marketdash.portfolios.importing import committing
from marketdash.portfolios.models import Account, Entry
from tests.marketdash.portfolios.imports.test_kraken import OLDEST
from tests.marketdash.portfolios.looking import client, text
from tests.marketdash.portfolios.test_entry_pages import buy, kept
from tests.marketdash.portfolios.test_import_pages import posted, sent

pytestmark = pytest.mark.django_db(transaction=True)
FROM = {"kind": "sell", "asset": "BTC", "asset2": "EUR"}


@pytest.fixture
def browser(alice: User, kraken: Account, assets: dict[str, Asset]) -> Client:
    for code, means in {"XXBT": "BTC", "XETH": "ETH", "ZEUR": "EUR", "DOT": "NEW", "DOT28": "NEW"}.items():
        Alias.objects.create(code=code, asset=assets[means], venue=kraken.venue)
    return client(alice)


@pytest.fixture
def address(browser: Client, kraken: Account) -> str:
    """Of an import that is done: 0.002 BTC were bought, and nothing before."""
    found = sent(browser, kraken, OLDEST)
    posted(browser, f"{found}start/")
    return found


def traded(browser: Client, account: Account, **fields: str) -> None:
    at = f"/portfolios/{account.portfolio_id}/entries/"
    html = text(browser.post(f"{at}review/", buy(account, **fields)))
    assert browser.post(f"{at}save/", kept(html)).status_code == 302


def asked(browser: Client, address: str) -> list[str]:
    """Each as it is read; how much is owed hides where amounts do."""
    found = re.search(r"<ul[^>]*data-owed>(.*?)</ul>", text(browser.get(f"{address}undo/")), re.S)
    lines = re.findall(r"<li[^>]*>(.*?)</li>", found[1]) if found else []
    assert all(line.count('<span class="amount">') == 2 for line in lines if "short position" in line)
    return [strip_tags(line) for line in lines]


def test_nothing_is_said_where_nothing_stays(browser: Client, address: str) -> None:
    assert asked(browser, address) == []


def test_later_sales_of_what_it_brought_would_be_owed(browser: Client, address: str, kraken: Account) -> None:
    traded(browser, kraken, **FROM, amount="0.0005", amount2="30", time="2024-05-01T00:00")
    traded(browser, kraken, **FROM, amount="0.0004", amount2="30", time="2024-05-02T00:00")

    assert asked(browser, address) == [
        "2 entries that would stay, from 2024-05-01 on, take more BTC out of Kraken than would have come in: "
        "up to 0.0009 BTC would be owed, as a short position, and 0.0009 BTC would still be owed at the end."
    ]
    posted(browser, f"{address}undo/", sure="yes")
    assert str(queries.book(kraken.portfolio).holdings()[kraken.pk, "BTC"]) == "-0.0009"  # as it was said


def test_what_came_in_later_is_said_too(browser: Client, address: str, kraken: Account) -> None:
    traded(browser, kraken, **FROM, amount="0.0005", amount2="30", time="2024-05-01T00:00")
    traded(browser, kraken, amount="0.001", amount2="20", time="2024-06-01T00:00")

    (words,) = asked(browser, address)
    assert words.endswith(
        "up to 0.0005 BTC would be owed, as a short position, and at the end 0.0005 BTC would be there."
    )


def test_what_was_owed_anyway_is_not_laid_to_it(browser: Client, address: str, kraken: Account) -> None:
    traded(browser, kraken, **{**FROM, "asset": "BNB"}, amount="3", amount2="30", time="2024-05-01T00:00")

    assert asked(browser, address) == []


def test_what_would_be_taken_back_is_what_undoing_takes_back(
    browser: Client, address: str, kraken: Account
) -> None:
    held = queries.imports(kraken.portfolio).get()
    first = Entry.objects.order_by("pk")[0]
    actions.reverse(kraken.portfolio, first.pk, "")
    expected = committing.counting(held)
    posted(browser, f"{address}undo/", sure="yes")
    gone = set(Entry.objects.filter(note__startswith="import of").values_list("corrects", flat=True))
    assert gone == expected and first.pk not in gone


def test_of_a_long_ledger_it_is_said_that_nobody_worked_it_out(
    browser: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_REVIEWED", 2)
    (words,) = asked(browser, address)
    assert words.startswith("The ledger is long")


def test_it_is_worked_out_for_whoever_wants_to_undo_alone(
    browser: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the ledger was read")

    monkeypatch.setattr(queries, "owed_without", never)
    assert f'href="{address}undo/"' in text(browser.get(address))


def test_it_is_asked_once_more_where_the_box_is_not_ticked(
    browser: Client, address: str, kraken: Account
) -> None:
    traded(browser, kraken, **FROM, amount="0.0005", amount2="30", time="2024-05-01T00:00")

    html = text(browser.post(f"{address}undo/"), 422)

    assert "Expected the box to be ticked." in html and "BTC would be owed" in html
    assert queries.imports(kraken.portfolio).get().state == "done"
    posted(browser, f"{address}undo/", sure="yes")
    again = browser.get(f"{address}undo/")  # there is nothing to undo any more
    assert (again.status_code, again.headers["location"]) == (302, address)
