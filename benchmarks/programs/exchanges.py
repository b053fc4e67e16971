"""All simulated exchanges: python -m benchmarks.programs.exchanges PORT COUNT RATE CALM_S CALM BUSY_S BUSY.

RATE is orders a second over all COUNT instruments, ``/control/stats`` counts messages. At SIGUSR1 the plan
of the rest begins: see :class:`benchmarks.programs.ahead.Plan`.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import sys

import uvloop

from benchmarks.programs.ahead import AheadSimulator, Plan
from benchmarks.rig.every_venue import names

LEVELS = 100


async def main(port: int, count: int, rate: float, plan: Plan) -> None:
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, asked.set)
    async with AheadSimulator(instruments=names(count), rate=rate, port=port, levels=LEVELS) as simulator:
        gc.collect()
        gc.freeze()
        await asked.wait()
        await simulator.play(plan)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), Plan(*map(float, sys.argv[4:]))))
