"""What nobody would ever tell is found within a second: by where clients stand, whatever was marked."""

from __future__ import annotations

from typing import Any

import pytest

from marketdash.live.views import Track
from tests.fakes.by_hand import Market
from tests.fakes.restless import Reader
from tests.fakes.sockets import FakeSocket
from tests.fakes.waiting import wait_until


def moved(market: Market) -> Market:
    for at in range(len(market.topics)):
        market.move(at, 1)
    market.view.flush()  # nobody is told
    return market


@pytest.fixture(params=["ticker", "book"])
def market(request: pytest.FixtureRequest) -> Market:
    return Market(request.param, 3)


async def member(bus: Any, market: Market, number: int = 0) -> Reader:
    reader = Reader(bus.hub(), number, writes=True, mute=False)
    market.view.add(reader.client, {})
    flushed(market)
    assert reader.client in market.view._members
    return reader


def flushed(market: Market) -> None:
    while market.due:
        market.due.popleft().flush()


def has(market: Market, socket: FakeSocket) -> bool:
    told = [socket.value(market.channel, track.symbol) for track in market.tracks]
    return told == [market.value(at) for at in range(len(market.tracks))]


async def test_who_has_all_and_what_waits_its_turn_need_no_second_look(bus: Any, market: Market) -> None:
    await member(bus, moved(market))
    assert market.view.look() == ""
    market.move(0, 2)
    assert market.view.look() == "" and list(market.due) == [market.view]

    flushed(market)
    market.view.key = market.view.key._replace(interval_ms=60_000)
    market.move(0, 3)
    assert market.view.look() == "" and not market.due, "it waits for its interval"
    market.view.close()


async def test_what_moved_and_was_not_marked_is_told(bus: Any, market: Market) -> None:
    reader = await member(bus, moved(market))
    view, market.view = market.view, Market(market.channel, 0).view
    market.move(0, 2)
    market.move(2, 2)
    market.view = view

    assert market.view.look() == "untold topics 2"
    flushed(market)
    assert has(market, reader) and market.view.look() == ""


async def test_who_can_be_sent_something_and_waits_for_nothing_is_brought(bus: Any, market: Market) -> None:
    reader = await member(bus, moved(market))
    market.view.set_aside(reader.client)
    market.view._waiting.clear()
    market.move(1, 2)
    flushed(market)

    assert market.view.look() == "clients left 1"
    flushed(market)
    assert has(market, reader) and reader.client in market.view._members


async def test_a_turn_that_is_gone_is_given_again(bus: Any, market: Market) -> None:
    reader = await member(bus, moved(market))
    market.move(1, 2)
    market.due.clear()

    assert market.view.look() == "no turn 1"
    flushed(market)
    assert has(market, reader)


async def test_a_timer_that_never_rings_is_set_again(bus: Any, market: Market) -> None:
    reader = await member(bus, moved(market))
    flushed(market)
    market.view.key = market.view.key._replace(interval_ms=10)
    market.move(1, 2)
    flushed(market)
    market.move(1, 3)
    timer = market.view._wake._timer
    assert timer is not None
    timer.cancel()
    assert market.view.look() == "", "it may be late"
    market.view._wake._at_s -= 60

    assert market.view.look() == "no turn 1"
    await wait_until(lambda: market.due, what="its turn")
    flushed(market)
    assert has(market, reader)


async def test_a_member_that_fails_leaves_nobody_behind(bus: Any, market: Market) -> None:
    moved(market)
    readers = [await member(bus, market, number) for number in range(3)]
    readers[1].fails = True
    market.move(0, 2)
    with pytest.raises(ZeroDivisionError):
        flushed(market)
    flushed(market)

    assert all(has(market, reader) for reader in readers)
    assert [reader.holes for reader in readers] == [[], [], []]
    market.move(0, 3)
    flushed(market)
    assert all(has(market, reader) for reader in readers), "and all are members again"


async def test_a_topic_that_fails_is_tried_again_each_second(
    bus: Any, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = await member(bus, moved(market))
    row_since = Track.row_since

    def fail(*arguments: Any) -> Any:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(Track, "row_since", fail)
    market.move(0, 2)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            flushed(market)
        assert not market.view._dirty and market.view.look() == "untold topics 1"
    monkeypatch.setattr(Track, "row_since", row_since)
    flushed(market)

    assert has(market, reader)


async def test_a_look_that_fails_does_not_make_the_hub_deaf(
    bus: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hub, looks = bus.hub(), []

    def fail(now_s: float) -> None:
        looks.append(now_s)
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(hub, "_tick", fail)
    await wait_until(lambda: len(looks) > 1, what="a second look")

    assert "a look at what is so failed" in caplog.text and hub.counters["failed looks"] > 0
