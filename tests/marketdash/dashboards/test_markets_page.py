"""The Markets page with somebody's lists, as the first paint has them."""

from __future__ import annotations

import json
import re

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import AsyncClient

from marketdash.dashboards import actions
from marketdash.dashboards.models import Watchlist
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import Instrument

pytestmark = pytest.mark.django_db(transaction=True)

BITCOIN, ETHER, SOL = "KRAKEN:BTC/USD", "KRAKEN:ETH/USD", "KRAKEN:SOL/EUR"


@pytest.fixture(autouse=True)
def fresh(instruments: dict[str, Instrument]) -> None:
    async_to_sync(catalogue.refresh)()


@pytest.fixture
def mine(alice: User) -> Watchlist:
    held = actions.create(alice, "Alice alone")
    actions.add(held, [SOL, ETHER, BITCOIN])
    return held


def shown(path: str, user: User | None = None) -> str:
    client = AsyncClient()
    if user is not None:
        client.force_login(user)
    answer = async_to_sync(client.get)(path)
    assert answer.status_code == 200
    return answer.content.decode()


def rows(html: str) -> list[str]:
    return re.findall(r'<tr role="row" data-symbol="([^"]+)"', html)


def test_an_open_list_has_its_order_and_what_is_not_followed_says_so(alice: User, mine: Watchlist) -> None:
    html = shown(f"/?list={mine.pk}", alice)

    assert rows(html) == [SOL, ETHER, BITCOIN]
    assert f'data-symbol="{SOL}" data-state="off"' in html and "not followed here" in html
    first = json.loads(re.search(r'<script id="first-paint".*?>(.*?)</script>', html, re.DOTALL)[1])  # type: ignore[index]
    assert [each["followed"] for each in first] == [False, True, True]
    assert first[0]["value"]["state"] == "off"
    assert re.search(r'class="star" aria-sort="ascending"', html)


def test_all_markets_carry_the_stars_of_the_first_list(alice: User, mine: Watchlist) -> None:
    html = shown("/", alice)

    assert len(rows(html)) == 7 and SOL not in rows(html)
    starred = re.findall(r'value="([^"]+)" data-star aria-pressed="true"', html)
    assert sorted(starred) == [BITCOIN, ETHER]


def test_charlie_and_visitors_see_all_markets_instead_of_alices_list(charlie: User, mine: Watchlist) -> None:
    for user in (charlie, None):
        html = shown(f"/?list={mine.pk}", user)
        assert len(rows(html)) == 7 and "Alice alone" not in html
    assert "data-star" not in shown("/")


def test_visitors_start_with_the_first_shared_list_that_holds_something(alice: User) -> None:
    actions.create(None, "Empty")
    house = actions.create(None, "House")
    actions.add(house, [ETHER])

    assert rows(shown("/")) == [ETHER]
    assert len(rows(shown("/?list=all"))) == 7
    assert len(rows(shown("/?q=btc"))) == 7
    assert len(rows(shown("/", alice))) == 7
    assert rows(shown(f"/?list={house.pk}", alice)) == [ETHER]


def test_an_empty_list_says_what_to_do(alice: User) -> None:
    made = actions.create(alice, "New")

    html = shown(f"/?list={made.pk}", alice)

    assert "New is empty" in html and f'href="/watchlists/{made.pk}/"' in html


def test_a_long_list_is_one_page(alice: User) -> None:
    venue = Instrument.objects.get(symbol=BITCOIN).venue
    for at in range(500):
        Instrument(venue=venue, native=f"A{at}/USD", base=f"A{at}", quote="USD", enabled=True).save()
    made = actions.create(alice, "Long")
    actions.add(made, [f"KRAKEN:A{at}/USD" for at in reversed(range(500))])
    async_to_sync(catalogue.refresh)()

    html = shown(f"/?list={made.pk}", alice)

    assert rows(html) == [f"KRAKEN:A{at}/USD" for at in reversed(range(500))]
    assert html.count('aria-pressed="true"') == 500


def test_an_instrument_carries_its_star(alice: User, mine: Watchlist) -> None:
    html = shown("/instruments/kraken-btc-usd/", alice)

    assert f'value="{BITCOIN}" data-star aria-pressed="true"' in html
    assert "data-star" not in shown("/instruments/kraken-btc-usd/")
