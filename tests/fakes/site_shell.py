"""A Django shell of a site that stays open: a process of its own for each question would take seconds."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from tests.socket_site import ROOT, SocketSite

_LOOP = """
import json, sys, time
scope = {}
print("READY", flush=True)
for line in sys.stdin:
    scope["said"] = None
    exec(json.loads(line), scope)
    print("DONE", json.dumps([time.monotonic(), scope["said"]]), flush=True)
"""


class SiteShell:
    """``async with``. Times are those of this machine's monotonic clock, which all its processes share."""

    def __init__(self, site: SocketSite) -> None:
        self._site = site

    async def __aenter__(self) -> SiteShell:
        pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
        command = [sys.executable, str(ROOT / "manage.py"), "shell", "-c", _LOOP]
        self._process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=self._site.environment, limit=2**24, **pipes
        )
        await self._line("READY")
        return self

    async def __aexit__(self, *raised: object) -> None:
        self._process.stdin.close()
        await self._process.wait()

    async def run(self, code: str) -> tuple[float, Any]:
        """When it was done, and what it put into ``said``. Names stay for the next one."""
        self._process.stdin.write(json.dumps(code).encode() + b"\n")
        await self._process.stdin.drain()
        done_s, said = json.loads(await self._line("DONE"))
        return done_s, said

    async def _line(self, word: str) -> str:
        while line := (await self._process.stdout.readline()).decode():
            if line.startswith(word):
                return line.removeprefix(word)
        raise AssertionError("the shell of the site ended")
