"""A venue speaks otherwise from one moment to the next: its topics say so, and nobody else's notice."""

from __future__ import annotations

import logging

import pytest

from feeds.state import MarketState, StateChange
from tests.by_venue import LONG
from tests.fakes import virtual_time
from tests.fakes.inside import inside
from tests.fakes.line import now_s
from tests.faults.test_silence import NOTICED_S, looked_at, of_each

ALL = ("ticker", "trade", "book")
# Of the traders of all venues: as many for each, however many there are.
RATE = 6 * len(NOTICED_S)
DRIFTS = [
    ("KRAKEN", "book", "bids:buys"),
    ("KRAKEN", "book", "checksum:crc"),
    ("KRAKEN", "trade", "price:cost"),
    ("KRAKEN", "ticker", "bid:best_bid"),
    ("BINANCE", "book", "U:first"),
    ("BINANCE", "trade", "p:price"),
    ("BINANCE", "ticker", "b:bid"),
    ("BINANCE_USDM", "book", "pu:before"),
    ("BINANCE_USDM", "trade", "m:maker"),
    ("BINANCE_USDM", "ticker", "b:bid"),
    ("BINANCE_COINM", "book", "u:last"),
    ("BYBIT", "ticker", "b:bids"),
    ("BYBIT", "trade", "S:side"),
    ("BYBIT_LINEAR", "book", "u:version"),
    ("BYBIT_INVERSE", "trade", "p:price"),
    ("BYBIT_OPTION", "book", "a:asks"),
    ("BYBIT_OPTION", "ticker", "bidIv:bidVolatility"),
    ("COINBASE", "book", "updates:changes"),
    ("COINBASE", "trade", "trades:fills"),
    ("COINBASE", "ticker", "tickers:quotes"),
    ("COINBASE_EXCHANGE", "book", "changes:updates"),
    ("GEMINI", "book", "U:first"),
    ("GEMINI", "trade", "m:maker"),
    ("GEMINI", "ticker", "b:bid"),
    ("BITSTAMP", "book", "microtimestamp:time"),
    ("BITSTAMP", "trade", "type:side"),
    ("KRAKEN_FUTURES", "book", "seq:number"),
    ("KRAKEN_FUTURES", "trade", "side:direction"),
    ("KRAKEN_FUTURES", "ticker", "bid:best"),
    ("OKX", "book", "prevSeqId:previous"),
    ("OKX", "book", "seqId:sequence"),
    ("OKX", "trade", "sz:size"),
    ("OKX", "ticker", "bidPx:bid"),
]
"""A key of the messages of a channel and its new name."""


class Interrupted:
    """A sink that keeps who was interrupted."""

    takes = frozenset({StateChange})

    def __init__(self) -> None:
        self.changes: list[StateChange] = []

    def put(self, state: MarketState, event: StateChange) -> None:
        if event.state != "live":
            self.changes.append(event)

    async def run(self) -> None:
        """Nothing is brought anywhere."""


async def drifted(
    venue: str, channel: str, key: str, others: list[str], seed: int, seconds: float, caplog
) -> float:
    """Seconds until nothing of the channel is shown as live; ``others`` are venues that stand beside it."""
    seen = Interrupted()
    async with inside(of_each(dict.fromkeys([venue, *others]), 3), seed=seed, sinks=[seen]) as world:
        world.desire(*ALL, depth=10)
        await world.wait(lambda: world.live(*ALL), 60, RATE)
        await world.trade(10, RATE)
        seen.changes.clear()
        mine = [name for name in world.names if name.startswith(f"{venue}:")]
        exchange = world.simulator.exchanges[venue]
        between, (old, _, new) = world.between, key.partition(":")

        def renamed(line, payload, symbol, kind):
            of_it = line.exchange is exchange and kind in (channel, "snapshot")
            text = payload.replace(f'"{old}":'.encode(), f'"{new}":'.encode()) if of_it else payload
            between(line, text, symbol, kind)

        world.between = renamed
        caplog.clear()
        state, began_s = world.feeds[venue].state, now_s()
        while any(state.topic_state(channel, name).state == "live" for name in mine):
            await world.trade(0.1, 3 * len(world.names), step_s=0.1)
            assert now_s() - began_s < 60, [state.topic_state(channel, name) for name in mine]
        took_s, connects = now_s() - began_s, len(world.connects)
        await world.trade(seconds, rate=0.3 * len(world.names), step_s=1)
        warned = [r for r in caplog.records if "undecodable" in r.getMessage()]
        assert 1 <= len(warned) <= 1 + (seconds >= 600)
        assert len(world.connects) - connects <= 8 + seconds / 10
        assert {change.instrument.partition(":")[0] for change in seen.changes} == {venue}
        world.between = between
        await world.wait(lambda: world.live(*ALL), 120, RATE)
        assert world.violations() == {}
        return took_s


@pytest.mark.parametrize(
    ("venue", "channel", "key"), [*DRIFTS[:2], *(pytest.param(*each, marks=LONG) for each in DRIFTS[2:])]
)
@pytest.mark.fault(
    "F19",
    "{venue}: a key of the {channel} channel has another name from one moment on, {key}",
    goal="not live when silence would be noticed; one line in the log in 10 minutes; no other venue notices",
)
def test_what_cannot_be_read_any_more_is_not_live(score, caplog, venue, channel, key):
    caplog.set_level(logging.WARNING)
    for run in range(score.times(10)):
        others, seconds = looked_at(score), score.times(900, few=30)
        score.took(virtual_time.run(drifted(venue, channel, key, others, score.seed + run, seconds, caplog)))

    assert max(score.took_s) <= NOTICED_S[venue]
