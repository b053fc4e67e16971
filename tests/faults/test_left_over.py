"""A leak of each sort is found, and who looks for what was left open is told what each descriptor is of."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from tests.fakes import counted_tasks, short_logs
from tests.fakes.answering import Said, answering
from tests.fakes.waiting import wait_until, wait_until_answered
from tests.faults import left_over
from tests.faults.left_over import ALL, TOLD, Left, held_open, left
from tests.faults.whole import ROOT


def test_each_descriptor_is_named_by_what_it_is_of(tmp_path: Path) -> None:
    before = held_open(psutil.Process())
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    with listener, socket.create_connection(("127.0.0.1", port)) as client, (tmp_path / "kept").open("w"):
        reader, writer = os.pipe()

        more = held_open(psutil.Process()) - before

        os.close(reader)
        os.close(writer)
        here = client.getsockname()[1]
    assert more == {
        f"socket {port} to ": 1,
        f"socket {here} to {port}": 1,
        str(tmp_path / "kept"): 1,
        "pipe": 2,
    }


class Leaking:
    """In place of a site: its processes keep what they are told to. ``figures``: what the web process says,
    ``asked``: what Redis does."""

    def __init__(self, folder: Path, url: str, postgres_url: str) -> None:
        self.variables = {**short_logs.found_by_python(), **counted_tasks.variables(folder)}
        self.figures, self.asked = dict.fromkeys(TOLD, 3), {"KEYS": ["kept"], "PUBSUB": ["t.00"]}
        self._url, self._postgres_url = url, postgres_url
        self._processes: dict[str, asyncio.subprocess.Process] = {}

    async def start(self, word: str) -> None:
        """In the place of the process that is known by ``word``."""
        self._processes[word] = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.fakes.leaking", word.split()[1], cwd=ROOT,
            env={**os.environ, **self.variables},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await self.keep(word, "descriptor")

    async def keep(self, word: str, what: str) -> None:
        process = self._processes[word]
        assert process.stdin and process.stdout
        process.stdin.write(f"{what}\n".encode())
        assert await process.stdout.readline() == b"kept\n"

    async def end(self) -> None:
        for process in self._processes.values():
            process.kill()
            await process.wait()

    def counted(self) -> bool:
        folder, counting = Path(self.variables[counted_tasks.FOLDER]), (ALL["worker"], ALL["engines"])
        return all((folder / str(self.process_of(word).pid)).exists() for word in counting)

    def process_of(self, word: str) -> psutil.Process:
        return psutil.Process(self._processes[word].pid)

    @property
    def parts(self) -> Any:
        site = SimpleNamespace(url=self._url, process_of=self.process_of)
        return SimpleNamespace(
            site=SimpleNamespace(site=site, variables=self.variables),
            redis=SimpleNamespace(ask=lambda word, _: self.asked[word]),
            postgres=SimpleNamespace(url=self._postgres_url),
        )

    def metrics(self) -> str:
        said = (f'marketdash_web_{name}{{process="1"}} {now}.0\n' for name, now in self.figures.items())
        return "".join(said)


@contextlib.asynccontextmanager
async def leaking(folder: Path, postgres_url: str) -> AsyncIterator[Leaking]:
    async with answering(lambda path, headers: Said(200, {}, made.metrics())) as port:
        made = Leaking(folder, f"http://127.0.0.1:{port}", postgres_url)
        try:
            for word in ALL.values():
                await made.start(word)
            await wait_until(made.counted, what="tasks counted")
            yield made
        finally:
            await made.end()


async def test_a_leak_of_each_sort_is_found_by_its_name(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(left_over, "GLANCES", 1)  # what leaks here stays
    monkeypatch.setattr(left_over, "OF_ENGINES", 0)  # these have no pool
    async with leaking(tmp_path / "tasks", postgres_url) as site:
        before = await left(site.parts)
        found: set[str] = set()

        async def shows(*more: str) -> None:
            found.update(more)

            async def as_expected() -> bool:
                return set((await left(site.parts)).beyond(before)) == found

            await wait_until_answered(as_expected, every_s=0.2, within_s=20, what=f"{found}")

        await shows()
        for name, word in ALL.items():
            await site.keep(word, "descriptor")
            await shows(f"{name} descriptors")
        for name in ("worker", "engines"):
            await site.keep(ALL[name], "task")
            await shows(f"{name} tasks")
        await site.keep(ALL["engines"], postgres_url)
        await shows("database connections")
        for name in TOLD:
            site.figures[name] += 1
            await shows(f"web {name}")
        site.asked = {word: [*names, "more"] for word, names in site.asked.items()}
        await shows("groups", "keys")


def test_only_of_what_comes_and_goes_fewer_are_none_too_many() -> None:
    """A web process that nobody asks has one number of tasks; with fewer groups it hears less."""
    names = ("web tasks", "worker tasks", "web descriptors", "engines descriptors", "database connections")
    before = Left(dict.fromkeys((*names, "groups"), 3), frozenset({"one", "two"}))
    fewer = Left(dict.fromkeys(before.counts, 2), frozenset({"one"}))

    assert set(fewer.beyond(before)) == {"web tasks", "groups"}
    assert not before.beyond(before)
