"""What hubs need is known for as long as they may be expected to say so again."""

from __future__ import annotations

from marketdash.live import bus
from marketdash.live.leases import Leases
from marketdash.live.sink import ChannelLayerSink
from tests.fakes.clock import FakeClock

BTC = "ticker:KRAKEN:BTC/USD"
ALMOST_S = bus.DEMAND_LEASE_S - 0.5


class AwayLayer:
    async def group_send(self, group: str, message: bus.Message) -> None:
        raise ConnectionError("away")


def test_a_hub_that_asks_no_more_is_forgotten():
    clock = FakeClock()
    leases = Leases(clock)
    leases.hold("a", [BTC])
    clock.advance(ALMOST_S)
    assert leases.knows("a") and leases.union() == {BTC}

    clock.advance(1)
    assert leases.union() == set() and not leases.knows("a")


async def test_nothing_is_forgotten_while_nobody_can_ask():
    """A lease is as long as an outage and the time to the next question may be together."""
    clock = FakeClock()
    sink = ChannelLayerSink(AwayLayer(), clock, epoch="1", shards=1)  # type: ignore[arg-type]
    sink._take(bus.demand("a", [BTC]))
    shard = sink._shards[bus.groups(1)[0]]
    shard.beat(lambda: ({}, {}, ""))
    await shard._flush()
    assert sink.failing
    for _ in range(4):
        clock.advance(ALMOST_S)
        assert sink._needed() == {BTC}

    shard.failing = False
    clock.advance(ALMOST_S)
    assert sink._needed() == {BTC}
    clock.advance(1)
    assert sink._needed() == set()
