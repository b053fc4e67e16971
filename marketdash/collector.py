"""When Python looks for cycles in a process that lives long and has a thousand sockets.

A full collection walks every object there is: 70 ms with a thousand sockets, during which no price leaves. By
its usual measure they come while people come and go, and find nothing: sockets, frames and
rows die by their reference counts. What does make cycles is each page (a request and what Django hangs on it,
15 KB), each error with a traceback, each link to an exchange.

What was not found young by chance would wait for days, and with it what it holds: memory, and the descriptor
of a database that went away, which the error about it keeps. So all is looked through by the clock, the
seldomer the longer it takes, and what came since the last time oftener: three pages in two seconds left 4 MB
between two full looks, and small things that stay came to lie among what went. What the C library holds of
what was freed goes back to the system by the same rule: what a page or a book needed for a moment stayed for
minutes.

The source that Python keeps of each file in a traceback is not forgotten: it ends at 15,000 lines (1.5 MB)
after half a dozen kinds of faults, and to fill that again and again left holes that other things came to lie
in.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable

from marketdash import blocks

_looking = False
Sleep = Callable[[float], Awaitable[object]]

THRESHOLDS = (20_000, 20, 20)
"""New containers before the youngest are looked through, which takes half a millisecond; and how often the
older ones, all of them after eight million. The usual ones are 700, 10 and 10."""

SOONEST_S, SHARE = 30.0, 3000
"""Between two of a kind; of all time they take at most one part in so many: 70 ms come each three and a half
minutes."""


def settle() -> None:
    """Call once, when what the process keeps for its whole life is made: it is never walked again."""
    gc.collect()
    gc.set_threshold(*THRESHOLDS)
    gc.freeze()


async def look_by_the_clock(sleep: Sleep = asyncio.sleep) -> None:
    """Until cancelled: looks at all and at what is young, and all free pages given back. Each holds this
    thread up, so who calls it while another does waits for its end: once in a process is enough."""
    global _looking
    while _looking:
        await sleep(SOONEST_S)
    _looking = True
    try:
        async with asyncio.TaskGroup() as group:
            for work in (_look_at_all, _look_at_the_young, blocks.trim):
                group.create_task(by_the_clock(work, sleep))
    finally:
        _looking = False


def _look_at_all() -> None:
    gc.collect()


def _look_at_the_young() -> None:
    """What was made since the last look of any kind; what lives on is old then."""
    gc.collect(1)


async def by_the_clock(work: Callable[[], object], sleep: Sleep) -> None:
    """Each half a minute, or as seldom as :data:`SHARE` asks."""
    due_s = SOONEST_S
    while True:
        await sleep(due_s)
        began_s = time.perf_counter()
        work()
        due_s = max(SOONEST_S, SHARE * (time.perf_counter() - began_s))
