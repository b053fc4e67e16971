"""Topics that an app makes of others: here the sum of bids, by a source that fails when it is told to."""

from __future__ import annotations

import json
import time
from collections import Counter
from decimal import Decimal

import pytest

from marketdash.live import made as made_module
from marketdash.live.client import Subscribed
from marketdash.live.hub import Hub
from tests.fakes.market import Market
from tests.fakes.sockets import FakeSocket
from tests.fakes.waiting import wait_until

SYMBOLS = ["KRAKEN:A/USD", "KRAKEN:B/USD"]


class Bids:
    """Both its source and its desk; ``fails`` is raised by whoever is asked next, once."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.fails: dict[str, Exception] = {}
        self.symbols = SYMBOLS

    def desk(self, ticks):
        self.ticks = ticks
        return self

    async def open(self, key, before):
        self._called("open")
        if before is not None and before.symbols == self.symbols:
            return before
        return Sum(self, self.symbols)

    async def unlike(self, made):
        self._called("unlike")
        return {key for key, each in made.items() if each.symbols != self.symbols}

    def _called(self, name):
        self.calls[name] += 1
        if name in self.fails:
            raise self.fails.pop(name)


class Sum:
    def __init__(self, desk, symbols):
        self.desk, self.symbols = desk, symbols
        self.inputs = frozenset(f"ticker:{symbol}" for symbol in symbols)
        self.last = None

    def whole(self):
        self.last = self._now()
        return self.said()

    def said(self):
        self.desk._called("said")
        return json.dumps({"ts": 1, **self.last}).encode()

    def since(self):
        self.desk._called("since")
        before, self.last = self.last, self._now()
        changed = {name: value for name, value in self.last.items() if before.get(name) != value}
        return json.dumps({"ts": 1, **changed}).encode() if changed else None

    def _now(self):
        self.desk.ticks.moved()
        rows = [row for name in sorted(self.inputs) if (row := self.desk.ticks.value(name)) is not None]
        stale = any(row.state != "live" for row in rows)
        total = sum((Decimal(row.body.get("bid", "0")) for row in rows), Decimal(0))
        return {"total": str(total), "state": "stale" if stale else "live", "reason": ""}


@pytest.fixture
async def world(bus, monkeypatch):
    """A source, a hub with it, a market, and its sink."""
    monkeypatch.setattr(made_module, "OPEN_AGAIN_S", 0.01)
    source, sink = Bids(), bus.sink()
    hub = Hub(bus.layer(), shards=2, sources={"portfolio": source})
    hub.start()
    bus.stack.push_async_callback(hub.close)
    market = Market(sink.put, SYMBOLS)
    market.begin()
    for symbol in SYMBOLS:
        market.quote(symbol, "10")
    return source, hub, market, sink


def follow(hub, key="7", interval_ms=0):
    socket = FakeSocket(hub)
    hub.follow(socket.client, "portfolio", Subscribed(0, interval_ms), [key])
    return socket


def total(socket, key="7"):
    return (socket.value("portfolio", key) or {}).get("total")


async def test_it_follows_its_inputs_and_all_viewers_say_the_same(world):
    source, hub, market, _ = world
    sockets = [follow(hub), follow(hub, interval_ms=250), follow(hub)]
    await wait_until(lambda: {total(socket) for socket in sockets} == {"20"})

    for cents in range(1, 40):
        market.quote(SYMBOLS[0], f"10.{cents:02d}")
    await wait_until(lambda: {total(socket) for socket in sockets} == {"20.39"})

    assert [socket.holes for socket in sockets] == [[]] * 3
    assert {socket.stores["portfolio", 0].contents()["7"]["seq"] for socket in sockets} == {
        hub.made["portfolio:7"].position[1]
    }
    assert source.calls["open"] == 1


async def test_what_fails_is_made_from_nothing(world):
    source, hub, market, _ = world
    source.fails["open"] = OSError("the database is away")
    socket = follow(hub)
    await wait_until(lambda: total(socket) == "20")
    assert source.calls["open"] == 2

    source.fails["since"] = ZeroDivisionError("a defect")
    market.quote(SYMBOLS[0], "11")
    await wait_until(lambda: total(socket) == "21")
    market.quote(SYMBOLS[0], "12")
    await wait_until(lambda: total(socket) == "22")
    assert source.calls["open"] == 3 and socket.holes == []

    source.fails["said"] = ZeroDivisionError("a defect")
    late = follow(hub)
    await wait_until(lambda: total(late) == "22")
    assert source.calls["open"] == 4 and socket.holes == late.holes == []


async def test_a_change_begins_it_anew_with_other_inputs(world):
    source, hub, market, _ = world
    socket = follow(hub)
    await wait_until(lambda: total(socket) == "20")

    source.symbols = SYMBOLS[:1]
    for _ in range(50):  # as an import that commits in small steps
        hub.made.remake("portfolio:7")
    await wait_until(lambda: total(socket) == "10")

    assert source.calls["open"] <= 3
    assert len(socket.rows("portfolio", "snapshot")) == 2 and socket.holes == []
    await wait_until(lambda: not hub.topics[f"ticker:{SYMBOLS[1]}"].readers)


async def test_a_feed_that_falls_silent_is_noticed_without_a_row(world, bus):
    _, hub, _, sink = world
    socket = follow(hub)
    await wait_until(lambda: socket.value("portfolio", "7") and total(socket) == "20")
    assert socket.value("portfolio", "7")["state"] == "live"

    await bus.kill(sink)

    await wait_until(lambda: socket.value("portfolio", "7")["state"] == "stale")
    assert total(socket) == "20"


async def test_who_comes_back_when_it_was_dropped_sees_it_as_it_is_now(world):
    _, hub, market, _ = world
    socket = follow(hub)
    await wait_until(lambda: total(socket) == "20")
    for cents in range(1, 9):
        market.quote(SYMBOLS[0], f"10.0{cents}")
        await wait_until(lambda cents=cents: total(socket) == f"20.0{cents}")
    hub.viewers.unfollow(socket.client, "portfolio", 0, ["7"])
    hub.made.tick(1e12)
    assert not hub.made

    market.quote(SYMBOLS[0], "30")
    hub.follow(socket.client, "portfolio", Subscribed(0, 0), ["7"])

    await wait_until(lambda: total(socket) == "40")


async def test_changes_that_nobody_heard_of_are_asked_for_all_at_once(world):
    source, hub, market, _ = world
    socket, other = follow(hub), follow(hub, key="8")
    await wait_until(lambda: total(socket) == "20" and total(other, "8") == "20")
    opened = source.calls["open"]

    source.symbols = SYMBOLS[:1]
    hub.made.tick(time.monotonic() + 2 * made_module.CHECK_EVERY_S)

    await wait_until(lambda: total(socket) == "10" and total(other, "8") == "10")
    assert source.calls["unlike"] == 1 and source.calls["open"] == opened + 2


async def test_what_is_as_it_was_is_not_opened_again(world):
    source, hub, _, _ = world
    socket = follow(hub)
    await wait_until(lambda: total(socket) == "20")
    opened, now_s = source.calls["open"], time.monotonic()

    source.fails["unlike"] = OSError("database away")
    hub.made.tick(now_s + 2 * made_module.CHECK_EVERY_S)
    await wait_until(lambda: source.calls["unlike"] == 1)
    hub.made.tick(now_s + 4 * made_module.CHECK_EVERY_S)
    await wait_until(lambda: source.calls["unlike"] == 2)

    assert source.calls["open"] == opened


async def test_what_is_not_there_ends_the_socket_and_what_nobody_watches_is_dropped(world):
    source, hub, _, _ = world
    socket, other = follow(hub), follow(hub, key="8")
    await wait_until(lambda: total(socket) == "20" and total(other, "8") == "20")

    source.fails["open"] = LookupError("deleted")
    hub.made.remake("portfolio:7")
    await wait_until(lambda: socket.closed)
    assert socket.closed[0] == 4002 and other.closed is None

    for each in (socket, other):
        hub.viewers.leave(each.client)
    hub.made.tick(1e12)
    assert not hub.made and not any(topic.readers for topic in hub.topics.values())
