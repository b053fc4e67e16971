"""``manage.py paper`` as somebody gives it beside a demo, and what it refuses."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from feeds.private import Credentials
from feeds.simulator import Simulator
from feeds.venues import private_codec
from marketdash import venues

BTC = "KRAKEN:BTC/USD"


@pytest.fixture
async def simulator(settings: Any):
    async with Simulator(instruments=[BTC], paused=True) as running:
        settings.MODE = "demo"
        settings.VENUE_URLS = {
            "VENUE_KRAKEN_PRIVATE_WS_URL": running.private_ws_url("KRAKEN"),
            "VENUE_KRAKEN_PRIVATE_REST_URL": running.rest_url("KRAKEN"),
        }
        yield running


async def said(*words: str) -> str:
    out = io.StringIO()
    await asyncio.to_thread(call_command, "paper", *words, stdout=out)
    return out.getvalue()


async def test_a_key_is_made_that_the_venue_knows(simulator: Simulator):
    words = (await said("keys", "KRAKEN")).split()
    made = dict(zip(words[::2], words[1::2], strict=True))

    kept = simulator.privates["KRAKEN"].desk.keys[made["key"]]
    assert (made["venue"], made["secret"]) == ("KRAKEN", kept.kept)
    assert kept.rights == {"read"}
    # Of the form that the codec signs with.
    codec = private_codec("KRAKEN")
    assert codec.sign(codec.permissions_query(), Credentials(made["key"], made["secret"]), 0, 1)


async def test_an_order_says_what_it_traded_level_by_level(simulator: Simulator):
    best = simulator.book(BTC, 1).asks[0]

    lines = (await said("order", BTC, "buy", best[1])).splitlines()

    assert lines[0].startswith("order ")
    assert f"symbol {BTC}  side buy  status filled" in lines[0]
    assert all(f" at {best[0]}, fee " in line for line in lines[1:])
    assert len(lines) >= 2


async def test_an_order_with_a_limit_lies_in_the_book_until_it_is_taken_back(simulator: Simulator):
    price = simulator.book(BTC, 1).bids[0][0]
    placed = (await said("order", BTC, "buy", "0.05", "--limit", price)).split()
    number = placed[placed.index("order") + 1]
    assert f"status new  price {price}" in await said("orders", "KRAKEN")

    assert "status canceled" in await said("cancel", "KRAKEN", number)
    with pytest.raises(CommandError, match=f"no open order {number}"):
        await said("cancel", "KRAKEN", number)


async def test_nothing_yet_is_said_so(simulator: Simulator):
    assert await said("fills", "KRAKEN") == "none\n"


async def test_faults_have_names(simulator: Simulator):
    assert await said("fault", "KRAKEN", "close") == "fault close  touched 0\n"
    assert simulator.privates["KRAKEN"].trouble.closed


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("order", BTC, "buy", "none"), "qty: expected a number with at most 8 decimals, found 'none'"),
        (("order", "KRAKEN:NO/NO", "buy", "1"), "not simulated"),
        (("order", "NOWHERE:BTC/USD", "buy", "1"), "venue: expected one of"),
        (("keys", "KRAKEN", "--rights", "read,fly"), "rights: expected read, trade, withdraw, found fly"),
    ],
)
async def test_what_cannot_be_is_said_in_one_line(simulator: Simulator, words: tuple[str, ...], problem: str):
    with pytest.raises(CommandError, match=problem):
        await said(*words)


async def test_a_simulator_that_is_gone_is_said(simulator: Simulator, settings: Any):
    settings.VENUE_URLS = {"VENUE_KRAKEN_PRIVATE_REST_URL": "http://127.0.0.1:1/kraken"}
    with pytest.raises(CommandError, match="the simulator does not answer: ConnectError"):
        await said("keys", "KRAKEN")


async def test_live_there_is_no_paper(settings: Any):
    settings.MODE = "live"
    with pytest.raises(CommandError, match="start a demo"):
        await said("keys", "KRAKEN")


def test_private_hosts_are_the_venues_own_until_they_are_set(settings: Any):
    codec = private_codec("KRAKEN")
    settings.VENUE_URLS = {"VENUE_KRAKEN_WS_URL": "ws://other", "VENUE_KRAKEN_REST_URL": "http://other"}

    assert venues.private_urls(codec) == ("wss://ws-auth.kraken.com", "https://api.kraken.com")

    settings.VENUE_URLS = {
        "VENUE_KRAKEN_PRIVATE_WS_URL": "ws://a/b/",
        "VENUE_KRAKEN_PRIVATE_REST_URL": "http://c",
    }
    assert venues.private_urls(codec) == ("ws://a/b", "http://c")
