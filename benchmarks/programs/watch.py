"""Watches portfolios: python -m benchmarks.programs.watch PORT SECONDS GO OWNERS.

OWNERS is the file that ``seed_portfolios`` wrote. Once every portfolio has a value the file GO appears and
the window begins; at its end a line of JSON is printed. How late a row is: from the feed's receipt of its
newest and of its oldest price, which the row says, to the client's of the row.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import msgspec
from websockets.asyncio.client import connect

ACK_FRAMES, ACK_BYTES = 8, 64 * 1024
WARM_S = 3.0


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
        self.seen: set[int] = set()
        self.forget()

    def forget(self) -> None:
        self.rows = self.lines = self.bytes = 0
        self.oldest_us: list[int] = []
        self.newest_us: list[int] = []

    def take(self, frame: Frame, size: int) -> None:
        now_us = time.time_ns() // 1000
        self.bytes += size
        for row in frame.data:
            self.seen.add(row.id)
            heard = [line.ts_received for line in row.holdings if line.ts_received]
            if frame.type == "update" and heard:
                self.rows, self.lines = self.rows + 1, self.lines + len(row.holdings)
                self.oldest_us.append(now_us - min(heard))
                self.newest_us.append(now_us - max(heard))


async def follow(watch: Watch, port: int, token: str, ids: list[int]) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    address = f"ws://127.0.0.1:{port}/ws/v1/"
    async with connect(address, compression=None, additional_headers=headers, max_size=None) as ws:
        params = {"channel": "portfolio", "id": ids}
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


async def main(port: int, seconds: float, go: Path, owners: list[dict[str, object]]) -> None:
    watch = Watch()
    count = sum(len(owner["ids"]) for owner in owners)  # type: ignore[arg-type]
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(follow(watch, port, **owner)) for owner in owners]  # type: ignore[arg-type]
        while len(watch.seen) < count:  # noqa: ASYNC110 (the server sends when it likes)
            await asyncio.sleep(0.02)
        await asyncio.sleep(WARM_S)
        watch.forget()
        go.touch()  # noqa: ASYNC240 (nothing is measured yet)
        await asyncio.sleep(seconds)
        found = {name: getattr(watch, name) / seconds for name in ("rows", "lines", "bytes")}
        for name in ("oldest_us", "newest_us"):
            found |= {f"{name}_{share}": quantile(getattr(watch, name), share / 100) for share in (50, 99)}
        for task in running:
            task.cancel()
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    _, port, seconds, go, owners = sys.argv
    asyncio.run(main(int(port), float(seconds), Path(go), json.loads(Path(owners).read_text())))
