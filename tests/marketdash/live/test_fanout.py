"""One text for all, and nobody waits for anybody: credit, slow readers, deadlines, shared views."""

from __future__ import annotations

import asyncio

import pytest

from marketdash.live import client as client_module
from marketdash.live import closing
from marketdash.live.client import WINDOW_FRAMES, Subscribed
from marketdash.live.fanout import View, ViewKey
from marketdash.live.views import Replica
from tests.fakes.market import Market
from tests.fakes.sockets import FakeSocket, sees
from tests.fakes.waiting import wait_until

BTC, ETH = "KRAKEN:BTC/USD", "KRAKEN:ETH/USD"
AT_ONCE = Subscribed(0, 0)


@pytest.fixture
async def world(bus):
    """A hub with a market behind it."""
    sink, hub = bus.sink(), bus.hub()
    market = Market(sink.put, [BTC, ETH])
    market.begin()
    return hub, market


async def move(market, socket, price, symbol=BTC):
    market.quote(symbol, price)
    await wait_until(sees(socket, "ticker", symbol, bid=price))


async def test_members_of_a_view_are_sent_the_same_text(world):
    hub, market = world
    sockets = [FakeSocket(hub) for _ in range(3)]
    for socket in sockets:
        hub.follow(socket.client, "ticker", AT_ONCE, [BTC, ETH])
    for socket in sockets:
        await wait_until(sees(socket, "ticker", ETH, bid="100.0"))

    await move(market, sockets[0], "55.5")

    assert len(hub.viewers.views) == 1
    assert sockets[0].frames[-1] == sockets[1].frames[-1] == sockets[2].frames[-1]


async def test_a_client_out_of_credit_gets_one_row_when_it_acknowledges(world):
    hub, market = world
    eager, lazy = FakeSocket(hub), FakeSocket(hub)
    for socket in (eager, lazy):
        hub.follow(socket.client, "ticker", AT_ONCE, [BTC])
        await wait_until(sees(socket, "ticker", BTC, bid="100.0"))
    lazy.acknowledges = False
    for n in range(WINDOW_FRAMES + 20):
        await move(market, eager, f"{n}.5")
    assert len(lazy.frames) < WINDOW_FRAMES + 5
    before = len(lazy.frames)

    lazy.client.acknowledge(lazy.frames[-1]["frame"])
    await wait_until(sees(lazy, "ticker", BTC, bid=f"{WINDOW_FRAMES + 19}.5"))

    assert len(lazy.frames) == before + 1 and lazy.holes == []


async def test_beyond_the_ring_a_client_gets_a_snapshot(world):
    hub, market = world
    eager, lazy = FakeSocket(hub), FakeSocket(hub)
    for socket in (eager, lazy):
        hub.follow(socket.client, "ticker", AT_ONCE, [BTC])
        await wait_until(sees(socket, "ticker", BTC, bid="100.0"))
    lazy.acknowledges = False
    for n in range(100):
        await move(market, eager, f"{n}.5")

    lazy.client.acknowledge(lazy.frames[-1]["frame"])
    await wait_until(sees(lazy, "ticker", BTC, bid="99.5"))

    assert lazy.frames[-1]["type"] == "snapshot" and lazy.holes == []


@pytest.mark.fault(
    "F33", "One of six clients of a hub stops reading", goal="it is dropped, the others see every row"
)
async def test_who_stops_reading_is_dropped_and_the_others_notice_nothing(world, monkeypatch):
    monkeypatch.setattr(client_module, "DEADLINE_S", 0.3)
    hub, market = world
    others = [FakeSocket(hub) for _ in range(5)]
    stuck = FakeSocket(hub)
    for socket in (*others, stuck):
        hub.follow(socket.client, "ticker", AT_ONCE, [BTC])
        await wait_until(sees(socket, "ticker", BTC, bid="100.0"))
    stuck.stop_reading()

    for n in range(30):
        await move(market, others[0], f"{n}.5")

    assert all(sees(socket, "ticker", BTC, bid="29.5")() for socket in others)
    await wait_until(lambda: stuck.aborted)


async def test_who_reads_on_in_time_catches_up(world):
    hub, market = world
    other, slow = FakeSocket(hub), FakeSocket(hub, acknowledges=False)
    for socket in (other, slow):
        hub.follow(socket.client, "ticker", AT_ONCE, [BTC])
        await wait_until(sees(socket, "ticker", BTC, bid="100.0"))
    slow.stop_reading()
    for n in range(10):
        await move(market, other, f"{n}.5")
    frames = len(slow.frames)

    slow.read_on()
    await wait_until(sees(slow, "ticker", BTC, bid="9.5"))

    assert len(slow.frames) <= frames + 2 and slow.holes == []


async def test_without_flow_control_a_mute_client_is_told_to_acknowledge(world, monkeypatch):
    monkeypatch.setattr(client_module, "UNACKNOWLEDGED_BYTES", 2000)
    hub, market = world
    other, mute = FakeSocket(hub), FakeSocket(hub, acknowledges=False, flow_control=False)
    for socket in (other, mute):
        hub.follow(socket.client, "ticker", AT_ONCE, [BTC])
    for n in range(20):
        await move(market, other, f"{n}.5")

    assert mute.closed == closing.ACKNOWLEDGE


async def test_who_waits_for_eight_frames_is_not_left_waiting_by_a_small_window(world, monkeypatch):
    monkeypatch.setattr(client_module, "STUCK_S", 0.1)
    hub, market = world
    eager, counting = FakeSocket(hub), FakeSocket(hub, acknowledges=False)
    for socket in (eager, counting):
        hub.follow(socket.client, "ticker", AT_ONCE, [BTC])
        await wait_until(sees(socket, "ticker", BTC, bid="100.0"))
    counting.client.acknowledge(counting.frames[-1]["frame"])
    counting.becomes_slow(1)  # for a moment
    for n in range(5):
        await move(market, eager, f"{n}.5")
    before = len(counting.frames)

    await wait_until(sees(counting, "ticker", BTC, bid="4.5"))
    for n in range(4):
        await move(market, counting, f"{n}.7")

    assert len(counting.frames) == before + 5 and counting.holes == []


async def test_a_row_that_changed_once_has_its_turn_among_many_that_change_all_the_time(bus):
    """On a slow link, one frame for each answer: what is behind by more than the ring is told whole."""
    busy, quiet = [Replica("ticker", f"KRAKEN:S{n}/USD") for n in range(3)], Replica("ticker", BTC)
    for track in (*busy, quiet):
        track.apply("1", 0, 1, 0, b'{"bid":"1"}')
    socket = FakeSocket(bus.hub(), acknowledges=False)
    client = socket.client
    client.acknowledge(0)
    socket.becomes_slow(1)
    view = View(ViewKey("ticker", 0, 0, frozenset()), [*busy, quiet], lambda: 0, lambda view: None)
    view.add(client, {track: track.position for track in (*busy, quiet)})
    view.set_aside(client)
    quiet.apply("1", 1, 2, 0, b'{"bid":"2"}')
    for round_ in range(len(busy) + 1):
        for track in busy:
            for seq in range(1 + 70 * round_, 71 + 70 * round_):
                track.apply("1", seq, seq + 1, 0, b'{"bid":"3"}')
        view.bring(client)
        client.acknowledge(socket.frames[-1]["frame"])
        client._credit.bytes = 1

    assert [row["bid"] for row in socket.rows("ticker") if row["symbol"] == BTC] == ["2"]


async def test_a_changed_symbol_set_keeps_what_is_known(world):
    hub, market = world
    socket = FakeSocket(hub)
    hub.follow(socket.client, "ticker", AT_ONCE, [BTC])
    await wait_until(sees(socket, "ticker", BTC, bid="100.0"))

    hub.follow(socket.client, "ticker", AT_ONCE, [ETH])
    await wait_until(sees(socket, "ticker", ETH, bid="100.0"))
    await move(market, socket, "55.5")

    assert [row["symbol"] for row in socket.rows("ticker", "snapshot")] == [BTC, ETH]
    assert len(hub.viewers.views) == 1 and socket.holes == []


@pytest.mark.fault(
    "F32",
    "Four sockets follow prices and books and go; again and again",
    goal="views, clients and readers: none",
)
async def test_churn_leaves_nothing_behind(world, score):
    hub, market = world
    score.runs = score.times(2_500, few=20)
    for _ in range(score.runs):
        sockets = [FakeSocket(hub) for _ in range(4)]
        for number, socket in enumerate(sockets):
            hub.follow(socket.client, "ticker", AT_ONCE, [BTC, ETH][: 1 + number % 2])
            hub.follow(socket.client, "book", Subscribed(10, 50), [BTC])
            market.quote(BTC, f"{number}.5")
        hub.viewers.unfollow(sockets[0].client, "ticker", 0, [BTC])
        await asyncio.sleep(0)
        for socket in sockets:
            hub.viewers.leave(socket.client)

    assert not hub.viewers.views and not hub.viewers.clients and not hub.viewers._sockets
    assert not any(topic.readers or topic.cuts for topic in hub.topics.values())


async def test_merged_rows_come_at_the_interval_and_the_first_at_once(world):
    hub, market = world
    merged, at_once = FakeSocket(hub), FakeSocket(hub)
    hub.follow(merged.client, "ticker", Subscribed(0, 300), [BTC])
    hub.follow(at_once.client, "ticker", AT_ONCE, [BTC])
    for socket in (merged, at_once):
        await wait_until(sees(socket, "ticker", BTC, bid="100.0"))
    await asyncio.sleep(0.35)  # the interval itself: what comes now is a leading edge

    for n in range(8):
        await move(market, at_once, f"{n}.5")
    await wait_until(sees(merged, "ticker", BTC, bid="7.5"))

    assert len(merged.rows("ticker")) <= 3 <= len(at_once.rows("ticker"))
