"""All checks, and how they are run: side by side, each under a deadline, none the end of another."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from marketdash.ops.doctor.findings import OK, Finding, fail, skipped
from marketdash.threads import in_thread

logger = logging.getLogger(__name__)


class Place(NamedTuple):
    """Where a venue is looked for: addresses that a request can be sent to as they are. ``keyed``: it refuses
    those who show no key, and none is shown here. ``lines``: ``ws`` is no WebSocket, but lines over HTTP."""

    ws: str
    rest: str
    keyed: bool = False
    lines: bool = False


@dataclass(frozen=True)
class Site:
    """What checks look at: ``venues`` of all that are ``known``.

    ``leases``: venue → keys that its writers hold; ``writer_in``: who it is that one of them names.
    ``origins``: what people type, beside the settings' own.
    ``clocks`` is filled while venues are asked: venue → seconds that our clock is ahead of theirs.
    """

    settings: Any
    variables: Mapping[str, str]
    venues: Mapping[str, Place] = field(default_factory=dict)
    known: Sequence[str] = ()
    leases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    writer_in: Callable[[str], str] = str
    origins: Sequence[str] = ()
    clocks: dict[str, float] = field(default_factory=dict)


Answer = Finding | Iterable[Finding]
Work = Callable[[Site], Any]


class Check(NamedTuple):
    """``work`` is a coroutine function, or an ordinary one, which gets a thread of its own.

    ``needs``: where one of these was not well there is nothing to look at; ``after``: these come first.
    """

    name: str
    work: Work
    needs: tuple[str, ...]
    after: tuple[str, ...]
    within_s: float


CHECKS: dict[str, Check] = {}


def check(
    name: str, *, needs: Iterable[str] = (), after: Iterable[str] = (), within_s: float = 5
) -> Callable[[Work], Work]:
    """Registers a function that looks at one thing; what it raises is a finding too."""

    def register(work: Work) -> Work:
        if name in CHECKS:
            raise ValueError(f"check: {name!r} is there already")
        CHECKS[name] = Check(name, work, tuple(needs), tuple(after), within_s)
        return work

    return register


async def examine(site: Site, checks: Mapping[str, Check] | None = None) -> list[Finding]:
    """What all of them found, in their order."""
    chosen = CHECKS if checks is None else checks
    tasks: dict[str, asyncio.Task[list[Finding]]] = {}
    for name, each in chosen.items():  # none begins before this function waits, so all are there by then
        tasks[name] = asyncio.create_task(_run(each, site, tasks))
    return [finding for found in await asyncio.gather(*tasks.values()) for finding in found]


async def _run(each: Check, site: Site, tasks: Mapping[str, asyncio.Task[list[Finding]]]) -> list[Finding]:
    await asyncio.gather(*(tasks[name] for name in (*each.needs, *each.after) if name in tasks))
    for name in each.needs:
        if name in tasks and any(found.verdict != OK for found in tasks[name].result()):
            return [skipped(f"see {name}", each.name)]
    try:
        async with asyncio.timeout(each.within_s):
            return _named(each.name, await _answer(each.work, site))
    except TimeoutError:
        todo = "look at what it depends on: name servers, a firewall that drops what it should refuse"
        return [fail(f"no answer within {each.within_s:g} s", "an answer", todo, each.name)]
    except Exception as problem:  # a task boundary: one check that crashes is no reason to stop the others
        logger.debug("doctor: %s", each.name, exc_info=True)
        found = f"the check itself failed: {type(problem).__name__}: {problem}"
        return [fail(found, "a check that can be made", "report it, with this line", each.name)]


def _answer(work: Work, site: Site) -> Awaitable[Answer]:
    return work(site) if inspect.iscoroutinefunction(work) else in_thread(lambda: work(site))


def _named(name: str, answer: Answer) -> list[Finding]:
    """A finding that has a name says which of several things it is about."""
    found = [answer] if isinstance(answer, Finding) else list(answer)
    return [each._replace(name=f"{name} {each.name}".strip()) for each in found]
