"""Recordings of Binance's markets, played through codec and state."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from feeds.codec import Codec, Subscription
from feeds.events import BookSnapshot
from feeds.symbols import BOOK, CHANNELS, instrument_name
from tests.feeds.replaying import Recorded, records

USDM = "binance-usdm/2021-07-22_4pairs.jsonl.gz"
DEPTH = 250
"""The recordings asked for 1,000 levels a side: what our request for this depth asks for."""


class Played(Recorded):
    """Frames in their order, and the REST snapshots at the time they arrived."""

    def __init__(self, codec: Codec, path: Path) -> None:
        super().__init__(codec)
        self.decoded: list[object] = []
        self.snapshots: dict[str, BookSnapshot] = {}
        self.instruments = []
        for record in records(path):
            self.clock.set_wall(record["ns"])
            getattr(self, f"_{record['k']}")(record)

    def name(self, native: str) -> str:
        return instrument_name(self.codec.venue, native)

    def _open(self, record: dict) -> None:
        names = parse_qs(urlsplit(record["url"]).query)["streams"][0].split("/")
        natives = dict.fromkeys(name.partition("@")[0].upper() for name in names)
        self.watch(natives, depth=DEPTH, channels=CHANNELS, link="public.0")

    def _recv(self, record: dict) -> None:
        self.decoded += self.codec.decode(record["raw"].encode(), record["ns"])
        self.feed(record["raw"].encode(), record["ns"])

    def _http(self, record: dict) -> None:
        address, body = urlsplit(record["url"]), record["raw"].encode()
        if address.path.endswith("exchangeInfo"):
            self.instruments = self.codec.decode_instruments(body)
            return
        native = parse_qs(address.query)["symbol"][0]
        subscription = Subscription(BOOK, self.name(native), native, DEPTH)
        self.snapshots[native] = self.codec.decode_snapshot(subscription, body, record["ns"])
        self.state.apply(self.snapshots[native], "public.0")
