"""Many light clients that keep what they were told, and an observer that holds them to the truth.

What a client shows is what a page would (``static/js/core/age.js``): live only if its row, its venue, the
feed and the server are. What is true is the simulated exchange's own book. Ten times a second each value that
looks live is looked for in the truth: how long ago was it true last?
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import websockets

from tests.fakes.client_store import ClientStore
from tests.fakes.simulator_process import SimulatorProcess

LIVE_FOR_S = 2.5
EVERY_S = 0.1
FIELDS = ("bid", "bid_qty", "ask", "ask_qty")
Quote: TypeAlias = tuple[str, ...]


class Follower:
    """One client. It comes back by itself, as pages do: full jitter from half a second, doubling.

    ``lost`` counts its sockets that ended, by close code; ``live_s`` is when its present socket brought what
    was missing for all to be live. ``ages_us``: how old updates were when they were sent.
    """

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
        self._forget()

    def _forget(self) -> None:
        self.tickers, self.venues = ClientStore("ticker"), ClientStore("status")
        self._heard_s, self._feeds = 0.0, dict[str, float]()
        self.live_s = 0.0

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
            self._forget()

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
            async for text in socket:
                frame = json.loads(text)
                self._take(frame)
                if "frame" in frame:
                    await self._acknowledge(socket, frame["frame"])
        self.lost[socket.close_code or 1006] += 1

    def _wants(self) -> list[dict[str, Any]]:
        ticker = {"channel": "ticker", "symbol": self._symbols, "interval_ms": self._interval_ms}
        return [{"channel": "status"}, ticker]

    async def _acknowledge(self, socket: Any, frame: int) -> None:
        await socket.send(f'{{"method":"ack","params":{{"frame":{frame}}}}}')

    def _take(self, frame: dict[str, Any]) -> None:
        at_s = time.monotonic()
        if frame.get("type") == "heartbeat":
            self._heard_s, self.saving = at_s, frame.get("saving", "")
            self._feeds.update((row["symbol"], at_s - row["age_us"] / 1e6) for row in frame["data"])
        elif frame.get("channel") in ("ticker", "status"):
            store = self.tickers if frame["channel"] == "ticker" else self.venues
            self.holes += len(store.apply(frame))
            if store is self.tickers:
                if frame["type"] == "update":
                    self.ages_us += [row["age_us"] for row in frame["data"]]
                self._count_writers(frame["data"])
        if not self.live_s and all(self.shows(symbol) for symbol in self._symbols):
            self.live_s = at_s

    def _count_writers(self, rows: Iterable[dict[str, Any]]) -> None:
        for row in rows:
            before = self._epochs.get(row["symbol"], "")
            self._brought_s[row["symbol"]] = time.monotonic()
            self.mixed += row["epoch"] < before
            self._epochs[row["symbol"]] = max(before, row["epoch"])

    @property
    def brought_s(self) -> float:
        """When the symbol that was quiet for the longest time was brought last."""
        return min((self._brought_s.get(symbol, 0.0) for symbol in self._symbols), default=0.0)

    def shows(self, symbol: str) -> Quote | None:
        """What looks live here; None if nothing of this symbol does."""
        at_s, venue = time.monotonic(), symbol.partition(":")[0]
        value, its = self.tickers.value(symbol), self.venues.value(venue)
        silent_s = at_s - min(self._heard_s, self._feeds.get(venue, 0.0))
        if silent_s > LIVE_FOR_S or value is None or value.get("state") != "live":
            return None
        if its is None or its.get("state") != "live":
            return None
        return self.quote(symbol)

    def quote(self, symbol: str) -> Quote | None:
        """What stands here, live or not."""
        value = self.tickers.value(symbol) or {}
        return tuple(value[field] for field in FIELDS) if "bid" in value else None


class Truth:
    """What the exchange's best prices were, and since when by our own clock."""

    def __init__(self, simulator: SimulatorProcess, symbols: Sequence[str]) -> None:
        self._simulator, self._symbols, self._since_ns = simulator, symbols, 0
        self._offset_s = float("inf")
        self._times: dict[str, list[float]] = {symbol: [] for symbol in symbols}
        self._quotes: dict[str, list[Quote]] = {symbol: [] for symbol in symbols}

    async def refresh(self) -> None:
        found = await self._simulator.tell("tops", symbols=",".join(self._symbols), since_ns=self._since_ns)
        offset_s = self._offset_s = min(self._offset_s, time.monotonic() - found["now_ns"] / 1e9)
        self._since_ns = found["now_ns"]
        for symbol, tops in found["tops"].items():
            times, quotes = self._times[symbol], self._quotes[symbol]
            for time_ns, *quote in tops:
                at_s = time_ns / 1e9 + offset_s
                if not quotes or tuple(quote) != quotes[-1]:
                    times.append(at_s)
                    quotes.append(tuple(quote))

    def last(self, symbol: str, count: int) -> list[Quote]:
        return self._quotes[symbol][-count:]

    def behind_s(self, symbol: str, quote: Quote, at_s: float) -> float:
        """How long before ``at_s`` this was true last; infinite for what never was."""
        times, quotes = self._times[symbol], self._quotes[symbol]
        for index in range(len(quotes) - 1, -1, -1):
            if quotes[index] == quote:
                return max(0.0, at_s - times[index + 1]) if index + 1 < len(times) else 0.0
        return float("inf")


class Crowd:
    """``worst_s``: the longest that something looked live when it was true no more, and ``worst_of`` what.
    ``wrong`` counts looks at values that never were true."""

    def __init__(self, followers: Sequence[Follower], truth: Truth, symbols: Sequence[str]) -> None:
        self.followers, self.symbols, self._truth = list(followers), list(symbols), truth
        self.wrong = self.looks = 0
        self.worst_s = self.now_s = 0.0
        self.worst_of = ""
        self.shown = 0

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.gather(asyncio.sleep(EVERY_S), self.look())

    async def look(self) -> None:
        """Once: what everybody shows, held against the truth as it was then."""
        at_s, seen = time.monotonic(), Counter(self._shown())
        await self._truth.refresh()
        behind = {pair: self._truth.behind_s(*pair, at_s) for pair in seen}
        self.wrong += sum(seen[pair] for pair, late_s in behind.items() if late_s == float("inf"))
        late = [late_s for late_s in behind.values() if late_s < float("inf")]
        self.now_s = max(late, default=0.0)
        if self.now_s > self.worst_s:
            self.worst_s = self.now_s
            self.worst_of = next(
                self._described(*pair) for pair, late_s in behind.items() if late_s == self.now_s
            )
        self.shown, self.looks = sum(seen.values()), self.looks + 1

    def _described(self, symbol: str, quote: Quote) -> str:
        """For who has to find out why it looked live."""
        showing = [each for each in self.followers if each.shows(symbol) == quote]
        epochs = {each.tickers.contents()[symbol]["epoch"] for each in showing}
        last = self._truth.last(symbol, 3)
        return (
            f"{symbol} {quote} by {len(showing)} of {len(self.followers)}, written in {epochs}; true: {last}"
        )

    def _shown(self) -> Iterator[tuple[str, Quote]]:
        for follower in self.followers:
            for symbol in self.symbols:
                quote = follower.shows(symbol)
                if quote is not None:
                    yield symbol, quote

    @property
    def all_live(self) -> bool:
        return self.shown == len(self.followers) * len(self.symbols)

    @property
    def fresh(self) -> bool:
        """Everything is shown live by everybody, and was true within the last second."""
        return self.all_live and self.now_s < 1.0

    def fresh_since(self, since_s: float) -> bool:
        """The same, and everybody was brought everything after ``since_s``."""
        return self.fresh and all(each.brought_s > since_s for each in self.followers)

    def lost(self) -> Counter[int]:
        """Sockets that ended, by close code."""
        return sum((follower.lost for follower in self.followers), Counter())

    def begin_again(self) -> None:
        """Forget what was counted."""
        self.wrong, self.worst_s = 0, 0.0
        for follower in self.followers:
            follower.ages_us.clear()
            follower.lost.clear()
            follower.holes = follower.mixed = 0

    def age_ms(self, share: float = 0.99) -> float:
        """By how many milliseconds that share of all updates was older than the exchange's word at most."""
        ages = sorted(age for follower in self.followers for age in follower.ages_us)
        return ages[int(len(ages) * share)] / 1000

    @property
    def holes(self) -> int:
        return sum(follower.holes for follower in self.followers)

    @property
    def mixed(self) -> int:
        """Rows of a writer that had been followed by another already."""
        return sum(follower.mixed for follower in self.followers)


@contextlib.asynccontextmanager
async def following(
    url: str, simulator: SimulatorProcess, symbols: Sequence[str], *, count: int,
    sessions: Sequence[str] = (), seed: int = 1, interval_ms: int = 250,
) -> AsyncIterator[Crowd]:  # fmt: skip
    """``count`` followers of the site at ``url``; visitors come from addresses of their own, 40 from each."""
    socket_url = url.replace("http", "ws", 1) + "/ws/v1/"
    followers = [
        Follower(
            socket_url, symbols, session=sessions[at // 2 % len(sessions)] if sessions and at % 2 else "",
            address=f"127.0.0.{2 + at // 40}", interval_ms=interval_ms, chance=random.Random(f"{seed}/{at}"),
        )
        for at in range(count)
    ]  # fmt: skip
    crowd = Crowd(followers, Truth(simulator, symbols), symbols)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in (crowd.watch(), *(each.run() for each in followers))]
        try:
            yield crowd
        finally:
            for task in tasks:
                task.cancel()
