"""A whole portfolio as one file, and an equal portfolio out of it; tables as JSON beside CSV."""

from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from hypothesis import HealthCheck, given, settings

from marketdash.instruments.models import Asset
from marketdash.portfolios import actions, backup, queries
from marketdash.portfolios.accounting.drafts import DraftRate
from marketdash.portfolios.accounting.ledger import Entry
from marketdash.portfolios.accounting.pools import METHODS
from marketdash.portfolios.actions import Refused
from marketdash.portfolios.backup import Kept
from marketdash.portfolios.models import Account, Portfolio
from tests.marketdash.portfolios import agreement
from tests.marketdash.portfolios.looking import Rows, client, text, ticker
from tests.marketdash.portfolios.random_ledgers import ledgers
from tests.marketdash.portfolios.writing import draft_of, entry, leg

DATA = (
    b"Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n2026-01-01 10:00:00,BTCUSDT,BUY,1,0.1BTC,1USDT,0USDT\n"
)


def kept(portfolio: Portfolio) -> Kept:
    return msgspec.structs.replace(backup.read(backup.written(portfolio)), name="")


def of_books(portfolio: Portfolio) -> list[object]:
    """All lots and sums by every method, accounts by their order, entries by theirs."""
    accounts = {
        pk: at for at, pk in enumerate(portfolio.accounts.order_by("pk").values_list("pk", flat=True))
    }
    places = {pk: at for at, pk in enumerate(portfolio.entries.order_by("pk").values_list("pk", flat=True))}
    entries = [
        each._replace(
            id=places[each.id], legs=tuple(leg._replace(account=accounts[leg.account]) for leg in each.legs)
        )
        for each in queries.entries(portfolio)
    ]
    return [
        agreement.of_book(agreement.Book(portfolio.base.code, method).fold(entries)) for method in METHODS
    ]


def check(portfolio: Portfolio) -> Portfolio:
    made = actions.restore(portfolio.owner, backup.written(portfolio))

    assert kept(made) == kept(portfolio)
    assert of_books(made) == of_books(portfolio)
    return made


def everything(held: Portfolio, kraken: Account, wallet: Account) -> None:
    """Reversed, corrected twice, a rate stated later, a file imported and undone, another that stands."""
    first, second, *_ = held.entries.order_by("pk")
    actions.reverse(held, first.pk, "was wrong")
    better = draft_of(entry("buy", leg("BTC", "7", account=kraken.pk), leg("USD", "-1", account=kraken.pk)))
    third = actions.correct(held, second.pk, better)
    actions.correct(held, third.pk, draft_of(entry("deposit", leg("EUR", "0.1", account=wallet.pk))))
    swap = draft_of(entry("swap", leg("ETH", "1", account=kraken.pk), leg("BTC", "-0.1", account=kraken.pk)))
    (late,) = actions.record(held, [swap]).entries
    actions.state_rate(held, late.pk, DraftRate("ETH", "EUR", "2000.000000000000000000000001", "somebody"))
    for account, undo in ((kraken, True), (wallet, False)):
        made = actions.begin(actions.bring(held, account.pk, "t.csv", DATA, held.owner))
        if undo:
            actions.undo(made)


def test_it_makes_an_equal_portfolio_again(held: Portfolio, kraken: Account, wallet: Account) -> None:
    everything(held, kraken, wallet)

    made = check(held)

    assert (made.name, made.owner) == ("Savings (2)", held.owner)
    assert [each.venue and each.venue.name for each in made.accounts.order_by("pk")] == ["KRAKEN", None]
    again = actions.bring(made, made.accounts.get(name="Wallet").pk, "t.csv", DATA, held.owner)
    assert (again.new, again.duplicates) == (0, 1)
    undone = actions.bring(made, made.accounts.get(name="Kraken").pk, "t.csv", DATA, held.owner)
    assert (undone.new, undone.duplicates) == (1, 0)
    assert actions.undo(made.imports.get(state="done")).state == "undone"


def test_an_account_that_is_opened_meanwhile_breaks_nothing(held: Portfolio, kraken: Account) -> None:
    """A query before the ledger is read somebody opens one, and records into it."""
    opened: list[Account] = []

    def meanwhile(execute: Any, sql: str, *of: Any) -> Any:
        if not opened and 'FROM "portfolios_entry"' in sql:
            opened.append(kraken)
            opened.append(actions.open_account(held, "Meanwhile"))
            actions.record(held, [draft_of(entry("deposit", leg("EUR", "3", account=opened[1].pk)))])
        return execute(sql, *of)

    with connection.execute_wrapper(meanwhile):
        data = backup.written(held)

    made = actions.restore(held.owner, data)
    assert made.accounts.filter(name="Meanwhile").exists()
    assert of_books(made) == of_books(held)


def test_an_asset_that_is_not_known_there_is_kept_under_its_code(held: Portfolio, kraken: Account) -> None:
    Asset.objects.create(code="BUSDX")
    actions.record(held, [draft_of(entry("deposit", leg("BUSDX", "7", account=kraken.pk)))])
    data, before = backup.written(held), of_books(held)
    actions.delete(held)
    Asset.objects.get(code="BUSDX").delete()

    made = actions.restore(held.owner, data)

    assert of_books(made) == before and Asset.objects.get(code="BUSDX").title == ""


@pytest.mark.django_db
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ledgers)
def test_so_does_any_ledger(
    portfolio: Portfolio, kraken: Account, wallet: Account, entries: list[Entry]
) -> None:
    owner = portfolio.owner
    name = f"Random {Portfolio.objects.count()}"
    random = actions.create(owner, name, "EUR")
    places = {at: actions.open_account(random, f"A{at}").pk for at in (1, 2)}
    drafts = [draft_of(each) for each in entries]
    actions.record(
        random,
        [
            replace(
                draft,
                account=places[draft.account],
                legs=[replace(each, account=places[each.account]) for each in draft.legs],
            )
            for draft in drafts
        ],
    )

    made = check(random)

    for each in (made, random):
        actions.delete(each)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "version: expected 1, found 2"),
        ({"base": "NOPE"}, "base: expected the code of a known asset, found 'NOPE'"),
        ({"method": "best"}, "method: expected one of"),
        ({"more": 1}, "file: expected a backup of a portfolio: Object contains unknown field `more`"),
        ({"entries.0.kind": "party"}, "0.kind: expected one of"),
        ({"entries.0.account": 9}, "entries.0.account: expected one of 1 accounts"),
        ({"entries.0.legs.0.amount": "NaN"}, "0.legs.0.amount: expected a plain decimal number, found 'NaN'"),
        ({"entries.0.legs.0.asset": "NO PE"}, "assets: expected a code of at most 32 characters"),
        (
            {"entries.0.legs.0.amount": 1.5},
            "file: expected a backup of a portfolio: Expected `str`, got `float`",
        ),
        ({"entries.1.fingerprint": "="}, "entries.1.fingerprint: expected each once"),
        ({"entries.0.corrects": 0}, "entries.0.corrects: expected an entry before it, found 0"),
        ({"entries.0.kind": "reversal"}, "entries.0.corrects: expected the entry that it reverses"),
    ],
)
def test_what_is_wrong_with_a_backup_leaves_nothing(
    held: Portfolio, change: dict[str, object], said: str
) -> None:
    found = json.loads(gzip.decompress(backup.written(held)))
    for path, value in change.items():
        *way, last = path.split(".")
        place = found
        for step in way:
            place = place[int(step) if step.isdecimal() else step]
        place[last] = found["entries"][0]["fingerprint"] if value == "=" else value

    with pytest.raises(Refused) as refused:
        actions.restore(held.owner, gzip.compress(json.dumps(found).encode()))

    assert str(refused.value).startswith(said)
    assert Portfolio.objects.get() == held


@pytest.mark.parametrize(
    "data",
    [b"", b"\x1f\x8bno", b"PK\x03\x04", gzip.compress(b"{", mtime=0), gzip.compress(b"[]", mtime=0)[:-9]],
)
def test_another_file_is_no_backup(portfolio: Portfolio, data: bytes) -> None:
    with pytest.raises(Refused, match="file: expected a backup of a portfolio"):
        actions.restore(portfolio.owner, data)


def test_what_grows_too_much_when_unpacked_is_refused(
    portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "MOST_UNPACKED", 1000)
    with pytest.raises(Refused, match="MiB unpacked, found more"):
        actions.restore(portfolio.owner, gzip.compress(b" " * 100_000, mtime=0))


@pytest.mark.django_db(transaction=True)
def test_pages_give_and_take_it(held: Portfolio, kraken: Account, alice: User, charlie: User) -> None:
    there = f"/portfolios/{held.pk}/backup/"
    answer = client(alice).get(there)
    assert answer["Content-Disposition"] == 'attachment; filename="savings-backup.json.gz"'
    assert client(charlie).get(there).status_code == 404

    sent = SimpleUploadedFile("b.json.gz", answer.content)
    taken = client(charlie).post("/portfolios/restore/", {"file": sent})

    made = Portfolio.objects.get(owner=charlie)
    assert taken.status_code == 302 and taken["Location"] == f"/portfolios/{made.pk}/"
    assert (made.name, kept(made)) == ("Savings", kept(held))
    assert "Expected a backup, found none" in text(client(alice).post("/portfolios/restore/"), 422).replace(
        "File: e", "E"
    )


@pytest.mark.django_db(transaction=True)
def test_tables_say_the_same_as_json_and_as_csv(held: Portfolio, alice: User, rows: Rows) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.123456789")
    browser = client(alice)
    for what in ("holdings", "entries"):
        table = list(csv.DictReader(io.StringIO(text(browser.get(f"/portfolios/{held.pk}/{what}.csv")))))
        answer = browser.get(f"/portfolios/{held.pk}/{what}.json")
        found = json.loads(answer.content, parse_float=Decimal)
        volatile = {"as_of", "price_age_s"}
        assert [[value or "" for name, value in row.items() if name not in volatile] for row in found] == [
            [value for name, value in row.items() if name not in volatile] for row in table
        ]
        assert answer["Content-Type"] == "application/json"
    assert browser.get(f"/portfolios/{held.pk}/entries.xml").status_code == 404


def test_codes_of_assets_are_enough(held: Portfolio, assets: dict[str, Asset]) -> None:
    """Nothing in it is a number of this database."""
    found = json.loads(gzip.decompress(backup.written(held)))

    assert {leg["account"] for entry in found["entries"] for leg in entry["legs"]} == {0}
    assert {leg["asset"] for entry in found["entries"] for leg in entry["legs"]} == {"EUR", "BTC"}
