"""One channel of the layer, and the groups it is in: how a process hears the bus.

The loop is a bare ``receive()``. A timeout around it would make the pub/sub layer unsubscribe and lose the
next message; so nothing here waits with a deadline, and what is silent is noticed by heartbeats.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from channels.layers import BaseChannelLayer

from marketdash.live.bus import Message
from marketdash.live.cancellation import honour_cancellation

logger = logging.getLogger(__name__)

RETRY_S = 0.5


def _none(channel: str) -> tuple[()]:
    """Of a layer that hands on one message at a time."""
    return ()


class Mailbox:
    """``take`` gets each message; what it raises is logged, and costs that message alone."""

    def __init__(self, layer: BaseChannelLayer, take: Callable[[Message], None]) -> None:
        self._layer, self._take = layer, take
        self._channel = ""
        self._joined: set[str] = set()
        self._opened = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        self._channel = await self._open()
        self._opened.set()
        waiting = getattr(self._layer, "waiting", _none)
        while True:
            honour_cancellation()
            self._deliver(await self._layer.receive(self._channel))
            for message in waiting(self._channel):
                self._deliver(message)

    def _deliver(self, message: Message) -> None:
        try:
            self._take(message)
        except Exception:  # a task boundary: one bad message must not make the process deaf
            logger.exception("bus: a message of type %r was not taken", message.get("type"))

    async def _open(self) -> str:
        said = False
        while True:
            try:
                return await self._layer.new_channel()
            except Exception as problem:  # Redis is away: wait for it, however it says so
                if not said:
                    said = True
                    logger.warning("bus: cannot be reached yet: %s", problem)
                honour_cancellation()
                await asyncio.sleep(RETRY_S)

    async def join(self, groups: Iterable[str]) -> None:
        """Be in exactly these groups. They may be on several servers: all that can be are joined before what
        the layer raised is raised again; then this is to be called again."""
        await self._opened.wait()
        wanted, problem = set(groups), None
        for group in wanted - self._joined:
            try:
                await self._layer.group_add(group, self._channel)
                self._joined.add(group)
            except Exception as found:  # however Redis says that it is away; said again below
                problem = found
        if problem is not None:
            raise problem
        for group in self._joined - wanted:
            self._joined.discard(group)
            await self._layer.group_discard(group, self._channel)
