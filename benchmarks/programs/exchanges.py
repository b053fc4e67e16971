"""All simulated exchanges, with so many instruments: python -m benchmarks.programs.exchanges PORT COUNT RATE.

RATE is orders a second over all of them; ``/control/rate`` changes it, ``/control/stats`` counts messages.
"""

from __future__ import annotations

import asyncio
import gc
import sys

import uvloop

from benchmarks.rig.every_venue import names
from feeds.simulator import Simulator

LEVELS = 100


async def main(port: int, count: int, rate: float) -> None:
    async with Simulator(seed=7, instruments=names(count), rate=rate, port=port, levels=LEVELS):
        gc.collect()
        gc.freeze()
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
