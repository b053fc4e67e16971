"""Logs of the feeds that are full within minutes; those of a worker, a thousand trades and five hundred bars
of each length, are full after a day, and the levels whose digits it remembers after an hour."""

from __future__ import annotations

import os
from pathlib import Path

from feeds import bars, derived, latency, market, missed
from feeds.venues.kraken import messages

SHORT = (
    *((market, "TAPE", 30), (market, "_TRIM_AT", 40)),
    (messages, "REMEMBERED", 512),
    *((bars, "KEPT", 2), (missed, "_KEPT", 4), (latency, "KEPT", 50), (derived, "KEPT", 5)),
)
_ROOT = Path(__file__).parents[2]


def variables() -> dict[str, str]:
    """What the environment of a site says, so that the worker of it has these."""
    return {**found_by_python(), "TESTS_SHORT_LOGS": "yes"}


def found_by_python() -> dict[str, str]:
    """The path by which Python finds what tests do to a process as it starts."""
    return {"PYTHONPATH": os.pathsep.join(map(str, (_ROOT / "tests/fakes/shortened", _ROOT)))}


def shorten() -> None:
    """In this process, for good."""
    for module, name, value in SHORT:
        setattr(module, name, value)
