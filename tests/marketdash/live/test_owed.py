"""What a client is owed when a venue is back: it is paid once, costs nobody else anything, and ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from marketdash.live import bus as buses
from marketdash.live.client import Subscribed
from tests.fakes.sockets import FakeSocket, sees
from tests.fakes.waiting import wait_until
from tests.marketdash.live.test_returning import EPOCH, NAMES, PARTS, World, full, world  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
async def no_callback_fails() -> AsyncIterator[None]:
    failed: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: failed.append(context))
    yield
    await asyncio.sleep(0)
    assert not failed


def back(full: World) -> None:  # noqa: F811
    full.say("status:KRAKEN", "status:OKX")
    full.prices("200")
    full.settle()


async def paid(full: World) -> None:  # noqa: F811
    while full.socket.client.behind:
        full.acknowledge_one()
        await asyncio.sleep(0)
    full.socket.acknowledges = True
    full.socket.client.acknowledge(full.socket.client._unacked[-1].number)
    await wait_until(lambda: full.bids() == {"200"} and full.state() == "live")


async def test_who_is_owed_rows_hears_no_beat_before_them_and_one_after(full: World) -> None:  # noqa: F811
    """It may have been full for all of the silence, and think that the venue lives still."""
    full.say("status:KRAKEN", "status:OKX")
    full.prices("200")
    before = len(full.socket.frames)
    full.settle()
    full.later(1)
    assert full.hub.viewers.waits_for_beat is False
    while full.socket.client.behind:
        full.acknowledge_one()
        await asyncio.sleep(0)
    await wait_until(lambda: full.bids() == {"200"})
    assert not full.beats(before)

    assert full.hub.viewers.waits_for_beat and full.hub._wake.is_set()
    full.hub.word.first_beat()
    await wait_until(lambda: len(full.beats(before)) == 1)


async def test_who_leaves_while_it_waits_is_forgotten(full: World) -> None:  # noqa: F811
    full.say("status:KRAKEN", "status:OKX")
    full.prices("200")
    full.settle()
    assert full.hub.viewers._owed.keys() == {full.socket.client}
    full.hub.viewers.leave(full.socket.client)
    await asyncio.sleep(0)

    assert not full.hub.viewers._owed and not full.hub.viewers.waits_for_beat


async def test_after_the_debt_it_is_told_as_all_others_are(full: World) -> None:  # noqa: F811
    back(full)
    await asyncio.sleep(0)
    await paid(full)
    full.say("status:OKX", state="halted", reason="maintenance")
    fresh = FakeSocket(full.hub)
    full.hub.follow(fresh.client, "status", Subscribed(0, 0), ["KRAKEN", "OKX"])
    await wait_until(lambda: full.state("OKX") == "halted")

    full.say("status:KRAKEN", state="halted", reason="maintenance")
    for socket in (full.socket, full.beside, fresh):
        await wait_until(sees(socket, "status", "KRAKEN", state="halted"))


async def test_where_nothing_was_silent_nothing_is_owed(world: World) -> None:  # noqa: F811
    """Another visitor opened a chart: a group is heard for the first time."""
    world.fill_the_window()
    world.prices("150")
    await wait_until(lambda: bool(world.socket.client.behind))
    world.hub.presence.listen(["t.00", "d.00"], world.us)
    world.hub.take(buses.beat(buses.rows(EPOCH, "d.00", world.us, []), PARTS, {}, ""))
    world.settle()

    assert not world.socket.client.owes


async def test_of_a_venue_that_is_back_group_by_group_all_is_brought_first(full: World) -> None:  # noqa: F811
    """What came with the first is paid before the second is back."""
    back(full)
    first = set(full.socket.client.owes)
    full.hub.follow(full.socket.client, "ticker", Subscribed(0, 500), ["KRAKEN:XRP/USD"])
    full.say("ticker:KRAKEN:XRP/USD", bid="1")
    full.hub.viewers.hurry()
    full.hub.viewers.rows_first({"KRAKEN"})

    assert first < full.socket.client.owes


async def test_nobody_waits_for_ever_for_rows_that_have_no_turn(full: World) -> None:  # noqa: F811
    back(full)
    before = len(full.socket.frames)
    for _ in range(5):
        full.later(1)
        full.hub.viewers.rows_first({"KRAKEN"})
    assert full.socket.client.owes and not full.beats(before)

    full.later(1)
    await asyncio.sleep(0)
    assert not full.socket.client.owes and full.hub.viewers.waits_for_beat


async def test_to_follow_one_more_pays_nothing(full: World) -> None:  # noqa: F811
    back(full)
    owed = set(full.socket.client.owes)
    full.hub.follow(full.socket.client, "ticker", Subscribed(0, 1000), ["KRAKEN:XRP/USD"])
    assert full.socket.client.owes == owed

    full.hub.viewers.unfollow(full.socket.client, "ticker", 0, NAMES[:1])
    assert {track.symbol for track in full.socket.client.owes} == set(NAMES[1:])


async def test_to_follow_at_another_pace_pays_nothing(full: World) -> None:  # noqa: F811
    back(full)
    owed = set(full.socket.client.owes)
    full.hub.follow(full.socket.client, "ticker", Subscribed(0, 500), NAMES)

    assert owed and full.socket.client.owes == owed
