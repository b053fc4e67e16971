"""What the administrator chose, kept up with: read at the start, at every notice, and each 30 s besides."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from channels.db import database_sync_to_async

from feeds.codec import Subscription
from marketdash.instruments import catalogue
from marketdash.instruments.catalogue import Wanted
from marketdash.live.cancellation import woken
from marketdash.live.share import Share

logger = logging.getLogger(__name__)

Desire = Callable[[list[Subscription], dict[str, str]], None]
"""The whole wanted set, and why what is enabled and was delisted cannot be had."""

READ_EVERY_S = 30.0
RETRY_S = 1.0


class Configured:
    """Set ``changed`` to have it read now. Of it all, this worker is told what is in its ``share``."""

    def __init__(self, share: Share) -> None:
        self.changed = asyncio.Event()
        self._share = share
        self._known: Wanted | None = None
        self._desire: Desire = lambda wanted, delisted: None

    async def follow(self, desire: Desire) -> None:
        """Until cancelled: tell ``desire`` the whole wanted set whenever it is another one."""
        self._desire = desire
        while True:
            wait_s = READ_EVERY_S
            try:
                await self._read()
            except Exception:  # a task boundary: the database may be away, and prices must go on without it
                logger.exception("configuration: could not be read")
                wait_s = RETRY_S
            await woken(self.changed, wait_s)

    def again(self) -> None:
        """The share is another."""
        if self._known is not None:
            self._tell(self._known)

    def _tell(self, wanted: Wanted) -> None:
        holds = self._share.holds
        mine = [item for item in wanted.subscriptions if holds(item.instrument)]
        self._desire(mine, {name: words for name, words in wanted.delisted.items() if holds(name)})

    async def _read(self) -> None:
        wanted = await database_sync_to_async(catalogue.wanted)()
        if wanted == self._known:
            return
        self._tell(wanted)
        self._known = wanted
        instruments = {item.instrument for item in wanted.subscriptions}
        logger.info(
            "configuration: %d subscriptions of %d instruments", len(wanted.subscriptions), len(instruments)
        )
