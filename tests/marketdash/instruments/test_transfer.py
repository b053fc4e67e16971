"""CSV through the admin: a preview, a confirmation, a history; or nothing, and a list of what is wrong."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from marketdash import publish
from marketdash.instruments import actions
from marketdash.instruments.models import Instrument, Upload

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/instruments/instrument/"
GOOD = "symbol;enabled;book_depth\nKRAKEN:BTC/USD;;25\nKRAKEN:ETH/USD;;\n"


@pytest.fixture
def notices(database: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    actions.add_starters({"KRAKEN": "Kraken"})
    sent: list[str] = []
    monkeypatch.setattr(publish, "notify", lambda kind, *_: sent.append(kind))
    return sent


def person(name: str, *codenames: str) -> Client:
    """Signed in as staff who may do just this."""
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def olga(notices: list[str]) -> Client:
    return person("olga", "view_instrument", "change_instrument", "add_instrument")


def look(client: Client, text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile("mine.csv", data, content_type="text/csv")
    answer = client.post(f"{LIST}import/", {"import_file": file, "format": "0", "resource": "0"})
    assert answer.status_code == 200
    return answer.content.decode()


def confirm(client: Client, html: str) -> int:
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    fields = {name: hidden[name] for name in ("import_file_name", "original_file_name", "format", "resource")}
    return client.post(f"{LIST}process_import/", fields).status_code


def test_what_would_change_is_shown_before_it_is_saved(olga: Client, notices: list[str]) -> None:
    html = look(olga, GOOD)

    assert "1 would change, 0 would be new, 1 stays as it is" in html
    assert "book depth: <del>100</del> → <ins>25</ins>" in html
    assert Instrument.objects.get(symbol="KRAKEN:BTC/USD").book_depth == 100
    assert notices == []

    assert confirm(olga, html) == 302
    assert Instrument.objects.get(symbol="KRAKEN:BTC/USD").book_depth == 25
    assert notices == ["configure"]
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.change_message) == (
        "olga",
        "Book depth: 100 → 25 (CSV import of mine.csv)",
    )
    assert not Upload.objects.exists()


def test_a_file_with_errors_imports_nothing_and_names_them_all(olga: Client, notices: list[str]) -> None:
    rows = [f"KRAKEN:C{n}/USD,perhaps" for n in range(300)]
    html = look(olga, "\n".join(["symbol,enabled", "KRAKEN:BTC/USD,no", *rows]))

    assert "Nothing was imported" in html and "600 problems in 300 rows" in html
    assert "expected yes or no, found &#x27;perhaps&#x27;" in html
    assert Instrument.objects.get(symbol="KRAKEN:BTC/USD").enabled and "process_import" not in html

    problems = re.search(r'href="(/admin/[^"]*problems/[^"]*)"', html)
    assert problems is not None
    text = olga.get(problems[1]).content.decode("utf-8-sig")
    assert text.count("\r\n") == 601 and "302,enabled,\"expected yes or no, found 'perhaps'\"" in text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"symbol,enabeld\nX,yes\n", "unknown column &#x27;enabeld&#x27; (did you mean enabled?)"),
        (b"symbol\n\xe9\n", "expected UTF-8 text"),
        (b"PK\x03\x04", "found a workbook"),
        (b" ", "expected a header"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_at_its_field(olga: Client, data: bytes, words: str) -> None:
    assert words in look(olga, data)


def test_what_changed_between_preview_and_confirmation_saves_nothing(
    olga: Client, notices: list[str]
) -> None:
    html = look(olga, "symbol,base,quote\nKRAKEN:SOL/EUR,SOL,EUR\n")
    User.objects.get(username="olga").user_permissions.remove(
        Permission.objects.get(codename="add_instrument")
    )

    assert confirm(olga, html) == 302

    assert not Instrument.objects.filter(symbol="KRAKEN:SOL/EUR").exists()
    assert confirm(olga, html) == 302  # the file is gone by now
    assert "not kept any more" in olga.get(f"{LIST}import/").content.decode()


def test_an_export_holds_what_the_list_shows(olga: Client) -> None:
    answer = olga.get(f"{LIST}export/?q=xbt")

    text = answer.content.decode("utf-8-sig")
    assert answer["Content-Type"].startswith("text/csv")
    assert text.splitlines()[1].startswith("KRAKEN:BTC/USD,yes,yes,yes,yes,100,trading,spot,BTC,USD,")
    assert len(text.splitlines()) == 2


def test_who_may_only_look_cannot_change(notices: list[str]) -> None:
    vera = person("vera", "view_instrument")
    row = Instrument.objects.get(symbol="KRAKEN:BTC/USD")

    html = vera.get(LIST).content.decode()
    assert "KRAKEN:BTC/USD" in html and "-0-enabled" not in html and "Stop following" not in html
    assert f'href="{LIST}import/' not in html and f'href="{LIST}export/' in html
    assert vera.get(f"{LIST}import/").status_code == 403
    vera.post(LIST, {"action": "stop_following", "_selected_action": [row.pk]})
    assert vera.post(f"{LIST}{row.pk}/change/", {"enabled": ""}).status_code == 403
    row.refresh_from_db()
    assert row.enabled


def test_nobody_else_sees_the_figures(notices: list[str], client: Client) -> None:
    assert client.get(f"{LIST}live/").status_code == 403
    assert person("eve").get(f"{LIST}live/").status_code == 403
    assert person("vera", "view_instrument").get(f"{LIST}live/").json() == {"rows": {}}


def test_operators_may_change_what_is_followed_and_nothing_else(database: str) -> None:
    """What the migration makes, which the emptying of a database after a test takes away."""
    migration = import_module("marketdash.instruments.migrations.0004_operators")
    with connection.schema_editor() as editor:
        migration.make(apps, editor)
    allowed = set(Group.objects.get(name="Operators").permissions.values_list("codename", flat=True))

    assert {"view_instrument", "change_instrument", "change_asset", "add_alias"} <= allowed
    assert not {"add_instrument", "delete_instrument", "change_user", "add_user"} & allowed
