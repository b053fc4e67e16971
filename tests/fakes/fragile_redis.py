"""A Redis that dies, hangs, cuts off and resets as a seed has it, in one process and one virtual time.

What reads and writes it is the real layer; only the client library is replaced. A publication may fail before
it had effect, in the middle of what was written together, after it had, or have effect long after its writer
gave it up. Who reads may lose what was on its way, and comes back later than who writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Callable
from typing import Any

from channels_redis.pubsub import RedisPubSubLoopLayer

from marketdash.live import layer as layers

TIMEOUT_S = 2.0
WAYS_S = (0.0, 0.0, 0.0003, 0.002, 0.03)
BACK_S = (0.0, 0.01, 0.1, 0.3, 0.8)

Take = Callable[[dict[str, Any]], None]


def now_s() -> float:
    return asyncio.get_running_loop().time()


class FragileRedis:
    """``resets``: the share of publications that fail for it. ``lives`` counts deaths: what was connected
    before one is broken."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(f"{seed} redis")
        self.alive, self.lives, self.resets, self.hangs_until_s = True, 0, 0.0, 0.0
        self.readers: list[_PubSub] = []
        self._late: set[asyncio.Task[None]] = set()

    def kill(self) -> None:
        self.alive, self.lives = False, self.lives + 1
        self.cut(1.0)

    def start(self) -> None:
        self.alive = True

    def cut(self, share: float) -> None:
        """So many of those who read are cut off."""
        for reader in list(self.readers):
            if self.dice.random() < share:
                self.readers.remove(reader)
                reader.cut()

    def hang(self, for_s: float) -> None:
        self.hangs_until_s = now_s() + for_s

    async def answers(self) -> None:
        while (left_s := self.hangs_until_s - now_s()) > 0:  # noqa: ASYNC110 (it may hang again meanwhile)
            await asyncio.sleep(left_s)

    async def way(self) -> None:
        await asyncio.sleep(self.dice.choice(WAYS_S))

    def publish(self, channel: str, message: bytes) -> None:
        for reader in self.readers:
            reader.arrive(channel, message)

    def may_reset(self) -> None:
        if self.dice.random() < self.resets:
            raise ConnectionError("reset")

    def later(self, written: list[tuple[str, bytes]]) -> None:
        """It was written, though nobody waits for an answer any more."""

        async def read() -> None:
            lives = self.lives
            await self.answers()
            await self.way()
            for each in written if self.lives == lives else ():
                self.publish(*each)

        task = asyncio.get_running_loop().create_task(read())
        self._late.add(task)
        task.add_done_callback(self._late.discard)


class _Client:
    """redis-py's, as far as the layer uses it."""

    def __init__(self, redis: FragileRedis) -> None:
        self.redis = redis

    def pipeline(self, *, transaction: bool) -> _Pipeline:
        return _Pipeline(self.redis)

    async def aclose(self, *, close_connection_pool: bool) -> None:
        pass


class _Pipeline:
    def __init__(self, redis: FragileRedis) -> None:
        self._redis = redis
        self._written: list[tuple[str, bytes]] = []

    def publish(self, channel: str, message: bytes) -> None:
        self._written.append((channel, message))

    async def execute(self) -> None:
        redis, lives = self._redis, self._redis.lives
        if not redis.alive:
            raise ConnectionError("refused")
        await redis.way()
        await self._answered()
        self._meets(lives)
        for each in self._written:
            redis.publish(*each)
            redis.may_reset()
        await redis.way()
        self._meets(lives)

    def _meets(self, lives: int) -> None:
        """The one that was connected to."""
        self._redis.may_reset()
        if self._redis.lives != lives:
            raise ConnectionError("reset")

    async def _answered(self) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await self._redis.answers()
        except TimeoutError:
            if self._redis.dice.random() < 0.5:
                self._redis.later(self._written)
            raise


class _PubSub:
    """As the layer's own: ``take`` gets what came together."""

    def __init__(self, redis: FragileRedis, take: Take) -> None:
        self._redis, self._take = redis, take
        self._channels: set[str] = set()
        self._came: deque[tuple[str, bytes]] = deque()
        self._news = asyncio.Event()
        self._connected, self._back_s, self._last_s = False, 0.0, 0.0

    @property
    def subscribed(self) -> bool:
        return bool(self._channels)

    def cut(self) -> None:
        """What came and was not read may be lost with it."""
        self._connected, self._back_s = False, now_s() + self._redis.dice.choice(BACK_S)
        if self._redis.dice.random() < 0.5:
            self._came.clear()
        self._news.set()

    def arrive(self, channel: str, message: bytes) -> None:
        """In its order."""
        if channel in self._channels:
            self._last_s = max(self._last_s, now_s() + self._redis.dice.choice(WAYS_S))
            asyncio.get_running_loop().call_at(self._last_s, self._arrived, channel, message)

    def _arrived(self, channel: str, message: bytes) -> None:
        if self._connected:
            self._came.append((channel, message))
            self._news.set()

    async def _connect(self) -> None:
        if self._connected:
            return
        if now_s() >= self._back_s:
            await self._redis.answers()
        if not self._redis.alive or now_s() < self._back_s:
            raise ConnectionError("refused")
        self._connected = True
        if self not in self._redis.readers:
            self._redis.readers.append(self)

    async def subscribe(self, channel: str) -> None:
        await self._connect()
        self._channels.add(channel)

    async def unsubscribe(self, channel: str) -> None:
        await self._connect()
        self._channels.discard(channel)

    async def get_message(self, *, ignore_subscribe_messages: bool, timeout: float) -> None:  # noqa: ASYNC109
        if not self._came:
            await self._connect()
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await self._news.wait()
        while self._came:
            channel, message = self._came.popleft()
            self._take({"channel": channel, "data": message})


class FragileLayer(layers.BurstLayer):
    """One process's layer."""

    def __init__(self, redis: FragileRedis) -> None:
        super().__init__(hosts=[{"address": "redis://fragile"}])
        self._redis = redis

    def _get_layer(self) -> RedisPubSubLoopLayer:
        begins = asyncio.get_running_loop() not in self._layers
        made = super()._get_layer()
        if begins:
            for connection in made._shards:
                connection._redis = _Client(self._redis)
                connection._pubsub = _PubSub(self._redis, connection._receive_message)
        return made
