"""A venue's own topics, which several workers may write: each read apart, shown to readers as one. Pure.

Who shares a venue's parts speaks for its own links and topics, in an epoch of its own. What is shown is
numbered by the hub, so that a snapshot with the rows after it is the next snapshot whoever wrote. A writer
all of whose parts are written in greater epochs is gone; one that fell silent keeps its lines until somebody
has its parts.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Set
from typing import Any

import msgspec

from feeds.frames import badness
from feeds.symbols import HEALTH, PARTS
from marketdash.live.views import APPLIED, HOLE, OLD, Replica

GONE_KEPT = 16

Body = dict[str, Any]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode


class Joined(Replica):
    """The value that is shown; :meth:`apply` takes the rows of all writers."""

    __slots__ = ("_by_epoch", "_holes", "_gone", "_name", "_shown")

    def __init__(self, channel: str, symbol: str) -> None:
        super().__init__(channel, symbol)
        self._name = channel
        self._by_epoch: dict[str, Replica] = {}
        self._holes: set[str] = set()
        self._gone: dict[str, None] = {}
        self._shown: set[str] = set()

    def apply(self, epoch: str, prev: int, seq: int, as_of_us: int, body: bytes) -> int:
        if epoch in self._gone:
            return OLD
        writer = self._by_epoch.get(epoch) or Replica(self._name, self.symbol)
        outcome = writer.apply(epoch, prev, seq, as_of_us, body)
        if outcome == HOLE:
            self._holes.add(epoch)
        if outcome != APPLIED:
            return outcome
        self._holes.discard(epoch)
        self._by_epoch[epoch] = writer
        self._retire()
        if epoch not in self._by_epoch:
            return OLD
        self._show(prev, as_of_us, body)
        self.as_of_us = as_of_us
        return APPLIED

    # what a topic asks of its replica

    @property
    def complete(self) -> bool:
        return not self._holes

    @property
    def writer(self) -> str:
        return max(self._by_epoch, default="")

    @property
    def writers(self) -> Set[str]:
        return self._by_epoch.keys()

    def wrote(self, epoch: str) -> bool:
        return epoch in self._by_epoch

    def misses(self, epoch: str, seq: int) -> bool:
        writer = self._by_epoch.get(epoch)
        missing = writer.misses(epoch, seq) if writer else epoch not in self._gone
        if missing:
            self._holes.add(epoch)
        return missing

    def give_up(self) -> None:
        """Who lives is heard of again in a second."""
        self._holes &= self._by_epoch.keys()

    def revive(self) -> None:
        """At a position of its own again: it may have been told otherwise meanwhile."""
        if self.lapsed is not None:
            self.lapsed = None
            self._restart(uuid.uuid4().hex, 1)

    def forget(self, now_us: int) -> None:
        self._by_epoch.clear()
        self._holes.clear()
        self._gone.clear()
        self._shown.clear()

    # who writes

    def _retire(self) -> None:
        """Those whose parts are all written by later ones."""
        taken: set[int] = set()
        for epoch in sorted(self._by_epoch, reverse=True):
            parts = _parts(self._by_epoch[epoch].value())
            if parts <= taken:
                del self._by_epoch[epoch]
                self._holes.discard(epoch)
                self._gone[epoch] = None
            taken |= parts
        while len(self._gone) > GONE_KEPT:
            del self._gone[next(iter(self._gone))]

    def _said(self) -> list[Body]:
        """Of all that write, the latest first."""
        return [self._by_epoch[epoch].value() for epoch in sorted(self._by_epoch, reverse=True)]

    # what is shown

    def _show(self, prev: int, as_of_us: int, body: bytes) -> None:
        if self._name == HEALTH:
            self._show_health(prev, as_of_us, body)
            return
        shown = status_of(self._said())
        before = self.value() if self.position else {}
        changed = {name: value for name, value in shown.items() if before.get(name) != value}
        if changed or self.position is None:
            self._say(bool(before), as_of_us, _encode({**changed, **_standing(changed, shown)}))

    def _show_health(self, prev: int, as_of_us: int, body: bytes) -> None:
        """The rows of a single writer are shown as they are: of a big venue they are large."""
        bodies = self._said()
        follows = bool(prev) and self._steady(bodies)
        if len(bodies) > 1 or follows != bool(prev):
            row = _decode(body)
            joined = health_of(bodies, row) if follows else whole_health(bodies)
            body = _encode({**joined, "ts": row.get("ts", 0)})
        self._say(follows, as_of_us, body)
        self._shown = set(self._by_epoch)

    def _steady(self, bodies: list[Body]) -> bool:
        """Whether the same write as before, each part by one of them: not so while one takes over."""
        written = sum(len(_parts(body)) for body in bodies)
        return self._shown == self._by_epoch.keys() and written == len(set().union(*map(_parts, bodies)))

    def _say(self, follows: bool, as_of_us: int, body: bytes) -> None:
        epoch, seq = self.position or (uuid.uuid4().hex, 0)
        lapsed, self.lapsed = self.lapsed, None
        super().apply(epoch, seq if follows else 0, seq + 1, as_of_us, body)
        self.lapsed = lapsed  # until all that write it have confirmed it


def _parts(body: Mapping[str, Any]) -> set[int]:
    """Who does not say which parts it writes writes all of them."""
    workers = body.get("workers") or [body]
    return {part for worker in workers for part in worker.get("parts", range(PARTS))}


def _standing(changed: Mapping[str, Any], shown: Mapping[str, Any]) -> Body:
    """A state comes with its reason, and the other way round."""
    if "state" in changed or "reason" in changed:
        return {"state": shown.get("state", ""), "reason": shown.get("reason", "")}
    return {}


def status_of(bodies: list[Body]) -> Body:
    """The worst state, all links, counters added up."""
    if len(bodies) == 1:
        return _without_parts(bodies[0])
    worst = min(bodies, key=lambda body: badness(body.get("state", "")))
    in_order = sorted(bodies, key=lambda body: min(_parts(body)))
    counters: dict[str, int] = {}
    for body in bodies:
        for name, count in body.get("counters", {}).items():
            counters[name] = counters.get(name, 0) + count
    return {
        **_without_parts(worst),
        "links": [link for body in in_order for link in _links(body)],
        "counters": counters,
        "limited_until": max(body.get("limited_until", 0) for body in bodies),
    }


def _without_parts(body: Mapping[str, Any]) -> Body:
    return {name: value for name, value in body.items() if name != "parts"}


def _links(body: Mapping[str, Any]) -> list[Body]:
    """Links of two workers have the same names; each is told apart by its worker's first part, from 1."""
    worker = min(_parts(body)) + 1
    return [{**link, "name": f"{link['name']}@{worker}"} for link in body.get("links", ())]


def health_of(bodies: list[Body], row: Mapping[str, Any]) -> Body:
    """A row of one, and what it changes in what is said of all."""
    found = dict(row)
    if "latency" in row:
        found["latency"] = latency_of([body["latency"] for body in bodies if body.get("latency")])
    if "workers" in row:
        found["workers"] = _workers(bodies)
    return found


def _workers(bodies: Iterable[Body]) -> list[Body]:
    workers = [worker for body in bodies for worker in body.get("workers", ())]
    return sorted(workers, key=lambda worker: worker.get("parts", []))


def whole_health(bodies: list[Body]) -> Body:
    """Of a topic that two speak of for a moment the later one's word counts."""
    topics: dict[str, Body] = {}
    for body in reversed(bodies):
        topics.update((item["topic"], item) for item in body.get("topics", ()))
    latency = latency_of([body["latency"] for body in bodies if body.get("latency")])
    joined = {"topics": list(topics.values()), "latency": latency, "workers": _workers(bodies)}
    return {**bodies[0], **joined}


def latency_of(found: list[Body]) -> Body | None:
    """Of the slowest: percentiles of two do not add up. What is counted is added."""
    if len(found) < 2:
        return found[0] if found else None
    return {
        "least_us": min(each["least_us"] for each in found),
        **{name: max(each[name] for each in found) for name in ("p50_us", "p95_us", "p99_us")},
        **{name: sum(each[name] for each in found) for name in ("samples", "sum_us")},
        "buckets": [sum(counts) for counts in zip(*(each["buckets"] for each in found), strict=True)],
    }
