"""One light client that keeps what it was told, and shows of it what a page would: live only if its row, its
venue, the feed and the server are (``static/js/core/age.js``)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import websockets

from tests.fakes.client_store import ClientStore
from tests.fakes.transit import Transit

LIVE_FOR_S, DOUBT_S = 2.5, 3.0
FIELDS = ("bid", "bid_qty", "ask", "ask_qty")
Quote: TypeAlias = tuple[str, ...]


class Shown(NamedTuple):
    """``age_s`` as it is shown beside it, live or not."""

    symbol: str
    quote: Quote
    age_s: float
    live: bool


class _Held(NamedTuple):
    """``topic``: what of the store it was read from; ``received_s``: when the worker got it, by its age."""

    topic: object
    quote: Quote
    received_s: float
    live: bool
    venue: str


class Follower:
    """One client. It comes back by itself, as pages do: full jitter from half a second, doubling.

    ``lost`` counts its sockets that ended, by close code; ``live_s`` is when its present socket brought what
    was missing for all to be live. ``ages_us``: how old updates were when they were sent.
    """

    channels: tuple[str, ...] = ("ticker", "status")

    def __init__(
        self, url: str, symbols: Sequence[str], *, session: str = "", address: str = "127.0.0.1",
        interval_ms: int = 250, chance: random.Random,
    ) -> None:  # fmt: skip
        self._url, self._symbols, self._interval_ms = url, list(symbols), interval_ms
        self._session, self._address, self._chance = session, address, chance
        self.lost: Counter[int] = Counter()
        self.refused: Counter[int] = Counter()
        self.holes = self.mixed = 0
        self.live_s = 0.0
        self.saving = ""
        self.ages_us: list[int] = []
        self._epochs: dict[str, str] = {}
        self._brought_s: dict[str, float] = {}
        self._names = {symbol.partition(":")[0] for symbol in symbols}
        self._needs = {*(("ticker", each) for each in symbols), *(("status", each) for each in self._names)}
        self.stores = {channel: ClientStore(channel) for channel in self.channels}
        self.tickers, self.venues = self.stores["ticker"], self.stores["status"]
        self._held: dict[str, _Held] = {}
        self._heard_s, self._feeds = 0.0, dict[str, float]()
        self._begin()

    def _begin(self) -> None:
        """A new connection. What was brought before it is kept, and believed as long as nothing need be heard
        (``static/js/core/doubt.js``)."""
        self._transit = Transit()
        self._word_s = self._since_s = self.live_s = 0.0
        self._doubt_s = self._heard_s + LIVE_FOR_S
        self._unproven = {
            (channel, symbol) for channel, store in self.stores.items() for symbol in store.contents()
        }

    async def run(self) -> None:
        """Until cancelled."""
        failures = 0
        while True:
            try:
                async with await self._connect() as socket:
                    await self._follow(socket)
                failures = 0
            except websockets.InvalidStatus as refused:
                self.refused[refused.response.status_code] += 1
            except (OSError, TimeoutError, websockets.WebSocketException):
                pass
            failures += 1
            await asyncio.sleep(self._chance.uniform(0, min(30.0, 0.5 * 2 ** (failures - 1))))
            self._begin()

    async def _connect(self) -> Any:
        headers, origin = {}, None
        if self._session:
            headers = {"Cookie": f"sessionid={self._session}"}
            origin = self._url.replace("ws", "http", 1).split("/ws/")[0]
        return await websockets.connect(
            self._url, additional_headers=headers, origin=origin, local_addr=(self._address, 0), proxy=None,
            compression=None, ping_interval=None, open_timeout=10,
        )  # fmt: skip

    async def _follow(self, socket: websockets.ClientConnection) -> None:
        for params in self._wants():
            await socket.send(json.dumps({"method": "subscribe", "params": params}))
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in self._texts(socket):
                frame = json.loads(text)
                await self._doubt(socket, frame)
                self._take(frame)
                if "frame" in frame:
                    await self._acknowledge(socket, frame["frame"])
        self.lost[socket.close_code or 1006] += 1

    def _texts(self, socket: websockets.ClientConnection) -> AsyncIterator[Any]:
        return aiter(socket)

    def _wants(self) -> list[dict[str, Any]]:
        ticker = {"channel": "ticker", "symbol": self._symbols, "interval_ms": self._interval_ms}
        return [{"channel": "status", "links": False}, ticker]

    async def _acknowledge(self, socket: Any, frame: int) -> None:
        await socket.send(f'{{"method":"ack","params":{{"frame":{frame}}}}}')

    async def _doubt(self, socket: Any, frame: dict[str, Any]) -> None:
        """What comes after a silence may have waited on the way for as long: until a question that was asked
        now is answered, all is dated back (``static/js/core/heard.js``)."""
        now_s, before_s, self._word_s = time.monotonic(), self._word_s, time.monotonic()
        if frame.get("method") == "pong":
            self._since_s = 0.0
        elif before_s and not self._since_s and now_s - before_s > DOUBT_S:
            self._since_s = before_s
            await socket.send('{"method":"ping"}')

    def _take(self, frame: dict[str, Any]) -> None:
        at_s = self._since_s or time.monotonic()
        if frame.get("type") == "heartbeat":
            at_s -= self._transit.took_s(frame["clock_us"] / 1e6, at_s)
            self._heard_s, self.saving = at_s, frame.get("saving", "")
            self._feeds.update((row["symbol"], at_s - row["age_us"] / 1e6) for row in frame["data"])
        elif store := self.stores.get(frame.get("channel", "")):
            self._prove(store, frame, at_s)
            self.holes += len(store.apply(frame))
            if store is self.tickers:
                self._take_prices(frame, at_s)
        if not self.live_s and not self._unproven & self._needs and all(map(self.shows, self._symbols)):
            self.live_s = at_s

    def _prove(self, store: ClientStore, frame: dict[str, Any], at_s: float) -> None:
        """What a snapshot brings; it is taken, whatever its number, where what was before is in doubt."""
        for row in frame["data"] if frame["type"] == "snapshot" else []:
            name = store.channel, row["symbol"]
            if name in self._unproven and at_s >= self._doubt_s:
                store.contents()[row["symbol"]] |= {"epoch": "", "seq": 0}
            self._unproven.discard(name)

    def _is_believed(self, channel: str, symbol: str, at_s: float) -> bool:
        return at_s < self._doubt_s or (channel, symbol) not in self._unproven

    def _take_prices(self, frame: dict[str, Any], at_s: float) -> None:
        if frame["type"] == "update":
            self.ages_us += [row["age_us"] for row in frame["data"]]
        for row in frame["data"]:
            symbol, before = row["symbol"], self._epochs.get(row["symbol"], "")
            self._brought_s[symbol] = at_s
            self.mixed += row["epoch"] < before
            self._epochs[symbol] = max(before, row["epoch"])
            self._hold(symbol, at_s - row["age_us"] / 1e6)

    def _hold(self, symbol: str, received_s: float) -> None:
        """Of a row that was not taken in, what was held before is as old as it was."""
        topic, held = self.tickers.contents().get(symbol), self._held.get(symbol)
        if topic is None or (held and held.topic is topic):
            return
        value = topic["value"]
        if "bid" in value:
            quote, is_live = tuple(value[field] for field in FIELDS), value.get("state") == "live"
            self._held[symbol] = _Held(topic, quote, received_s, is_live, symbol.partition(":")[0])
        else:
            self._held.pop(symbol, None)

    @property
    def brought_s(self) -> float:
        """When the symbol that was quiet for the longest time was brought last."""
        return min((self._brought_s.get(symbol, 0.0) for symbol in self._symbols), default=0.0)

    def standing(self, at_s: float) -> Iterator[Shown]:
        """All prices that stand here, live or not."""
        speaking = {venue: self._speaks(venue, at_s) for venue in self._names}
        for symbol, (_, quote, received_s, is_live, venue) in self._held.items():
            live = is_live and speaking[venue] and self._is_believed("ticker", symbol, at_s)
            yield Shown(symbol, quote, at_s - received_s, live)

    def told_of(self, symbol: str) -> str:
        """For who has to find out why it looked live, in seconds ago."""
        at_s, held = time.monotonic(), self._held[symbol]
        brought_s, feed_s = self._brought_s.get(symbol, 0.0), self._feeds.get(held.venue, 0.0)
        said = (held.received_s, brought_s, feed_s, self._heard_s)
        received, brought, feed, word = (f"{at_s - each:.1f}" for each in said)
        return f"received {received}, brought {brought}, feed alive {feed}, server heard {word} s ago"

    def shows(self, symbol: str) -> Quote | None:
        """What looks live here; None if nothing of this symbol does."""
        held, now_s = self._held.get(symbol), time.monotonic()
        if held is None or not held.live or not self._is_believed("ticker", symbol, now_s):
            return None
        return held.quote if self._speaks(held.venue, now_s) else None

    def _speaks(self, venue: str, at_s: float) -> bool:
        """Whether the server and the venue's feed were heard lately, and all is well with the venue."""
        silent_s = at_s - min(self._heard_s, self._feeds.get(venue, 0.0))
        if silent_s > LIVE_FOR_S or not self._is_believed("status", venue, at_s):
            return False
        return (self.venues.value(venue) or {}).get("state") == "live"

    def quote(self, symbol: str) -> Quote | None:
        """What stands here, live or not."""
        held = self._held.get(symbol)
        return held.quote if held else None
