"""The worker's real sink, and a hub's demand for everything, so that the sink has all of its work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from channels.layers import BaseChannelLayer, get_channel_layer
from django.conf import settings

from feeds.clock import SystemClock
from feeds.codec import Subscription
from feeds.symbols import OHLC, topic
from marketdash.live import bus
from marketdash.live.sink import ChannelLayerSink

RUNNING_BARS_MIN = 1


class DemandedSink(ChannelLayerSink):
    """Ours, with a demand that it sends itself, as a hub would: tickers, trades, books and running bars."""

    def __init__(self, layer: BaseChannelLayer, wanted: Sequence[Subscription]) -> None:
        super().__init__(layer, SystemClock(), epoch=f"{time.time_ns():x}", shards=settings.BUS_SHARDS)
        self._own_layer = layer
        bars = {topic(OHLC, one.instrument, RUNNING_BARS_MIN) for one in wanted}
        self._demand = sorted({topic(one.channel, one.instrument) for one in wanted} | bars)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(super().run())
            tasks.create_task(self._ask())

    async def _ask(self) -> None:
        while True:
            await self._own_layer.group_send(bus.CONTROL, bus.demand("bench", self._demand))
            await asyncio.sleep(bus.DEMAND_EVERY_S)


def layer_sink(wanted: Sequence[Subscription]) -> DemandedSink:
    return DemandedSink(get_channel_layer(), wanted)
