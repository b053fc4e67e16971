"""Which venues' feeds are heard of, and what viewers are told of them: their word, or their silence. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from marketdash.live.bus import SILENT_AFTER_S
from marketdash.live.views import Replica

SILENT_US = int(SILENT_AFTER_S * 1e6)
SILENT_REASON = f"no word from the feed for {SILENT_AFTER_S:g} s"
STATES_THAT_SILENCE_CHANGES = ("live", "syncing")

_encode = msgspec.json.Encoder().encode


class Presence:
    """When each venue was heard of last, in monotonic microseconds, since we listen."""

    def __init__(self) -> None:
        self._heard: dict[str, int] = {}
        self._since_us: int | None = None

    def listen(self, listening: bool, now_us: int) -> None:
        """Who does not listen hears nothing, and silence means nothing."""
        if not listening:
            self._heard, self._since_us = {}, None
        elif self._since_us is None:
            self._since_us = now_us

    def heard(self, venues: Iterable[str], at_us: int) -> None:
        for venue in venues:
            self._heard[venue] = max(at_us, self._heard.get(venue, 0))

    def ages(self, now_us: int) -> dict[str, int]:
        return {venue: max(0, now_us - at_us) for venue, at_us in self._heard.items()}

    def silent(self, venue: str, now_us: int) -> bool:
        if self._since_us is None:
            return False
        return now_us - max(self._since_us, self._heard.get(venue, 0)) > SILENT_US


def told_body(heard: Mapping[str, object], *, silent: bool) -> dict[str, object]:
    """What viewers are told of a venue: a feed that is silent is stale, whatever it said last."""
    if silent and not heard:
        return {"state": "down", "reason": SILENT_REASON}
    if silent and heard.get("state") in STATES_THAT_SILENCE_CHANGES:
        return {**heard, "state": "stale", "reason": SILENT_REASON}
    return dict(heard)


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
