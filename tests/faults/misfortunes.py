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


def away(server: str) -> Misfortune:
    """``redis`` or ``postgres`` is killed, and comes back."""

    async def do(parts: Parts) -> None:
        await asyncio.to_thread(getattr(parts, server).kill)
        await asyncio.sleep(4)
        await asyncio.to_thread(getattr(parts, server).start)

    return Misfortune(f"{server}_killed", do)


def frozen(server: str) -> Misfortune:
    async def do(parts: Parts) -> None:
        getattr(parts, server).tell(signal.SIGSTOP)
        await asyncio.sleep(6)
        getattr(parts, server).tell(signal.SIGCONT)

    return Misfortune(f"{server}_frozen", do)


async def readers_cut_off(parts: Parts) -> None:
    parts.redis.ask("CLIENT", "KILL", "TYPE", "pubsub")


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
    away("redis"), frozen("redis"), Misfortune("readers_cut_off", readers_cut_off),
    away("postgres"), frozen("postgres"),
    of_the_exchange("reset"), of_the_exchange("gap", n=3), of_the_exchange("duplicate", n=5),
    of_the_exchange("shuffle", n=5), of_the_exchange("stall", 8, seconds=8),
    of_the_exchange("stall", 20, venue="BINANCE", seconds=20), of_the_exchange("close"),
    of_the_exchange("half_close", venue="KRAKEN"), of_the_exchange("half_close", venue="BINANCE"),
    of_the_exchange("garbage", n=3),
)  # fmt: skip
DEADLY = tuple(killed(word) for word in PROCESSES.values())
