"""One venue's books under a schedule of faults: what was shown, what was interrupted, how long it took."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from feeds.simulator.listing import listed_at
from feeds.symbols import BOOK
from tests.fakes import virtual_time
from tests.fakes.book_watch import BookWatch
from tests.fakes.inside import inside
from tests.fakes.line import now_s
from tests.faults.nemesis import Nemesis
from tests.faults.schedules import Fault, schedule, shrunk

DEPTH, COUNT = 25, 12
"""Levels that are followed, and instruments of a venue."""
_LOSSY = {"drop", "shuffle", "replay", "stall"}
_AT_ONCE = 500
"""Faults of one world: another one begins with other markets."""
_HEALED_S = 90


class Pace(NamedTuple):
    """A fault in ``every_s`` seconds, in which the traders of all instruments act ``rate`` times a second."""

    every_s: float
    rate: float
    step_s: float = 0.1


BYBITS = ("BYBIT", "BYBIT_LINEAR", "BYBIT_INVERSE", "BYBIT_OPTION")
STORM = {
    "KRAKEN": Pace(0.5, 60),
    "BINANCE": Pace(3, 20),
    "BINANCE_USDM": Pace(6, 20),
    "BINANCE_COINM": Pace(6, 20),
    "COINBASE": Pace(6, 10, 0.2),
    **dict.fromkeys(BYBITS, Pace(1, 40)),
    "DERIBIT": Pace(2, 30),
    "KRAKEN_FUTURES": Pace(1, 30),
    "GEMINI": Pace(1, 30),
    "OKX": Pace(1, 30),
    "COINBASE_EXCHANGE": Pace(2, 30),
    "BITSTAMP": Pace(1, 30),
    "BITFINEX": Pace(8, 10, 0.2),
}
"""What a venue's limits let us heal from: each loss costs Binance's weight, of which its futures have half,
and of Coinbase a connection, of which an address may open one a second."""
CALM, BUSY = Pace(15, 10), Pace(0.5, 60, 0.05)
"""Slow enough that each fault finds all as it should be; and faster than any venue's limits let us heal."""
_ANYWHERE = ("drop", "duplicate", "replay", "shuffle", "poison", "cross", "cut", "garbage", "reset", "stall")
KINDS = {
    "KRAKEN": (*_ANYWHERE, "digit", "zeros", "scientific"),
    "BINANCE": (*_ANYWHERE, "start"),
    "BINANCE_USDM": (*_ANYWHERE, "start"),
    "BINANCE_COINM": (*_ANYWHERE, "start"),
    "COINBASE": _ANYWHERE,
    **dict.fromkeys(BYBITS, _ANYWHERE),
    "DERIBIT": _ANYWHERE,
    "KRAKEN_FUTURES": _ANYWHERE,
    "GEMINI": _ANYWHERE,
    "OKX": (*_ANYWHERE, "start"),
    "BITSTAMP": (*_ANYWHERE, "start"),
    "BITFINEX": (*_ANYWHERE, "digit"),
    # Nothing numbers its books: what is lost, swallowed or out of its order is for an audit to find.
    "COINBASE_EXCHANGE": ("duplicate", "poison", "cross", "cut", "garbage", "reset"),
}
"""All that can befall a venue's books and that its protocol lets anybody notice."""


@dataclass
class Outcome:
    """What came of it. ``trouble``: whatever must not be; empty is good."""

    trouble: list[str] = field(default_factory=list)
    healed_s: list[float] = field(default_factory=list)
    hits: Counter[str] = field(default_factory=Counter)
    checks: int = 0

    def add(self, other: Outcome) -> None:
        self.trouble += other.trouble
        self.healed_s += other.healed_s
        self.hits += other.hits
        self.checks += other.checks


def names_of(venue: str, count: int = COUNT) -> list[str]:
    return listed_at(venue, count)


def attacked(venue: str, faults: Sequence[Fault], seed: int, pace: Pace | None = None) -> Outcome:
    return virtual_time.run(_attacked(venue, faults, seed, pace or STORM[venue]))


async def _attacked(venue: str, faults: Sequence[Fault], seed: int, pace: Pace) -> Outcome:
    watch = BookWatch(venue, now_s, lossy=any(fault.kind in _LOSSY for fault in faults))
    async with inside(names_of(venue), seed=seed, sinks=[watch]) as world:
        watch.simulator, nemesis = world.simulator, Nemesis(world, watch)
        world.desire(BOOK, depth=DEPTH)
        await world.wait(lambda: world.live(BOOK), 60)
        for fault in faults:
            await world.trade(fault.after, pace.rate, pace.step_s)
            nemesis.strike(fault)
        nemesis.relent()
        state, outcome = world.feed.state, Outcome()
        try:
            healed = lambda: all(watch.agrees(state, name) for name in world.names)  # noqa: E731
            await world.wait(healed, _HEALED_S, pace.rate)
        except AssertionError:
            outcome.trouble += [
                f"{name} not true again: {state.topic_state(BOOK, name)}"
                for name in world.names
                if not watch.agrees(state, name)
            ]
        watch.over = True
        counters = world.feed.report().counters
        failures = [f"{name}: {counters[name]}" for name in ("crashes", "sink errors") if counters.get(name)]
        outcome.trouble += [*watch.wrong, *watch.innocent, *failures, *map(str, world.violations().items())]
    outcome.healed_s, outcome.hits, outcome.checks = watch.healed_s, nemesis.hits, watch.checks
    return outcome


def under_attack(
    venue: str, kinds: Sequence[str], count: int, seed: int, pace: Pace | None = None
) -> Outcome:
    """So many faults. In a failure the trouble ends with the few faults that bring it about."""
    whole, pace = Outcome(), pace or STORM[venue]
    for begun, share in _worlds(count):
        faults = schedule(seed * 100_003 + begun, kinds, share, pace.every_s)
        found = attacked(venue, faults, seed + begun, pace)
        whole.add(found)
        if found.trouble:
            few = shrunk(faults, lambda some: bool(attacked(venue, some, seed + begun, pace).trouble))  # noqa: B023
            whole.trouble.append(f"again with {json.dumps([venue, seed + begun, few])}")
            break
    return whole


def _worlds(count: int) -> Iterator[tuple[int, int]]:
    for begun in range(0, count, _AT_ONCE):
        yield begun, min(_AT_ONCE, count - begun)
