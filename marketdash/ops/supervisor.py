"""Keeps the processes of one machine: starts them, starts again what crashed, ends all of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from marketdash.ops.lifeline import FOLLOWS, PARENT_FD, end_of
from marketdash.ops.preflight import Refused

logger = logging.getLogger(__name__)

STOP_S = 8.0
LAST_WORDS_S = 0.5
HEALTHY_S = 10.0
"""What ran for so long and ended is started again soon; what ends sooner, again and again, ever later."""

FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 30.0


@dataclass(slots=True)
class Child:
    """One process to keep. ``ready`` is a piece of its output that says it serves (empty: not read).

    ``quiet`` throws away what a program that is not ours would say.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    fds: tuple[int, ...] = ()
    folder: Path | None = None
    ready: bytes = b""
    ready_s: float = 30.0
    quiet: bool = False
    process: asyncio.subprocess.Process | None = None
    follows: str = ""
    is_ready: asyncio.Event = field(default_factory=asyncio.Event)


class Supervisor:
    """Use as an async context manager: leaving it ends every child, last started first."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self._starting = asyncio.Lock()  # so that no child is being started while all are being ended
        # We hold the writing end and never write: that it closes, however we end, is the message.
        self.parent_fd, self._alive_fd = os.pipe()

    async def __aenter__(self) -> Supervisor:
        return self

    async def __aexit__(self, *_: object) -> None:
        async with self._starting:
            self._stopping = True
        for child in reversed(self._children):
            await self._stop(child)
        await self._finish_tasks()
        os.close(self._alive_fd)
        os.close(self.parent_fd)

    async def _finish_tasks(self) -> None:
        """What reads output ends with it; who waits to start something again is cancelled."""
        if self._tasks:
            _, pending = await asyncio.wait(self._tasks, timeout=LAST_WORDS_S)
            for task in pending:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def keep(self, child: Child) -> None:
        """Start it and stay with it. Returns when it is ready; raises :class:`Refused` if it is not."""
        self._children.append(child)
        await self._start(child)
        keeper = asyncio.create_task(self._stay(child))
        self._tasks.append(keeper)
        if child.ready:
            await self._until_ready(child)

    async def run(self, child: Child) -> int:
        """Run it once to its end; its exit code. It is ended with us like every other."""
        self._children.append(child)
        await self._start(child)
        assert child.process is not None
        return await child.process.wait()

    async def _start(self, child: Child) -> None:
        async with self._starting:
            if not self._stopping:
                await self._spawn(child)

    async def _spawn(self, child: Child) -> None:
        child.process = await asyncio.create_subprocess_exec(
            *child.command,
            env={**os.environ, **child.environment, PARENT_FD: str(self.parent_fd), FOLLOWS: child.follows},
            cwd=child.folder,
            pass_fds=(self.parent_fd, *child.fds),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=_output(child),
            stderr=asyncio.subprocess.DEVNULL if child.quiet else None,
            start_new_session=True,  # Ctrl-C reaches us alone, and we end them in order
        )
        if child.ready:
            self._tasks.append(asyncio.create_task(_drain(child, child.process)))

    async def _until_ready(self, child: Child) -> None:
        try:
            async with asyncio.timeout(child.ready_s):
                await child.is_ready.wait()
        except TimeoutError:
            raise Refused(f"{child.name} was not ready within {child.ready_s:.0f} s") from None

    async def _stay(self, child: Child) -> None:
        loop = asyncio.get_running_loop()
        wait_s = FIRST_WAIT_S
        while not self._stopping:
            started_s = loop.time()
            assert child.process is not None
            code = await child.process.wait()
            child.follows = end_of(code)
            _kill_group(child.process)  # what it may have left behind
            if self._stopping:
                break
            wait_s = FIRST_WAIT_S if loop.time() - started_s > HEALTHY_S else wait_s
            logger.error("%s ended with code %s; starting it again in %.1f s", child.name, code, wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)
            await self._start(child)

    async def _stop(self, child: Child) -> None:
        process = child.process
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(STOP_S):
                    await process.wait()
            except TimeoutError:
                logger.warning("%s did not end within %.0f s: killed", child.name, STOP_S)
        _kill_group(process)
        await process.wait()


def _output(child: Child) -> int | None:
    if child.ready:
        return asyncio.subprocess.PIPE
    return asyncio.subprocess.DEVNULL if child.quiet else None


async def _drain(child: Child, process: asyncio.subprocess.Process) -> None:
    """Pass the output on, line by line, until it ends: a full pipe would stop the child. A line that is not
    taken, on a full disk for one, is lost."""
    assert process.stdout is not None
    async for line in process.stdout:
        if child.ready in line:
            child.is_ready.set()
        else:
            with contextlib.suppress(OSError):
                os.write(1, line)


def _kill_group(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
