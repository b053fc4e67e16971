"""A writer that comes back is believed topic by topic, once what is shown of it was proven."""

from __future__ import annotations

import functools
import time

import msgspec
import pytest

from marketdash.live import bus as buses
from marketdash.live.client import Subscribed
from marketdash.live.hearing import PROVEN_WITHIN_US, Hearing
from marketdash.live.presence import Presence
from marketdash.live.topics import Topics
from tests.fakes.market import Market
from tests.fakes.sockets import FakeSocket, sees
from tests.fakes.waiting import wait_until

SHARDS = 1
GROUP, EPOCH, S = "t.00", "0001", 1_000_000
BTC, ETH = "ticker:KRAKEN:BTC/USD", "ticker:KRAKEN:ETH/USD"
NAMES = ["KRAKEN:BTC/USD", "KRAKEN:ETH/USD"]
PARTS = {"KRAKEN": list(range(12))}


@pytest.fixture
def topics() -> Topics:
    """Two that were brought by the first writer."""
    made = Topics()
    for name in (BTC, ETH):
        made.need(name, 0.0).apply(EPOCH, 0, 1, 0, msgspec.json.encode({"state": "live", "bid": "1"}))
    return made


@pytest.fixture
def presence() -> Presence:
    made = Presence()
    made.listen([GROUP], 0)
    return made


@pytest.fixture
def hearing(topics: Topics, presence: Presence) -> Hearing:
    """At 0 s everything was heard and proven."""
    made = Hearing(topics, presence, functools.partial(buses.group_of, shards=SHARDS))
    made.meet(EPOCH)
    made.heard(EPOCH, GROUP, PARTS, 0)
    for name in (BTC, ETH):
        made.proven(name)
    return made


def age_s(presence: Presence, at_s: float) -> float:
    return presence.ages(round(at_s * S))["KRAKEN"] / S


def test_a_venue_that_was_silent_stays_as_old_as_it_was_until_all_of_it_is_proven(hearing, presence):
    hearing.heard(EPOCH, GROUP, PARTS, 4 * S)
    assert age_s(presence, 4) == 4 and presence.silent("KRAKEN", 4 * S)

    hearing.proven(BTC)
    hearing.settle()
    assert age_s(presence, 4.1) == pytest.approx(4.1)

    hearing.proven(ETH)
    assert age_s(presence, 4.2) == pytest.approx(4.2), "what comes back together is told together"
    hearing.settle()
    assert age_s(presence, 4.2) == pytest.approx(0.2) and not hearing.waits


def test_a_heartbeat_in_time_proves_nothing_anew(hearing, presence):
    hearing.heard(EPOCH, GROUP, PARTS, 1 * S)

    assert not hearing.waits and age_s(presence, 1) == 0


def test_a_new_writer_has_to_bring_what_the_old_one_said(hearing, presence):
    hearing.heard(EPOCH, GROUP, PARTS, 1 * S)
    hearing.meet("0002")
    hearing.heard("0002", GROUP, PARTS, 2 * S)

    assert age_s(presence, 2) == 1 and hearing.waits


def test_a_new_writer_whose_first_heartbeat_was_lost_has_to_bring_it_too(hearing, presence, topics):
    """Whoever reads comes back a moment later than who writes: rows alone come first, of who knows what."""
    hearing.meet("0002")
    assert hearing.heard("0002", GROUP, None, 4 * S)
    topics[BTC].apply("0002", 0, 1, 4 * S, msgspec.json.encode({"state": "live", "bid": "2"}))
    hearing.heard("0002", GROUP, None, 4 * S + 1)
    assert age_s(presence, 4.1) == pytest.approx(4.1)

    hearing.heard("0002", GROUP, PARTS, 5 * S)
    hearing.proven(BTC)
    hearing.settle()
    assert age_s(presence, 5) == 5 and hearing.waits

    hearing.proven(ETH)
    hearing.settle()
    assert age_s(presence, 5) == 0


def test_what_the_old_one_said_of_the_venue_itself_is_proven_too(hearing, presence, topics):
    """Else it is called live, for a moment, by a writer that never said so."""
    status = topics.need("status:KRAKEN", 0.0)
    status.apply(EPOCH, 0, 1, 0, msgspec.json.encode({"state": "live"}))
    hearing.meet("0002")
    hearing.heard("0002", GROUP, PARTS, 4 * S)
    for name in (BTC, ETH):
        hearing.proven(name)
    hearing.settle()
    assert age_s(presence, 4) == 4

    hearing.proven(status.name)
    hearing.settle()
    assert age_s(presence, 4) == 0


def test_nothing_is_held_for_ever(hearing, presence, topics):
    hearing.heard(EPOCH, GROUP, PARTS, 4 * S)
    del topics[ETH]
    hearing.tick(4 * S)
    assert hearing.waits  # BTC still is

    until_us = 4 * S + PROVEN_WITHIN_US + 1
    for at_us in range(5 * S, until_us + S, S):
        hearing.heard(EPOCH, GROUP, PARTS, min(at_us, until_us))
    hearing.tick(until_us)
    hearing.settle()
    assert not hearing.waits and age_s(presence, until_us / S) == 0
    value = topics[BTC].replica.value()
    assert (value["state"], value["reason"]) == ("stale", "not confirmed by its feed")


def test_a_group_without_topics_that_is_heard_again_is_told_at_once(topics, presence):
    told = []
    group_of = functools.partial(buses.group_of, shards=SHARDS)
    quiet = Hearing(Topics(), presence, group_of, lambda: told.append(1))
    quiet.meet(EPOCH)
    for at_s in (1, 2, 5):
        quiet.heard(EPOCH, GROUP, PARTS, at_s * S)

    assert len(told) == 2  # the first word, and the one after the silence


async def test_a_row_that_is_held_back_is_said_before_the_beat_that_calls_it_live(bus):
    """Views merge for up to a second: the age of a venue that is back must not overtake what it brought."""
    sink, hub = bus.sink(), bus.hub()
    market, socket = Market(sink.put, NAMES), FakeSocket(hub)
    market.begin()
    hub.follow(socket.client, "ticker", Subscribed(0, 1000), NAMES)
    hub.follow(socket.client, "status", Subscribed(0, 0), ["KRAKEN"])
    await wait_until(lambda: all(sees(socket, "ticker", name, bid="100.0")() for name in NAMES))

    hub.word._returned(hub._hearing.settle)  # nothing is held back: only a beat
    market.quote(NAMES[0], "200.5")
    market.quote(NAMES[1], "200.5")
    await wait_until(
        lambda: all(hub.topics[f"ticker:{name}"].replica.value()["bid"] == "200.5" for name in NAMES)
    )
    before = len(socket.frames)
    hub.word._returned(hub._hearing.settle)

    kinds = [(frame["channel"], frame["type"]) for frame in socket.frames[before:]]
    assert ("status", "heartbeat") in kinds
    assert all(sees(socket, "ticker", name, bid="200.5")() for name in NAMES)
    beat = kinds.index(("status", "heartbeat"))
    assert ("ticker", "update") not in kinds[beat:]


async def test_the_row_that_proves_a_venue_is_said_before_the_beat_that_calls_it_live(bus):
    sink, hub = bus.sink(epoch=EPOCH), bus.hub()
    market, socket = Market(sink.put, NAMES[:1]), FakeSocket(hub)
    market.begin()
    hub.follow(socket.client, "ticker", Subscribed(0, 1000), NAMES[:1])
    hub.follow(socket.client, "status", Subscribed(0, 0), ["KRAKEN"])
    await wait_until(sees(socket, "ticker", NAMES[0], bid="100.0"))
    await bus.kill(sink)

    heard = hub._hearing._heard_us[EPOCH]
    heard.update(dict.fromkeys(heard, 0))  # long ago
    group = buses.group_of(hub.topics[BTC].parts, hub._shards)
    row = (BTC, 0, 10_000, 0, msgspec.json.encode({"state": "live", "bid": "200.5"}))
    before = len(socket.frames)
    hub.take(buses.rows(EPOCH, group, time.monotonic_ns() // 1000, [row]))
    hub.word._returned(hub._hearing.settle)

    kinds = [(frame["channel"], frame["type"]) for frame in socket.frames[before:]]
    assert kinds.index(("ticker", "snapshot")) < kinds.index(("status", "heartbeat"))


def test_what_was_held_too_long_and_is_silent_again_is_held_anew(hearing, presence):
    hearing.heard(EPOCH, GROUP, PARTS, 4 * S)
    gone_us = 4 * S + PROVEN_WITHIN_US + 1
    hearing.tick(gone_us)
    hearing.heard(EPOCH, GROUP, PARTS, gone_us)
    hearing.settle()
    hearing.tick(gone_us + S)

    assert hearing.waits and hearing.settle() == set()
