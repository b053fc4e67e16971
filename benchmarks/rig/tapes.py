"""Recordings made on the spot by the simulator, without a socket: the same flow in every run."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from types import SimpleNamespace

from websockets.protocol import State

from benchmarks.programs.tape import Tape
from feeds import symbols, venues
from feeds.codec import Subscription
from feeds.simulator import Simulator
from feeds.simulator.link import Link

START_NS = 1_760_000_000_000_000_000
SHARES = {"bookTicker": 0.73, "trade": 0.20, "depth": 0.07}
"""The kinds of one busy Binance pair, as a recording of 2024 has them."""
DEPTH_LEVELS = 46
MIX = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
PASS_MS = 100.0


class TapeSocket:
    """In the place of a WebSocket: keeps the frames that a link writes."""

    state = State.OPEN

    def __init__(self, path: str) -> None:
        self.request = SimpleNamespace(path=path)
        self.transport = self
        self.controls: deque[float] = deque()
        self._written: list[bytes] = []

    def write(self, frames: bytes) -> None:
        self._written.append(frames)

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    async def close(self, code: int, reason: str) -> None:
        """Nobody is there to be told."""

    def take(self) -> list[str]:
        """The texts of all frames since the last time."""
        written, self._written = b"".join(self._written), []
        texts, at = [], 0
        while at < len(written):
            size, head = written[at + 1], at + 2
            if size > 125:
                head += 2 if size == 126 else 8
                size = int.from_bytes(written[at + 2 : head], "big")
            texts.append(written[head : head + size].decode())
            at = head + size
        return texts


class Studio:
    """A paused simulator of a few instruments with one link that asked for everything."""

    def __init__(self, venue: str, natives: Sequence[str], *, levels: int, depth: int) -> None:
        self.venue, self.natives = venue, list(natives)
        names = [symbols.instrument_name(venue, native) for native in natives]
        self.simulator = Simulator(seed=7, instruments=names, paused=True, start_ns=START_NS, levels=levels)
        for name in names:  # as busy as each other
            self.simulator.engine.burst(name, self.simulator.market(name).listing.rank)
        self.exchange = self.simulator.exchanges[venue]
        self.wanted = [
            Subscription(channel, name, native, depth * (channel == symbols.BOOK))
            for name, native in zip(names, natives, strict=True)
            for channel in (symbols.TICKER, symbols.TRADE, symbols.BOOK)
        ]
        self.socket = TapeSocket(venues.codec(venue).links(self.wanted)[0].path)
        self.link = Link(self.socket, 1, [])
        self.exchange.open(self.link)

    def subscribe(self, channels: Sequence[str]) -> None:
        codec = venues.codec(self.venue)
        wanted = [one for one in self.wanted if one.channel in channels]
        for request in codec.subscribe(wanted, 1):
            self.exchange.receive(self.link, request.text)
        self.link.write(0.0)

    def books(self) -> list[tuple[str, str]]:
        """The books by REST, now."""
        codec, found = venues.codec(self.venue), []
        for one in self.wanted:
            if one.channel == symbols.BOOK:
                path, _, query = codec.snapshot_request(one).path.partition("?")
                arguments = dict(pair.split("=") for pair in query.split("&"))
                found.append((one.native, self.exchange.answer(path, arguments).body.decode()))
        return found

    def step(self, actions: int) -> list[str]:
        """``actions`` orders within a tenth of a second, and what the link was sent of it."""
        self.simulator.step(actions, every_ms=PASS_MS / actions)
        self.link.write(0.0)
        return self.socket.take()

    def listed(self) -> list[list[str]]:
        found = []
        for one in self.simulator.engine.markets.values():
            found.append([one.listing.native, one.listing.base, one.listing.quote])
        return found


def binance_mix(quick: bool) -> Tape:
    """73 % book tickers, 20 % trades, 7 % depth of 46 levels: surplus tickers and trades are left out."""
    return asyncio.run(_binance_mix(6_000 if quick else 40_000))


async def _binance_mix(count: int) -> Tape:
    studio = Studio("BINANCE", MIX, levels=1000, depth=1000)
    studio.subscribe((symbols.TICKER, symbols.TRADE, symbols.BOOK))
    actions = _actions_for(studio, DEPTH_LEVELS)
    records = studio.books()
    kept = dict.fromkeys(SHARES, 0)
    while sum(kept.values()) < count:
        records += [("", text) for text in _thinned(studio.step(actions), kept)]
    return Tape("BINANCE", studio.listed(), None, records)


def _kind(text: str) -> str:
    match = re.match(r'\{"stream":"[^@]+@(bookTicker|trade|depth)', text)
    return match[1] if match else ""


def _thinned(texts: list[str], kept: dict[str, int]) -> Iterator[str]:
    """Every depth message; tickers and trades up to their share of what was kept so far."""
    depths = kept["depth"] + sum(_kind(text) == "depth" for text in texts)
    room = {name: depths * share / SHARES["depth"] for name, share in SHARES.items()}
    for text in texts:
        kind = _kind(text)
        if kind and (kind == "depth" or kept[kind] < room[kind]):
            kept[kind] += 1
            yield text


def _actions_for(studio: Studio, levels: int) -> int:
    """How many orders a pass take so that a depth message has ``levels`` levels in the middle."""
    actions = levels * len(studio.natives)
    for _ in range(6):
        found = [
            text.count('["') for _ in range(4) for text in studio.step(actions) if _kind(text) == "depth"
        ]
        actions = max(3, round(actions * levels * len(found) / max(1, sum(found))))
    return actions


def kraken(quick: bool) -> Tape:
    """Ten pairs, books of 1,000 with their checksum at every update, trades."""
    return asyncio.run(_kraken(3_000 if quick else 20_000))


async def _kraken(count: int) -> Tape:
    natives = [
        f"{base}/USD" for base in ("BTC", "ETH", "SOL", "XRP", "ADA", "LTC", "DOT", "LINK", "AVAX", "BCH")
    ]
    return _streamed(Studio("KRAKEN", natives, levels=400, depth=1000), (symbols.TRADE, symbols.BOOK), count)


def coinbase(quick: bool) -> Tape:
    """Two pairs whose whole books of tens of thousands of levels come first, then updates and trades."""
    return asyncio.run(_coinbase(100 if quick else 300))


async def _coinbase(count: int) -> Tape:
    studio = Studio("COINBASE", ("BTC-USD", "ETH-USD"), levels=23_000, depth=1000)
    return _streamed(studio, (symbols.TRADE, symbols.BOOK), count)


def _streamed(studio: Studio, channels: Sequence[str], count: int) -> Tape:
    studio.subscribe(channels)
    texts = studio.socket.take()
    while len(texts) < count:
        texts += studio.step(50)
    return Tape(studio.venue, studio.listed(), None, [("", text) for text in texts])


def for_peer(tape: Tape) -> Tape:
    """The same flow in the words that cryptofeed knows."""
    if tape.venue == "BINANCE":
        return tape._replace(records=[(rest, _aggregated(raw)) for rest, raw in tape.records])
    if tape.venue == "KRAKEN":
        texts = [text for _, raw in tape.records for text in _kraken_v1(json.loads(raw, parse_float=str))]
        return tape._replace(records=[("", text) for text in texts])
    return tape


def _aggregated(raw: str) -> str:
    """``@trade`` as ``@aggTrade``, which has its number elsewhere."""
    if _kind(raw) != "trade":
        return raw
    return (
        raw.replace("@trade", "@aggTrade", 1).replace('"trade"', '"aggTrade"', 1).replace('"t":', '"a":', 1)
    )


def _kraken_v1(message: dict) -> Iterator[str]:
    """One message of the second protocol as Kraken's first one would have it; numbers as their own text."""
    rows = message.get("data", [])
    if message.get("channel") == "trade":
        trades = [[str(row["price"]), str(row["qty"]), _STAMP, row["side"][0], "l", ""] for row in rows]
        yield json.dumps([1, trades, "trade", rows[0]["symbol"]])
    elif message.get("channel") == "book":
        yield from (_kraken_v1_book(row, message["type"] == "snapshot") for row in rows)


_STAMP = "1760000000.000000"


def _kraken_v1_book(row: dict, whole: bool) -> str:
    sides = {("as" if whole else "a"): row["asks"], ("bs" if whole else "b"): row["bids"]}
    body: dict[str, object] = {
        key: [[str(one["price"]), str(one["qty"]), _STAMP] for one in levels]
        for key, levels in sides.items()
        if levels or whole
    }
    if not whole:
        body["c"] = str(row["checksum"])
    return json.dumps([1, body, "book-1000", row["symbol"]])
