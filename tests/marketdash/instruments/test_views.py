"""The markets list, one instrument and the sparklines, as the first paint has them."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import AsyncClient

from marketdash import publish
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import Instrument, Venue

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = "<img src=x onerror=1>"
TICKER = {
    "bid": "64012.1",
    "ask": "64012.2",
    "last": "64012.2",
    "volume": "1834.2",
    "change_pct": "-0.481",
    "ts_received": 1,
}


@pytest.fixture
async def listed(monkeypatch: pytest.MonkeyPatch, settings: Any) -> AsyncIterator[dict[str, publish.Row]]:
    """Three instruments; the answer is what ``publish.read`` knows, by topic."""
    settings.PUBLIC_MARKETS = True
    kraken = await Venue.objects.acreate(name="KRAKEN", title="Kraken")
    for native, base, quote, tick in (
        ("BTC/USD", "BTC", "USD", "0.1"),
        ("BTC/EUR", "BTC", "EUR", "0.1"),
        ("X", HOSTILE, "USD", "0.01"),
    ):
        row = Instrument(venue=kraken, native=native, base=base, quote=quote, tick_size=tick, enabled=True)
        await row.asave()
    rows: dict[str, publish.Row] = {}

    async def read(topics: Iterable[str], timeout_s: float) -> dict[str, publish.Row]:
        return {topic: rows[topic] for topic in topics if topic in rows}

    monkeypatch.setattr(publish, "read", read)
    await catalogue.refresh()
    yield rows
    await Instrument.objects.all().adelete()
    await catalogue.refresh()


async def page(client: AsyncClient, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def row_of(html: str, symbol: str) -> str:
    found = re.search(rf'<tr role="row" data-symbol="{re.escape(symbol)}".*?</tr>', html, re.DOTALL)
    assert found is not None
    return re.sub(r"<[^>]+>", " ", found[0])


CLOSED = publish.Row("halted", "closed, opens Mon 09:30 New York", 400_000, {**TICKER, "phase": "closed"})
HALTED = publish.Row("halted", "closed by the exchange", 400_000, TICKER)


async def test_what_its_hours_closed_is_closed_from_the_first_paint_on(
    async_client: AsyncClient, listed: dict[str, publish.Row]
) -> None:
    """As ``core/age.js`` reads it a moment later (``tests/js/age.test.js``): no word changes."""
    listed["ticker:KRAKEN:BTC/USD"], listed["ticker:KRAKEN:BTC/EUR"] = CLOSED, HALTED

    markets = await page(async_client, "/")
    assert "Closed" in row_of(markets, "KRAKEN:BTC/USD") and "Halted" not in row_of(markets, "KRAKEN:BTC/USD")
    assert "Halted" in row_of(markets, "KRAKEN:BTC/EUR") and "Closed" not in row_of(markets, "KRAKEN:BTC/EUR")

    its = await page(async_client, "/instruments/kraken-btc-usd/")
    assert "Closed: opens Mon 09:30 New York." in its and "Halted" not in its
    assert "Halted: closed by the exchange." in await page(async_client, "/instruments/kraken-btc-eur/")


BEFORE = "before the opening, opens Mon 09:30 New York"


def of_venue(phase: str, words: str, state: str = "live") -> publish.Row:
    return publish.Row(state, "", 0, {"phase": phase, "phase_words": words})


@pytest.mark.parametrize(
    ("phase", "words", "word", "said"),
    [
        ("pre", BEFORE, "Pre", f" · {BEFORE}"),
        ("post", "after the close", "Post", " · after the close"),
        ("open", "", "Live", " · open"),
        ("", "", "Live", ""),
    ],
)
async def test_the_part_of_its_day_is_there_from_the_first_paint_on(
    async_client: AsyncClient, listed: dict[str, publish.Row], phase: str, words: str, word: str, said: str
) -> None:
    """As ``widgets/marketrow.js`` and ``summary.js`` write it later (``e2e/test_market_hours.py``)."""
    listed["ticker:KRAKEN:BTC/USD"] = publish.Row("live", "", 400_000, TICKER)
    listed["ticker:KRAKEN:BTC/EUR"] = HALTED
    listed["status:KRAKEN"] = of_venue(phase, words)

    markets = await page(async_client, "/")
    assert f'data-cell="state" title="{words}">{word}</td>' in markets
    assert word in row_of(markets, "KRAKEN:BTC/USD")
    halted = row_of(markets, "KRAKEN:BTC/EUR")
    assert "Halted" in halted and "Pre" not in halted and "Post" not in halted
    assert (f'"phase": {{"name": "{phase}", "words": "{words}"}}' in markets) == bool(phase)

    its = await page(async_client, "/instruments/kraken-btc-usd/")
    assert f'Kraken · Spot<span data-cell="phase">{said}</span>' in its


async def test_a_feed_that_is_silent_says_nothing_of_the_day(
    async_client: AsyncClient, listed: dict[str, publish.Row]
) -> None:
    listed["ticker:KRAKEN:BTC/USD"] = publish.Row("stale", "no word from the feed", 400_000, TICKER)
    listed["status:KRAKEN"] = of_venue("pre", BEFORE, "stale")

    text = row_of(await page(async_client, "/"), "KRAKEN:BTC/USD")
    assert "Stale" in text and "Pre" not in text
    assert '<span data-cell="phase"></span>' in await page(async_client, "/instruments/kraken-btc-usd/")


async def test_numbers_are_in_place(async_client: AsyncClient, listed: dict[str, publish.Row]) -> None:
    listed["ticker:KRAKEN:BTC/USD"] = publish.Row("live", "", 400_000, TICKER)

    text = row_of(await page(async_client, "/"), "KRAKEN:BTC/USD")

    assert text.split()[:5] == ["BTC", "/USD", "Kraken", "Kraken", "64,012.2"]
    for shown in ("−0.48%", "64,012.1", "0.02", "117 M", "Live", "&lt; 1 s"):
        assert shown in text


async def test_what_is_not_known_is_a_dash_and_not_live(
    async_client: AsyncClient, listed: dict[str, publish.Row]
) -> None:
    html = await page(async_client, "/")

    assert 'data-symbol="KRAKEN:BTC/USD" data-state="syncing"' in html
    text = row_of(html, "KRAKEN:BTC/USD")
    assert text.count("–") == 7 and "Live" not in text and " 0" not in text


async def test_a_hostile_name_is_text(async_client: AsyncClient, listed: dict[str, publish.Row]) -> None:
    listed["ticker:KRAKEN:X"] = publish.Row("stale", HOSTILE, 0, {**TICKER, "last": HOSTILE})

    for path in ("/", "/instruments/kraken-x/"):
        assert HOSTILE not in await page(async_client, path)


async def test_the_scripts_start_from_the_same_values(
    async_client: AsyncClient, listed: dict[str, publish.Row]
) -> None:
    listed["ticker:KRAKEN:BTC/USD"] = publish.Row("live", "", 400_000, TICKER)

    html = await page(async_client, "/")

    embedded = re.search(r'<script id="first-paint" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert embedded is not None
    first = json.loads(embedded[1])[0]
    assert first["symbol"] == "KRAKEN:BTC/USD" and first["priceDecimals"] == 1 and first["ageUs"] == 400_000
    assert first["value"] == {**TICKER, "state": "live", "reason": ""}


async def test_an_instrument_has_its_values_and_its_kin(
    async_client: AsyncClient, listed: dict[str, publish.Row]
) -> None:
    listed["ticker:KRAKEN:BTC/USD"] = publish.Row("live", "", 400_000, TICKER)

    html = await page(async_client, "/instruments/kraken-btc-usd/")

    assert "64,012.2" in html and 'data-symbol="KRAKEN:BTC/EUR"' in html


async def test_a_perpetual_has_panels_that_a_spot_pair_has_not(
    async_client: AsyncClient, listed: dict[str, publish.Row]
) -> None:
    await Instrument.objects.filter(symbol="KRAKEN:BTC/EUR").aupdate(kind="perpetual", settle="EUR")
    await catalogue.refresh()
    listed["mark:KRAKEN:BTC/EUR"] = publish.Row("stale", "no data for 5 s", 7_000_000, {"mark": "64012.35"})

    spot, perpetual = [
        await page(async_client, f"/instruments/kraken-btc-{quote}/") for quote in ("usd", "eur")
    ]

    placed = [
        re.findall(r'class="place" id="panel-\d+" data-kind="(\w+)"', html) for html in (spot, perpetual)
    ]
    assert placed[0] == ["chart", "book", "tape", "depth", "quotes"]
    assert placed[1] == ["contract", "chart", "book", "tape", "liquidations", "depth", "quotes"]
    assert "Kraken · Spot" in spot and "Kraken · Perpetual" in perpetual
    assert (
        "64,012.35" in perpetual
        and "Stale 7 s" in perpetual
        and "Sizes are in BTC; paid in EUR." in perpetual
    )
    assert '"beside": {"mark": {"value": {"mark": "64012.35", "state": "stale"' in perpetual
    assert (
        "<small>Perpetual</small>" in spot
        and '"contract": {' not in spot.split('"symbol": "KRAKEN:BTC/EUR"')[0]
    )


async def test_a_search_finds_what_a_contract_is_of_before_the_contract(
    async_client: AsyncClient, listed: dict[str, publish.Row]
) -> None:
    await Instrument.objects.filter(symbol="KRAKEN:BTC/EUR").aupdate(kind="perpetual")
    await catalogue.refresh()

    found = json.loads(await page(async_client, "/find/?q=btc"))["found"]

    assert [each["symbol"] for each in found] == ["KRAKEN:BTC/USD", "KRAKEN:BTC/EUR"]
    assert found[1]["contract"]["short"] == "Perpetual"


@pytest.mark.parametrize("typed", ["60000", "60,000", "60.000", "60\u202f000", "60\u00a0000", "60\u2019000"])
async def test_a_strike_is_found_with_what_its_reader_writes_between_the_digits(
    async_client: AsyncClient, listed: dict[str, publish.Row], typed: str
) -> None:
    strike = "KRAKEN:BTC-25DEC26-60000-C"
    await Instrument.objects.filter(symbol="KRAKEN:BTC/EUR").aupdate(symbol=strike)
    await catalogue.refresh()

    found = json.loads(await page(async_client, "/find/?" + urlencode({"q": typed})))["found"]

    assert [each["symbol"] for each in found] == [strike]


async def test_an_unknown_slug_is_not_here(async_client: AsyncClient, listed: dict[str, publish.Row]) -> None:
    assert "Not here" in await page(async_client, "/instruments/kraken-nothing/", 404)


async def test_visitors_of_a_private_site_are_asked_to_sign_in(
    async_client: AsyncClient, listed: dict[str, publish.Row], settings: Any
) -> None:
    settings.PUBLIC_MARKETS = False

    for path in (
        "/?q=btc",
        "/instruments/kraken-btc-usd/",
        "/sparklines/?symbol=KRAKEN:BTC/USD",
        "/listing/",
    ):
        answer = await async_client.get(path)
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next=")


async def test_sparklines_are_closes_of_known_instruments(
    async_client: AsyncClient, listed: dict[str, publish.Row]
) -> None:
    bars = [{"close": str(at)} for at in range(200)]
    listed["ohlc.15:KRAKEN:BTC/USD"] = publish.Row("live", "", 0, {"bars": bars})

    answer = json.loads(await page(async_client, "/sparklines/?symbol=KRAKEN:BTC/USD&symbol=NOT:HERE"))

    assert answer["closes"] == {"KRAKEN:BTC/USD": [str(at) for at in range(104, 200)]}


async def test_the_list_is_asked_for_what_changed(
    async_client: AsyncClient, listed: dict[str, publish.Row]
) -> None:
    html = await page(async_client, "/")
    version = re.search(r'data-listing="([0-9a-f]+)"', html)
    assert version is not None
    await Instrument.objects.filter(symbol="KRAKEN:BTC/USD").aupdate(enabled=False)
    await Instrument.objects.filter(symbol="KRAKEN:BTC/EUR").aupdate(book_depth=0)
    await catalogue.refresh()

    changes = json.loads(await page(async_client, f"/listing/?since={version[1]}"))

    assert (changes["whole"], changes["gone"]) == (False, ["KRAKEN:BTC/USD"])
    assert [(row["symbol"], row["bookDepth"]) for row in changes["listed"]] == [("KRAKEN:BTC/EUR", 0)]
    assert "An administrator can switch it on" in changes["listed"][0]["without"]["book"]
    assert changes["version"] not in ("", version[1])


async def test_a_delisted_one_says_so(async_client: AsyncClient, listed: dict[str, publish.Row]) -> None:
    await Instrument.objects.filter(symbol="KRAKEN:BTC/USD").aupdate(status="delisted")
    await catalogue.refresh()

    for path in ("/", "/instruments/kraken-btc-usd/"):
        html = await page(async_client, path)
        assert 'data-state="delisted"' in html and "Kraken no longer lists it" in html


async def test_an_empty_catalogue_says_what_to_do(
    async_client: AsyncClient, listed: dict[str, publish.Row]
) -> None:
    await Instrument.objects.all().adelete()
    await catalogue.refresh()

    assert "No instruments yet" in await page(async_client, "/")
