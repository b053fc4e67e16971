"""Whose pages they are: Alice has hers, visitors are asked to sign in, Charlie finds nothing of them."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from marketdash.portfolios import actions, urls
from marketdash.portfolios.models import Account, Entry, Portfolio
from tests.marketdash.portfolios.looking import Rows, client, text, ticker
from tests.marketdash.portfolios.writing import draft_of, entry, leg

pytestmark = pytest.mark.django_db(transaction=True)

READS = (
    *("", "curve/", "assets/EUR/"),
    "holdings.csv",
    "entries.csv",
    *("lots.csv", "lots.json", "unknown.csv", "unknown.json", "equity.csv", "equity.json"),
    *("imports.csv", "imports.json"),
    *("holdings.json", "entries.json", "backup/"),
    "entries/new/",
    "entries/new/?corrects={entry}",
    "entries/{entry}/",
    "imports/",
    "imports/{import}/",
    "imports/{import}/progress/",
    *("unknown/", "currency/?base=USD"),
    *("fills/", "fills/new/", "fills.csv", "fills.json"),
    *("keys/", "accounts/{account}/"),
)
WRITES = (
    *("rename/", "method/", "accounts/", "delete/", "entries/new/", "entries/review/", "entries/save/"),
    "entries/offer/",
    *("entries/{entry}/reverse/", "entries/{entry}/rate/", "currency/"),
    *("share/", "share/end/", "links/", "links/end/"),
    *("accounts/{account}/key/", "accounts/{account}/key/remove/"),
    *("imports/",),
    *(f"imports/{{import}}/{what}/" for what in ("look", "start", "undo", "forget")),
)
CHANGING = (
    *("entries/new/", "entries/new/?corrects={entry}"),
    *(path for path in READS if path.startswith("imports")),
    *("backup/", "currency/?base=USD"),
    *("keys/", "accounts/{account}/"),
)
"""Read, but nothing for who may only look."""
SENT = {
    **{"sure": "yes", "name": "Mine", "method": "lifo", "account": "x"},
    **{"base": "USD", "asset": "EUR", "rate": "1"},
    **{"venue": "KRAKEN", "key": "a-key-1234", "secret": "a-secret"},
    **{"viewer": "charlie", "share": "1", "link": "1", "days": "7", "amounts": "yes"},
}


def filled(path: str, held: Portfolio) -> str:
    """With the numbers of an entry and of a file that was looked at."""
    if "{import}" in path:
        account = held.accounts.first()
        assert account is not None
        data = b"When,Amount,Asset\n2026-01-01,5,EUR\n"
        return path.format(**{"import": actions.bring(held, account.pk, "t.csv", data, held.owner).pk})
    first = Entry.objects.order_by("pk")[0]
    return path.format(entry=first.pk, account=first.account_id)


def test_visitors_are_asked_to_sign_in(held: Portfolio) -> None:
    for path in ("/portfolios/", f"/portfolios/{held.pk}/", f"/portfolios/{held.pk}/entries/new/"):
        answer = Client().get(path)
        assert answer.status_code == 302 and answer["Location"].startswith(
            "/accounts/login/?next=/portfolios/"
        )


@pytest.mark.parametrize(
    ("verb", "path"), [*(("get", path) for path in READS), *(("post", path) for path in WRITES)]
)
def test_charlie_finds_nothing_of_it(
    held: Portfolio, alice: User, charlie: User, verb: str, path: str
) -> None:
    own = actions.create(charlie, "Own", "EUR")
    actions.open_account(own, "Own")
    sent = SENT if verb == "post" else None
    there = filled(path, held)
    keys = [held.pk, own.pk] if "{" in path else [held.pk]

    answers = [getattr(client(charlie), verb)(f"/portfolios/{key}/{there}", sent) for key in keys]

    assert [answer.status_code for answer in answers] == [404] * len(keys)
    assert not any(word in answer.content.decode() for answer in answers for word in ("Savings", "t.csv"))
    held.refresh_from_db()
    assert (held.name, held.method, held.accounts.count()) == ("Savings", "fifo", 1)
    assert held.entries.count() == 4 and not Entry.objects.filter(kind="reversal").exists()
    assert getattr(client(alice), verb)(f"/portfolios/{held.pk}/{there}", sent).status_code in (200, 302, 422)


def test_every_address_is_tried_as_charlie() -> None:
    paths = (re.sub(r"{\w+}", "<int:pk>", path).partition("?")[0] for path in (*READS, *WRITES))
    paths = (path.replace("assets/EUR", "assets/<path:code>") for path in paths)
    forms = (re.sub(r"\.(csv|json)$", ".<str:form>", path) for path in paths)
    tried = {f"portfolios/<int:key>/{path}" for path in forms}

    assert tried == {str(each.pattern) for each in urls.urlpatterns} - {
        *("portfolios/", "portfolios/restore/", "portfolios.<str:form>"),
        *("portfolios/rates/", "portfolios/totals.<str:form>"),  # of one's own
        "portfolios/<int:key>/leave/",
        "shared/<str:secret>/",
        "portfolios/<int:key>/contracts/<path:name>/",
    }


def test_bob_may_look_and_change_nothing(held: Portfolio, bob: User, rows: Rows) -> None:
    actions.share(held, "bob")
    address, browser = f"/portfolios/{held.pk}/", client(bob)

    read = {path: browser.get(address + filled(path, held)).status_code for path in READS}
    written = [browser.post(address + filled(path, held), SENT).status_code for path in WRITES]

    assert read == {path: 403 if path in CHANGING else 200 for path in READS}
    assert set(written) == {403}
    held.refresh_from_db()
    assert (held.name, held.method, held.accounts.count(), held.shares.count()) == ("Savings", "fifo", 1, 1)
    assert held.entries.count() == 4


def test_bob_sees_whose_it_is_and_nothing_to_press(held: Portfolio, bob: User, rows: Rows) -> None:
    actions.share(held, "Bob")
    first = Entry.objects.order_by("pk")[0]

    html = text(client(bob).get(f"/portfolios/{held.pk}/"))
    entry_html = text(client(bob).get(f"/portfolios/{held.pk}/entries/{first.pk}/"))

    assert "Shared by alice" in html and "400.00" in html and "t.csv:7" in html
    assert forms(html) == {"/accounts/logout/", f"/portfolios/{held.pk}/leave/"}
    assert forms(entry_html) == {"/accounts/logout/"} and "corrects=" not in entry_html
    assert "entries/new/" not in html and "Shared with" not in html
    overview = text(client(bob).get("/portfolios/"))
    assert "Shared with you" in overview and "Savings" in overview and "by alice" in overview


def forms(html: str) -> set[str]:
    """What can be sent from a page, but for the search."""
    return set(re.findall(r'<form[^>]* method="post"[^>]* action="([^"]*)"', html))


def test_lists_are_ones_own(held: Portfolio, charlie: User, alice: User, rows: Rows) -> None:
    assert "Savings" in text(client(alice).get("/portfolios/"))
    assert "Savings" not in text(client(charlie).get("/portfolios/"))


def test_tables_as_csv_have_every_digit_and_no_formula(
    held: Portfolio, kraken: Account, alice: User, rows: Rows
) -> None:
    rows["ticker:KRAKEN:BTC/EUR"] = ticker("450.123456789")
    told = entry("withdrawal", leg("EUR", "-0.000000000000000001", account=kraken.pk))
    actions.record(held, [draft_of(told, note="=HYPERLINK(1)", reference="+1,2")])
    browser = client(alice)

    table = list(csv.DictReader(io.StringIO(text(browser.get(f"/portfolios/{held.pk}/holdings.csv")))))
    entries = list(csv.DictReader(io.StringIO(text(browser.get(f"/portfolios/{held.pk}/entries.csv")))))

    assert [(row["asset"], row["quantity"], row["value"]) for row in table] == [
        ("EUR", "899.999999999999999999", "899.999999999999999999"),
        ("BTC", "1", "450.123456789"),
    ]
    assert (table[1]["price_path"], table[1]["price_live"], table[1]["gain"]) == (
        "BTC → EUR",
        "yes",
        "50.123456789",
    )
    assert (table[1]["price_age_s"], table[1]["change_24h"]) == ("2", "")
    assert len(entries) == 8 and entries[-1]["amount"] == "-0.000000000000000001"
    assert (entries[-1]["note"], entries[-1]["reference"]) == ("'=HYPERLINK(1)", "'+1,2")
