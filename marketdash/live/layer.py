"""The channel layer: channels-redis's pub/sub layer, reading and writing in bursts.

Its parent makes a trip through redis-py's and its own coroutines for each message, which costs more than all
that the hub does with it. Here one trip brings what arrived together: :class:`_PubSub` takes the messages
that were read from the socket with the first, :meth:`BurstLayer.waiting` those that a channel holds already.
What is published in one turn of the loop goes to Redis as one write, and so reaches a reader as one read.
Subscribing and health checks stay the libraries' own; coming back does too, but for whom the Sentinels name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer, RedisSingleShardConnection
from redis._parsers.hiredis import NOT_ENOUGH_DATA, _AsyncHiredisParser
from redis.asyncio.client import PubSub

from marketdash import redis_hosts
from marketdash.live.cancellation import honour_cancellation

logger = logging.getLogger(__name__)

Reply = dict[str, Any]

SUBSCRIBED_YET_S = HEARD_AGAIN_S = 0.1

DEAD_AFTER_S = 2.5
"""Without a word, where one is asked for each second."""


class BurstLayer(RedisPubSubChannelLayer):
    """Configured as its parent. The hosts ask for protocol 2: under 3 redis-py prints each message to a log
    that nobody reads."""

    def _get_layer(self) -> RedisPubSubLoopLayer:
        held = self._layers.get(asyncio.get_running_loop())
        if held is not None:
            return held
        made = super()._get_layer()
        made._shards = [_Connection(shard.host, made) for shard in made._shards]
        return made

    def waiting(self, channel: str) -> Iterator[Reply]:
        """The messages that ``receive`` would return without waiting."""
        queue = self._get_layer().channels.get(channel)
        while queue is not None and not queue.empty():
            yield self.deserialize(queue.get_nowait())


class _Parcel:
    """A message on its way; ``problem`` is what became of it, if anything did."""

    __slots__ = ("channel", "message", "problem")

    def __init__(self, channel: str, message: bytes) -> None:
        self.channel, self.message = channel, message
        self.problem: Exception | None = None


class _Connection(RedisSingleShardConnection):
    def __init__(self, host: Any, channel_layer: RedisPubSubLoopLayer) -> None:
        super().__init__(host, channel_layer)
        self._outbox: list[_Parcel] = []

    async def _do_receiving(self) -> None:
        """As the parent's, but back at once after an outage and with one line for each; and no error of a
        network, whatever its name, ends it for good."""
        away = False
        while True:
            honour_cancellation()
            try:
                if self._pubsub and self._pubsub.subscribed:
                    await self._pubsub.get_message(ignore_subscribe_messages=True, timeout=0.1)
                    away = False
                else:
                    await asyncio.sleep(SUBSCRIBED_YET_S)
            except Exception as problem:  # a task boundary: Redis is away, however it says so
                if not away:
                    logger.warning("bus: not heard any more: %s", problem)
                away = True
                await asyncio.sleep(HEARD_AGAIN_S)

    async def publish(self, channel: str, message: bytes) -> None:
        parcel = _Parcel(channel, message)
        self._outbox.append(parcel)
        await asyncio.sleep(0)  # who publishes in this turn of the loop comes along
        async with self._lock:
            if parcel in self._outbox:
                await self._send_out()
        if parcel.problem is not None:
            raise parcel.problem

    async def _send_out(self) -> None:
        parcels, self._outbox = self._outbox, []
        try:
            self._ensure_redis()
            pipeline = self._redis.pipeline(transaction=False)
            for parcel in parcels:
                pipeline.publish(parcel.channel, parcel.message)
            await pipeline.execute()
        except BaseException as problem:
            told = problem if isinstance(problem, Exception) else ConnectionError("publishing was cancelled")
            for parcel in parcels:
                parcel.problem = told
            raise

    def _ensure_redis(self) -> None:
        if self._redis is None:
            self._redis = redis_hosts.client(self.host)
            self._pubsub = _PubSub(self._redis.connection_pool, self._receive_message)


class _PubSub(PubSub):
    """``take`` gets the messages that came together with the one that ``get_message`` returns."""

    def __init__(self, pool: Any, take: Callable[[Reply], None]) -> None:
        super().__init__(pool)
        self._take = take

    async def get_message(
        self,
        ignore_subscribe_messages: bool = False,
        timeout: float | None = 0.0,  # noqa: ASYNC109
    ) -> Reply | None:
        if self.connection is not None and not self.connection.is_connected:
            # redis-py's own health check would go back to the old address, where Sentinels name a new one.
            await self.connection.connect()
        first = await super().get_message(ignore_subscribe_messages, timeout)
        if first is None:
            await self._drop_the_dead()
            return None
        self._take(first)
        for reply in self._read_already():
            if reply[0] == b"message":
                self._take({"channel": reply[1], "data": reply[2]})
            elif reply != self.health_check_response[0]:
                await self.handle_message(reply, ignore_subscribe_messages)
        return None

    async def _drop_the_dead(self) -> None:
        """redis-py asks for a sign of life each second and never minds that none comes: a connection to a
        host that vanished would be kept until the kernel gives up, and after a cut resumed as late again."""
        connection = self.connection
        if connection is not None and connection.is_connected and connection.health_check_interval:
            read_s = connection.next_health_check - connection.health_check_interval
            if asyncio.get_running_loop().time() - read_s > DEAD_AFTER_S:
                await connection.disconnect(nowait=True)

    def _read_already(self) -> Iterator[list[bytes]]:
        """Whole replies that hiredis has at hand. Raises what Redis answered in place of one."""
        parser = self.connection._parser
        reader = parser._reader if self._in_bursts() else None
        while reader is not None and reader.has_data():
            reply = reader.gets(False)
            if reply is NOT_ENOUGH_DATA:
                return
            if isinstance(reply, Exception):
                raise reply
            yield reply

    def _in_bursts(self) -> bool:
        """Not without hiredis, nor under protocol 3, whose messages are redis-py's to tell from replies."""
        connection = self.connection
        return isinstance(connection._parser, _AsyncHiredisParser) and int(connection.protocol) == 2
