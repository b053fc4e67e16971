"""What may befall a whole site at any time, one misfortune every half a minute."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from tests.faults.honesty import SILENT_S
from tests.faults.left_over import PROCESSES
from tests.faults.whole import Parts

Deed = Callable[[Parts], Awaitable[None]]


class Misfortune(NamedTuple):
    """``silent``: the venues that say nothing meanwhile, which is not seen at once."""

    name: str
    do: Deed
    silent: tuple[str, ...] = ()


async def redis_killed(parts: Parts) -> None:
    parts.redis.kill()
    await asyncio.sleep(4)
    await asyncio.to_thread(parts.redis.start)


async def redis_frozen(parts: Parts) -> None:
    parts.redis.tell(signal.SIGSTOP)
    await asyncio.sleep(6)
    parts.redis.tell(signal.SIGCONT)


async def readers_cut_off(parts: Parts) -> None:
    parts.redis.ask("CLIENT", "KILL", "TYPE", "pubsub")


async def postgres_killed(parts: Parts) -> None:
    await asyncio.to_thread(parts.postgres.kill)
    await asyncio.sleep(4)
    await asyncio.to_thread(parts.postgres.start)


async def postgres_frozen(parts: Parts) -> None:
    parts.postgres.tell(signal.SIGSTOP)
    await asyncio.sleep(6)
    parts.postgres.tell(signal.SIGCONT)


def killed(word: str) -> Misfortune:
    async def do(parts: Parts) -> None:
        parts.site.site.process_of(word).kill()

    return Misfortune(f"killed {word}", do)


def of_the_exchange(kind: str, lasts_s: float = 0.0, venue: str = "", **query: object) -> Misfortune:
    """Of all of them, if none is named."""

    async def do(parts: Parts) -> None:
        await parts.simulator.tell(kind, venue=venue, **query)
        await asyncio.sleep(lasts_s)

    silent = () if kind not in ("stall", "half_close") else (venue,) if venue else tuple(SILENT_S)
    return Misfortune(f"exchange: {kind} {venue}".rstrip(), do, silent)


LIVED_THROUGH = (
    *(Misfortune(deed.__name__, deed) for deed in (redis_killed, redis_frozen, readers_cut_off)),
    *(Misfortune(deed.__name__, deed) for deed in (postgres_killed, postgres_frozen)),
    of_the_exchange("reset"), of_the_exchange("gap", n=3), of_the_exchange("duplicate", n=5),
    of_the_exchange("shuffle", n=5), of_the_exchange("stall", 8, seconds=8),
    of_the_exchange("stall", 20, venue="BINANCE", seconds=20), of_the_exchange("close"),
    of_the_exchange("half_close", venue="KRAKEN"), of_the_exchange("half_close", venue="BINANCE"),
    of_the_exchange("garbage", n=3),
)  # fmt: skip
DEADLY = tuple(killed(word) for word in PROCESSES.values())
