"""One 159-byte price update, and how far a publisher may run ahead of the clients. Plain Python."""

from __future__ import annotations

import json
import mmap
import struct
import time
from collections.abc import Callable

BYTES = 159
PROGRESS = struct.Struct("6Q")


def tick(seq: int, *, compact: bool = True) -> dict[str, object]:
    """A price update whose JSON text has 159 bytes. ``bid_qty`` is the monotonic time in microseconds."""
    row: dict[str, object] = {
        "symbol": "KRAKEN:BTC/USD",
        "seq": seq,
        "bid": "64012.1",
        "bid_qty": str(time.monotonic_ns() // 1000),
        "ask": "64012.2",
        "ask_qty": "",
        "last": "64012.2",
    }
    row["ask_qty"] = "8" * (BYTES - len(encode(row, compact=compact)))
    return row


def encode(row: object, *, compact: bool = True) -> str:
    """Compact JSON, or as ``json.dumps`` writes it when nobody asks for anything."""
    return json.dumps(row, separators=(",", ":")) if compact else json.dumps(row)


class Closed:
    """The closed loop: at most ``outstanding`` updates that the average client has not yet read."""

    def __init__(self, progress_file: str, clients: int, outstanding: int) -> None:
        with open(progress_file, "r+b") as file:
            self._progress = mmap.mmap(file.fileno(), PROGRESS.size)
        self._clients, self._outstanding = clients, outstanding
        self._base = self._seq_sum()

    def _seq_sum(self) -> int:
        return PROGRESS.unpack(self._progress[:])[2]

    def room(self, published: int) -> bool:
        return published - (self._seq_sum() - self._base) / self._clients < self._outstanding

    def wait(self, published: int, pause: Callable[[float], None] = time.sleep) -> None:
        while not self.room(published):
            pause(0.00005)
