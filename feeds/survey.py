"""What a recording carries, learnt by reading it once before it is played."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from feeds.codec import Codec, DecodeError, Subscription
from feeds.events import (
    Ack,
    BookDelta,
    BookSnapshot,
    Event,
    Funding,
    Liquidation,
    Mark,
    OptionQuote,
    Quote,
    Stats,
    Trade,
    Unknown,
)
from feeds.recorder import Record, payload, read
from feeds.symbols import BOOK, FUNDING, LIQUIDATION, MARK, OPTION, STATS, TICKER, TRADE

CHANNELS: dict[type, str] = {
    Quote: TICKER,
    Stats: TICKER,
    Trade: TRADE,
    BookSnapshot: BOOK,
    BookDelta: BOOK,
    Mark: MARK,
    Funding: FUNDING,
    Liquidation: LIQUIDATION,
    OptionQuote: OPTION,
}
_VENUE = re.compile(r"[A-Z][A-Z0-9_]*")
_DEPTH = re.compile(r'"depth"\s*:\s*(\d{1,6})\b')
# Requests and their answers are short: a whole book is not searched for its depth.
_SHORT = 4000
_CLOCKED = (Quote, Stats, Trade, BookDelta, Mark, OptionQuote, Liquidation)


@dataclass(slots=True)
class Carried:
    """What one connection brings, and when its last record was received. ``asked``: book depths in its
    requests and their answers; ``levels``: the most that a snapshot had; ``numbered``: changes of its books
    say which ones they follow."""

    venue: str
    subscriptions: dict[tuple[str, str], Subscription] = field(default_factory=dict)
    last_ns: int = 0
    asked: dict[str, int] = field(default_factory=dict)
    levels: Counter[str] = field(default_factory=Counter)
    numbered: bool = False

    def note(self, channel: str, instrument: str) -> None:
        if (channel, instrument) not in self.subscriptions:
            native = instrument.partition(":")[2]
            self.subscriptions[channel, instrument] = Subscription(channel, instrument, native)

    def deepen(self) -> None:
        """Books that are cut to a depth: as it was asked for, else what the largest snapshot had."""
        for (channel, instrument), found in self.subscriptions.items():
            if channel == BOOK:
                asked = [depth for text, depth in self.asked.items() if f'"{found.native}"' in text]
                depth = asked[-1] if asked else self.levels[instrument]
                self.subscriptions[channel, instrument] = found._replace(depth=depth)


class Survey:
    """``first_ns``: the time of the first record; of plain frames, the first that one of them names."""

    def __init__(self, path: Path, codecs: Mapping[str, Codec]) -> None:
        self._path, self._codecs = path, codecs
        self.venue_of, self._spoken = Whose(codecs), Spoken(codecs)
        self.connections: dict[str, Carried] = {}
        self.first_ns = 0
        self._strange = ""
        self._frames: Counter[str] = Counter()
        self._understood = 0
        for record in self.records():
            self.first_ns = self.first_ns or record["ns"]
            self._look(record)
        self._refuse_strange()
        for carried in self.connections.values():
            if codecs[carried.venue].truncate:
                carried.deepen()

    def records(self) -> Iterator[Record]:
        """All of them. A plain frame is as old as the newest that it or a frame before it tells of."""
        ns, spoken = self.first_ns, Spoken(self._codecs)
        for record in read(self._path):
            if record["ns"] < 0:
                ns = max(ns, self._clock_ns(record, spoken))
                record["ns"] = ns
            yield record

    def _clock_ns(self, record: Record, spoken: Spoken) -> int:
        venue = self.venue_of(record)
        events = decoded(spoken.on(venue, record), record, Counter()) if venue else []
        return max((event.exchange_us * 1000 for event in events if isinstance(event, _CLOCKED)), default=0)

    def _refuse_strange(self) -> None:
        """Raises :class:`ValueError` when nothing in the file can be what it is taken for."""
        name, asked = self._path.name, self._frames or self._codecs
        expected = f"expected frames of {' or '.join(sorted(asked))}"
        if not self.connections:
            found = f"the connection {self._strange!r:.80}" if self._strange else "no connection"
            raise ValueError(f"{name} line 1: {expected}, found {found}; --venue says whose it is")
        # One venue's among others may all be garbled; not all that there are.
        if self._frames and not self._understood:
            raise ValueError(f"{name} line 1: {expected}, none of its {self._frames.total()} frames is one")

    def _look(self, record: Record) -> None:
        venue = self.venue_of(record)
        if not venue:
            self._strange = self._strange or record.get("conn", "")
            return
        carried = self.connections.setdefault(record.get("conn", ""), Carried(venue))
        carried.last_ns = record["ns"]
        codec = self._spoken.on(venue, record)
        if record["k"] in ("send", "recv") and self._codecs[venue].truncate:
            _note_depth(carried, str(record.get("raw", "")))
        if record["k"] == "recv":
            self._frames[venue] += 1
            self._receive(carried, decoded(codec, record, Counter()))

    def _receive(self, carried: Carried, events: list[Event]) -> None:
        self._understood += any(not isinstance(event, Unknown | Ack) for event in events)
        for event in events:
            if (channel := CHANNELS.get(type(event))) is not None:
                apart = type(event) is Stats and STATS in self._codecs[carried.venue].parts.get(TICKER, ())
                carried.note(STATS if apart else channel, event.instrument)
            if type(event) is BookDelta:
                carried.numbered |= event.previous is not None or event.first > 0
            if type(event) is BookSnapshot:
                levels = max(len(event.bids), len(event.asks))
                carried.levels[event.instrument] = max(levels, carried.levels[event.instrument])


def _note_depth(carried: Carried, text: str) -> None:
    if len(text) < _SHORT and (depth := _DEPTH.search(text)):
        text = text.replace("\\/", "/")
        carried.asked.pop(text, None)
        carried.asked[text] = int(depth[1])


class Whose:
    """The venue of each record, as its connection is named; the only codec there is takes everything.

    Where an exchange has several protocols under its name, the host says which it is; where one host has
    several markets, the URL that a connection was opened at: their frames do not. What is of a market that
    no codec is for is nobody's.
    """

    def __init__(self, codecs: Mapping[str, Codec]) -> None:
        self._codecs = codecs
        self._urls: dict[str, str] = {}
        self._hosts = {name: _hosts(codec) for name, codec in codecs.items()}

    def __call__(self, record: Record) -> str:
        conn = record.get("conn", "")
        if record["k"] in ("open", "send") and record.get("url"):
            self._urls[conn] = record["url"]
        named = self._named(conn)
        if named and (url := record.get("url") or self._urls.get(conn)):
            named = self._on_host(named, urlsplit(str(url)).hostname or "")
        if not named or record["k"] == "http" or conn not in self._urls:
            return named
        return self._at(named, urlsplit(self._urls[conn]).path)

    def _on_host(self, named: str, host: str) -> str:
        if host in self._hosts[named]:
            return named
        return next((name for name, hosts in self._hosts.items() if host in hosts), named)

    def _named(self, conn: str) -> str:
        if len(self._codecs) == 1:
            return next(iter(self._codecs))
        found = _VENUE.match(conn)
        return found[0] if found and found[0] in self._codecs else ""

    def _at(self, named: str, path: str) -> str:
        codec = self._codecs[named]
        markets, _, market = codec.path.rpartition("/")
        place, _, last = path.rpartition("/")
        if not market or last == market or not place.endswith(markets):
            return named
        for name, other in self._codecs.items():
            if other.ws_url == codec.ws_url and other.path.rpartition("/")[2] == last:
                return name
        return ""


def _hosts(codec: Codec) -> frozenset[str]:
    ours = (urlsplit(url).hostname or "" for url in (codec.ws_url, codec.rest_url))
    return frozenset((*ours, *codec.hosts))


class Spoken:
    """The codec of each connection of a recording, which may name streams by numbers of its own."""

    def __init__(self, codecs: Mapping[str, Codec]) -> None:
        self._codecs = codecs
        self._of: dict[tuple[str, str], Codec] = {}

    def on(self, venue: str, record: Record) -> Codec:
        """A connection that is opened again begins anew."""
        key = venue, record.get("conn", "")
        if record["k"] == "open" or key not in self._of:
            self._of[key] = self._codecs[venue].for_link()
        return self._of[key]


def decoded(codec: Codec, record: Record, counters: Counter[str]) -> list[Event]:
    try:
        return codec.decode(payload(record), record["ns"])
    except DecodeError:
        counters["undecodable"] += 1
        return []
