"""Clients of the same symbols: python -m benchmarks.programs.follow WAY PORT CLIENTS SECONDS GO SYMBOL…

WAY is ``socket`` or ``polling``, which asks each second. Once all have values the file GO appears and the
window begins; at its end a line of JSON is printed. The exchange wrote the monotonic time into ``bid_qty``.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

import msgspec
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.programs.sawtooth import Sawtooth, Span, mean, quantiles

POLL_EVERY_S = 1.0
ACK_EVERY = 8
WARM_S = 2.0
MASK_AND_HEAD, SMALL, MIDDLE = 6, 126, 65_536


class Ticker(msgspec.Struct):
    symbol: str
    bid_qty: str = ""


class Frame(msgspec.Struct):
    data: list[Ticker] = []
    frame: int = 0
    channel: str = ""


_frame = msgspec.json.Decoder(Frame)


class Screens:
    """What all clients show, and what it took."""

    def __init__(self, clients: int, symbols: list[str]) -> None:
        self.symbols = symbols
        self.counts: Counter[str] = Counter()
        self.teeth = [{symbol: Sawtooth() for symbol in symbols} for _ in range(clients)]
        self.showing = [set[str]() for _ in range(clients)]

    def take(self, client: int, rows: list[Ticker]) -> None:
        now_us = time.monotonic_ns() / 1000
        for row in rows:
            if row.bid_qty:
                self.teeth[client][row.symbol].shows(float(row.bid_qty), now_us)
                self.showing[client].add(row.symbol)

    def all_show(self) -> bool:
        return all(len(shown) == len(self.symbols) for shown in self.showing)

    def begin(self, go: Path) -> None:
        self.counts.clear()
        for tooth in self._all():
            tooth.forget(time.monotonic_ns() / 1000)
        go.touch()

    def spans(self) -> list[Span]:
        """Until now."""
        now_us = time.monotonic_ns() / 1000
        for tooth in self._all():
            tooth.ends(now_us)
        return [span for tooth in self._all() for span in tooth.spans]

    def _all(self) -> list[Sawtooth]:
        return [tooth for teeth in self.teeth for tooth in teeth.values()]


def frame_bytes(payload: int) -> int:
    return payload + (2 if payload < SMALL else 4 if payload < MIDDLE else 10)


async def socket(screens: Screens, client: int, port: int) -> None:
    counts, params = screens.counts, {"channel": "ticker", "symbol": screens.symbols}
    async with connect(f"ws://127.0.0.1:{port}/ws/v1/", compression=None) as ws:
        await ws.send(json.dumps({"method": "subscribe", "params": params}))
        frames = 0
        async for text in ws:
            counts["received"] += 1
            counts["bytes"] += frame_bytes(len(text.encode()))
            found = _frame.decode(text)
            if found.channel == "ticker":
                screens.take(client, found.data)
                frames += 1
            if found.frame and frames % ACK_EVERY == 0:
                await _acknowledge(ws, found.frame, counts)


async def _acknowledge(ws: ClientConnection, frame: int, counts: Counter[str]) -> None:
    text = f'{{"method":"ack","params":{{"frame":{frame}}}}}'
    counts["sent"] += 1
    counts["sent_bytes"] += len(text) + MASK_AND_HEAD
    await ws.send(text)


async def polling(screens: Screens, client: int, port: int) -> None:
    """One connection that is kept. Each client has an address of its own, as the rate limit sees visitors."""
    clients, counts = len(screens.teeth), screens.counts
    query = urlencode([("symbol", symbol) for symbol in screens.symbols])
    request = (
        f"GET /api/v1/tickers?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json\r\n\r\n"
    )
    local = (f"127.0.{client // 200 + 1}.{client % 200 + 1}", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=local)
    due_s = time.monotonic() + POLL_EVERY_S * client / clients
    while True:
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        due_s = max(due_s + POLL_EVERY_S, time.monotonic())  # who is late does not ask the more for it
        writer.write(request.encode())
        counts["sent"] += 1
        counts["sent_bytes"] += len(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        body = await reader.readexactly(int(length.partition(b":")[2]))
        counts["received"] += 1
        counts["bytes"] += len(head) + len(body)
        if not head.startswith(b"HTTP/1.1 200"):
            raise ValueError(f"expected 200, found {head[:40]!r}")
        screens.take(client, _frame.decode(body).data)


WAYS = {"socket": socket, "polling": polling}


async def main(way: str, port: int, clients: int, seconds: float, go: Path, symbols: list[str]) -> None:
    screens = Screens(clients, symbols)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(WAYS[way](screens, client, port)) for client in range(clients)]
        while not screens.all_show():  # noqa: ASYNC110 (the server sends when it likes)
            await asyncio.sleep(0.02)
        await asyncio.sleep(WARM_S)
        screens.begin(go)
        await asyncio.sleep(seconds)
        spans, counts = screens.spans(), dict(screens.counts)
        for task in running:
            task.cancel()
    p50, p99 = quantiles(spans, (0.5, 0.99))
    print(json.dumps({**counts, "mean_us": mean(spans), "p50_us": p50, "p99_us": p99}), flush=True)


if __name__ == "__main__":
    _, way, port, clients, seconds, go, *symbols = sys.argv
    asyncio.run(main(way, int(port), int(clients), float(seconds), Path(go), symbols))
