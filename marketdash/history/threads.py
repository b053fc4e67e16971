"""Where work with the database is done, and how."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from django.db import connections

from marketdash.threads import Result

# SQLite has one writer at a time, and whoever waits for it polls: here they wait in line.
_turn = threading.Lock()


class Hand(Protocol):
    """Where blocking work is done."""

    async def __call__(self, work: Callable[[], Result]) -> Result: ...


def on_own_connection(work: Callable[[], Result]) -> Result:
    """Work with the database, one at a time. Its thread may end after it, and its server before the next: so
    none keeps a connection."""
    with _turn:
        try:
            return work()
        finally:
            connections.close_all()
