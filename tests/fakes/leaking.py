"""A process that takes something and keeps it each time it is told to, which a count of all must find.

Started as the process whose place it takes; a line that it reads names what it keeps.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

import psycopg


async def for_ever() -> None:
    await asyncio.Event().wait()


async def keep(kept: list[Any], what: str) -> None:
    if what == "task":
        kept.append(asyncio.create_task(for_ever()))
    elif what == "descriptor":
        kept.append(os.open(os.devnull, os.O_RDONLY))
    else:
        kept.append(psycopg.connect(what))


async def main() -> None:
    kept: list[Any] = []
    while what := await asyncio.to_thread(sys.stdin.readline):
        await keep(kept, what.strip())
        print("kept", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
