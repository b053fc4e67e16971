"""Screens of a person: Alice keeps hers, Charlie never sees them, two pages never overwrite each other."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import AsyncClient, Client

from marketdash.dashboards import keeping, screens
from marketdash.dashboards.actions import Refused
from marketdash.dashboards.models import KeptScreen
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import FormerSymbol, Instrument

pytestmark = pytest.mark.django_db(transaction=True)

JSON = {"HTTP_ACCEPT": "application/json"}
CHART = {"kind": "chart", "x": 0, "y": 0, "w": 12, "h": 12}
BITCOIN_PAGE = "/instruments/kraken-btc-usd/"


def body(*panels: dict[str, Any], **more: Any) -> str:
    return json.dumps({"panels": list(panels), **more})


PLAIN = body(CHART)
PINNED = body({**CHART, "follows": "KRAKEN:ETH/USD"})


@pytest.fixture(autouse=True)
def fresh(instruments: dict[str, Instrument]) -> None:
    async_to_sync(catalogue.refresh)()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def keep(client: Client, version: int, screen: str) -> Any:
    return client.post("/screens/keep/", {"version": version, "screen": screen}, **JSON)


def got(path: str, user: User | None = None, cookie: str | None = None, **query: Any) -> Any:
    """The pages of instruments are asynchronous."""
    client = AsyncClient()
    if user is not None:
        client.force_login(user)
    if cookie is not None:
        client.cookies["screen"] = cookie
    return async_to_sync(client.get)(path, query)


def shown(user: User | None, path: str = BITCOIN_PAGE, cookie: str | None = None) -> list[tuple[str, ...]]:
    """Kind, follows, symbol and place of each panel, as the first paint has them."""
    page = unescape(got(path, user, cookie).content.decode())
    pattern = (
        r'data-kind="(\w+)"[^>]* data-follows="(\w+)"[^>]* data-symbol="([^"]+)" gs-x="(\d+)" gs-y="(\d+)"'
    )
    return re.findall(pattern, page)


def test_a_screen_is_kept_and_painted_first_on_every_instrument(alice: User) -> None:
    client = signed_in(alice)
    assert [each[0] for each in shown(alice)] == ["chart", "book", "tape", "depth", "quotes"]

    answer = keep(client, 0, body({**CHART, "x": 12}, {**CHART, "follows": "KRAKEN:ETH/USD"}))

    assert answer.json() == {"version": 1}
    pinned = ("chart", "own", "KRAKEN:ETH/USD", "0", "0")
    assert shown(alice) == [pinned, ("chart", "page", "KRAKEN:BTC/USD", "12", "0")]
    other = shown(alice, "/instruments/binance-btcusdt/")
    assert other == [pinned, ("chart", "page", "BINANCE:BTCUSDT", "12", "0")]


def test_nobody_sees_or_writes_the_screens_of_another(alice: User, charlie: User) -> None:
    keep(signed_in(alice), 0, PINNED)
    keeping.save_as(alice, "Alice's own", PINNED)
    other = signed_in(charlie)

    assert len(shown(charlie)) == 5
    page = got(BITCOIN_PAGE, charlie).content.decode()
    assert "Alice's own" not in unescape(page) and "KRAKEN:ETH/USD" not in page
    assert other.post("/screens/delete/", {"name": "Alice's own"}, **JSON).json() == {"saved": []}
    keep(other, 0, PLAIN)
    assert keeping.held(alice).screen == screens.read(PINNED)
    assert [each["name"] for each in keeping.saved(alice)] == ["Alice's own"]


@pytest.mark.parametrize("path", ["/screens/keep/", "/screens/save/", "/screens/delete/"])
def test_a_visitor_has_no_screens_on_the_server(instruments: Any, path: str) -> None:
    assert Client().post(path, **JSON).status_code == 401
    assert not KeptScreen.objects.exists()


def test_a_page_that_did_not_see_the_last_change_is_told(alice: User) -> None:
    desk, phone = signed_in(alice), signed_in(alice)
    keep(desk, 0, PLAIN)

    answer = keep(phone, 0, PINNED)

    assert answer.status_code == 409
    assert answer.json()["errors"]["version"] == "expected 1, found 0: another page of yours changed it"
    assert screens.read(answer.json()["screen"]) == screens.read(PLAIN)
    assert keeping.held(alice).screen == screens.read(PLAIN)
    assert keep(phone, answer.json()["version"], PINNED).json() == {"version": 2}


@pytest.mark.parametrize(
    ("screen", "field", "said"),
    [
        (body(CHART, CHART), "panels[1]", "expected a free place"),
        (body({**CHART, "kind": "x"}), "panels[0].kind", "expected one of chart"),
        (body({**CHART, "follows": "KRAKEN:NOPE"}), "panels[0].follows", "listed here, found 'KRAKEN:NOPE'"),
        (body({**CHART, "follows": "a"}, groups={"a": "KRAKEN:NOPE"}), "groups.a", "that is listed here"),
        ("", "screen", "expected JSON"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    alice: User, screen: str, field: str, said: str
) -> None:
    client = signed_in(alice)
    keep(client, 0, PLAIN)

    for answer in (
        keep(client, 1, screen),
        client.post("/screens/save/", {"name": "X", "screen": screen}, **JSON),
    ):
        assert answer.status_code == 422 and said in answer.json()["errors"][field]
    assert keeping.held(alice) == keeping.Held(1, screens.read(PLAIN))
    assert keeping.saved(alice) == []


@pytest.mark.parametrize("version", ["", "-1", "x", "1" * 10, "²"])
def test_a_version_is_a_number(alice: User, version: str) -> None:
    answer = signed_in(alice).post("/screens/keep/", {"version": version, "screen": PLAIN}, **JSON)

    assert answer.status_code == 422 and "version" in answer.json()["errors"]


def test_an_instrument_that_is_not_followed_any_more_says_so_and_may_stay(alice: User) -> None:
    client = signed_in(alice)
    keep(client, 0, PINNED)
    Instrument.objects.filter(symbol="KRAKEN:ETH/USD").update(enabled=False)
    async_to_sync(catalogue.refresh)()

    assert shown(alice) == [("chart", "own", "KRAKEN:ETH/USD", "0", "0")]
    assert "KRAKEN:ETH/USD is not followed here" in got(BITCOIN_PAGE, alice).content.decode()
    assert keep(client, 1, PINNED).status_code == 200


def test_a_kept_screen_that_cannot_be_read_shows_the_default_and_says_so(alice: User) -> None:
    client = signed_in(alice)
    KeptScreen.objects.create(owner=alice, version=7, body='{"panels":[{"kind":"gone"}]}')

    assert len(shown(alice)) == 5
    assert keeping.held(alice).problem.startswith("panels[0]")
    assert keep(client, 7, PLAIN).json() == {"version": 8}


def test_screens_are_saved_under_names_and_replaced_only_when_meant(alice: User, monkeypatch: Any) -> None:
    client = signed_in(alice)
    fields = {"name": "  Two   books ", "screen": PLAIN}
    assert [each["name"] for each in client.post("/screens/save/", fields, **JSON).json()["saved"]] == [
        "Two books"
    ]

    again = client.post("/screens/save/", {**fields, "screen": PINNED}, **JSON)
    assert again.status_code == 422 and "not in use, found 'Two books'" in again.json()["errors"]["name"]
    client.post("/screens/save/", {**fields, "screen": PINNED, "replace": "yes"}, **JSON)
    assert screens.read(keeping.saved(alice)[0]["screen"]) == screens.read(PINNED)
    monkeypatch.setattr(keeping, "MAX_SAVED", 1)
    with pytest.raises(Refused, match="at most 1 saved screens"):
        keeping.save_as(alice, "Another", PLAIN)
    with pytest.raises(Refused, match="printable"):
        keeping.save_as(alice, "a\u202eb", PLAIN)
    assert client.post("/screens/delete/", {"name": "Two books"}, **JSON).json() == {"saved": []}


def test_what_is_shown_is_not_deleted_by_an_empty_name(alice: User) -> None:
    client = signed_in(alice)
    keep(client, 0, PLAIN)

    client.post("/screens/delete/", {"name": ""}, **JSON)

    assert keeping.held(alice).version == 1


def test_a_browser_keeps_the_screen_of_a_visitor(instruments: Any) -> None:
    assert shown(None, cookie=quote(PINNED)) == [("chart", "own", "KRAKEN:ETH/USD", "0", "0")]
    for bad in ("", "%", quote("{}"), quote(body(CHART, CHART)), "%FF%FE", "x" * 9000):
        assert len(shown(None, cookie=bad)) == 5


def test_an_account_begins_with_what_its_browser_had_and_then_has_its_own(alice: User) -> None:
    assert shown(alice, cookie=quote(PINNED))[0][1] == "own"

    keep(signed_in(alice), 0, PLAIN)

    assert shown(alice, cookie=quote(PINNED)) == [("chart", "page", "KRAKEN:BTC/USD", "0", "0")]


def test_an_instrument_is_found_and_its_lines_are_told(instruments: Any) -> None:
    found = got("/find/", q="xbt usd").json()["found"]
    assert {each["symbol"] for each in found} == {"BINANCE:BTCUSDT", "COINBASE:BTC-USD", "KRAKEN:BTC/USD"}
    assert got("/find/", q="eth").json()["found"][0]["base"] == "ETH"
    assert got("/find/", q="").json()["found"] == []

    lines = got("/lines/", symbol=["KRAKEN:ETH/USD", "KRAKEN:GONE"]).json()["listed"]

    assert [(each["symbol"], each["followed"]) for each in lines] == [
        ("KRAKEN:ETH/USD", True), ("BINANCE:ETHUSDT", True), ("KRAKEN:GONE", False),
    ]  # fmt: skip


def test_who_may_not_read_markets_is_asked_to_sign_in(instruments: Any, settings: Any) -> None:
    settings.PUBLIC_MARKETS = False

    for path in ("/find/?q=eth", "/lines/?symbol=KRAKEN:ETH/USD", BITCOIN_PAGE):
        assert got(path).status_code == 302


def test_an_instrument_that_its_venue_renamed_stays_on_the_screen(
    alice: User, instruments: dict[str, Instrument]
) -> None:
    """Under both names at once: a page that was open before still writes the one that it knows."""
    client, grouped = signed_in(alice), body({**CHART, "follows": "a"}, groups={"a": "KRAKEN:ETH/USD"})
    keep(client, 0, PINNED)
    keeping.save_as(alice, "Ether", grouped)
    ether = instruments["KRAKEN:ETH/USD"]
    FormerSymbol.objects.create(symbol=ether.symbol, instrument=ether)
    ether.native = "ETHER/USD"
    ether.save()
    async_to_sync(catalogue.refresh)()

    for kept in (shown(alice), shown(None, cookie=quote(PINNED))):
        assert kept == [("chart", "own", "KRAKEN:ETHER/USD", "0", "0")]
    page = unescape(got(BITCOIN_PAGE, alice).content.decode())
    assert page.count("KRAKEN:ETHER/USD") > 2 and "KRAKEN:ETH/USD" not in page
    assert keep(client, 1, PINNED).json() == {"version": 2}
    assert [each["name"] for each in keeping.saved(alice)] == ["Ether"]
    assert keeping.held(alice).screen == screens.read(PINNED.replace("ETH/", "ETHER/"))
