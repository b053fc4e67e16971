"""Names and messages between the worker and the hubs. Everything here travels through the channel layer.

Groups ``t.NN`` carry tickers and venue states, ``d.NN`` books, trades, bars and health; NN is the shard that
the instrument's hash gives. Both ends read the number of shards from the setting BUS_SHARDS. All messages of
one writer carry its ``epoch`` and ``sent_us``, its monotonic clock, which no one can set back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from feeds.symbols import STATUS, TICKER, InvalidName, TopicParts, shard_of, split_topic

Message: TypeAlias = dict[str, Any]
Entry: TypeAlias = tuple[str, int, int, int, bytes]
"""(topic, prev, seq, age_us, body): a row; ``prev`` 0 marks a keyframe."""

CONTROL = "md.control"
"""The group of the workers: demand, keyframe requests, configuration."""

HUBS = "hub.control"
"""The group of the hubs: revocations, configuration."""

ROWS, DEMAND, KEYFRAME = "md.rows", "md.demand", "md.keyframe"
CONFIGURE, REVOKE = "md.configure", "md.revoke"
UNSHARE, REMAKE = "md.unshare", "md.remake"

DEMAND_EVERY_S, DEMAND_LEASE_S = 2.0, 6.0
BEAT_EVERY_S = 1.0
SILENT_AFTER_S = 2.5
"""A feed not heard of for so long is not live, whatever it said last: 3 s with the drawing of it."""


def group(family: str, shard: int) -> str:
    return f"{family}.{shard:02d}"


def group_of(topic: TopicParts, shards: int) -> str:
    family = "t" if topic.channel in (TICKER, STATUS) else "d"
    return group(family, shard_of(topic.instrument, shards))


def groups_of(topics: Iterable[str], shards: int) -> set[str]:
    """The groups that carry these topics; what is no topic is left out."""
    found = set()
    for name in topics:
        with contextlib.suppress(InvalidName):
            found.add(group_of(split_topic(name), shards))
    return found


def groups(shards: int) -> list[str]:
    return [group(family, shard) for family in "td" for shard in range(shards)]


def rows(epoch: str, group: str, sent_us: int, entries: list[Entry]) -> Message:
    """One flush of a shard. Once a second it is also a heartbeat: see :func:`beat`."""
    return {"type": ROWS, "epoch": epoch, "group": group, "sent_us": sent_us, "entries": entries}


def beat(message: Message, parts: Mapping[str, list[int]], tops: dict[str, int], saving: str) -> Message:
    """``parts``: which of each venue's instruments this writer feeds. ``tops``: last ``seq`` of the group's
    demanded topics. ``saving``: why nothing can be kept just now."""
    return {**message, "parts": parts, "tops": tops, "saving": saving}


def demand(hub: str, topics: Iterable[str]) -> Message:
    """All that ``hub`` needs, good for 6 s."""
    return {"type": DEMAND, "hub": hub, "topics": list(topics)}


def keyframe(hub: str, topics: Iterable[str]) -> Message:
    return {"type": KEYFRAME, "hub": hub, "topics": list(topics)}
