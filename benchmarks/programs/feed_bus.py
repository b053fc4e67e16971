"""A worker that has one instrument and nothing else to do: python -m benchmarks.programs.feed_bus GO CLIENTS.

It speaks the bus as the worker does: rows and heartbeats on the instrument's shard, keyframes on demand. Once
the file GO exists, which names a reader's progress file, it publishes in a closed loop, a layer message per
update: as fast as the clients read, and never more than so many updates ahead of them.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketdash.settings")

import django

django.setup()

from channels.layers import BaseChannelLayer, get_channel_layer  # noqa: E402 (needs the settings)
from django.conf import settings  # noqa: E402

from benchmarks.programs.tick import Closed, encode, tick  # noqa: E402
from benchmarks.rig.names import symbols  # noqa: E402
from feeds.symbols import PARTS, STATUS, TICKER, split_topic, topic  # noqa: E402
from marketdash.live import bus  # noqa: E402
from marketdash.live.mailbox import Mailbox  # noqa: E402

VENUE = "KRAKEN"
INSTRUMENT = symbols(1)[0]
PRICES, STATE = topic(TICKER, INSTRUMENT), topic(STATUS, VENUE)
PARTS_FED = {VENUE: list(range(PARTS))}
OUTSTANDING = 8
"""Updates in flight: a hub merges those that reach it together, so that about eight frames are."""
KEPT = ("bid", "bid_qty", "ask", "ask_qty", "last")
STATUS_BODY = {
    "state": "live",
    "reason": "",
    "title": "Kraken",
    "links": [],
    "counters": {},
    "limited_until": 0,
}


class Writer:
    """The two topics, each with its numbers, and the layer that carries them."""

    def __init__(self, layer: BaseChannelLayer) -> None:
        self._layer, self._epoch = layer, f"{time.time_ns():x}"
        self._groups = {
            name: bus.group_of(split_topic(name), settings.BUS_SHARDS) for name in (PRICES, STATE)
        }
        self.seq = {PRICES: 1, STATE: 1}

    async def update(self) -> None:
        """The fields of a 159-byte tick; the hub adds the others, which name and number it."""
        seq = self.seq[PRICES] = self.seq[PRICES] + 1
        await self._send(PRICES, [(PRICES, seq - 1, seq, 0, self._prices(seq))])

    async def keyframe(self, name: str) -> None:
        body = (
            encode({**STATUS_BODY}).encode()
            if name == STATE
            else self._prices(self.seq[PRICES], state="live")
        )
        await self._send(name, [(name, 0, self.seq[name], 0, body)])

    async def beat(self) -> None:
        for name, group in self._groups.items():
            message = bus.rows(self._epoch, group, self._now_us(), [])
            await self._layer.group_send(group, bus.beat(message, PARTS_FED, {name: self.seq[name]}, ""))

    def _prices(self, seq: int, **more: str) -> bytes:
        row = tick(seq)
        return encode({**more, **{key: row[key] for key in KEPT}}).encode()

    async def _send(self, name: str, entries: list[bus.Entry]) -> None:
        group = self._groups[name]
        await self._layer.group_send(group, bus.rows(self._epoch, group, self._now_us(), entries))

    def _now_us(self) -> int:
        return time.monotonic_ns() // 1000


async def beats(writer: Writer) -> None:
    while True:
        await writer.beat()
        await asyncio.sleep(bus.BEAT_EVERY_S)


async def keyframes(writer: Writer, asked: asyncio.Queue[str]) -> None:
    while True:
        await writer.keyframe(await asked.get())


def started(go: Path, clients: int) -> Closed | None:
    text = go.read_text() if go.exists() else ""
    return Closed(text, clients, OUTSTANDING) if text else None


async def closed_loop(writer: Writer, go: Path, clients: int) -> None:
    while (loop := started(go, clients)) is None:  # noqa: ASYNC110 (another process writes it)
        await asyncio.sleep(0.02)
    count = 0
    while True:
        await writer.update()
        count += 1
        while not loop.room(count):  # noqa: ASYNC110 (the reader's process counts)
            await asyncio.sleep(0.0002)


async def main(go: Path, clients: int) -> None:
    layer = get_channel_layer()
    writer, asked, watched = Writer(layer), asyncio.Queue(), set()

    def take(message: bus.Message) -> None:
        for name in message.get("topics", ()):
            if name in writer.seq and (message["type"] == bus.KEYFRAME or name not in watched):
                watched.add(name)
                asked.put_nowait(name)

    mailbox = Mailbox(layer, take)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(mailbox.run())
        tasks.create_task(mailbox.join([bus.CONTROL]))
        tasks.create_task(beats(writer))
        tasks.create_task(keyframes(writer, asked))
        tasks.create_task(closed_loop(writer, go, clients))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
