"""What nobody can be sent is not composed, what takes long gives way, what fails takes nothing with it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from marketdash.live import fanout
from marketdash.live.books import Cut
from marketdash.live.fanout import View
from marketdash.live.views import Track
from tests.fakes.by_hand import Market
from tests.fakes.sockets import FakeSocket


@pytest.fixture(autouse=True)
def one_track_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "TURN_S", -1.0)


class Told:
    """Which tracks were composed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.composed: list[str] = []
        row_since = Track.row_since

        def counted(track: Track, *arguments: Any) -> Any:
            row = row_since(track, *arguments)
            self.composed += [track.symbol] if row is not None else []
            return row

        monkeypatch.setattr(Track, "row_since", counted)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    return Told(monkeypatch)


def books(count: int, levels: int = 1000) -> Market:
    market = Market("book", count, levels)
    for at in range(count):
        market.move(at, 1)
    market.view.flush()  # nobody is told
    return market


async def test_of_what_a_client_may_be_sent_no_more_is_composed(
    bus: Any, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "TURN_S", 60.0)
    market, socket = books(40), FakeSocket(bus.hub(), acknowledges=False)
    socket.client.acknowledge(0)
    socket.becomes_slow(100_000)

    market.view.add(socket.client, {})
    assert 5 <= len(told.composed) <= 8 and not socket.client.ready
    sent = len(socket.rows("book", "snapshot"))
    assert sent == len(told.composed)

    market.view.resume(socket.client)
    assert len(told.composed) == sent, "it is not ready"
    for _ in range(40):
        if socket.client.behind:
            socket.client.acknowledge(socket.frames[-1]["frame"])
        if socket.client.behind and socket.client.ready:
            market.view.resume(socket.client)
    assert set(told.composed) == {track.symbol for track in market.tracks}
    assert len(told.composed) <= 40 + len(socket.frames), "one that did not fit, each time"


async def test_for_nobody_nothing_is_composed(bus: Any, told: Told) -> None:
    market, socket = books(10, 20), FakeSocket(bus.hub(), acknowledges=False)
    assert all(track.position is None for track in market.tracks)
    socket.stop_reading()
    market.view.add(socket.client, {})
    market.move(1, 4)
    market.view.flush()  # it falls behind
    told.composed.clear()
    for _ in range(3):
        market.move(1, 5)
        market.view.flush()

    assert not told.composed and socket.client.behind


async def member(bus: Any, market: Market) -> FakeSocket:
    """Who reads all, and stands where the view does."""
    socket = FakeSocket(bus.hub())
    market.view.add(socket.client, {})
    while market.due:
        market.due.popleft().flush()
        await asyncio.sleep(0)
    assert socket.client in market.view._members
    return socket


async def test_who_may_be_sent_much_is_brought_in_several_turns(bus: Any, told: Told) -> None:
    market, other = books(5, 20), FakeSocket(bus.hub())
    market.view.add(other.client, {})
    assert len(told.composed) == 1 and list(market.due) == [market.view]
    for count in range(2, 6):
        market.due.popleft().flush()
        assert len(told.composed) == count
    assert other.client in market.view._members and not market.due


async def test_to_bring_somebody_tells_the_others_no_sooner(
    bus: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = books(5, 20)
    socket = await member(bus, market)
    market.view.key = market.view.key._replace(interval_ms=1000)
    market.move(0, 7)
    market.view.add(FakeSocket(bus.hub()).client, {})
    for _ in range(3):
        market.view.flush()

    assert socket.value("book", market.tracks[0].symbol)["asks"][0][1] == "1"
    market.view.close()


async def test_a_flush_gives_way_and_is_due_again_until_all_is_told(bus: Any) -> None:
    market = books(5, 20)
    socket = await member(bus, market)
    for at in range(5):
        market.move(at, 7)
    frames, rounds = len(socket.frames), 0
    while market.due:
        assert len(market.due) == 1, "it has one place among those that are due"
        market.due.popleft().flush()
        rounds += 1
        assert len(socket.frames) == frames + rounds

    assert rounds == 5 and {row["asks"][0][1] for row in socket.rows("book")} == {"7"}


async def test_what_moves_all_the_time_keeps_nobody_waiting(bus: Any) -> None:
    market = books(4, 20)
    await member(bus, market)
    market.move(0, 8)
    late = FakeSocket(bus.hub())
    market.view.add(late.client, {})
    for number in range(80):
        market.move(2 * number % 4, 100 + number)
        market.move((2 * number + 1) % 4, 100 + number)
        market.due.popleft().flush()
        await asyncio.sleep(0)
        assert market.view._dirty
    seen = [int(late.value("book", track.symbol)["asks"][0][1]) for track in market.tracks]

    assert min(seen) >= 140


async def test_a_hurry_says_all_of_it_at_once(bus: Any) -> None:
    market = books(5, 20)
    socket = await member(bus, market)
    for at in range(5):
        market.move(at, 7)
    market.due.popleft().flush()
    market.move(0, 9)
    market.view.hurry()

    assert [socket.value("book", t.symbol)["asks"][0][1] for t in market.tracks] == ["9", *"7777"]
    market.due.popleft().flush()
    assert not market.due


@pytest.mark.parametrize("failing", range(5))
async def test_a_track_that_fails_takes_no_other_with_it(
    bus: Any, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    monkeypatch.setattr(fanout, "TURN_S", 1.0)
    market = books(5, 20)
    socket = await member(bus, market)
    for at in range(5):
        market.move(at, 7)
    advance = Cut.advance

    def fail(cut: Cut) -> None:
        if cut is market.tracks[failing]:
            raise ZeroDivisionError("a defect")
        advance(cut)

    monkeypatch.setattr(Cut, "advance", fail)
    with pytest.raises(ZeroDivisionError):
        market.due.popleft().flush()
    while market.due:
        market.due.popleft().flush()
    seen = [socket.value("book", track.symbol)["asks"][0][1] for track in market.tracks]
    assert seen == ["1" if at == failing else "7" for at in range(5)]

    monkeypatch.setattr(Cut, "advance", advance)
    market.move(failing, 8)
    market.due.popleft().flush()
    assert socket.value("book", market.tracks[failing].symbol)["asks"][0][1] == "8"


async def test_a_client_that_cannot_be_brought_takes_no_other_with_it(
    bus: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    market, hub = books(2, 20), bus.hub()
    await member(bus, market)
    market.move(0, 7)
    sockets = [FakeSocket(hub) for _ in range(3)]
    for socket in sockets:
        market.view.add(socket.client, {})
    bring = View.bring

    def fail(view: View, client: Any, *until_s: float) -> None:
        if client is sockets[0].client:
            raise ZeroDivisionError("a defect")
        bring(view, client, *until_s)

    monkeypatch.setattr(View, "bring", fail)
    with pytest.raises(ZeroDivisionError):
        market.due.popleft().flush()
    while market.due:
        market.due.popleft().flush()

    assert {sockets[1].client, sockets[2].client} < market.view._members.keys()
