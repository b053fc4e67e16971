"""Which venues' feeds are heard of, and what viewers are told of them: their word, or their silence. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from marketdash.live.bus import SILENT_AFTER_S
from marketdash.live.views import Replica
from marketdash.publish import UNHEARD

SILENT_US = int(SILENT_AFTER_S * 1e6)
SILENT_REASON = UNHEARD.reason
"""For how long the heartbeats say, and they alone: a reason is not written anew each second."""
STATES_THAT_SILENCE_CHANGES = ("live", "syncing")

_encode = msgspec.json.Encoder().encode


class Presence:
    """When the writer of each part of each venue was heard of last, group by group of the bus, in monotonic
    microseconds. A venue is as silent as its most silent part, in the group that is heard least: one of
    several writers, or of several Redis servers, may be gone.
    """

    def __init__(self) -> None:
        self._joined_us: dict[str, int] = {}
        self._heard: dict[str, dict[str, dict[int, int]]] = {}
        # The last word of each group, which is written down when it is asked for, or another says other
        # parts: hundreds come in a second, and a look a second is enough.
        self._last: dict[str, tuple[Mapping[str, Iterable[int]], int]] = {}
        self._held: dict[tuple[str, str], int] = {}
        self._looked_us: dict[str, int] = {}

    def listen(self, groups: Iterable[str], now_us: int) -> None:
        """Who does not listen hears nothing, and silence means nothing."""
        self._looked_us.clear()
        self._joined_us = {group: self._joined_us.get(group, now_us) for group in groups}
        self._heard = {group: heard for group, heard in self._heard.items() if group in self._joined_us}
        self._last = {group: last for group, last in self._last.items() if group in self._joined_us}

    def heard(self, group: str, parts: Mapping[str, Iterable[int]], at_us: int) -> None:
        """``parts`` is not changed afterwards by whoever gives it."""
        if group not in self._joined_us:
            return
        last = self._last.get(group)
        if last is not None and last[0] is not parts:
            self._noted(group)
        self._last[group] = parts, at_us

    def _noted(self, group: str) -> dict[str, dict[int, int]]:
        """By venue, when each part was heard of last."""
        venues = self._heard.setdefault(group, {})
        parts, at_us = self._last.pop(group, ({}, 0))
        for venue, numbers in parts.items():
            venues.setdefault(venue, {}).update(dict.fromkeys(numbers, at_us))
        return venues

    def hold(self, group: str, venue: str, since_us: int | None = None) -> None:
        """The venue is no younger than it is now, or was at ``since_us``, whatever is heard in this group,
        until :meth:`release`."""
        self._looked_us.clear()
        if since_us is not None:
            self._held[group, venue] = since_us
        elif (group, venue) not in self._held:
            self._held[group, venue] = self.heard_us(group, venue)

    def release(self, group: str, venue: str) -> None:
        self._held.pop((group, venue), None)

    def ages(self, now_us: int) -> dict[str, int]:
        """By venue that was heard of."""
        venues = {venue for group in self._joined_us for venue in self._noted(group)}
        return {venue: max(0, now_us - self._oldest_us(venue)) for venue in venues}

    def _oldest_us(self, venue: str) -> int:
        """When the part and group was heard of that was not for the longest time."""
        heard = (self.heard_us(group, venue) for group in self._joined_us)
        held = (
            at_us for (group, of), at_us in self._held.items() if of == venue and group in self._joined_us
        )
        return min((*heard, *held), default=0)

    def heard_us(self, group: str, venue: str) -> int:
        """When the part was heard of in this group that was not for the longest time."""
        heard = self._noted(group).get(venue, {})
        return max(self._joined_us.get(group, 0), min(heard.values(), default=0))

    def silent(self, venue: str, now_us: int) -> bool:
        """Asked with every value that is read: what was heard is only ever heard of later, so while one look
        is young enough there is no need of another."""
        if not self._joined_us:
            return False
        looked_us = self._looked_us.get(venue, 0)
        if now_us - looked_us > SILENT_US:
            looked_us = self._looked_us[venue] = self._oldest_us(venue)
        return now_us - looked_us > SILENT_US


def told_body(heard: Mapping[str, object], *, silent: bool) -> dict[str, object]:
    """What viewers are told of a venue: a feed that is silent is stale, whatever it said last."""
    if silent and not heard:
        return {"state": "down", "reason": SILENT_REASON}
    if silent and heard.get("state") in STATES_THAT_SILENCE_CHANGES:
        return {**heard, "state": "stale", "reason": SILENT_REASON}
    return dict(heard)


TOLD_AS = PLAIN, DETAILED, STATE_ALONE = 0, 1, 2
"""How a venue's status is told: its links without their error texts, with them, or no links at all. Of twenty
venues the links are kilobytes a second, as much as a slow line carries."""


def told_as(way: int, body: Mapping[str, object]) -> dict[str, object]:
    if way == STATE_ALONE:
        return {name: value for name, value in body.items() if name not in ("links", "counters")}
    return dict(body) if way == DETAILED else without_details(body)


def without_details(body: Mapping[str, object]) -> dict[str, object]:
    """For who may not read the error texts of the operator's machines."""
    links = body.get("links")
    if not isinstance(links, list):
        return dict(body)
    return {**body, "links": [{**link, "last_error": ""} for link in links]}


def tell(told: Replica, epoch: str, body: Mapping[str, object], now_us: int) -> bool:
    """Bring the track that viewers follow to ``body``, numbered by this hub. Whether anything changed."""
    position = told.position
    if position is None:
        return bool(body) and told.apply(epoch, 0, 1, now_us, _encode(body)) == 0
    before = told.value()
    changed = {key: value for key, value in body.items() if before.get(key) != value}
    if not changed:
        return False
    if "state" in changed or "reason" in changed:
        changed.update(state=body["state"], reason=body.get("reason", ""))
    return told.apply(epoch, position[1], position[1] + 1, now_us, _encode(changed)) == 0
