"""The channel layer: channels-redis's pub/sub layer, reading in bursts.

Its parent makes a trip through redis-py's and its own coroutines for each message, which costs more than all
that the hub does with it. Here one trip brings what arrived together: :class:`_PubSub` takes the messages
that were read from the socket with the first, :meth:`BurstLayer.waiting` those that a channel holds already.
Connecting, subscribing, health checks and coming back stay the libraries' own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer, RedisSingleShardConnection
from redis._parsers.hiredis import NOT_ENOUGH_DATA, _AsyncHiredisParser
from redis.asyncio.client import PubSub

Reply = dict[str, Any]


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


class _Connection(RedisSingleShardConnection):
    def _ensure_redis(self) -> None:
        if self._redis is None:
            super()._ensure_redis()
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
        first = await super().get_message(ignore_subscribe_messages, timeout)
        if first is None:
            return None
        self._take(first)
        for reply in self._read_already():
            if reply[0] == b"message":
                self._take({"channel": reply[1], "data": reply[2]})
            elif reply != self.health_check_response[0]:
                await self.handle_message(reply, ignore_subscribe_messages)
        return None

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
