"""A channel layer that loses, repeats and swaps messages between sender and group, as a bad network would."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from channels.layers import BaseChannelLayer


class LossyLayer:
    """Wraps a real layer. Of the messages to groups, ``share`` are lost, as many doubled, as many swapped.

    ``share`` may be changed at any time; 0 is an honest layer. ``latest_s`` bounds how late a swapped one is.
    """

    def __init__(self, layer: BaseChannelLayer, *, share: float, seed: int, latest_s: float = 0.03) -> None:
        self.share, self.latest_s = share, latest_s
        self.counts = {"sent": 0, "lost": 0, "doubled": 0, "swapped": 0}
        self._layer, self._random = layer, random.Random(seed)
        self._tasks: set[asyncio.Task[None]] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._layer, name)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.counts["sent"] += 1
        dice = self._random.random() / self.share if self.share else 9.0
        if dice < 1:
            self.counts["lost"] += 1
        elif dice < 2:
            self.counts["doubled"] += 1
            await self._layer.group_send(group, message)
            await self._layer.group_send(group, message)
        elif dice < 3:
            self.counts["swapped"] += 1
            task = asyncio.create_task(self._later(group, message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            await self._layer.group_send(group, message)

    async def _later(self, group: str, message: dict[str, Any]) -> None:
        await asyncio.sleep(self._random.uniform(0, self.latest_s))
        await self._layer.group_send(group, message)
