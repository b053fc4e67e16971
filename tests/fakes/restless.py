"""A hub, a writer and clients, of whom any may do anything between any two things that another does. Then all
is hushed, and everybody has to have the same soon."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from marketdash.live import bus
from marketdash.live.books import BookReplica, Cut
from marketdash.live.client import Subscribed
from marketdash.live.due import LATE
from marketdash.live.hub import Hub
from tests.fakes.hand_loop import HandLoop
from tests.fakes.hand_writer import GROUP_OF, GROUPS, NAMES, SHARDS, SYMBOLS, VENUES, HandWriter
from tests.fakes.sockets import FakeSocket

HEALED_S = 8.0
"""A venue that is back waits for what its clients are owed, for five seconds at most."""

LIKELY = {
    **{"move": 30, "turn": 20, "flush": 14, "ack": 8, "wait": 6, "come": 3, "read_on": 2.5, "stop": 1.5},
    **{"follow": 1, "unfollow": 1, "go": 0.7, "sleep": 0.5, "lose_bus": 0.25, "begin_again": 0.15},
}


class HandLayer:
    """One hub's end of a bus that loses ``share`` of all messages, repeats and delays as many; ``away``: it
    takes none."""

    def __init__(self, chance: random.Random, share: float) -> None:
        self.share, self.away = share, False
        self.asked: set[str] = set()
        self._chance = chance
        self._groups: set[str] = set()
        self._queue: asyncio.Queue[bus.Message] = asyncio.Queue()

    def carry(self, group: str, message: bus.Message) -> bool:
        if self.away:
            return False
        throw = self._chance.random() / self.share if self.share else 9.0
        if throw >= 2:
            self._arrives(group, message)
        if 1 <= throw < 3:
            asyncio.get_event_loop().call_later(self._chance.random() / 20, self._arrives, group, message)
        return True

    def _arrives(self, group: str, message: bus.Message) -> None:
        if group in self._groups and not self.away:
            self._queue.put_nowait(message)

    async def new_channel(self) -> str:
        return "hub"

    async def receive(self, channel: str) -> bus.Message:
        return await self._queue.get()

    def waiting(self, channel: str) -> Iterator[bus.Message]:
        while not self._queue.empty():
            yield self._queue.get_nowait()

    async def group_add(self, group: str, channel: str) -> None:
        self._groups.add(group)

    async def group_discard(self, group: str, channel: str) -> None:
        self._groups.discard(group)

    async def group_send(self, group: str, message: bus.Message) -> None:
        if self.away:
            raise ConnectionError("the bus is away")
        if message["type"] == bus.KEYFRAME and self._chance.random() >= self.share:
            self.asked.update(message["topics"])


class Reader(FakeSocket):
    """``writes``: by the short way of uvicorn's protocol. ``fails``: the next frame is not written, for a
    defect. It acknowledges when it is told to."""

    def __init__(self, hub: Any, number: int, *, writes: bool, mute: bool) -> None:
        super().__init__(hub, acknowledges=False, address=str(number))
        self.mute, self.fails = mute, False
        if writes:
            self.client._write = self._write

    def _write(self, frame: bytes) -> bool:
        if self.fails:
            self.fails = False
            raise ZeroDivisionError("a defect")
        if self._readable.is_set():
            self._take(json.loads(frame[{126: 4, 127: 10}.get(frame[1], 2) :]))
        return self._readable.is_set()

    def ack(self) -> None:
        if not self.mute and self.frames:
            self.client.acknowledge(max(frame.get("frame", 0) for frame in self.frames))
            self.frames.clear()


class Restless:
    """``failing``: clients fail too, as no client should."""

    def __init__(self, seed: int, *, failing: bool = False) -> None:
        self.chance = chance = random.Random(seed)
        self.loop, self.failures = HandLoop(seed), list[Any]()
        self.loop.set_exception_handler(lambda loop, told: self.failures.append(told["exception"]))
        self.loop.jumps = chance.choice((0, 0.02, 0.2, 0.6, 0.9))
        self.readers: list[Reader] = []
        self._likely = {**LIKELY, "fail": 1.0 if failing else 0.0}
        self._beat_s, self._number = 0.0, 0

    def begin(self) -> None:
        self.loop.run_until_complete(self._begin())

    async def _begin(self) -> None:
        self.layer = HandLayer(self.chance, self.chance.choice((0, 0, 0.05, 0.3)))
        levels = self.chance.choice((2, 5, 12))
        self.writer = HandWriter(self.chance, levels, lambda: self.loop.now_s, self.layer.carry)
        self.hub = Hub(self.layer, shards=SHARDS)  # type: ignore[arg-type]
        self.hub.start()

    def end(self) -> None:
        for reader in self.readers:
            reader.client.discard()
        self.loop.run_until_complete(self.hub.close())
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.turn()
        self.loop.close()

    def step(self) -> None:
        self.readers = [each for each in self.readers if each.client.closing is None]
        [what] = self.chance.choices(list(self._likely), list(self._likely.values()))
        self._do(getattr(self, f"_{what}"))

    def _do(self, act: Callable[[], object]) -> None:
        """In a turn of its own, before what it makes ready."""
        self.loop.call_soon(act)
        self.loop.turn()
        self.writer.ask(self.layer.asked)
        self.layer.asked.clear()
        if self.loop.now_s >= self._beat_s:
            self._beat_s = self.loop.now_s + bus.BEAT_EVERY_S
            self.loop.call_soon(self._beat)

    def _beat(self) -> None:
        for group in GROUPS:
            self.writer.flush(group, beat=True)

    # what may happen

    def _move(self) -> None:
        for name in self.chance.sample(NAMES, self.chance.choice((1, 1, 1, 8))):
            self.writer.move(name)

    def _turn(self) -> None: ...

    def _flush(self) -> None:
        self.writer.flush(self.chance.choice(GROUPS))

    def _wait(self) -> None:
        self.loop.now_s += self.chance.choice((0.0005, 0.003, 0.05, 0.1, 0.26))

    def _sleep(self) -> None:
        self.loop.now_s += self.chance.choice((1, 2.6, 4))

    def _lose_bus(self) -> None:
        self.layer.away = not self.layer.away

    def _begin_again(self) -> None:
        self.writer.begin_again()

    def _come(self) -> None:
        if len(self.readers) >= 7:
            return
        chance, self._number = self.chance, self._number + 1
        reader = Reader(self.hub, self._number, writes=chance.random() < 0.7, mute=chance.random() < 0.25)
        self.readers.append(reader)
        if not reader.mute and chance.random() < 0.7:
            reader.client.acknowledge(0)
            if chance.random() < 0.4:
                reader.becomes_slow(chance.choice((2048, 4000, 20_000, 262_144)))
        with self._asking(reader):
            if chance.random() < 0.7:
                self.hub.follow(reader.client, "status", Subscribed(chance.choice((0, 2)), 0), VENUES)
            for _ in range(chance.randrange(1, 4)):
                self._follows(reader)

    def _follow(self) -> None:
        for reader in self._one():
            with self._asking(reader):
                self._follows(reader)

    @contextlib.contextmanager
    def _asking(self, reader: Reader) -> Iterator[None]:
        """Whose request fails has no socket any more."""
        try:
            yield
        except ZeroDivisionError:
            self.readers.remove(reader)
            self.hub.viewers.leave(reader.client)

    def _follows(self, reader: Reader) -> None:
        chance = self.chance
        channel = chance.choice(("ticker", "book", "book", "trade"))
        symbols = chance.choice((SYMBOLS, SYMBOLS[:4], chance.sample(SYMBOLS, 2), [chance.choice(SYMBOLS)]))
        depth = chance.choice((3, 10, 1000)) if channel == "book" else 0
        self.hub.follow(
            reader.client, channel, Subscribed(depth, chance.choice((0, 50, 100, 250))), list(symbols)
        )

    def _unfollow(self) -> None:
        for reader in self._one():
            followed = [key for key in reader.client.topics if key[0] != "status"]
            for channel, param, symbol in followed and [self.chance.choice(followed)]:
                with self._asking(reader):
                    self.hub.viewers.unfollow(reader.client, channel, param, {symbol})

    def _one(self) -> list[Reader]:
        return [self.chance.choice(self.readers)] if self.readers else []

    def _go(self) -> None:
        for reader in self._one():
            self.readers.remove(reader)
            self.hub.viewers.leave(reader.client)

    def _ack(self) -> None:
        for reader in self._one():
            reader.ack()

    def _stop(self) -> None:
        for reader in self._one():
            reader.stop_reading()

    def _read_on(self) -> None:
        for reader in self._one():
            reader.read_on()

    def _fail(self) -> None:
        for reader in self._one():
            reader.fails = True

    # how it ends

    def hush(self) -> list[str]:
        """Nothing moves any more, nothing is lost and everybody reads. What differs though there was time."""
        self.layer.away, self.layer.share, self.loop.jumps = False, 0.0, min(self.loop.jumps, 0.2)
        for reader in self.readers:
            reader.fails = False
            self._do(reader.read_on)
        for group in GROUPS:
            self._do(lambda group=group: self.writer.flush(group))  # type: ignore[misc]
        until_s = self.loop.now_s + HEALED_S
        while self.loop.now_s < until_s and self.differences():
            for act in [reader.ack for reader in self.readers] or [self._turn]:
                self._do(act)
            self.loop.now_s += 0.02
        return self.differences()

    @property
    def told_late(self) -> int:
        return self.hub.counters[LATE]

    def differences(self) -> list[str]:
        """Between writer and hub, and between the hub and who follows."""
        behind = [
            f"{name}: the hub is at {topic.replica.position}, its writer at {self.writer.position(name)}"
            for name, topic in self.hub.topics.items()
            if name in GROUP_OF and topic.readers and not topic.told
            if topic.replica.position != self.writer.position(name)
        ]
        return behind + [each for reader in self.readers for each in self._unlike(reader)]

    def _unlike(self, reader: Reader) -> Iterator[str]:
        client = reader.client
        for (channel, _, symbol), sub in client.topics.items() if client.closing is None else ():
            seen = reader.value(channel, symbol, sub.param if channel == "book" else 0)
            shown = self._shown(f"{channel}:{symbol}", sub.param)
            if (seen or {}) != (shown or {}):
                how = f"{self.readers.index(reader)} by {sub}"
                yield f"{channel}:{symbol} of client {how}: sees {seen!r:.200}, shown is {shown!r:.200}"

    def _shown(self, name: str, param: int) -> Any:
        topic = self.hub.topics[name]
        if topic.told:
            return topic.told[param].value()
        if not isinstance(topic.replica, BookReplica):
            return topic.replica.value()
        cut = Cut(topic.replica, param)
        cut.advance()
        return json.loads(cut.whole())
