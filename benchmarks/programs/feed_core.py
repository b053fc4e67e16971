"""Feeds the tutorial stack: python feed_core.py PROGRESS CLIENTS OUTSTANDING EVERY_S (see feed_lines.py)."""

from __future__ import annotations

import asyncio
import os
import sys

from channels_redis.core import RedisChannelLayer
from tick import Closed, tick


async def main(progress: str, clients: int, outstanding: int, every_s: float) -> None:
    layer = RedisChannelLayer(hosts=[os.environ["BENCH_REDIS"]])
    loop = Closed(progress, clients, outstanding)
    seq = 0
    while True:
        seq += 1
        await layer.group_send("ticks", {"type": "tick", "data": tick(seq, compact=False)})
        await asyncio.sleep(every_s)
        while not every_s and not loop.room(seq):  # noqa: ASYNC110 (another process counts)
            await asyncio.sleep(0.0002)


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
