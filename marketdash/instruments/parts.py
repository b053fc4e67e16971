"""Which parts an instrument has and which fit each other: for forms and for files alike. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from feeds import symbols

FIRST, LAST = datetime(2009, 1, 3, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""From the first block of Bitcoin to beyond anything that is traded."""

NAMES = ("kind", "base", "quote", "settle", "expiry", "strike", "right")
LONGEST_CODE = 32
_NEEDS = {"option": ("expiry", "strike", "right"), "future": ("expiry",)}


def problems(values: Mapping[str, Any]) -> dict[str, str]:
    """Field → what is wrong; ``values`` has all parts, empty where there is none."""
    kind = values.get("kind", "")
    found = {
        name: f"expected one, because {_a(kind)} has it"
        for name in _NEEDS.get(kind, ())
        if not values.get(name)
    }
    for name in ("strike", "right"):
        if values.get(name) and kind != "option":
            found[name] = f"expected none, because {_a(kind)} has none"
    for name in ("base", "quote", "settle"):
        if (text := values.get(name)) and (said := code_problem(text)):
            found[name] = said
    if (expiry := values.get("expiry")) and (said := time_problem(expiry)):
        found["expiry"] = said
    return found


def code_problem(text: str) -> str:
    if len(text) <= LONGEST_CODE and symbols.is_native(text):
        return ""
    return f"expected a code of at most {LONGEST_CODE} characters such as BTC, found {text[:60]!r}"


def time_problem(found: datetime) -> str:
    """Beyond some years databases and time zones do not reach."""
    try:
        if FIRST <= found <= LAST:
            return ""
    except OverflowError:
        pass
    return f"expected a time from {FIRST:%Y} to {LAST:%Y}, found {found.isoformat()}"


def _a(kind: str) -> str:
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"
