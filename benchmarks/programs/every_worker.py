"""One worker on all venues: python -m benchmarks.programs.every_worker PORT COUNT PROGRESS ROWS.

Every channel but candles of COUNT instruments, over all venues of the simulated exchanges at PORT, and a
hub's demand: for the prices of ROWS of them, as a page of markets has it, or for all of it where ROWS is 0.
PROGRESS gets, four times a second, what was taken and what is live.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from pathlib import Path

import django
import uvloop

from benchmarks.rig.every_venue import keyed, subscriptions
from feeds import venues
from feeds.clock import SystemClock
from feeds.codec import Subscription
from feeds.state import MarketState
from feeds.symbols import TICKER
from feeds.topics import StateChange
from feeds.worker import Worker
from marketdash import collector

TELL_S = 0.25


class Living:
    """A sink that knows which topics are live."""

    def __init__(self) -> None:
        self.topics: set[tuple[str, str]] = set()

    def put(self, venue_state: MarketState, event: object) -> None:
        if isinstance(event, StateChange):
            change = self.topics.add if event.state == "live" else self.topics.discard
            change((event.channel, event.instrument))

    async def run(self) -> None:
        """It counts, and brings nothing anywhere."""


def written(worker: Worker, living: Living, wanted: list[Subscription]) -> dict[str, object]:
    links = [link for feed in worker.venues.values() for link in feed.links]
    counters: Counter[str] = Counter()
    for feed in worker.venues.values():
        counters.update(feed.report().counters)
    taken = sum(link.messages for link in links)
    topics = {"wanted": len(wanted), "live": len(living.topics)}
    return {"taken": taken, "links": len(links), "counters": counters, **topics}


async def tell(worker: Worker, living: Living, wanted: list[Subscription], progress: Path) -> None:
    part = progress.with_suffix(".part")
    while True:
        part.write_text(json.dumps(written(worker, living, wanted)))
        part.replace(progress)
        await asyncio.sleep(TELL_S)


def demanded(wanted: list[Subscription], rows: int) -> list[Subscription]:
    """Of ``rows`` instruments evenly out of all venues."""
    if not rows:
        return wanted
    prices = [each for each in wanted if each.channel == TICKER]
    return prices[:: max(1, len(prices) // rows)][:rows]


async def main(port: int, count: int, progress: Path, rows: int) -> None:
    wanted, living = subscriptions(count), Living()
    found = {name: keyed(venues.codec(name)) for name in venues.VENUES}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketdash.settings")
    django.setup()
    from benchmarks.programs.demand import layer_sink

    roots = {name: f"127.0.0.1:{port}/{name.lower()}" for name in found}
    urls = {name: (f"ws://{root}", f"http://{root}") for name, root in roots.items()}
    worker = Worker(found, [living, layer_sink(demanded(wanted, rows))], SystemClock(), urls=urls)
    worker.desire(wanted)
    collector.settle()  # as the ingest command does
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run())
        tasks.create_task(tell(worker, living, wanted, progress))


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])))
