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
        self._layer, self._seed = layer, seed
        self._dice: dict[str, random.Random] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._layer, name)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.counts["sent"] += 1
        # Dice of its own for each group: which group comes first must not decide what another loses.
        dice = self._dice.setdefault(group, random.Random(f"{self._seed} {group}"))
        throw = dice.random() / self.share if self.share else 9.0
        if throw < 1:
            self.counts["lost"] += 1
        elif throw < 2:
            self.counts["doubled"] += 1
            await self._layer.group_send(group, message)
            await self._layer.group_send(group, message)
        elif throw < 3:
            self.counts["swapped"] += 1
            task = asyncio.create_task(self._later(group, message, dice.uniform(0, self.latest_s)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            await self._layer.group_send(group, message)

    async def _later(self, group: str, message: dict[str, Any], late_s: float) -> None:
        await asyncio.sleep(late_s)
        await self._layer.group_send(group, message)
