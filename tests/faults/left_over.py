"""What is there of a Marketdash that nobody uses: counted from outside, before and after."""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx
import psutil

from tests.fakes import counted_tasks, own_postgres
from tests.faults.whole import Parts

PROCESSES = {"worker": "manage.py ingest", "web": "manage.py serve"}
ALL = PROCESSES | {"engines": "manage.py engines"}
LOOK_EVERY_S, LOOKS = 1.5, 36
GLANCE_EVERY_S, GLANCES = 0.1, 10
TOLD = ("clients", "views", "topics", "tasks")
"""By the web process, of itself."""
COMING_AND_GOING = ("descriptors", "connections", "worker tasks", "engines tasks")
"""Of these fewer are none too many: what a venue, or the database, is asked by ends when it was answered."""

OF_ENGINES = 11
"""Connections to the database that engines may come to have: one for each job that blocks, one of who notes
what portfolios are worth, one of who keeps fills. So many are none too many."""


class Left(NamedTuple):
    """What must be as before when everybody has gone: how many of what, and the keys of Redis."""

    counts: Mapping[str, int]
    keys: frozenset[str]

    def beyond(self, before: Left) -> dict[str, object]:
        """By name, what is other than before. A Redis that was started anew may have forgotten a key."""
        counts: dict[str, object] = {
            name: f"{before.counts[name]} then, {now} now"
            for name, now in self.counts.items()
            if (now > before.counts[name] if name.endswith(COMING_AND_GOING) else now != before.counts[name])
        }
        more = sorted(self.keys - before.keys)
        return counts | ({"keys": more} if more else {})


async def left(parts: Parts) -> Left:
    """As it is told and counted from outside."""
    site = parts.site.site
    async with httpx.AsyncClient(trust_env=False, timeout=15) as client:
        text = (await client.get(f"{site.url}/metrics?part=web")).text
    keys, groups = parts.redis.ask("KEYS", "*"), parts.redis.ask("PUBSUB", "CHANNELS")
    counts = {f"web {name}": _figure(text, f"marketdash_web_{name}") for name in TOLD}
    counts["groups"] = len(list(groups))  # type: ignore[call-overload]
    return Left(counts | await _coming_and_going(parts), frozenset(keys))  # type: ignore[call-overload]


async def _coming_and_going(parts: Parts) -> dict[str, int]:
    """The least of some glances: each second something is asked, and what it takes is no leak."""
    found = [_glanced(parts)]
    for _ in range(GLANCES - 1):
        await asyncio.sleep(GLANCE_EVERY_S)
        found.append(_glanced(parts))
    return {name: min(each[name] for each in found) for name in found[0]}


def _glanced(parts: Parts) -> dict[str, int]:
    processes = {name: parts.site.site.process_of(word) for name, word in ALL.items()}
    tasks = {
        f"{name} tasks": counted_tasks.of(processes[name].pid, parts.site.variables)
        for name in ("worker", "engines")
    }
    descriptors = {f"{name} descriptors": _held(process) for name, process in processes.items()}
    connections = max(OF_ENGINES, len(own_postgres.connections(parts.postgres.url)))
    return tasks | descriptors | {"database connections": connections}


def _held(process: psutil.Process) -> int:
    """Descriptors, but for Unix sockets: those lead to the database, which says itself how many there are."""
    return process.num_fds() - len(process.net_connections("unix"))


def _figure(text: str, name: str) -> int:
    return round(float(next(line for line in text.splitlines() if line.startswith(f"{name}{{")).split()[-1]))


async def quiet(parts: Parts, wanted: Left | None = None) -> Left:
    """The least of each count when nobody is there: what comes and goes by itself is not left over. Topics
    linger for some seconds, a dropped socket for its deadline, a counter of the API for a minute: until it is
    as ``wanted``, for a minute and a half."""
    found: list[Left] = []
    for _ in range(LOOKS if wanted else LOOKS // 3):
        await asyncio.sleep(LOOK_EVERY_S)
        found.append(await left(parts))
        least = _least(found[-6:])
        if wanted and not least.beyond(wanted):
            break
    return least


def _least(found: list[Left]) -> Left:
    counts = {name: min(each.counts[name] for each in found) for name in found[0].counts}
    return Left(counts, frozenset.intersection(*(each.keys for each in found)))


def held_open(process: psutil.Process) -> Counter[str]:
    """What each of a process's descriptors is of: a file, a pipe, or a socket by the ports of its ends."""
    ends = {each.fd: _ends(each) for each in process.net_connections("all")}
    found: Counter[str] = Counter()
    for name in os.listdir(f"/proc/{process.pid}/fd"):
        try:
            of = os.readlink(f"/proc/{process.pid}/fd/{name}")
        except FileNotFoundError:  # closed since
            continue
        found[ends.get(int(name)) or re.sub(r":\[\d+\]$", "", of)] += 1
    return found


def _ends(of: Any) -> str:
    """Of a listener the second is empty; of a Unix socket ports are paths."""
    here, there = (getattr(each, "port", each) or "" for each in (of.laddr, of.raddr))
    return f"socket {here} to {there}"


def all_open(parts: Parts) -> str:
    """Of each process, and of the database, for whoever looks why there is more than before."""
    found = {name: held_open(parts.site.site.process_of(word)) for name, word in ALL.items()}
    lines = [f"{name}: {count} {what}" for name, of in found.items() for what, count in of.most_common()]
    asked = (f"database: {each}" for each in own_postgres.connections(parts.postgres.url))
    return "\n".join([*lines, *asked])
