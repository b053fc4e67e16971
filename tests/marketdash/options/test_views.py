"""The pages of options, as their first paint has them."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import AsyncClient

from marketdash import publish
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import Instrument, Venue
from tests.marketdash.options.making import row

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = "<img src=x onerror=1>"
SOON, LATER = (datetime.now(UTC).replace(microsecond=0) + timedelta(days=days) for days in (30, 200))
PATH = "/options/kraken-btc-usd-btc/"


def named(expiry: datetime, strike: str, right: str) -> str:
    return f"{expiry:%-d%b%y}-{strike}-{right[0]}".upper()


async def make(
    venue: Venue, expiry: datetime, strikes: Iterable[str], rights: Iterable[str] = ("call", "put")
) -> None:
    for strike in strikes:
        for right in rights:
            native = named(expiry, strike, right)
            parts = {"base": "BTC", "quote": "USD", "settle": "BTC", "expiry": expiry, "tick_size": "0.0001"}
            await Instrument(
                venue=venue, native=native, kind="option", strike=strike, right=right, enabled=True, **parts
            ).asave()


@pytest.fixture
async def rows(monkeypatch: pytest.MonkeyPatch, settings: Any) -> AsyncIterator[dict[str, publish.Row]]:
    """Two expiries; the answer is what ``publish.read`` knows, by the option's own name."""
    settings.PUBLIC_MARKETS = True
    kraken = await Venue.objects.acreate(name="KRAKEN", title="Kraken")
    await make(kraken, SOON, ("60000", "64000", "100000"))
    await make(kraken, LATER, ("70000",), ("call",))
    known: dict[str, publish.Row] = {}
    asked: list[str] = []

    async def read(topics: Iterable[str], timeout_s: float) -> dict[str, publish.Row]:
        asked.extend(topics)
        return {
            topic: known[topic.rpartition(":")[2]] for topic in asked if topic.rpartition(":")[2] in known
        }

    monkeypatch.setattr(publish, "read", read)
    await catalogue.refresh()
    yield known
    await Instrument.objects.all().adelete()
    await catalogue.refresh()


async def page(client: AsyncClient, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    assert answer.status_code == status, answer
    return answer.content.decode()


def cells(html: str, strike: str) -> dict[str, str]:
    found = re.search(rf'<tr role="row" data-strike="{strike}".*?</tr>', html, re.DOTALL)
    assert found is not None
    return dict(re.findall(r'data-cell="([\w.]+)"[^>]*>([^<]*)<', found[0]))


async def test_numbers_are_in_place(async_client: AsyncClient, rows: dict[str, publish.Row]) -> None:
    rows[named(SOON, "64000", "call")] = row()
    rows[named(SOON, "64000", "put")] = row("stale", "no data for 5 s", 7_000_000, bid="0.0333")

    html = await page(async_client, PATH)

    found = cells(html, "64000")
    assert (found["call.bid"], found["call.ask"], found["put.bid"]) == ("0.0415", "0.0425", "0.0333")
    assert (found["call.mark_iv"], found["call.delta"], found["call.theta"]) == ("64.8", "0.381", "−75.80")
    assert (found["call.state"], found["put.state"]) == ("", "Stale")
    assert cells(html, "60000")["call.bid"] == "–" and cells(html, "60000")["call.state"] == "Syncing"
    assert 'data-strike="64000" data-call="live" data-put="stale" data-inside="call" data-at-money' in html
    assert "1 of 6 live, 4 syncing, 1 stale" in html and "64,012.34" in html
    for words in ("paid in BTC", "prices in BTC, strikes in USD", f"{SOON:%-d %b %y}", "29 d"):
        assert words in html


async def test_an_expiry_is_chosen_by_its_address(
    async_client: AsyncClient, rows: dict[str, publish.Row]
) -> None:
    html = await page(async_client, f"{PATH}?expiry={LATER:%Y-%m-%d}")

    assert 'data-strike="70000"' in html and 'data-strike="64000"' not in html
    assert re.search(rf'aria-current="page" data-expiry="{LATER:%Y-%m-%d}"', html)
    assert '<td role="cell" class="put bid"></td>' in html  # no such put

    everything = await page(async_client, f"{PATH}?expiry=all")
    assert len(re.findall(r"data-section=", everything)) == 2
    assert 'data-strike="70000"' in everything and 'data-strike="64000"' in everything


async def test_ours_and_the_difference_are_painted_too(
    async_client: AsyncClient, rows: dict[str, publish.Row]
) -> None:
    stamp = int((SOON - timedelta(days=30)).timestamp() * 1e6)
    rows[named(SOON, "64000", "call")] = row(ts_exchange=stamp, bid="")

    ours = cells(await page(async_client, f"{PATH}?show=ours&columns=greeks"), "64000")
    difference = cells(await page(async_client, f"{PATH}?show=difference"), "64000")

    iv = float(ours["call.mark_iv"])
    assert 30 < iv < 90 and ours["call.bid_iv"] == "–"
    assert abs(float(difference["call.mark_iv"].replace("−", "-")) - (iv - 64.8)) < 0.06


async def test_strikes_around_the_money_alone(
    async_client: AsyncClient, rows: dict[str, publish.Row]
) -> None:
    rows[named(SOON, "60000", "call")] = row(underlying_price="99000")
    await make(await Venue.objects.aget(), SOON, [f"{each}000" for each in range(101, 120)])
    await catalogue.refresh()

    html = await page(async_client, f"{PATH}?around=5")

    assert len(re.findall(r'<tr role="row" data-strike="\d', html)) == 1 + 3 + 5  # with the one to copy


async def test_the_scripts_start_from_the_same_values(
    async_client: AsyncClient, rows: dict[str, publish.Row]
) -> None:
    rows[named(SOON, "64000", "call")] = row()

    html = await page(async_client, PATH)

    first, model = (
        json.loads(re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', html)[1])
        for name in ("first-paint", "chain")
    )
    (seeded,) = first
    assert seeded["symbol"] == f"KRAKEN:{named(SOON, '64000', 'call')}"
    assert seeded["beside"]["option"]["value"]["bid"] == "0.0415"
    assert [strike[0] for strike in model["expiries"][0]["strikes"]] == ["60000", "64000", "100000"]
    assert model["inCoin"] is True and model["magnitude"] == 4


async def test_what_expired_says_so(async_client: AsyncClient, rows: dict[str, publish.Row]) -> None:
    past = datetime(2024, 6, 28, 8, tzinfo=UTC)
    await make(await Venue.objects.aget(), past, ("50000",))
    await catalogue.refresh()

    html = await page(async_client, f"{PATH}?expiry=2024-06-28")

    assert "The options of 28 Jun 24 have expired." in html and "Delisted" in html
    assert 'data-expiry="2024-06-28"' not in html  # no tab for it
    gone = await page(async_client, f"{PATH}?expiry=2029-01-01")
    assert "No options of 2029-01-01 are listed; the nearest are shown." in gone


async def test_other_names_lead_there_or_say_that_there_is_none(
    async_client: AsyncClient, rows: dict[str, publish.Row]
) -> None:
    answer = await async_client.get("/options/btc/")
    assert (answer.status_code, answer["Location"]) == (302, PATH)

    html = await page(async_client, "/options/kraken-doge-usd/", 404)
    assert "No options of kraken-doge-usd" in html and 'href="/options/"' in html


async def test_all_underlyings_are_listed(async_client: AsyncClient, rows: dict[str, publish.Row]) -> None:
    html = await page(async_client, "/options/")

    assert f'<a href="{PATH}">BTC/USD</a>' in html and 'data-go="options"' in html
    assert 'data-go="options"' in await page(async_client, "/")


async def test_without_options_it_says_how_there_come_to_be_some(
    async_client: AsyncClient, rows: dict[str, publish.Row], admin_user: Any
) -> None:
    await Instrument.objects.all().aupdate(enabled=False)
    await catalogue.refresh()

    assert "An administrator chooses which instruments are followed" in await page(async_client, "/options/")
    assert 'data-go="options"' not in await page(async_client, "/")
    await async_client.aforce_login(admin_user)
    assert "?kind__exact=option" in await page(async_client, "/options/")


async def test_visitors_of_a_private_site_are_asked_to_sign_in(
    async_client: AsyncClient, rows: dict[str, publish.Row], settings: Any
) -> None:
    settings.PUBLIC_MARKETS = False

    for path in ("/options/", PATH, "/options/nothing/"):
        answer = await async_client.get(path)
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next=")
    assert 'data-go="options"' not in await page(async_client, "/accounts/login/")


async def test_a_hostile_name_is_text(async_client: AsyncClient, rows: dict[str, publish.Row]) -> None:
    await Instrument.objects.all().aupdate(base=HOSTILE, settle=HOSTILE)
    rows[named(SOON, "64000", "call")] = row("stale", HOSTILE, bid=HOSTILE, mark_iv=HOSTILE)
    await catalogue.refresh()

    for path in ("/options/", "/options/kraken-img-src-x-onerror-1-usd-img-src-x-onerror-1/"):
        assert HOSTILE not in await page(async_client, path)


async def test_an_option_has_a_page_with_its_terms_and_our_figures(
    async_client: AsyncClient, rows: dict[str, publish.Row]
) -> None:
    stamp = int((SOON - timedelta(days=30)).timestamp() * 1e6)
    rows[named(SOON, "64000", "put")] = row("stale", "no data for 5 s", 7_000_000, ts_exchange=stamp)
    listed = await Instrument.objects.aget(native=named(SOON, "64000", "put"))

    html = await page(async_client, f"/instruments/{listed.slug}/")

    placed = re.findall(r'class="place" id="panel-\d+" data-kind="(\w+)"', html)
    assert placed == ["option", "chart", "book", "tape", "depth", "quotes"]
    words = "The right to sell 1 BTC for 64,000 USD each, at expiry alone (European); paid in BTC."
    assert words in html and f"{SOON:%-d %b %y} 64,000 P</i></h1>" in html
    assert f'href="{PATH}?expiry={SOON:%Y-%m-%d}"' in html
    found = dict(re.findall(r'data-cell="([\w.]+)"[^>]*>([^<]*)<', html.split('data-part="option"')[1]))
    assert (found["mark_iv"], found["delta"], found["underlying"]) == ("64.8", "0.381", "BTC-27DEC30")
    assert -1 < float(found["delta.ours"].replace("−", "-")) < 0 and found["gamma.ours"] != "–"
    assert "Stale 7 s" in html and '"inCoin": true' in html
