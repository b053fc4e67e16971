"""A client behind a slow link: what it is sent is merged here and not queued there, and nothing is
forgotten."""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import Any

import pytest

from feeds.sinks import VenueReport
from marketdash.live.client import Subscribed
from marketdash.live.credit import FIRST_BYTES, LEAST_BYTES
from tests.fakes.healthy import age_s, move
from tests.fakes.market import Market
from tests.fakes.sockets import FakeSocket
from tests.fakes.waiting import wait_until
from tests.scoreboard import Score, quantile

BYTES_PER_S, ACK_S, OLD_S = 8_000, 0.25, 2.0
SYMBOLS = [f"KRAKEN:S{n}/USD" for n in range(10)]


class FarSocket(FakeSocket):
    """What is sent takes its time on the link. It acknowledges as pages do: at once after a quiet moment,
    else a quarter of a second after it did last, all that came until then."""

    def __init__(self, hub: Any) -> None:
        super().__init__(hub)
        self.client.acknowledge(0)
        self.acknowledges = False
        self.beats: list[float] = []
        self._free_s = self._said_s = 0.0
        self._newest, self._saying = 0, False

    def _take(self, frame: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        size = len(json.dumps(frame, separators=(",", ":"), ensure_ascii=False))
        self._free_s = max(self._free_s, loop.time()) + size / BYTES_PER_S
        loop.call_at(self._free_s, self._arrived, frame)

    def _arrived(self, frame: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        super()._take(frame)
        if frame.get("type") == "heartbeat":
            self.beats.append(time.monotonic())
        if "frame" in frame:
            self._newest = frame["frame"]
            if not self._saying:
                self._saying, self._said_s = True, max(loop.time(), self._said_s + ACK_S)
                loop.call_at(self._said_s, self._say)

    def _say(self) -> None:
        self._saying = False
        self.client.acknowledge(self._newest)

    def oldest_s(self) -> float:
        """The age of what it shows, of the symbol that was brought last of all."""
        return max(age_s((self.value("ticker", symbol) or {"bid": "0.5"})["bid"]) for symbol in SYMBOLS)


async def moving(market: Market, chance: random.Random) -> None:
    for n in range(10**9):
        for symbol in SYMBOLS:
            move(market, symbol)
        if n % 2 == 0:
            market.trade(SYMBOLS[0], f"{chance.randint(900, 1100) / 10:.1f}")
        levels = [(f"{90 - n}.5", f"{chance.randint(1, 999)}.5") for n in range(10)]
        market.delta(SYMBOLS[0], levels, [])
        await asyncio.sleep(0.02)


async def test_who_was_up_to_date_is_sent_no_more_than_its_link_carries(bus: Any) -> None:
    """What is a frame for all others is cut for it: a hundred trades at once, a chart that was filled in."""
    sink, hub = bus.sink(), bus.hub()
    market = Market(sink.put, SYMBOLS[:1])
    market.begin()
    near, far = FakeSocket(hub), FakeSocket(hub)
    for socket in (near, far):
        hub.follow(socket.client, "trade", Subscribed(0, 0), SYMBOLS[:1])
    await wait_until(lambda: newest(near) and newest(far) and not far.client.behind)
    far.becomes_slow(4096)
    before = len(far.frames)
    for n in range(150):
        market.trade(SYMBOLS[0], f"{n}.5")
    await wait_until(lambda: newest(near) == newest(far) == "149.5")

    told = [row for frame in far.frames[before:] for row in frame["data"]]
    assert sum(row.get("skipped", 0) + len(row["trades"]) for row in told) == 150
    assert max(len(json.dumps(frame)) for frame in far.frames[before:]) < 4096
    assert len(near.value("trade", SYMBOLS[0])["trades"]) == 151


async def test_a_slow_link_on_which_nothing_moves_is_sent_a_little_more(bus: Any) -> None:
    """What was lost on it shows by what follows; and it is never much."""
    sink, hub = bus.sink(), bus.hub()
    market, bid = Market(sink.put, SYMBOLS[:1]), iter(range(1, 10**6))
    market.begin()
    far = FakeSocket(hub)
    hub.follow(far.client, "ticker", Subscribed(0, 0), SYMBOLS[:1])
    await wait_until(lambda: bool(far.frames))
    far.becomes_slow(LEAST_BYTES)
    far.acknowledges = False

    def stands() -> bool:
        market.quote(SYMBOLS[0], f"{next(bid)}.5")
        return not far.client.ready

    await wait_until(stands)
    far.client.acknowledge(far.client._unacked[0].number)
    await wait_until(stands)
    sent = len(far.frames)
    await wait_until(lambda: stands() and len(far.frames) > sent + 2)
    assert far.client._unacked_bytes < 4 * LEAST_BYTES


def newest(socket: FakeSocket) -> str:
    trades = (socket.value("trade", SYMBOLS[0]) or {}).get("trades")
    return trades[-1]["price"] if trades else ""


@pytest.mark.faults
@pytest.mark.fault(
    "F34",
    "Ten markets and a book move fifty times a second, by 64 kbit/s to a client without a server",
    goal="each is 2 s old at most (p99), once the window suits the link; beats come",
)
async def test_a_slow_link_carries_what_is_new_of_everything(bus: Any, score: Score) -> None:
    sink, hub, chance = bus.sink(), bus.hub(), random.Random(score.seed)
    market = Market(sink.put, SYMBOLS)
    market.begin()
    sink.put(market.state, VenueReport("KRAKEN", "Kraken", "live", "", (), {}, 0, 1))
    far = FarSocket(hub)
    hub.follow(far.client, "status", Subscribed(0, 0), ["KRAKEN"])
    hub.follow(far.client, "ticker", Subscribed(0, 250), SYMBOLS)
    hub.follow(far.client, "book", Subscribed(25, 100), SYMBOLS[:1])
    hub.follow(far.client, "trade", Subscribed(0, 200), SYMBOLS[:1])
    moves = asyncio.create_task(moving(market, chance))
    await wait_until(lambda: far.client.window_bytes < FIRST_BYTES, what="the link is known to be slow")
    await wait_until(lambda: far.oldest_s() < OLD_S / 2, what="and what was under way has come")
    began_s, ages, frames = time.monotonic(), list[float](), len(far.frames)
    while time.monotonic() < began_s + score.times(60, few=3):
        await asyncio.sleep(0.05)
        ages.append(far.oldest_s())
    moves.cancel()

    # Of three seconds one round that came late is more than a hundredth.
    old_s = quantile(ages, 0.99 if score.share else 0.9)
    score.took(old_s)
    score.note("worst", max(ages))
    score.note("frames a second", (len(far.frames) - frames) / (time.monotonic() - began_s), "")
    books = [each for each in far.frames if each["channel"] == "book"]
    assert old_s <= OLD_S and far.holes == [] and len(books) > 2
    assert max(b - a for a, b in zip(far.beats, [*far.beats[1:], time.monotonic()], strict=True)) < 2.5
