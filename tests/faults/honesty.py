"""What every fault of a whole site is held to: nobody is shown what is not so, and all agree soon after."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tests.fakes import true_pages
from tests.fakes.crowd import Crowd
from tests.fakes.simulator_process import SimulatorProcess
from tests.faults.whole import RATE

HONEST_S = 3.0
"""So long something may look live when it is not."""
SILENT_S = {"KRAKEN": 6.0, "COINBASE": 6.0, "BINANCE": 15.0}
"""The same of an exchange that falls silent: those that beat, and one that does not."""
YOUNGER_S = 1.0
"""So much lower than true an age may be: it is from when the worker had time to read a message, and counted
from when the crowd, one process with many clients, had time to read the row."""
AGREED_S = 2.0


def judged(score: Any, followers: Crowd, silent: Collection[str] = ()) -> None:
    """Note and assert what the observer saw. ``silent``: the venues that said nothing."""
    dishonest = looked_live(score, followers, silent)
    score.note("an age too low by at most", followers.younger.seconds)
    assert not dishonest, dishonest
    assert (followers.wrong, followers.holes, followers.mixed) == (0, 0, 0)
    assert followers.younger.seconds <= YOUNGER_S, followers.younger.of


def looked_live(score: Any, followers: Crowd, silent: Collection[str]) -> list[str]:
    """Note what did though it was not, and say what did for longer than it may."""
    found = []
    for venue, worst in followers.worst.items():
        with_whom = f"with a silent {venue}" if venue in silent else ""
        score.note(with_whom or "looked live when it was not for at most", worst.seconds)
        if worst.seconds > (SILENT_S[venue] if with_whom else HONEST_S):
            found.append(f"{worst.seconds:.2f} s: {worst.of}")
    return found


async def agreed(
    score: Any, followers: Crowd, simulator: SimulatorProcess, *, since_us: int = 0,
    depths: Mapping[str, int] = {},
) -> None:  # fmt: skip
    """Nobody trades any more; soon all that pages show is what the exchanges hold. A trade before
    ``since_us`` may be missing."""
    async with true_pages.hushed(simulator, RATE):
        took_s = await true_pages.until_true(
            followers.pages, simulator, within_s=AGREED_S, since_us=since_us, depths=depths
        )
    score.note("books, trades and bars true after at most", took_s)
