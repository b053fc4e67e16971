"""Watches portfolios: python -m benchmarks.programs.watch PORT[,PORT] SECONDS GO OWNERS COUNT.

OWNERS is the file that ``seed_portfolios`` wrote; the first COUNT of them are watched, each on a socket of
its own, at the ports by turns. Once every portfolio has a value the file GO appears and the window begins; at
its end a line of JSON is printed. How late a row is: from the feed's receipt of its newest and of its oldest
price, which the row says, to the client's of the row.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
from websockets.asyncio.client import connect

ACK_FRAMES, ACK_BYTES = 8, 64 * 1024
WARM_S, OPEN_S, OF_AN_ADDRESS = 3.0, 60.0, 200


class Line(msgspec.Struct):
    ts_received: int | None = None


class Row(msgspec.Struct):
    id: int
    holdings: list[Line] = []


class Frame(msgspec.Struct):
    data: list[Row] = []
    frame: int = 0
    channel: str = ""
    type: str = ""
    error: str = ""


_frame = msgspec.json.Decoder(Frame)


class Watch:
    def __init__(self) -> None:
        self.seen: Counter[int] = Counter()
        self.forget()

    def forget(self) -> None:
        self.lines = self.bytes = 0
        self.rows: Counter[int] = Counter()
        self.oldest_us: list[int] = []
        self.newest_us: list[int] = []

    def take(self, frame: Frame, size: int) -> None:
        now_us = time.time_ns() // 1000
        self.bytes += size
        for row in frame.data:
            self.seen[row.id] += 1
            heard = [line.ts_received for line in row.holdings if line.ts_received]
            if frame.type == "update" and heard:
                self.rows[row.id] += 1
                self.lines += len(row.holdings)
                self.oldest_us.append(now_us - min(heard))
                self.newest_us.append(now_us - max(heard))


async def follow(watch: Watch, at: int, port: int, token: str, portfolio: int) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    address = f"ws://127.0.0.1:{port}/ws/v1/"
    options = {"compression": None, "max_size": None, "open_timeout": OPEN_S}
    if sys.platform == "linux":  # elsewhere there is one such address, and a limit to what it may connect
        options["local_addr"] = (f"127.0.0.{2 + at // OF_AN_ADDRESS}", 0)
    async with connect(address, additional_headers=headers, **options) as ws:
        params = {"channel": "portfolio", "id": [portfolio]}
        await ws.send(json.dumps({"method": "subscribe", "params": params}))
        frames = size = 0
        async for text in ws:
            found = _frame.decode(text)
            if found.error:
                raise ValueError(found.error)
            if found.channel != "portfolio":
                continue
            watch.take(found, len(text))
            frames, size = frames + 1, size + len(text)
            if frames >= ACK_FRAMES or size >= ACK_BYTES:
                frames = size = 0
                await ws.send(f'{{"method":"ack","params":{{"frame":{found.frame}}}}}')


def quantile(values: list[int], share: float) -> float:
    ordered = sorted(values)
    return float(ordered[min(len(ordered) - 1, int(share * len(ordered)))]) if ordered else float("nan")


async def main(ports: list[int], seconds: float, go: Path, watched: list[tuple[str, int]]) -> None:
    watch = Watch()
    async with asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(follow(watch, at, ports[at % len(ports)], *each))
            for at, each in enumerate(watched)
        ]
        while len(watch.seen) < len(watched):  # noqa: ASYNC110 (the server sends when it likes)
            await asyncio.sleep(0.02)
        await asyncio.sleep(WARM_S)
        watch.forget()
        go.touch()  # noqa: ASYNC240 (nothing is measured yet)
        await asyncio.sleep(seconds)
        found = {name: getattr(watch, name) / seconds for name in ("lines", "bytes")}
        found["rows"] = watch.rows.total() / seconds
        found["least"] = min(watch.rows[portfolio] for _, portfolio in watched) / seconds
        for name in ("oldest_us", "newest_us"):
            found |= {f"{name}_{share}": quantile(getattr(watch, name), share / 100) for share in (50, 99)}
        for task in running:
            task.cancel()
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    _, ports, seconds, go, owners, count = sys.argv
    owned = [
        (owner["token"], portfolio)
        for owner in json.loads(Path(owners).read_text())
        for portfolio in owner["ids"]
    ]
    asyncio.run(main([*map(int, ports.split(","))], float(seconds), Path(go), owned[: int(count)]))
