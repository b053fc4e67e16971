"""The bench's stand-in for a worker speaks the bus of today: else a row of the bench is missing."""

from __future__ import annotations

from channels.layers import InMemoryChannelLayer
from django.conf import settings

from benchmarks.programs.feed_bus import PRICES, STATE, Writer
from feeds.symbols import split_topic
from marketdash.live import bus
from marketdash.live.hub import Hub


async def test_a_hub_takes_what_it_says() -> None:
    layer = InMemoryChannelLayer()
    hub, writer = Hub(layer, shards=settings.BUS_SHARDS), Writer(layer)
    channel = await layer.new_channel()
    for name in (PRICES, STATE):
        hub.topics.need(name, 0.0)
        await layer.group_add(bus.group_of(split_topic(name), settings.BUS_SHARDS), channel)

    for name in (PRICES, STATE):
        await writer.keyframe(name)
    await writer.update()
    await writer.beat()
    for _ in range(5):
        hub.take(await layer.receive(channel))

    assert hub.topics[PRICES].replica.position[1] == writer.seq[PRICES] == 2
    assert hub.topics[PRICES].replica.value()["state"] == "live"
    assert not any(topic.wanting for topic in hub.topics.values())
