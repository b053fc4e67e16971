"""One client of Bybit: its topics, and the limits that it must keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from feeds.simulator.link import Link

_CHARS, _QUIET_S, _ALONE_S = 21_000, 600.0, 60.0


class Session:
    """``heard_s``: when the client last said something."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.topics: dict[str, None] = {}
        self.heard_s = link.opened_s
        self.name = f"d8bu1olkndm7crnfs1e0-{id(link) % 100_000:05d}"

    def is_idle(self, now_s: float) -> bool:
        """Ten minutes without a word, or one without a topic."""
        return now_s - self.heard_s > (_QUIET_S if self.topics else _ALONE_S)

    def has_room(self, args: Sequence[str], most: int) -> bool:
        """For the names of these topics too, and that many of them (0: any number)."""
        names = [*self.topics, *args]
        return sum(len(name) + 3 for name in names) <= _CHARS and (not most or len(names) <= most)

    def answer(self, problem: str, number: str, verb: str, agreed: str = "") -> dict[str, Any]:
        words = problem or (agreed if verb == "subscribe" else "")
        found: dict[str, Any] = {"success": not problem, "ret_msg": words, "conn_id": self.name}
        return {**found, "req_id": number, "op": verb}
