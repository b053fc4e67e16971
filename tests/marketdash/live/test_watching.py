"""A process hears of last values as they come, without anybody who views them."""

from __future__ import annotations

from marketdash.live.hub import Hub
from marketdash.live.presence import SILENT_REASON
from marketdash.publish import Row
from tests.fakes.market import Market
from tests.fakes.waiting import wait_until

NAMES = ["KRAKEN:A/USD", "KRAKEN:B/USD"]
TOPICS = [f"ticker:{name}" for name in NAMES]


async def test_each_move_is_told_and_silence_too(bus):
    sink, hub = bus.sink(), Hub(bus.layer(), shards=2)
    hub.start()
    bus.stack.push_async_callback(hub.close)
    market = Market(sink.put, NAMES)
    market.begin()
    heard: dict[str, list[tuple[str, str]]] = {topic: [] for topic in TOPICS}

    def collect() -> None:
        for topic in watch.moved():
            if (row := watch.value(topic)) is not None:
                heard[topic].append((row.body["bid"], row.state))

    watch = hub.made.watch(collect)
    watch.use(TOPICS[:1])
    for price in ("10", "11"):
        market.quote(NAMES[0], price)
        await wait_until(lambda price=price: (price, "live") in heard[TOPICS[0]], what=price)
    assert heard[TOPICS[1]] == []

    watch.use(TOPICS[1:])
    market.quote(NAMES[1], "20")
    await wait_until(lambda: ("20", "live") in heard[TOPICS[1]])
    so_far = len(heard[TOPICS[0]])
    market.quote(NAMES[0], "12")
    market.quote(NAMES[1], "21")
    await wait_until(lambda: ("21", "live") in heard[TOPICS[1]])
    assert len(heard[TOPICS[0]]) == so_far and watch.value(TOPICS[0]) is None

    await bus.kill(sink)
    await wait_until(lambda: heard[TOPICS[1]][-1] == ("21", "stale"), what="silence")
    watch.close()
    assert not any(topic.readers for topic in hub.topics.values())


async def test_what_never_had_a_value_is_down_once_its_feed_is_silent(bus):
    """A page and REST read it: nothing is on its way, so it is not syncing."""
    hub = bus.hub()
    assert await hub.read(TOPICS, 0.1) == {}, "who has just begun to listen knows nothing yet"

    await wait_until(lambda: hub.presence.silent("KRAKEN", hub.reads._now_us()), what="silence")
    rows = await hub.read([*TOPICS, "status:KRAKEN"], 0.1)
    assert rows == {topic: Row("down", SILENT_REASON, 0, {}) for topic in TOPICS}

    market = Market(bus.sink().put, NAMES)
    market.begin()
    market.quote(NAMES[0], "10")
    await wait_until(lambda: not hub.presence.silent("KRAKEN", hub.reads._now_us()), what="a word")
    rows = await hub.read(TOPICS[:1], 5)
    assert (rows[TOPICS[0]].state, rows[TOPICS[0]].body["bid"]) == ("live", "10")
