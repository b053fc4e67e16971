"""More to tell than there is time: views take turns, and the bus is heard in between."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from marketdash.live.topics import Topics
from marketdash.live.viewers import TURN_S, Viewers


def viewers_on(monkeypatch: pytest.MonkeyPatch) -> tuple[Viewers, SimpleNamespace]:
    """With a loop that only notes what it is to call, and a clock that stands still."""
    loop = SimpleNamespace(s=100.0, soon=[])
    loop.time, loop.call_soon = lambda: loop.s, loop.soon.append
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: loop)
    return Viewers(Topics(), SimpleNamespace(), lambda: 0, lambda parts: ""), loop


def test_views_that_take_long_let_the_bus_be_heard_in_between(monkeypatch) -> None:
    viewers, loop = viewers_on(monkeypatch)
    flushed: list[int] = []

    def takes_long(number: int) -> SimpleNamespace:
        def flush() -> None:
            loop.s += 0.6 * TURN_S
            flushed.append(number)

        return SimpleNamespace(flush=flush)

    for number in range(5):
        viewers._flush_soon(takes_long(number))
    turns = []
    while loop.soon:
        assert len(loop.soon) == 1
        loop.soon.pop()()
        turns.append(list(flushed))

    assert turns == [[0, 1], [0, 1, 2, 3], [0, 1, 2, 3, 4]]


def test_a_view_that_fails_does_not_keep_the_others_waiting(monkeypatch) -> None:
    viewers, loop = viewers_on(monkeypatch)
    flushed: list[int] = []

    def fail() -> None:
        raise ZeroDivisionError("a defect")

    viewers._flush_soon(SimpleNamespace(flush=fail))
    viewers._flush_soon(SimpleNamespace(flush=lambda: flushed.append(1)))
    with pytest.raises(ZeroDivisionError):
        loop.soon.pop(0)()
    loop.soon.pop(0)()

    assert flushed == [1] and not loop.soon
