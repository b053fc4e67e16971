"""What an operator chooses is followed at once by the running worker, and nothing else is touched by it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from marketdash.live.hub import Hub
from tests import servers
from tests.fakes.machine import Machine, reading, state_of

BITCOIN = ("KRAKEN:BTC/USD", "BINANCE:BTCUSDT", "COINBASE:BTC-USD")
NEW = ("KRAKEN:SOL/EUR", "BINANCE:SOLEUR", "COINBASE:SOL-EUR")
REFUSED = "KRAKEN:ETH/EUR"
VENUES = ("KRAKEN", "BINANCE", "COINBASE")
OTHERS = [f"{channel}:{symbol}" for channel in ("ticker", "trade", "book") for symbol in BITCOIN]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The simulated venues list more than what is followed."""
    with servers.redis() as url:
        made = Machine(tmp_path_factory.mktemp("configured"), url, BITCOIN)
        try:
            made.wait_for_simulator()
            made.run("sync_instruments")
            yield made
        finally:
            made.end()


async def positions(hub: Hub) -> dict[str, tuple[str, int]]:
    """Epoch and seq of what was followed all along."""
    rows = await hub.read(OTHERS, 5)
    assert rows.keys() == set(OTHERS)
    return {name: hub.topics[name].replica.position for name in OTHERS}


async def links(hub: Hub) -> dict[str, list[Any]]:
    """Of each venue what would show a link that was opened anew, or a book that was brought again."""
    rows = await hub.read([f"status:{venue}" for venue in VENUES], 5)
    kept = ("name", "since", "reconnects", "gaps")
    return {
        name: [[link[field] for field in kept] for link in row.body["links"]] for name, row in rows.items()
    }


async def all_live(hub: Hub) -> None:
    for symbol in BITCOIN:
        for channel in ("ticker", "book"):
            assert await state_of(hub, symbol, 60, channel) == "live", (symbol, channel)


async def reason(hub: Hub, symbol: str, wanted: str, within_s: float = 20.0) -> str:
    """Why a ticker is not live, once the words begin as ``wanted``, or what they were at the end."""
    until, found = asyncio.get_running_loop().time() + within_s, ""
    while asyncio.get_running_loop().time() < until and not found.startswith(wanted):
        rows = await hub.read([f"ticker:{symbol}"], 0.3)
        found = rows[f"ticker:{symbol}"].reason if rows else ""
        await asyncio.sleep(0.05)
    return found


async def test_what_is_enabled_comes_and_nothing_else_notices(machine: Machine) -> None:
    worker = machine.start("ingest")
    async with reading(machine) as hub:
        await all_live(hub)
        before, links_before = await positions(hub), await links(hub)

        await asyncio.to_thread(machine.run, "instruments", "enable", *NEW, "--depth", "25")
        for symbol in NEW:
            assert await state_of(hub, symbol, 20, "book") == "live", machine.output[-2000:]

        after = await positions(hub)
        assert {name: epoch for name, (epoch, _) in after.items()} == {
            name: epoch for name, (epoch, _) in before.items()
        }
        assert all(after[name][1] >= before[name][1] for name in OTHERS)
        assert await links(hub) == links_before

        await machine.tell("bad_symbol", venue="kraken", symbol=REFUSED)
        await asyncio.to_thread(machine.run, "instruments", "enable", REFUSED)
        assert (await reason(hub, REFUSED, "refused: ")).startswith("refused: ")
        await _only_it_is_refused(hub)
        assert await links(hub) == links_before

        await asyncio.to_thread(machine.run, "instruments", "disable", *NEW, REFUSED)
        assert await reason(hub, NEW[0], "not followed") == "not followed"
    worker.terminate()
    assert await asyncio.to_thread(worker.wait, 60) == 0


async def test_what_was_chosen_while_the_worker_was_down_holds_when_it_is_back(machine: Machine) -> None:
    machine.run("instruments", "enable", "KRAKEN:XRP/EUR")
    machine.run("instruments", "disable", BITCOIN[0])

    worker = machine.start("ingest")
    async with reading(machine) as hub:
        assert await state_of(hub, "KRAKEN:XRP/EUR", 60) == "live", machine.output[-2000:]
        assert await reason(hub, BITCOIN[0], "not followed") == "not followed"
    worker.terminate()
    assert await asyncio.to_thread(worker.wait, 60) == 0


async def _only_it_is_refused(hub: Hub) -> None:
    rows = await hub.read(["health:KRAKEN"], 5)
    refused = {
        topic["topic"] for topic in rows["health:KRAKEN"].body["topics"] if "refused" in topic["reason"]
    }
    assert refused and all(name.endswith(REFUSED) for name in refused)
    for symbol in BITCOIN:
        assert await state_of(hub, symbol, 1) == "live"
