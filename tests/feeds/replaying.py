"""A recording run through codec and state, with everything that came out kept for the test to look at."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from feeds.codec import Codec, Subscription
from feeds.state import MarketState, Resync
from tests.fakes.clock import FakeClock


class Recorded:
    """A state with its sinks replaced by lists."""

    def __init__(self, codec: Codec, clock: FakeClock | None = None) -> None:
        self.codec = codec
        self.clock = clock or FakeClock()
        self.events: list[object] = []
        self.resyncs: list[Resync] = []
        self.state = MarketState(codec, self.clock, emit=self.events.append, resync=self.resyncs.append)

    def feed(self, frame: bytes, ns: int, link: str = "public.0") -> None:
        for event in self.codec.decode(frame, ns):
            self.state.apply(event, link)

    def watch(self, natives: Iterable[str], *, depth: int, channels: Iterable[str], link: str) -> None:
        wanted = [
            Subscription(channel, f"{self.codec.venue}:{native}", native, depth)
            for native in natives
            for channel in channels
        ]
        self.state.watch(wanted, link)


def records(path: Path) -> Iterator[dict]:
    with gzip.open(path, "rt") as lines:
        for line in lines:
            yield json.loads(line)
