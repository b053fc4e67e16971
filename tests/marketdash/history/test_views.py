"""The bars of a chart over HTTP, and what a page shows when nothing is known of now."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import AsyncClient

from feeds.symbols import INTERVALS
from marketdash import publish
from marketdash.history import actions, backfills
from marketdash.history.derive import MINUTE_US
from marketdash.history.models import Backfill, Bar, Span
from marketdash.instruments.catalogue import catalogue
from marketdash.instruments.models import Instrument
from tests.marketdash.history.fetching import NOW_US
from tests.marketdash.history.making import DAY_US, SYMBOL, T0_US, bar, instrument

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/instruments/kraken-btc-usd/bars/"


@pytest.fixture
async def stored(settings: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, publish.Row]]:
    """250 minutes of one instrument; the answer is what ``publish.read`` knows, by topic."""
    settings.PUBLIC_MARKETS = True
    rows: dict[str, publish.Row] = {}

    async def read(topics: Iterable[str], timeout_s: float) -> dict[str, publish.Row]:
        return {topic: rows[topic] for topic in topics if topic in rows}

    monkeypatch.setattr(publish, "read", read)
    await sync_to_async(_make)()
    await catalogue.refresh()
    yield rows
    await Bar.objects.all().adelete()
    await Instrument.objects.all().adelete()
    await catalogue.refresh()


def _make() -> None:
    row = instrument()
    actions.cover(row.pk, 1, T0_US, T0_US + 250 * MINUTE_US)
    actions.upsert([bar(at, str(at + 1), incomplete=at == 7) for at in range(250)])
    actions.upsert([bar(at, str(at + 1), interval=15) for at in range(40)])


async def answer(client: AsyncClient, query: str = "", status: int = 200) -> dict[str, Any]:
    response = await client.get(PATH + query)
    assert response.status_code == status, response.content
    return {**response.json(), "kept": response.headers["Cache-Control"]}


async def test_a_page_is_packed_for_whoever_can_unpack_it(async_client: AsyncClient, stored: object) -> None:
    plain = await async_client.get(PATH + "?interval=1&limit=100")
    packed = await async_client.get(PATH + "?interval=1&limit=100", headers={"Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in plain.headers["Vary"]
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 4


async def test_pages_lead_into_the_past_and_end_in_words(async_client: AsyncClient, stored: object) -> None:
    newest = await answer(async_client, "?interval=1&limit=100")
    second = await answer(async_client, f"?interval=1&limit=100&before={newest['before']}")
    last = await answer(async_client, f"?interval=1&limit=100&before={second['before']}")

    closes = [each["close"] for page in (last, second, newest) for each in page["bars"]]
    assert closes == [str(at + 1) for at in range(250)]
    assert [page["more"] for page in (newest, second, last)] == [True, True, False]
    assert (newest["symbol"], newest["interval"]) == (SYMBOL, 1)
    assert last["bars"][7]["incomplete"] and last["bars"][7]["closed"]
    assert last["bars"][0]["ts"] == T0_US
    assert second["kept"] == "public, max-age=3600"
    assert last["kept"] == "public, max-age=5", "it may be repaired, and older ones may be fetched"


async def test_who_scrolls_to_the_oldest_bar_has_older_ones_fetched(
    async_client: AsyncClient, stored: object, settings: Any
) -> None:
    row, path = await Instrument.objects.aget(), "?interval=15&limit=1000"
    await sync_to_async(actions.cover)(row.pk, 15, T0_US, T0_US + DAY_US)

    first, second = await answer(async_client, path), await answer(async_client, path)

    assert first["coming"] and second["coming"] and first["kept"] == "no-store"
    asked = await Backfill.objects.aget()
    assert (asked.until_us, asked.asked_by) == (T0_US, "")
    assert asked.since_us == T0_US - backfills.DEEPER_BARS * 15 * MINUTE_US

    await asked.adelete()
    await Span.objects.aupdate(begins=True)
    last = await answer(async_client, path)
    assert not last["coming"] and not last["more"]
    assert not await Backfill.objects.aexists()


async def test_of_a_new_instrument_history_is_on_its_way_until_it_is_there(
    async_client: AsyncClient, stored: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time_ns", lambda: NOW_US * 1000)
    path = "?interval=60&limit=1000"

    first = await answer(async_client, path)

    assert first["coming"] and first["kept"] == "no-store", "no worker has noticed it yet"
    asked = await Backfill.objects.select_related("instrument").aget()
    assert asked.until_us - asked.since_us == backfills.FIRST_BARS * 60 * MINUTE_US
    await sync_to_async(backfills.notice)([asked.instrument], NOW_US)
    assert await Backfill.objects.filter(interval=60).acount() == 1, "the worker asks for nothing twice"
    await sync_to_async(backfills.finish)(asked, begins=True)
    last = await answer(async_client, path)
    assert not last["coming"] and not last["more"]


@pytest.mark.parametrize("change", [{"bars": False}, {"enabled": False}, {"kind": "index"}])
async def test_of_what_no_bars_are_kept_none_are_on_their_way(
    async_client: AsyncClient, stored: object, change: dict[str, object]
) -> None:
    await Instrument.objects.all().aupdate(**change)

    assert not (await answer(async_client, "?interval=60&limit=1000"))["coming"]
    assert not await Backfill.objects.aexists()


async def test_no_minutes_are_fetched_that_would_be_removed_at_once(
    async_client: AsyncClient, stored: object
) -> None:
    row = await Instrument.objects.aget()
    await sync_to_async(actions.cover)(row.pk, 1, T0_US, T0_US + DAY_US)

    assert not (await answer(async_client, "?interval=1&limit=1000"))["coming"]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("?interval=7", f"interval: expected one of {', '.join(map(str, INTERVALS))}, found '7'"),
        ("?interval=x", "interval"),
        ("?limit=1001", "limit: expected a whole number from 1 to 1000"),
        ("?limit=0", "limit"),
        ("?before=-1", "before"),
        ("?before=" + "9" * 5000, "before"),
        ("?before=1e3", "before"),
        ("?before=٣", "before"),
    ],
)
async def test_a_bad_parameter_is_named(
    async_client: AsyncClient, stored: object, query: str, named: str
) -> None:
    found = await answer(async_client, query, 400)

    assert found["error"].startswith(named) and len(found["error"]) < 200
    assert found["kept"] == "no-store"


async def test_who_may_not_read_markets_reads_no_bars(
    async_client: AsyncClient, stored: object, settings: Any
) -> None:
    settings.PUBLIC_MARKETS = False
    assert (await answer(async_client, "", 403))["error"]

    await async_client.aforce_login(await User.objects.acreate_user("alice"))
    assert (await answer(async_client))["kept"].startswith("private")


async def test_an_unknown_instrument_is_not_found(async_client: AsyncClient, stored: object) -> None:
    response = await async_client.get("/instruments/nobody/bars/")

    assert response.status_code == 404


async def test_a_page_without_live_values_shows_the_last_close_with_its_date(
    async_client: AsyncClient, stored: dict[str, publish.Row]
) -> None:
    html = (await async_client.get("/instruments/kraken-btc-usd/")).content.decode()

    assert re.search(r'data-part="summary" data-state="stale"', html)
    assert "Stale: last closed bar, 4 Oct 2024, 04:10 UTC." in " ".join(html.split())
    (listed,) = json.loads(re.search(r'id="first-paint"[^>]*>(.*?)</script>', html)[1])
    assert listed["value"] == {
        "last": "250",
        "state": "stale",
        "reason": "last closed bar, 4 Oct 2024, 04:10 UTC",
    }
    assert listed["ageUs"] > 1e13

    markets = (await async_client.get("/")).content.decode()
    assert "last closed bar, 4 Oct 2024, 04:10 UTC" in markets


async def test_a_feed_that_is_silent_leaves_the_last_close_to_be_seen(
    async_client: AsyncClient, stored: dict[str, publish.Row]
) -> None:
    stored[f"ticker:{SYMBOL}"] = publish.UNHEARD
    html = (await async_client.get("/instruments/kraken-btc-usd/")).content.decode()

    assert "Stale: last closed bar, 4 Oct 2024, 04:10 UTC." in " ".join(html.split()) and "250.0" in html


async def test_a_delisted_one_keeps_its_last_close_and_says_of_when(
    async_client: AsyncClient, stored: dict[str, publish.Row]
) -> None:
    await Instrument.objects.filter(symbol=SYMBOL).aupdate(status="delisted")
    await catalogue.refresh()
    html = (await async_client.get("/instruments/kraken-btc-usd/")).content.decode()

    said = "Delisted: Kraken no longer lists it; last closed bar, 4 Oct 2024, 04:10 UTC."
    assert said in " ".join(html.split()) and "250.0" in html


async def test_a_live_value_needs_no_memory(
    async_client: AsyncClient, stored: dict[str, publish.Row]
) -> None:
    stored[f"ticker:{SYMBOL}"] = publish.Row("live", "", 1000, {"last": "64012.2"})
    html = (await async_client.get("/instruments/kraken-btc-usd/")).content.decode()
    assert "last closed bar" not in html and "64,012.2" in html

    stored[f"ticker:{SYMBOL}"] = publish.Row("down", "the venue refused it", 1000, {})
    html = (await async_client.get("/instruments/kraken-btc-usd/")).content.decode()
    assert "last closed bar" not in html and "the venue refused it" in html


async def test_a_database_that_hangs_holds_no_page_up(
    async_client: AsyncClient, stored: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hanging:
        async def last_closes(self, symbols: object, before_us: object) -> None:
            import asyncio

            await asyncio.Event().wait()

    monkeypatch.setattr(publish, "_memory", Hanging())
    html = (await async_client.get("/instruments/kraken-btc-usd/")).content.decode()

    assert re.search(r'data-part="summary" data-state="syncing"', html)


async def test_a_sparkline_of_stored_bars_where_live_ones_are_few(
    async_client: AsyncClient, stored: dict[str, publish.Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time_ns", lambda: (T0_US + 40 * 15 * MINUTE_US) * 1000)
    stored[f"ohlc.15:{SYMBOL}"] = publish.Row("live", "", 0, {"bars": [{"close": "7"}]})

    found = (await async_client.get(f"/sparklines/?symbol={SYMBOL}")).json()

    assert found["closes"] == {SYMBOL: [str(at + 1) for at in range(40)]}


async def test_an_administrator_asks_for_bars_and_sees_how_far_they_are(
    async_client: AsyncClient, stored: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(publish, "_notifier", lambda kind, details: told.append(kind))
    await async_client.aforce_login(await User.objects.acreate_superuser("root"))
    row = await Instrument.objects.aget()
    form = {"instrument": row.pk, "interval": 60, "since": "2024-01-31"}

    refused = await async_client.post("/admin/history/backfill/add/", {**form, "since": "1999-01-01"})
    assert "expected a day from 2009-01-03" in refused.content.decode()
    assert not await Backfill.objects.aexists() and told == []

    saved = await async_client.post("/admin/history/backfill/add/", form)
    assert saved.status_code == 302, saved.content.decode()
    asked = await Backfill.objects.aget()
    assert (asked.asked_by, asked.interval, asked.since_us) == ("root", 60, 1_706_659_200_000_000)
    assert told == ["configure"]

    asked.at_us = asked.since_us + (asked.until_us - asked.since_us) // 4
    asked.bars, asked.remark = 1234, "Unreachable: no route"
    await asked.asave()
    shown = (await async_client.get("/admin/history/backfill/")).content.decode()
    for text in ("75%", "1234", "tries again: Unreachable: no route", "2024-01-31 00:00", "root"):
        assert text in shown, text

    chosen = {"action": "backfill", "_selected_action": [row.pk]}
    await async_client.post("/admin/instruments/instrument/", chosen)
    assert await Backfill.objects.acount() == len(INTERVALS), "one that reaches as far was under way"
