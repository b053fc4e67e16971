"""How each followed instrument does, for the administrator's list: state, age, rate, losses, last error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from feeds import symbols
from marketdash import publish
from marketdash.instruments.catalogue import Catalogue

WAIT_S = 0.3
_WORST_FIRST = ("down", "delisted", "halted", "stale", "syncing", "closed", "live")
OFF = {"state": "off", "reason": "not followed"}
SILENT = {"state": "down", "reason": "the feed says nothing of it"}


async def read(names: Iterable[str], catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """By name. Of several topics of one instrument the worst speaks; rates and losses are added up."""
    await catalogue.ensure()
    asked = {name: listed for name in names if (listed := catalogue.get(name))}
    topics = {listed.venue: symbols.topic(symbols.HEALTH, listed.venue) for listed in asked.values()}
    rows = await publish.read(topics.values(), WAIT_S)
    found = {name: dict(OFF) for name in names}
    for venue, topic in topics.items():
        of_venue = _by_instrument(rows.get(topic))
        mine = [listed for listed in asked.values() if listed.venue == venue]
        for listed in mine:
            delisted = {"state": "delisted", "reason": listed.gone}
            missing = delisted if listed.status == "delisted" else SILENT
            found[listed.symbol] = (
                summed(of_venue[listed.symbol]) if listed.symbol in of_venue else dict(missing)
            )
    return found


def _by_instrument(row: publish.Row | None) -> dict[str, list[Mapping[str, Any]]]:
    """What the worker said last; where it has fallen silent since, nothing of that is live."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for topic in row.body.get("topics", ()) if row else ():
        told = publish.standing(topic["state"], topic["reason"], topic.get("phase"))
        told = row.standing if row and row.state != "live" else told
        found.setdefault(topic["topic"].partition(":")[2], []).append({**topic, **told._asdict()})
    return found


def summed(topics: list[Mapping[str, Any]]) -> dict[str, Any]:
    worst = min(topics, key=lambda topic: _WORST_FIRST.index(topic["state"]))
    ages = [topic["age_us"] for topic in topics if topic.get("age_us") is not None]
    errors = [topic for topic in topics if topic.get("last_error")]
    return {
        "state": worst["state"],
        "reason": _reason(worst),
        "age_us": min(ages) if ages else None,
        "messages_per_s": round(sum(topic.get("messages_per_s", 0.0) for topic in topics), 1),
        "gaps": sum(topic.get("gaps", 0) for topic in topics),
        "last_error": max(errors, key=lambda topic: topic.get("since", 0))["last_error"] if errors else "",
    }


def _reason(topic: Mapping[str, Any]) -> str:
    channel = topic["topic"].partition(":")[0]
    return f"{channel}: {topic['reason']}" if topic["reason"] else ""
