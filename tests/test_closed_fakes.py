"""Servers of the tests leave no connection open when a test is over that somebody had just made: else another
test fails for it, whenever the collector finds it."""

from __future__ import annotations

import asyncio
import gc
import socket
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.answering import Said, answering
from tests.fakes.line_server import LineServer
from tests.fakes.tcp_proxy import TcpProxy


class _Never:
    """A port that takes no connection: its queue is full."""

    def __init__(self) -> None:
        self._full = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.port = self._full.getsockname()[1]
        self._waiting = [socket.socket() for _ in range(4)]
        for each in self._waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", self.port))

    def close(self) -> None:
        for each in (self._full, *self._waiting):
            each.close()


def answers(target: int) -> Any:
    return answering(lambda path, headers: Said(200))


def proxies(target: int) -> Any:
    return TcpProxy(target)


def lines(target: int) -> Any:
    return LineServer()


async def accepted(made: Any) -> None:
    """Leaves while a connection is new."""
    async with made as server:
        port = server if isinstance(server, int) else server.port
        with socket.create_connection(("127.0.0.1", port)):
            for _ in range(5):
                await asyncio.sleep(0)


@pytest.mark.parametrize("serving", [answers, proxies, lines])
def test_a_connection_that_was_just_made_is_closed(serving: Callable[[int], Any]) -> None:
    never = _Never()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with asyncio.Runner() as runner:
            runner.run(accepted(serving(never.port)))
        gc.collect()
    never.close()

    assert [str(each.message) for each in said] == []
