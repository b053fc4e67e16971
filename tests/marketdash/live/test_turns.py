"""More to tell than there is time: views take turns, and the bus is heard in between."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from marketdash.live.due import LATE, TURN_S, Due


def due_on(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, SimpleNamespace]:
    """With a loop that only notes what it is to call, and a clock that stands still."""
    loop = SimpleNamespace(s=100.0, soon=[])
    loop.time, loop.call_soon = lambda: loop.s, loop.soon.append
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: loop)
    return Due(Counter()), loop


class Fake(SimpleNamespace):
    """A view, told from others."""

    key = ("ticker", 0, 0, {"KRAKEN:BTC/USD"})
    __hash__ = object.__hash__


def test_views_that_take_long_let_the_bus_be_heard_in_between(monkeypatch) -> None:
    due, loop = due_on(monkeypatch)
    flushed: list[int] = []

    def takes_long(number: int) -> SimpleNamespace:
        def flush() -> None:
            loop.s += 0.6 * TURN_S
            flushed.append(number)

        return Fake(flush=flush)

    for number in range(5):
        due.put(takes_long(number))
    turns = []
    while loop.soon:
        assert len(loop.soon) == 1
        loop.soon.pop()()
        turns.append(list(flushed))

    assert turns == [[0, 1], [0, 1, 2, 3], [0, 1, 2, 3, 4]]


def test_a_view_that_fails_does_not_keep_the_others_waiting(monkeypatch) -> None:
    due, loop = due_on(monkeypatch)
    flushed: list[int] = []

    def fail() -> None:
        raise ZeroDivisionError("a defect")

    due.put(Fake(flush=fail))
    due.put(Fake(flush=lambda: flushed.append(1)))
    with pytest.raises(ZeroDivisionError):
        loop.soon.pop(0)()
    loop.soon.pop(0)()

    assert flushed == [1] and not loop.soon


def test_who_is_due_twice_has_one_turn(monkeypatch) -> None:
    due, loop = due_on(monkeypatch)
    flushed: list[int] = []
    view = Fake(flush=lambda: flushed.append(1))
    due.put(view)
    due.put(view)
    loop.soon.pop(0)()

    assert flushed == [1] and not loop.soon and not due


def test_a_second_look_takes_turns_and_minds_no_failure(monkeypatch, caplog) -> None:
    due, loop = due_on(monkeypatch)
    looked: list[int] = []

    def looks(number: int) -> Fake:
        def look() -> str:
            loop.s += 0.6 * TURN_S
            looked.append(number)
            return "untold topics 1" if number == 3 else ""

        return Fake(look=look)

    def fails() -> str:
        raise ZeroDivisionError("a defect")

    due.look([looks(1), Fake(look=fails), looks(2), looks(3)])
    turns = []
    while loop.soon:
        assert len(loop.soon) == 1
        with contextlib.suppress(ZeroDivisionError):
            loop.soon.pop()()
        turns.append(list(looked))

    assert turns == [[1], [1, 2, 3]] and due._counters == {LATE: 1}
    assert "untold topics 1 in a view of ticker 0/0, KRAKEN:BTC/USD" in caplog.text
