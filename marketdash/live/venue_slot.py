"""What a venue's status topic has to say, beside the slots of :mod:`feeds.merge`."""

from __future__ import annotations

from feeds.frames import encode, status_body
from feeds.sinks import VenueReport


class StatusSlot:
    """The slot of ``status:VENUE``: fields of the newest report that differ from those sent."""

    __slots__ = ("_report", "_sent")

    def __init__(self) -> None:
        self._report: dict[str, object] = {}
        self._sent: dict[str, object] = {}

    def put(self, report: object) -> None:
        assert isinstance(report, VenueReport)
        shown = status_body(report.state, report.reason, report.title, report.links, report.counters)
        self._report = {**shown, "limited_until": report.limited_until_us}

    def take(self, state: object) -> bytes | None:
        sent, self._sent = self._sent, self._report
        body = {key: value for key, value in self._report.items() if sent.get(key) != value}
        if "state" in body or "reason" in body:
            body.update(state=self._report["state"], reason=self._report["reason"])
        return encode(body) if body else None

    def keyframe(self, state: object) -> bytes:
        return encode(self._report)
