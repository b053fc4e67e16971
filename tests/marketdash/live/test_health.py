"""The health of topics on the bus: rows and snapshots agree, rates, and what a page reads."""

from __future__ import annotations

import json
import random

import msgspec

from feeds.codec import Subscription
from feeds.symbols import TICKER
from marketdash.live.client import Subscribed
from marketdash.live.server_frames import HealthRow
from marketdash.live.venue_slot import HealthSlot
from marketdash.live.views import APPLIED, Replica
from tests.fakes.client_store import ClientStore
from tests.fakes.clock import FakeClock
from tests.fakes.market import Market
from tests.fakes.sockets import FakeSocket
from tests.fakes.waiting import wait_until

SYMBOLS = [f"KRAKEN:C{n}/USD" for n in range(6)]
BTC = SYMBOLS[0]
ABOUT = {
    "epoch": "e1",
    "parts": [0],
    "started": 1,
    "memory_bytes": 1,
    "cpu_s": 0.5,
    "published": 1,
    "publish_failures": 0,
}


class Wire:
    """A slot, the replica of a hub and the store of a client, in step."""

    def __init__(self, market: Market) -> None:
        self.market, self.slot = market, HealthSlot(market.clock, lambda: ABOUT)
        self.replica, self.store, self.rows = Replica("health", "KRAKEN"), ClientStore("health"), []
        self.position, self.seq = None, 0

    def flush(self) -> None:
        body = self.slot.take(self.market.state)
        if body is None:
            return
        whole = self.slot.replaces or not self.seq
        self.seq += 1
        body = self.slot.keyframe(self.market.state) if whole else body
        prev = 0 if whole else self.seq - 1
        assert self.replica.apply("e1", prev, self.seq, 0, body) == APPLIED

    def read(self) -> None:
        """The client catches up with the hub, from wherever it is."""
        row = self.replica.row_since(self.position, 0)
        if row is not None:
            self.rows.append(json.loads(row.data))
            kind = "snapshot" if row.whole else "update"
            assert self.store.apply({"channel": "health", "type": kind, "data": [self.rows[-1]]}) == []
            self.position = self.replica.position

    def seen(self) -> dict:
        return {item["topic"]: item for item in self.store.value("KRAKEN")["topics"]}


def unwatch(market: Market, symbol: str) -> None:
    market.state.unwatch([Subscription(TICKER, symbol, symbol.partition(":")[2])])


def test_a_snapshot_with_the_rows_after_it_is_the_next_snapshot():
    dice, market = random.Random(7), Market(lambda *_: None, SYMBOLS, clock=FakeClock())
    wire = Wire(market)
    market.begin()
    for step in range(300):
        market.clock.advance(dice.random())
        for _ in range(dice.randrange(4)):
            market.step()
        if step == 150:
            unwatch(market, SYMBOLS[3])
        wire.flush()
        if dice.random() < 0.4:
            wire.read()
    wire.read()

    late = ClientStore("health")
    late.apply({"type": "snapshot", "data": [json.loads(wire.replica.row_since(None, 0).data)]})
    assert wire.store.value("KRAKEN") == late.value("KRAKEN")
    true = {found.topic: found for found in market.state.health()}
    assert {name: item["messages"] for name, item in wire.seen().items()} == {
        name: found.messages for name, found in true.items()
    }
    assert f"ticker:{SYMBOLS[3]}" not in true
    assert sum(row["prev"] == 0 for row in wire.rows) < len(wire.rows) / 10


def test_a_row_carries_what_changed_and_nothing_when_nothing_did():
    market = Market(lambda *_: None, SYMBOLS, clock=FakeClock())
    wire = Wire(market)
    market.begin()
    for _ in range(7):
        wire.flush()
        wire.read()
        market.clock.advance(1)
    quiet = len(wire.rows)
    wire.flush()
    assert wire.replica.row_since(wire.position, 0) is None

    market.quote(BTC, "100.5")
    market.clock.advance(1)
    wire.flush()
    wire.read()

    assert len(wire.rows) == quiet + 1
    [item] = wire.rows[-1]["topics"]
    assert set(item) == {"topic", "ts_received", "messages", "messages_per_s"}
    assert wire.rows[-1]["ts"] - item["ts_received"] == 1_000_000


def test_a_rate_is_of_the_last_seconds_and_falls_to_nothing():
    market = Market(lambda *_: None, SYMBOLS, clock=FakeClock())
    wire = Wire(market)
    market.begin()
    rates = []
    for second in range(20):
        for _ in range(10 if second < 10 else 0):
            market.quote(BTC, "100.5")
        wire.flush()
        wire.read()
        rates.append(wire.seen()[f"ticker:{BTC}"]["messages_per_s"])
        market.clock.advance(1)

    assert rates[9] == 10.0
    assert rates[19] == 0.0
    assert rates == sorted(rates[:10]) + sorted(rates[10:], reverse=True)


def test_every_row_keeps_to_the_schema():
    market = Market(lambda *_: None, SYMBOLS, clock=FakeClock())
    wire = Wire(market)
    for _ in range(5):
        market.step()
        wire.flush()
        wire.read()
    for row in wire.rows:
        msgspec.convert(row, HealthRow)


async def test_a_page_reads_each_topic_with_its_age(bus):
    sink, hub = bus.sink(), bus.hub()
    market = Market(sink.put, SYMBOLS)
    sink.states["KRAKEN"] = market.state
    market.begin()

    rows = await hub.read(["health:KRAKEN"], 5)

    row = rows["health:KRAKEN"]
    assert row.state == "live"
    topics = {item["topic"]: item for item in row.body["topics"]}
    assert len(topics) == 3 * len(SYMBOLS)
    book = topics[f"book:{BTC}"]
    assert (book["state"], book["reason"], book["messages"], book["gaps"]) == ("live", "", 1, 0)
    assert 0 < book["age_us"] < 5_000_000
    assert row.body["workers"][0]["memory_bytes"] > 10_000_000


async def test_a_reader_is_told_how_far_the_venue_is(bus):
    sink, hub = bus.sink(), bus.hub()
    market = Market(sink.put, SYMBOLS)
    sink.states["KRAKEN"] = market.state
    market.begin()
    market.state.tick()

    rows = await hub.read(["health:KRAKEN"], 5)

    latency = rows["health:KRAKEN"].body["latency"]
    assert latency["samples"] == 3 * len(SYMBOLS) == sum(latency["buckets"])
    assert latency["least_us"] == latency["p50_us"] == 0  # the market's clock is ours


async def test_rows_come_each_second_while_somebody_follows_and_then_no_more(bus):
    sink, hub = bus.sink(), bus.hub()
    market = Market(sink.put, SYMBOLS)
    sink.states["KRAKEN"] = market.state
    market.begin()
    socket = FakeSocket(hub)
    hub.follow(socket.client, "health", Subscribed(0, 0), ["KRAKEN"])
    await wait_until(lambda: socket.value("health", "KRAKEN"))

    market.quote(BTC, "77.0")

    def told() -> bool:
        topics = {item["topic"]: item for item in socket.value("health", "KRAKEN")["topics"]}
        return topics[f"ticker:{BTC}"]["messages"] == 2

    await wait_until(told)
    assert len(socket.rows("health", "snapshot")) == 1 and socket.holes == []
    hub.viewers.leave(socket.client)
    hub.topics["health:KRAKEN"].needed_until_s = 0
    await wait_until(lambda: sink.selection.outlets["health:KRAKEN"].slot is None)


async def test_a_venue_that_is_not_here_has_no_health(bus):
    sink, hub = bus.sink(), bus.hub()
    Market(sink.put, SYMBOLS).begin()

    assert await hub.read(["health:NOWHERE", f"health:{BTC}"], 0.5) == {}
