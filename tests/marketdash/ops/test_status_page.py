"""The status page on the server's side: who sees what, without a feed, without a database, with a log."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import AsyncClient

from marketdash import publish
from marketdash.instruments import catalogue as catalogue_module
from marketdash.instruments.catalogue import Catalogue, Listed
from marketdash.ops import feeds, log, views
from tests.marketdash.ops.test_event_log import entry

LINK = {
    "name": "public.0",
    "state": "down",
    "reason": "no connection: OSError",
    "since": 1,
    "messages_per_s": 0.5,
    "reconnects": 2,
    "gaps": 1,
    "resyncs": 1,
    "decode_errors": 0,
    "last_error": "OSError: 10.0.0.7",
    "topics": 3,
}
TOPIC = {
    "topic": "book:KRAKEN:BTC/USD",
    "state": "syncing",
    "reason": "checksum book",
    "since": 1,
    "ts_received": 1,
    "messages": 9,
    "messages_per_s": 1.5,
    "gaps": 4,
    "resyncs": 3,
    "last_error": "checksum book",
    "age_us": 5,
}
TOPICS = [{**TOPIC, "topic": "ticker:KRAKEN:BTC/USD", "state": "live"}, TOPIC]
ROWS = {
    "status:KRAKEN": publish.Row("down", "no link", 0, {"links": [LINK], "counters": {}}),
    "health:KRAKEN": publish.Row("live", "", 0, {"topics": TOPICS}),
}
LISTED = Listed(
    symbol="KRAKEN:BTC/USD",
    slug="kraken-btc-usd",
    venue="KRAKEN",
    venue_title="Kraken",
    native="BTC/USD",
    kind="spot",
    base="BTC",
    quote="USD",
    price_decimals=1,
    qty_decimals=8,
    tick_size="0.1",
    status="trading",
    book_depth=100,
)


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """A catalogue with one instrument, that no database is asked for."""
    made = Catalogue(clock=lambda: 0.0)
    made._by_symbol, made._read_at_s = {LISTED.symbol: LISTED}, 0.0
    for module in (catalogue_module, feeds, views):
        monkeypatch.setattr(module, "catalogue", made)
    return made


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> dict[str, publish.Row]:
    """What the hub would answer."""
    rows = dict(ROWS)

    async def answer(topics: Any, timeout_s: float) -> dict[str, publish.Row]:
        return {name: rows[name] for name in topics if name in rows}

    monkeypatch.setattr(publish, "read", answer)
    return rows


async def page(client: AsyncClient) -> str:
    answer = await client.get("/status/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.django_db(transaction=True)
async def test_a_visitor_sees_states_and_no_error_text(listed, read, settings, transactional_db) -> None:
    settings.PUBLIC_MARKETS = True
    text = await page(AsyncClient())

    assert "no connection: OSError" in text and "10.0.0.7" not in text
    assert text.index("BTC/USD</b> <i>book") < text.index("BTC/USD</b> <i>ticker")  # the worst first


@pytest.mark.django_db(transaction=True)
async def test_what_its_hours_closed_is_closed_and_no_trouble(
    listed, read, settings, transactional_db
) -> None:
    settings.PUBLIC_MARKETS = True
    words = "closed, opens Mon 09:30 New York"
    hours = {"phase": "closed", "phase_words": words, "counters": {}}
    link, standing = {**LINK, "state": "halted", "reason": ""}, {"state": "halted", "reason": words}
    read["status:KRAKEN"] = publish.Row("halted", words, 0, {**hours, "links": [link]})
    closed = {**TOPIC, **standing, "topic": "ticker:KRAKEN:BTC/USD", "phase": "closed"}
    halted = {**TOPIC, "state": "halted", "reason": "auction", "phase": ""}
    read["health:KRAKEN"] = publish.Row("live", "", 0, {"topics": [closed, halted]})

    text = await page(AsyncClient())

    assert text.count(">Closed</td>") == 2 and text.count("opens Mon 09:30 New York") == 2
    assert text.count(">Halted</td>") == 1 and words not in text
    assert text.index("BTC/USD</b> <i>book") < text.index("BTC/USD</b> <i>ticker")  # the worst first


@pytest.mark.django_db(transaction=True)
async def test_staff_reads_the_error_texts(listed, read, settings, transactional_db) -> None:
    read["status:KRAKEN"].body["links"][0]["reason"] = ""
    client = AsyncClient()
    await client.aforce_login(await User.objects.acreate(username="ada", is_staff=True))
    assert "10.0.0.7" in await page(client)
    read["status:KRAKEN"].body["links"][0]["reason"] = "no connection: OSError"


@pytest.mark.django_db(transaction=True)
async def test_who_may_not_read_markets_is_asked_to_sign_in(listed, read, settings, transactional_db) -> None:
    settings.PUBLIC_MARKETS = False
    for path in ("/status/", "/status/events"):
        answer = await AsyncClient().get(path)
        assert answer.status_code == 302 and "login" in answer["Location"]


@pytest.mark.django_db(transaction=True)
async def test_a_feed_that_is_silent_is_said_to_be(listed, read, settings, transactional_db) -> None:
    settings.PUBLIC_MARKETS = True
    read.clear()
    assert "no word from the feed" in await page(AsyncClient())

    read["health:KRAKEN"] = ROWS["health:KRAKEN"]._replace(state="stale", reason="no word from the feed")
    assert "no word from the feed" in await page(AsyncClient())


@pytest.mark.django_db(transaction=True)
async def test_the_page_shows_the_feeds_while_the_log_cannot_be_read(
    listed, read, settings, transactional_db, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLIC_MARKETS = True

    def refused(*_: object, **__: object) -> None:
        raise OperationalError("10.0.0.8 is away")

    monkeypatch.setattr(log, "read", refused)

    text = await page(AsyncClient())
    assert "The event log cannot be read just now" in text and "10.0.0.8" not in text
    assert "no connection: OSError" in text
    answer = await AsyncClient().get("/status/events")
    assert answer.status_code == 503 and json.loads(answer.content)["events"] == []


@pytest.mark.django_db(transaction=True)
async def test_nothing_followed_is_a_page_too(read, settings, monkeypatch, transactional_db) -> None:
    settings.PUBLIC_MARKETS = True
    empty = Catalogue(clock=lambda: 0.0)
    empty._read_at_s = 0.0
    monkeypatch.setattr(views, "catalogue", empty)
    assert "No instrument is followed" in await page(AsyncClient())


def test_the_log_is_asked_by_its_address(database: str, settings, client) -> None:
    settings.PUBLIC_MARKETS = True
    log.write("e1", [entry(1, text="OSError: 10.0.0.7"), entry(2, "halt", text="auction")])

    def asked(query: str) -> list[tuple[str, str]]:
        body = client.get(f"/status/events?{query}").json()
        return [(event["kind"], event["text"]) for event in body["events"]]

    assert asked("") == [("halt", "auction"), ("gap", "")]
    assert asked("kind=gap") == [("gap", "")]
    assert asked("q=10.0.0.7") == asked("venue=NOWHERE") == []
    assert asked("before=junk&ongoing=1&q=%00") == [("halt", "auction"), ("gap", "")]
    client.force_login(User.objects.create(username="ada", is_staff=True))
    assert asked("kind=gap") == [("gap", "OSError: 10.0.0.7")]
