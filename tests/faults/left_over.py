"""What is there of a Marketdash that nobody uses: counted from outside, before and after."""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter
from typing import Any, NamedTuple

import httpx
import psutil

from tests.faults.whole import Parts

PROCESSES = {"worker": "manage.py ingest", "web": "manage.py serve"}
LOOK_EVERY_S, LOOKS = 2.5, 36


class Left(NamedTuple):
    """What must be as before when everybody has gone: of the web process, of the worker, and of Redis."""

    clients: int
    views: int
    topics: int
    tasks: int
    descriptors: int
    worker_descriptors: int
    groups: int
    keys: frozenset[str]

    def beyond(self, before: Left) -> dict[str, object]:
        """By name, what is other than before. A Redis that was started anew may have forgotten a key, and of
        open files fewer are none too many: what a venue is asked by is closed when it was idle."""
        counts = {
            name: f"{was} then, {now} now"
            for name, was, now in zip(self._fields, before, self, strict=True)
            if name != "keys" and (now > was if name.endswith("descriptors") else now != was)
        }
        more = sorted(self.keys - before.keys)
        return counts | ({"keys": more} if more else {})


async def left(parts: Parts) -> Left:
    """As it is told and counted from outside."""
    web, worker = (parts.site.site.process_of(PROCESSES[name]) for name in ("web", "worker"))
    async with httpx.AsyncClient(trust_env=False, timeout=15) as client:
        text = (await client.get(f"{parts.site.site.url}/metrics?part=web")).text
    told = {name: _figure(text, f"marketdash_web_{name}") for name in ("clients", "views", "topics", "tasks")}
    keys, groups = parts.redis.ask("KEYS", "*"), parts.redis.ask("PUBSUB", "CHANNELS")
    return Left(
        **told,
        descriptors=web.num_fds(),
        worker_descriptors=worker.num_fds(),
        groups=len(list(groups)),  # type: ignore[call-overload]
        keys=frozenset(keys),  # type: ignore[call-overload]
    )


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
    counts = zip(*(each[:-1] for each in found), strict=True)
    return Left(*map(min, counts), frozenset.intersection(*(each.keys for each in found)))


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
    """Of each process that is counted, for whoever looks why there is more than before."""
    found = {name: held_open(parts.site.site.process_of(word)) for name, word in PROCESSES.items()}
    lines = (f"{name}: {count} {what}" for name, of in found.items() for what, count in of.most_common())
    return "\n".join(lines)
