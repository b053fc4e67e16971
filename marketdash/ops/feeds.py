"""How the feeds are, as pages and figures need it: read from the hub, worst first."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from feeds.frames import WORST_FIRST
from feeds.symbols import HEALTH, STATUS, topic
from marketdash import publish
from marketdash.instruments import display
from marketdash.instruments.catalogue import catalogue

logger = logging.getLogger(__name__)

FIRST_PAINT_S = 0.3
FIRST_TOPICS = 100
"""So many are in the page that the server makes; scripts bring the others."""

_SHOWN_FIRST = (*WORST_FIRST[:-1], "closed", WORST_FIRST[-1])


class Feeds(NamedTuple):
    """Venues by title; topics with the worst state first."""

    venues: list[dict[str, Any]]
    topics: list[dict[str, Any]]


async def read(titles: Mapping[str, str], *, details: bool, timeout_s: float = FIRST_PAINT_S) -> Feeds:
    names = [topic(channel, venue) for venue in titles for channel in (STATUS, HEALTH)]
    rows = await publish.read(names, timeout_s)
    venues = [
        _venue(venue, title, rows.get(topic(STATUS, venue), publish.UNHEARD), details)
        for venue, title in sorted(titles.items(), key=lambda pair: pair[1])
    ]
    topics = [
        _topic(item, venue, row)
        for venue in titles
        if (row := rows.get(topic(HEALTH, venue))) is not None
        for item in row.body.get("topics", ())
    ]
    return Feeds(venues, sorted(topics, key=_badness))


async def read_catalogue() -> None:
    """As new as the database lets it be."""
    try:
        await catalogue.ensure()
    except Exception:  # the database is away: what was read before serves on
        logger.exception("catalogue: could not be read")


async def rows(timeout_s: float) -> dict[str, tuple[publish.Row | None, publish.Row | None]]:
    """Status and health of every venue that is followed, as they come over the bus."""
    await read_catalogue()
    venues = {listed.venue for listed in catalogue.all()}
    names = [topic(channel, venue) for venue in venues for channel in (STATUS, HEALTH)]
    found = await publish.read(names, timeout_s)
    return {venue: (found.get(topic(STATUS, venue)), found.get(topic(HEALTH, venue))) for venue in venues}


def _venue(name: str, title: str, row: publish.Row, details: bool) -> dict[str, Any]:
    links = [_link(link, row, details) for link in row.body.get("links", ())]
    return {"name": name, "title": title, **row.standing._asdict(), "links": links}


def _link(link: Mapping[str, Any], row: publish.Row, details: bool) -> dict[str, Any]:
    """Where the hours of the venue are over, what halts a link is those."""
    reason = link["reason"] or row.body.get("phase_words", "")
    told = publish.standing(link["state"], reason, row.body.get("phase"))
    return {**link, **told._asdict(), "last_error": link["last_error"] if details else ""}


def _topic(item: Mapping[str, Any], venue: str, row: publish.Row) -> dict[str, Any]:
    """As it is shown: not live when the feed is silent, whatever it said last."""
    silent = row.state != "live" and item["state"] == "live"
    channel, _, instrument = item["topic"].partition(":")
    shown = {"channel": channel, "instrument": instrument, "venue": venue, "age": display.age(item["age_us"])}
    told = row.standing if silent else publish.standing(item["state"], item["reason"], item.get("phase"))
    return {**item, **shown, **told._asdict()}


def _badness(item: Mapping[str, Any]) -> tuple[int, str]:
    return _SHOWN_FIRST.index(item["state"]), item["topic"]
