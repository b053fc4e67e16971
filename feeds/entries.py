"""One subscription on one link: what was asked and answered, and what comes in a stream with others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from feeds.codec import Subscription

IDLE, QUEUED, PENDING, CONFIRMED, REFUSED = "idle", "queued", "pending", "confirmed", "refused"

Key = tuple[str, str]


@dataclass(slots=True)
class Entry:
    """``due_ns``: not to be asked before; ``group``: most in one request (0: the venue's limit);
    ``stream``: as :meth:`feeds.codec.Codec.stream` names it."""

    subscription: Subscription
    state: str = IDLE
    asked_ns: int = 0
    req_id: int = 0
    due_ns: int = 0
    group: int = 0
    renew: bool = False
    words: str = ""
    stream: str = ""


def carried(entries: Iterable[Entry], *states: str) -> set[str]:
    """The shared streams of those that are in one of these states."""
    return {entry.stream for entry in entries if entry.stream and entry.state in states}


def brought(entries: Iterable[Entry]) -> list[Subscription]:
    """Confirm what nobody needs to ask for: it comes in a stream that the venue agreed to for another one."""
    idle = [entry for entry in entries if entry.stream and entry.state == IDLE and not entry.renew]
    if not idle:
        return []
    coming = carried(entries, CONFIRMED)
    found = [entry for entry in idle if entry.stream in coming]
    for entry in found:
        entry.state = CONFIRMED
    return [entry.subscription for entry in found]
