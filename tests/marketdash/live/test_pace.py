"""How long a view rests: next to nothing, until its rows one by one would be too much."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from marketdash.live.fanout import View, ViewKey
from marketdash.live.pace import CYCLE_S, REST, Pace
from tests.fakes.by_hand import ByHand

FLUSH_S = 0.002


def settled(rows: int, every_s: float, took_s: float = FLUSH_S) -> float:
    """The rest after a while of flushes of so many rows, each ``every_s`` after the one before."""
    pace = Pace()
    return [pace.rest_s(rows, every_s, took_s) for _ in range(60)][-1]


def test_rows_that_can_go_one_by_one_wait_for_a_share_of_a_flush():
    assert settled(rows=1, every_s=0.0033) == pytest.approx(REST * FLUSH_S)


def test_rows_that_would_take_the_whole_core_go_out_once_a_cycle():
    assert settled(rows=8, every_s=CYCLE_S) == pytest.approx(CYCLE_S - FLUSH_S)


def test_flushes_longer_than_a_cycle_rest_for_their_share():
    assert settled(rows=4, every_s=0.013, took_s=0.010) == pytest.approx(REST * 0.010)


def test_a_load_that_is_over_is_forgotten():
    pace = Pace()
    for _ in range(60):
        pace.rest_s(8, CYCLE_S, FLUSH_S)

    after = [pace.rest_s(1, 0.1, FLUSH_S) for _ in range(5)]

    assert after[-1] == pytest.approx(REST * FLUSH_S)


class SlowClient:
    """Takes a while of the loop's clock for each frame."""

    ready, window_bytes, row_bytes = True, 2**20, 2**19

    def __init__(self, clock: SimpleNamespace) -> None:
        self.clock, self.behind = clock, {}

    def deliver(self, out: object) -> None:
        self.clock.s += 0.5

    def put_off(self, size: int) -> bool:
        return False

    def brought(self, tracks: object) -> None: ...


class MovingTrack:
    position = ("epoch", 1)

    def advance(self) -> None: ...

    def row_since(self, position: object, now_us: int) -> SimpleNamespace:
        return SimpleNamespace(whole=False, data=b"{}")


async def test_what_a_flush_took_is_not_waited_for_a_second_time(monkeypatch):
    clock, due, track = SimpleNamespace(s=100.0), ByHand(), MovingTrack()
    view = View(ViewKey("ticker", 0, 0, frozenset()), [track], lambda: 0, due)
    view.add(SlowClient(clock), {})
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: SimpleNamespace(time=lambda: clock.s))
    view.mark(track)
    due.popleft().flush()

    view.mark(track)  # the loop's clock stands at the end of the flush

    assert list(due) == [view]
