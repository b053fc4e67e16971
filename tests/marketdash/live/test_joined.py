"""Two workers of one venue: every link and topic is seen, and the law holds while they come and go."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest

from feeds.health import LinkHealth
from feeds.sinks import VenueReport
from feeds.symbols import PARTS, part_of
from marketdash.live.joined import Joined
from marketdash.live.topics import ASK_OFTEN, Topic, Topics
from marketdash.live.views import APPLIED, HOLE, OLD
from tests.fakes.client_store import ClientStore
from tests.fakes.market import Market
from tests.fakes.waiting import wait_until_answered

EVENS, ODDS = list(range(0, PARTS, 2)), list(range(1, PARTS, 2))
ALL = list(range(PARTS))
SYMBOLS = [f"KRAKEN:{name}/USD" for name in ("BTC", "ETH", "SOL", "ADA", "DOT", "ATOM", "USDT", "LINK")]


class Writer:
    """One worker's end of a topic, numbered as the worker numbers it."""

    def __init__(self, epoch: str, joined: Joined) -> None:
        self.epoch, self.joined, self.seq = epoch, joined, 0

    def whole(self, **body: Any) -> int:
        self.seq += 1
        return self.joined.apply(self.epoch, 0, self.seq, 0, json.dumps(body).encode())

    def row(self, **body: Any) -> int:
        self.seq += 1
        return self.joined.apply(self.epoch, self.seq - 1, self.seq, 0, json.dumps(body).encode())


def status(parts: list[int], state: str = "live", **more: Any) -> dict[str, Any]:
    link = {"name": "public.0", "state": state, "topics": len(parts)}
    body = {"state": state, "reason": "", "title": "Kraken", "links": [link], "counters": {"frames": 5}}
    return {**body, "limited_until": 0, "parts": parts, **more}


def health(parts: list[int], epoch: str, *names: str, **more: Any) -> dict[str, Any]:
    topics = [{"topic": name, "state": "live", "messages": 1} for name in names]
    worker = {"epoch": epoch, "parts": parts}
    body = {"state": "live", "reason": "", "ts": 1, "topics": topics, "latency": None}
    return {**body, "workers": [worker], **more}


def topics(joined: Joined) -> dict[str, Any]:
    return {item["topic"]: item for item in joined.value()["topics"]}


def test_a_single_worker_is_shown_as_it_is():
    joined = Joined("status", "KRAKEN")
    Writer("e1", joined).whole(**status(ALL))

    expected = status(ALL)
    del expected["parts"]
    assert joined.value() == expected


def test_of_two_workers_every_link_is_seen_and_the_worst_state():
    joined = Joined("status", "KRAKEN")
    one, two = Writer("e1", joined), Writer("e2", joined)
    two.whole(**status(ODDS))
    one.whole(**status(EVENS))
    two.row(state="stale", reason="no data")

    value = joined.value()
    assert [link["name"] for link in value["links"]] == ["public.0@1", "public.0@2"]
    assert (value["state"], value["reason"], value["counters"]) == ("stale", "no data", {"frames": 10})

    two.row(state="live", reason="")
    assert joined.value()["state"] == "live"


def test_who_takes_over_all_parts_is_the_only_one_then():
    joined = Joined("health", "KRAKEN")
    one, two = Writer("e1", joined), Writer("e2", joined)
    one.whole(**health(EVENS, "e1", "ticker:A"))
    two.whole(**health(ODDS, "e2", "ticker:B"))
    assert set(topics(joined)) == {"ticker:A", "ticker:B"}

    heir = Writer("e3", joined)
    heir.whole(**health(ALL, "e3", "ticker:A", "ticker:B", "ticker:C"))
    assert [worker["epoch"] for worker in joined.value()["workers"]] == ["e3"]
    assert two.row(ts=2, topics=[]) == OLD
    assert not joined.misses("e2", 99)

    back = Writer("e4", joined)  # and gets its parts again
    back.whole(**health(ODDS, "e4", "ticker:B"))
    heir.whole(**health(EVENS, "e3", "ticker:A"))
    assert set(topics(joined)) == {"ticker:A", "ticker:B"}
    assert [worker["epoch"] for worker in joined.value()["workers"]] == ["e3", "e4"]


def test_a_hole_of_one_worker_is_asked_for_whatever_the_other_says():
    joined = Joined("health", "KRAKEN")
    one, two = Writer("e1", joined), Writer("e2", joined)
    one.whole(**health(EVENS, "e1", "ticker:A"))
    two.whole(**health(ODDS, "e2", "ticker:B"))
    two.seq += 1  # lost
    assert two.row(ts=3, topics=[]) == HOLE and not joined.complete
    assert one.row(ts=3, topics=[]) == APPLIED and not joined.complete
    assert joined.misses("e2", two.seq)

    two.whole(**health(ODDS, "e2", "ticker:B"))
    assert joined.complete


def test_what_a_heartbeat_told_of_one_is_asked_for_whatever_the_other_says():
    topic = Topic("status:KRAKEN", 0)
    assert topic.apply("e1", 0, 1, 0, json.dumps(status(EVENS)).encode())
    topic.heard_top("e2", 4)
    assert topic.apply("e1", 1, 2, 0, b'{"state":"stale","reason":""}')
    assert topic.wanting

    assert topic.apply("e2", 0, 4, 0, json.dumps(status(ODDS)).encode())
    assert not topic.wanting


def test_a_writer_that_ended_before_it_was_read_is_not_asked_for_for_ever():
    topics, asked = Topics(), 0
    topic = topics.need("status:KRAKEN", 0)
    assert not topic.apply("e1", 7, 8, 0, b'{"state":"live","reason":""}') and topic.wanting
    for seq in range(1, 100):
        asked += len(topics.to_ask(float(seq)))
        topic.apply("e2", seq - 1, seq, 0, json.dumps(status(ALL)).encode())

    assert asked == ASK_OFTEN


def test_latency_is_the_slowest_workers():
    def figures(p50: int, least: int) -> dict[str, Any]:
        counted = {"samples": 2, "sum_us": 10, "buckets": [1, 1]}
        return {"least_us": least, "p50_us": p50, "p95_us": p50, "p99_us": p50, **counted}

    joined = Joined("health", "KRAKEN")
    Writer("e1", joined).whole(**health(EVENS, "e1", latency=figures(5, 3)))
    two = Writer("e2", joined)
    two.whole(**health(ODDS, "e2"))
    assert joined.value()["latency"] == figures(5, 3)

    two.row(ts=2, topics=[], latency=figures(9, -4))
    expected = {**figures(9, -4), "samples": 4, "sum_us": 20, "buckets": [2, 2]}
    assert joined.value()["latency"] == expected


@pytest.mark.parametrize("channel", ["status", "health"])
@pytest.mark.parametrize("seed", range(5))
def test_a_snapshot_with_the_rows_after_it_is_the_next_snapshot(channel: str, seed: int):
    dice, joined, reader = random.Random(seed), Joined(channel, "KRAKEN"), ClientStore(channel)
    writers, position, epochs = {}, None, iter(f"e{n:03d}" for n in range(1000))
    make = {"status": _status_step, "health": _health_step}[channel]
    for _ in range(300):
        name = dice.choice(("even", "odd"))
        if name not in writers or dice.random() < 0.03:  # it starts, or begins again
            writers[name] = Writer(next(epochs), joined)
        make(dice, writers[name], ALL if dice.random() < 0.05 else EVENS if name == "even" else ODDS)
        row = joined.row_since(position, 0)
        if row is not None and dice.random() < 0.5:
            kind = "snapshot" if row.whole else "update"
            assert reader.apply({"type": kind, "data": [json.loads(row.data)]}) == []
            position = joined.position
            late = ClientStore(channel)
            late.apply({"type": "snapshot", "data": [json.loads(joined.row_since(None, 0).data)]})
            assert reader.value("KRAKEN") == late.value("KRAKEN")


def _status_step(dice: random.Random, writer: Writer, parts: list[int]) -> None:
    state = dice.choice(("live", "stale", "down"))
    if not writer.seq or dice.random() < 0.1:
        writer.whole(**status(parts, state))
    else:
        writer.row(state=state, reason="", counters={"frames": dice.randrange(9)})


def _health_step(dice: random.Random, writer: Writer, parts: list[int]) -> None:
    mine = [f"ticker:{n}" for n in parts]
    if not writer.seq or dice.random() < 0.1:
        writer.whole(**health(parts, writer.epoch, *dice.sample(mine, 4)))
    else:
        said = {"topic": dice.choice(mine), "state": "live", "messages": dice.randrange(99)}
        more = {"workers": [{"epoch": writer.epoch, "parts": parts}]} if dice.random() < 0.2 else {}
        writer.row(ts=dice.randrange(99), topics=[said], **more)


class HalfOf:
    """A share that never changes."""

    def __init__(self, numbers: list[int]) -> None:
        self._numbers = numbers

    def holds(self, instrument: str) -> bool:
        return part_of(instrument) in self._numbers

    def speaks_for(self, venue: str) -> bool:
        return True

    def numbers(self) -> dict[str, list[int]]:
        return {"KRAKEN": self._numbers}


async def test_pages_read_links_and_topics_of_both_workers(bus):
    hub, markets = bus.hub(), {}
    for numbers in (EVENS, ODDS):
        names = [name for name in SYMBOLS if part_of(name) in numbers]
        assert names, "the test needs instruments of both"
        sink = bus.sink(epoch=f"{time.time_ns():016x}", share=HalfOf(numbers))
        market = Market(sink.put, names)
        sink.states["KRAKEN"] = market.state
        market.begin()
        link = LinkHealth("public.0", "KRAKEN", "live", topics=len(names))
        sink.put(market.state, VenueReport("KRAKEN", "Kraken", "live", "", (link,), {}, 0, 1))
        markets[names[0]] = market

    async def read() -> tuple[Any, Any]:
        rows = await hub.read(["status:KRAKEN", "health:KRAKEN"], 5)
        return rows["status:KRAKEN"].body, rows["health:KRAKEN"].body

    found: list[Any] = [{}, {}]

    async def both() -> bool:
        found[:] = await read()
        return len(found[0]["links"]) == 2 and len(found[1]["workers"]) == 2

    await wait_until_answered(both, every_s=0, within_s=60, what="what both workers say")
    assert [link["name"] for link in found[0]["links"]] == ["public.0@1", "public.0@2"]
    assert {item["topic"].partition(":")[2] for item in found[1]["topics"]} == set(SYMBOLS)
    assert all(item["age_us"] is not None for item in found[1]["topics"])
