"""A coroutine that was stepped once by hand, because what it does mostly needs no waiting."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any


class Rest:
    """What is left of a coroutine that was stepped once: hands on what it waits for, and every answer."""

    __slots__ = ("_coroutine", "_waits_for")

    def __init__(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self._coroutine, self._waits_for = coroutine, waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        waits_for = self._waits_for
        while True:
            try:
                answer = yield waits_for
            except BaseException as raised:  # a cancellation, mostly: it is the coroutine's to handle
                step, argument = self._coroutine.throw, raised
            else:
                step, argument = self._coroutine.send, answer
            try:
                waits_for = step(argument)
            except StopIteration:
                return
