"""Turns what the feed says of its topics and links into incidents. Pure."""

from __future__ import annotations

from feeds.events import CLOSED
from feeds.frames import DELISTED, DOWN, HALTED, LIVE, STALE, SYNCING
from feeds.sinks import LinkReport, VenueReport
from feeds.state import StateChange
from feeds.symbols import BOOK
from marketdash.ops.incidents import Journal

LINK, GAP, HALT, DELISTING, LIMIT = "link", "gap", "halt", "delisted", "limit"
_LATER_US = 1_000_000
"""What a venue's time moves by less is the two clocks' doing."""

_BROKEN = (DOWN, STALE)


class Watch:
    """Of all venues of one feed process."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._gaps: dict[str, int] = {}
        self._delisted: set[str] = set()
        self._links: dict[str, dict[str, LinkReport]] = {}
        self._limits: dict[str, int] = {}

    def topic(self, venue: str, change: StateChange, venue_halted: bool) -> None:
        if change.channel == BOOK:
            self._book(venue, change)
        self._market(venue, change, venue_halted)

    def _book(self, venue: str, change: StateChange) -> None:
        before = self._gaps.get(change.instrument, 0)
        self._gaps[change.instrument] = change.gaps
        if change.state == SYNCING and change.gaps > before:
            self._journal.begin(GAP, venue, change.instrument, change.reason, change.wall_us)
        elif change.state in (LIVE, DOWN, DELISTED):
            self._journal.end(GAP, change.instrument, change.wall_us)

    def _market(self, venue: str, change: StateChange, venue_halted: bool) -> None:
        name, at_us = change.instrument, change.wall_us
        closed = change.phase == CLOSED
        if change.state == HALTED and not venue_halted and not closed:
            self._journal.begin(HALT, venue, name, change.reason, at_us)
        elif change.state != HALTED or closed:
            self._journal.end(HALT, name, at_us)
        if change.state == DELISTED and name not in self._delisted:
            self._delisted.add(name)
            self._journal.happened(DELISTING, venue, name, change.reason, at_us)

    def venue(self, report: VenueReport) -> None:
        """A whole venue's halt is one incident, however many instruments; a market's closing is none."""
        if report.state == HALTED and report.phase != CLOSED:
            self._journal.begin(HALT, report.venue, report.venue, report.reason, report.wall_us)
        else:
            self._journal.end(HALT, report.venue, report.wall_us)
        self._limit(report)
        before = self._links.get(report.venue, {})
        now = self._links[report.venue] = {link.name: link for link in report.links}
        for link in report.links:
            self._link(report, link, before.get(link.name))
        for name in before.keys() - now.keys():
            self._journal.end(LINK, f"{report.venue} {name}", report.wall_us)

    def _limit(self, report: VenueReport) -> None:
        """One incident however often the venue names a later time, which its words then say."""
        venue, until_us = report.venue, report.limited_until_us
        if not until_us:
            self._limits.pop(venue, None)
            self._journal.end(LIMIT, venue, report.wall_us)
        elif until_us > self._limits.get(venue, 0) + _LATER_US:
            self._limits[venue] = until_us
            self._journal.begin(LIMIT, venue, venue, report.limit, report.wall_us)
            self._journal.retell(LIMIT, venue, report.limit)

    def _link(self, report: VenueReport, link: LinkReport, before: LinkReport | None) -> None:
        venue, subject, at_us = report.venue, f"{report.venue} {link.name}", report.wall_us
        was_live = before is not None and before.state == LIVE
        again = before is not None and link.reconnects > before.reconnects
        text = link.last_error or link.reason
        if link.state in (LIVE, HALTED):
            if was_live and again:
                self._journal.happened(LINK, venue, subject, f"reconnected: {text}", at_us)
            self._journal.end(LINK, subject, at_us)
        elif link.state in _BROKEN or was_live or again:
            self._journal.begin(LINK, venue, subject, text, at_us)
        if link.limited:  # known only after the try that failed
            self._journal.retell(LINK, subject, link.reason.partition(";")[0])
