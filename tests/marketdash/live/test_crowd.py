"""One reader among many that never reads, on real sockets: the others get what they would get without it."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import psutil
import pytest

from tests.fakes.bot import Bot
from tests.fakes.checker import truth
from tests.fakes.stuck_reader import StuckReader
from tests.fakes.waiting import wait_until
from tests.socket_site import SYMBOLS, SocketSite

WATCHED, DEEP = SYMBOLS[:10], SYMBOLS[:4]
CROWD = {"uvicorn": 50, "daphne": 20}
OF_ONE_ADDRESS = 20
TURNS, LEVELS = 80, 900
"""Each turn moves 70 kB of books, 5 MB in all: more than the kernel and the server ever hold for a reader."""

KEPT_BYTES = 3 * 1024 * 1024
"""What the process may grow by meanwhile."""


class Reader(Bot):
    """A bot that notes which step each row of a price was."""

    def __init__(self, socket: Any) -> None:
        super().__init__(socket)
        self.steps: list[tuple[str, int]] = []

    async def _take(self, frame: dict[str, Any]) -> None:
        if frame["channel"] == "ticker":
            self.steps += [(row["symbol"], row["seq"]) for row in frame["data"]]
        await super()._take(frame)


@pytest.fixture
async def crowd(site: SocketSite, market):
    """Readers of prices, the first one of deep books too, from several addresses."""
    async with contextlib.AsyncExitStack() as stack:
        readers = []
        for number in range(CROWD[site.server]):
            address = f"127.0.0.{1 + number // OF_ONE_ADDRESS}", 0
            readers.append(Reader(await stack.enter_async_context(site.connect(local_addr=address))))
            await readers[-1].subscribe("ticker", WATCHED, interval_ms=0)
        await readers[0].subscribe("book", DEEP, depth=1000, interval_ms=0)
        await wait_until(lambda: all(r.sees("ticker", s) for r in readers for s in WATCHED))
        yield readers


def all_see(readers: list[Reader], bid: str) -> bool:
    return all(reader.sees("ticker", symbol, bid=bid) for reader in readers for symbol in WATCHED)


async def lockstep(market, readers: list[Reader], start: int) -> list[list[tuple[str, int]]]:
    """Turns, each waited for by all readers; the steps that each was sent."""
    for reader in readers:
        reader.steps.clear()
    for turn in range(start, start + TURNS):
        for symbol in DEEP:
            market.delta(symbol, [(f"0.{n}", f"{turn}.{n}5") for n in range(1000, 1000 + LEVELS)], [])
        for symbol in WATCHED:
            market.quote(symbol, f"{turn}.5")
        await wait_until(lambda: all_see(readers, f"{turn}.5"))  # noqa: B023
    return [reader.steps[:] for reader in readers]


def connected(site: SocketSite, port: int) -> bool:
    """Whether the server still holds the connection from that port."""
    held = psutil.Process(site.process.pid).net_connections("tcp")
    return any(each.raddr and each.raddr.port == port for each in held)


@pytest.mark.acceptance
@pytest.mark.fault(
    "F33",
    "one client stops reading beside a crowd that counts its rows, {site}",
    goal="no row merged for the others, memory ≤ +3 MB, dropped",
)
async def test_one_that_never_reads_changes_nothing_for_a_crowd(site, market, crowd, score):
    process = psutil.Process(site.process.pid)
    without = await lockstep(market, crowd, 1)
    before = process.memory_info().rss
    with StuckReader(site.port, address="127.0.0.9") as stuck:
        stuck.subscribe("ticker", WATCHED, interval_ms=0)
        stuck.subscribe("book", DEEP, depth=1000, interval_ms=0)
        beside = await lockstep(market, crowd, 1 + TURNS)
        grown = process.memory_info().rss - before
        began_s = time.monotonic()
        await wait_until(lambda: not connected(site, stuck.port), what="it was dropped")
        score.took(time.monotonic() - began_s)
        score.note("RSS grew by", grown / 2**20, "MB")

    for steps in (*without, *beside):
        # Nothing merged, nothing sent twice. A step may come as a whole value: the hub asks for one in place
        # of a row that a starved machine brought too late to be shown.
        assert len(steps) == TURNS * len(WATCHED)
        for symbol in WATCHED:
            seqs = [seq for each, seq in steps if each == symbol]
            assert seqs == list(range(seqs[0], seqs[0] + TURNS))
    assert grown < KEPT_BYTES
    for reader in crowd:
        assert reader.holes == []
        for symbol in WATCHED:
            assert reader.stores["ticker"].value(symbol) == truth(market.state, f"ticker:{symbol}")
