"""The whole worker under a load: python -m benchmarks.programs.whole_worker URL SYMBOLS PROGRESS PART.

The real session, codec, state and, with PART ``whole``, the real channel-layer sink with every topic in
demand; ``state`` ends at the state. PROGRESS is a mapped file of one number, the messages taken so far;
beside it ``PROGRESS.json`` has samples of where the time went, and the venue's counters.
"""

from __future__ import annotations

import asyncio
import json
import mmap
import os
import struct
import sys
from pathlib import Path

import uvloop

from benchmarks.programs.profile import Sampler
from feeds import symbols, venues
from feeds.clock import SystemClock
from feeds.codec import Subscription
from feeds.sinks import Sink
from feeds.worker import Worker
from marketdash import collector

TAKEN = struct.Struct("Q")
PARTS = (
    (
        "socket and frames",
        ("feeds/session", "feeds/link", "feeds/connection", "feeds/cutter", "/websockets/"),
    ),
    ("codec", ("feeds/venues/",)),
    ("books, bars, state", ("feeds/state", "feeds/book", "feeds/bars", "feeds/market", "feeds/symbols")),
    ("handing on to sinks", ("feeds/venuefeed", "feeds/sinks")),
    ("slots and encoding", ("feeds/merge", "feeds/frames", "marketdash/live/")),
    ("channel layer and Redis", ("/channels_redis/", "/redis/", "/channels/", "/msgpack/")),
    ("REST, reports and the rest of feeds", ("feeds/", "/httpx/", "/httpcore/")),
    ("event loop and kernel", ("benchmarks/programs/whole_worker", "/asyncio/")),
)


def subscriptions(natives: list[str]) -> list[Subscription]:
    names = [(symbols.instrument_name("BINANCE", native), native) for native in natives]
    return [
        Subscription(channel, name, native, 1000 * (channel == symbols.BOOK))
        for name, native in names
        for channel in (symbols.TICKER, symbols.TRADE, symbols.BOOK)
    ]


def sinks(part: str, wanted: list[Subscription]) -> list[Sink]:
    if part != "whole":
        return []
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketdash.settings")
    import django

    django.setup()
    from benchmarks.programs.demand import layer_sink

    return [layer_sink(wanted)]


def mapped(progress: str) -> mmap.mmap:
    with open(progress, "r+b") as file:
        return mmap.mmap(file.fileno(), TAKEN.size)


async def count(worker: Worker, taken: mmap.mmap) -> None:
    while True:
        await asyncio.sleep(0.02)
        taken[:] = TAKEN.pack(sum(link.messages for link in worker.venues["BINANCE"].links))


async def tell(sampler: Sampler, worker: Worker, progress: str) -> None:
    while True:
        await asyncio.sleep(0.25)
        write(progress, {"samples": sampler.samples, "counters": worker.venues["BINANCE"].report().counters})


def write(progress: str, found: dict[str, object]) -> None:
    part = Path(f"{progress}.part")
    part.write_text(json.dumps(found))
    part.replace(f"{progress}.json")


async def main(address: str, natives: list[str], progress: str, part: str) -> None:
    wanted = subscriptions(natives)
    worker = Worker(
        {"BINANCE": venues.codec("BINANCE")},
        sinks(part, wanted),
        SystemClock(),
        urls={"BINANCE": (f"ws://{address}", f"http://{address}")},
    )
    worker.desire(wanted)
    collector.settle()  # as the ingest command does
    sampler = Sampler(PARTS)
    sampler.start()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run())
        tasks.create_task(count(worker, mapped(progress)))
        tasks.create_task(tell(sampler, worker, progress))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2].split(","), sys.argv[3], sys.argv[4]))
