"""The pages of watchlists: Alice arranges hers, Charlie never sees them, visitors have the shared ones."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from marketdash import access
from marketdash.dashboards import actions, queries
from marketdash.dashboards.models import Watchlist
from marketdash.instruments.models import Instrument

pytestmark = pytest.mark.django_db

BITCOIN, ETHER, DOGE = "KRAKEN:BTC/USD", "KRAKEN:ETH/USD", "KRAKEN:DOGE/USD"
JSON = {"HTTP_ACCEPT": "application/json"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def mine(alice: User) -> Watchlist:
    held = actions.create(alice, "Alice alone")
    actions.add(held, [BITCOIN, ETHER])
    return held


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return answer.content.decode()


def test_a_list_is_made_filled_and_shown(alice: User) -> None:
    client = signed_in(alice)
    made = client.post("/watchlists/", {"name": "Majors"})

    page = text(client.post(f"{made['Location']}review/", {"text": "KRAKEN:BTCUSD\nbtc\nnope\nethusdt"}))

    assert not Watchlist.objects.get().items.exists()
    assert re.findall(r'data-fate="(.*?)"', page) == ["added", "ambiguous", "unknown", "added"]
    sure = re.search(r'name="symbol" value="(.*?)"', page)
    assert sure is not None and sure[1] == f"{BITCOIN} BINANCE:ETHUSDT"
    client.post(f"{made['Location']}add/", {"symbol": [sure[1], "COINBASE:BTC-USD", ""]})
    assert queries.names(Watchlist.objects.get()) == [BITCOIN, "BINANCE:ETHUSDT", "COINBASE:BTC-USD"]
    assert "3 added." in text(client.get(made["Location"]))


def test_one_certain_name_needs_no_question(alice: User, mine: Watchlist) -> None:
    answer = signed_in(alice).post(f"/watchlists/{mine.pk}/review/", {"text": "xdg"})

    assert answer.status_code == 302 and queries.names(mine) == [BITCOIN, ETHER, DOGE]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_export_is_an_import(alice: User, mine: Watchlist, encoding: str) -> None:
    client = signed_in(alice)
    answer = client.get(f"/watchlists/{mine.pk}/export/")
    assert text(answer) == f"{BITCOIN}\n{ETHER}\n"
    assert answer["Content-Disposition"] == 'attachment; filename="alice-alone.txt"'

    other = actions.create(alice, "Copy")
    file = SimpleUploadedFile("list.txt", text(answer).encode(encoding))
    page = text(client.post(f"/watchlists/{other.pk}/review/", {"file": file}))

    assert re.findall(r'data-fate="(.*?)"', page) == ["added", "added"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": ""}, "Text: expected at least one instrument, found none"),
        ({"text": "x " * 60_000}, "Text: expected at most 100,000 characters"),
        ({"text": " ".join(f"A{n}" for n in range(501))}, "Text: expected at most 500 entries"),
        ({"file": b"x" * 100_001}, "File: expected at most 100,000 bytes"),
        ({"file": b"\xff\xfe\x00"}, "File: expected text"),
    ],
)
def test_what_cannot_be_read_says_why(
    alice: User, mine: Watchlist, fields: dict[str, Any], said: str
) -> None:
    if "file" in fields:
        fields = {"file": SimpleUploadedFile("a file", fields["file"])}

    page = text(signed_in(alice).post(f"/watchlists/{mine.pk}/review/", fields), 422)

    assert said in page and queries.names(mine) == [BITCOIN, ETHER]


def test_a_hostile_text_is_text(alice: User, mine: Watchlist) -> None:
    hostile = "<img/src=x/onerror=alert(1)>"
    client = signed_in(alice)
    client.post(f"/watchlists/{mine.pk}/rename/", {"name": hostile})

    for page in (
        client.post(f"/watchlists/{mine.pk}/review/", {"text": f"a{hostile} b"}),
        client.get(f"/watchlists/{mine.pk}/?removed={hostile}&place=1"),
        client.get("/watchlists/"),
    ):
        assert "<img" not in text(page)


def test_what_is_removed_is_put_back(alice: User, mine: Watchlist) -> None:
    client = signed_in(alice)
    removed = client.post(f"/watchlists/{mine.pk}/remove/", {"symbol": BITCOIN})
    assert queries.names(mine) == [ETHER]
    page = text(client.get(removed["Location"]))
    assert f"{BITCOIN} is removed." in page and 'name="place" value="0"' in page

    client.post(f"/watchlists/{mine.pk}/restore/", {"symbol": BITCOIN, "place": "0"})

    assert queries.names(mine) == [BITCOIN, ETHER]
    bad = client.post(f"/watchlists/{mine.pk}/restore/", {"symbol": BITCOIN, "place": "-1"}, **JSON)
    assert bad.status_code == 422 and "place" in bad.json()["errors"]


def test_order_without_and_with_scripts(alice: User, mine: Watchlist) -> None:
    client = signed_in(alice)
    assert client.post(f"/watchlists/{mine.pk}/order/", {"up": ETHER}).status_code == 302
    assert queries.names(mine) == [ETHER, BITCOIN]

    answer = client.post(f"/watchlists/{mine.pk}/order/", {"order": f"{BITCOIN} {ETHER}"}, **JSON)

    assert answer.status_code == 204 and queries.names(mine) == [BITCOIN, ETHER]
    second = actions.create(alice, "Second")
    client.post("/watchlists/order/", {"order": f"{second.pk} {mine.pk} x 9{'9' * 30}"}, **JSON)
    assert [each.name for each in queries.lists(alice)] == ["Second", "Alice alone"]


def test_a_star_fills_the_open_list_or_the_first(alice: User, mine: Watchlist) -> None:
    client = signed_in(alice)
    second = actions.create(alice, "Second")

    state = client.post("/watchlists/star/", {"symbol": DOGE, "on": "yes", "list": ""}, **JSON).json()
    assert state["starred"] == [BITCOIN, ETHER, DOGE] and state["target"] == mine.pk
    client.post("/watchlists/star/", {"symbol": DOGE, "list": second.pk}, **JSON)
    assert queries.names(second) == [DOGE]

    back = client.post("/watchlists/star/", {"symbol": DOGE, "list": second.pk, "back": "/?list=all"})
    assert back["Location"] == "/?list=all" and queries.names(second) == []
    evil = client.post("/watchlists/star/", {"symbol": DOGE, "back": "https://evil.example/"})
    assert evil["Location"] == "/"
    unknown = client.post("/watchlists/star/", {"symbol": "KRAKEN:NOPE", "on": "yes"}, **JSON)
    assert unknown.status_code == 422 and "symbol" in unknown.json()["errors"]


def test_a_star_beside_a_shared_list_fills_ones_own(
    alice: User, administrator: User, mine: Watchlist
) -> None:
    shared = actions.create(None, "House")

    assert queries.shown(alice, str(shared.pk)).target == mine
    assert queries.shown(administrator, str(shared.pk)).target == shared


def test_a_deleted_list_is_gone(alice: User, mine: Watchlist) -> None:
    client = signed_in(alice)

    client.post(f"/watchlists/{mine.pk}/delete/")

    assert "Alice alone is deleted." in text(client.get("/watchlists/"))
    assert not Watchlist.objects.exists()


WRITES = ["rename", "delete", "review", "add", "remove", "restore", "order"]


@pytest.mark.parametrize("action", [*WRITES, "", "export"])
def test_charlie_neither_sees_nor_changes_what_is_alices(mine: Watchlist, charlie: User, action: str) -> None:
    client, address = signed_in(charlie), f"/watchlists/{mine.pk}/{action}{'/' if action else ''}"
    fields = {"name": "Taken", "text": DOGE, "symbol": BITCOIN, "order": ETHER, "place": "0"}

    answer = client.post(address, fields) if action in WRITES else client.get(address)

    assert answer.status_code == 404 and b"Alice alone" not in answer.content
    mine.refresh_from_db()
    assert mine.name == "Alice alone" and queries.names(mine) == [BITCOIN, ETHER]


def test_charlie_meets_alices_list_nowhere_else(mine: Watchlist, charlie: User) -> None:
    client = signed_in(charlie)

    star = client.post("/watchlists/star/", {"symbol": DOGE, "list": mine.pk}, **JSON)
    client.post("/watchlists/order/", {"order": str(mine.pk)}, **JSON)

    assert star.status_code == 404 and queries.names(mine) == [BITCOIN, ETHER]
    assert "Alice alone" not in text(client.get("/watchlists/"))
    state = client.get(f"/watchlists/state/?list={mine.pk}", **JSON).json()
    assert state == {"lists": [], "open": None, "target": None, "starred": []}
    assert queries.as_rows(charlie) == []


def test_visitors_are_asked_to_sign_in_and_scripts_are_told(mine: Watchlist) -> None:
    client = Client()

    for path in ("/watchlists/", f"/watchlists/{mine.pk}/", "/watchlists/state/"):
        answer = client.get(path)
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next=")
    assert client.post("/watchlists/star/", {"symbol": BITCOIN}, **JSON).status_code == 401


def test_writes_need_the_forms_token(alice: User, mine: Watchlist) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    assert client.post(f"/watchlists/{mine.pk}/delete/").status_code == 403
    assert client.get(f"/watchlists/{mine.pk}/delete/").status_code == 405


def test_shared_lists_are_an_administrators(
    alice: User, administrator: User, instruments: dict[str, Instrument]
) -> None:
    made = signed_in(administrator).post("/watchlists/", {"name": "House", "shared": "yes"})
    shared = Watchlist.objects.get(owner=None)
    assert made["Location"] == f"/watchlists/{shared.pk}/"

    refused = signed_in(alice).post("/watchlists/", {"name": "Hers", "shared": "yes"})
    assert "expected an administrator" in text(refused, 422)
    assert signed_in(alice).post(f"/watchlists/{shared.pk}/add/", {"symbol": BITCOIN}).status_code == 404
    assert "House" in text(signed_in(alice).get("/watchlists/"))


def test_shared_lists_are_ordered_by_an_administrator_alone(alice: User, administrator: User) -> None:
    first, second = actions.create(None, "House"), actions.create(None, "Shed")
    sent = {"order": f"{second.pk} {first.pk}", "shared": "yes"}

    for who, order in ((alice, [first, second]), (administrator, [second, first])):
        signed_in(who).post("/watchlists/order/", sent, **JSON)
        assert list(Watchlist.objects.filter(owner=None)) == order


def test_staff_arranges_shared_lists_with_the_permission_alone(alice: User) -> None:
    shared = actions.create(None, "House")
    alice.is_staff = True
    alice.save()
    assert not access.may_change(alice, shared)

    alice.user_permissions.add(Permission.objects.get(codename="change_watchlist"))

    assert access.may_change(User.objects.get(pk=alice.pk), shared)
    assert access.changeable(Watchlist.objects.all(), User.objects.get(pk=alice.pk)).count() == 1


def test_an_account_that_was_closed_owns_nothing_any_more(alice: User, mine: Watchlist) -> None:
    alice.is_active = False

    assert not access.may_change(alice, mine)
    assert not access.readable(Watchlist.objects.all(), alice).exists()


def test_suggestions_name_what_is_not_followed(alice: User) -> None:
    found = signed_in(alice).get("/watchlists/find/?q=sol", **JSON).json()["found"]

    assert found == [{"symbol": "KRAKEN:SOL/EUR", "kind": "spot", "followed": False}]
