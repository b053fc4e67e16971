"""How many tasks a process's loop has at the least: said in a file, by those that tell it nowhere else."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

EVERY_S, KEPT = 0.1, 10
"""What one task asks another one may answer meanwhile: the least of a second is what stays."""

FOLDER = "TESTS_COUNTED_TASKS"
_ASYNCIO = os.path.dirname(asyncio.__file__)


def variables(folder: Path) -> dict[str, str]:
    """What the environment of a site says, beside the path by which Python finds this as it starts."""
    folder.mkdir(exist_ok=True)
    return {FOLDER: str(folder)}


def of(pid: int, told: Mapping[str, str]) -> int:
    """Lately; fails where nothing was counted."""
    return int((Path(told[FOLDER]) / str(pid)).read_text())


def count() -> None:
    """In this process from now on, for the loop that :class:`asyncio.Runner` runs in its main thread."""
    enter, file = asyncio.Runner.__enter__, Path(os.environ[FOLDER]) / str(os.getpid())

    def entered(runner: asyncio.Runner) -> asyncio.Runner:
        if threading.current_thread() is threading.main_thread():
            runner.get_loop().call_soon(_say, runner.get_loop(), file, deque[int](maxlen=KEPT))
        return enter(runner)

    asyncio.Runner.__enter__ = entered  # type: ignore[method-assign]


def _stays(task: asyncio.Task[Any]) -> bool:
    """Before Python 3.12 each :func:`asyncio.wait_for` is a task of asyncio's own while it waits."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code is None or not code.co_filename.startswith(_ASYNCIO)


def _say(loop: asyncio.AbstractEventLoop, file: Path, found: deque[int]) -> None:
    """Put there in one piece: nobody reads half of it."""
    found.append(sum(map(_stays, asyncio.all_tasks(loop))))
    new = file.with_suffix(".new")
    new.write_text(str(min(found)))
    new.replace(file)
    loop.call_later(EVERY_S, _say, loop, file, found)
