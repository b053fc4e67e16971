"""The admin shows the ledger and lets nobody touch it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from marketdash.portfolios import actions
from marketdash.portfolios.models import Account, Entry, Portfolio
from tests.marketdash.portfolios.writing import contracts, draft_of, entry, rate

pytestmark = pytest.mark.django_db
LISTS = "/admin/portfolios/entry/", "/admin/portfolios/portfolio/"


@pytest.fixture
def row(portfolio: Portfolio, kraken: Account) -> Entry:
    position = contracts("DERIBIT:BTC-PERPETUAL", "BTC", "-10", "64000.50", "10", True)
    told = entry("fill", position._replace(account=kraken.pk), rate("BTC", "0.000000000000000003"))
    return actions.record(portfolio, [draft_of(told, reference="log.csv:7")]).entries[0]


def test_an_administrator_reads_every_digit(client: Client, row: Entry) -> None:
    client.force_login(User.objects.create_superuser("root"))

    lists = [client.get(address).content.decode() for address in LISTS]
    page = client.get(f"{LISTS[0]}{row.pk}/change/").content.decode()

    assert "log.csv:7" in lists[0] and "Savings" in lists[1]
    for words in ("64000.5 × 10, inverse", "DERIBIT:BTC-PERPETUAL", "-10", "0.000000000000000003"):
        assert words in page


def test_an_administrator_sees_imports_and_touches_none(
    client: Client, portfolio: Portfolio, kraken: Account
) -> None:
    client.force_login(User.objects.create_superuser("root"))
    held = actions.bring(
        portfolio, kraken.pk, "t.csv", b"When,Amount,Of\n2026-01-01,5,EUR\n", portfolio.owner
    )
    there = "/admin/portfolios/import/"

    assert "t.csv" in client.get(there).content.decode()
    assert client.get(f"{there}{held.pk}/change/").status_code == 200
    assert client.get(f"{there}{held.pk}/delete/").status_code == 403
    assert client.post(f"{there}{held.pk}/change/", {"file_name": "mine"}).status_code == 403


def test_nobody_adds_changes_or_deletes_there(client: Client, row: Entry, portfolio: Portfolio) -> None:
    client.force_login(User.objects.create_superuser("root"))

    for address, pk in zip(LISTS, (row.pk, portfolio.pk), strict=True):
        for verb in ("add/", f"{pk}/delete/"):
            assert client.get(f"{address}{verb}").status_code == 403
        assert client.post(f"{address}{pk}/change/", {"note": "mine"}).status_code == 403
    assert Entry.objects.get().note == ""


def test_a_user_is_sent_away(client: Client, row: Entry, alice: User) -> None:
    client.force_login(alice)

    assert all(client.get(address).status_code == 302 for address in LISTS)


def test_an_account_is_deleted_with_its_portfolios(client: Client, row: Entry, alice: User) -> None:
    client.force_login(User.objects.create_superuser("root"))

    answer = client.post(f"/admin/auth/user/{alice.pk}/delete/", {"post": "yes"})

    assert answer.status_code == 302
    assert not User.objects.filter(pk=alice.pk).exists() and not Entry.objects.exists()
