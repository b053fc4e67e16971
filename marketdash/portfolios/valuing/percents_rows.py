"""What is told of a portfolio to whoever sees no amounts of it: weights and per cents as they move. Pure.

All that is said passes :mod:`percents`: what it does not round does not leave. Ages are as in :mod:`rows`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from marketdash.portfolios.accounting import exact
from marketdash.portfolios.valuing.moving import Moving
from marketdash.portfolios.valuing.percents import Part, PerCents, per_cents
from marketdash.portfolios.valuing.rows import HEARD_AGAIN_US, Body, standing, with_reason

_Items = dict[tuple[str, int], Body]
_KEYS = frozenset(("asset", "name", "nth"))


class PercentRows:
    """Of one portfolio, in order: :meth:`whole` is where :meth:`since` goes on from."""

    def __init__(self, moving: Moving) -> None:
        self._moving = moving
        self._sums: Body = {}
        self._said: dict[str, _Items] = {}
        self._ts_us = 0

    def whole(self, ts_us: int) -> Body:
        found = self._now()
        self._sums, self._said, self._ts_us = _sums(found), _lines(found), ts_us
        return self.said()

    def said(self) -> Body:
        """All of it, as it was last said: what rows lead to."""
        lines = {name: list(items.values()) for name, items in self._said.items()}
        return {"ts": self._ts_us, "base": self._moving.book.base, **self._sums, **lines}

    def since(self, ts_us: int) -> Body | None:
        """Sums and lines that are others now; None while all are what they were."""
        found = self._now()
        before, self._sums = self._sums, _sums(found)
        sums = {name: value for name, value in self._sums.items() if value != before.get(name)}
        lines = {name: self._changed(name, items) for name, items in _lines(found).items()}
        changed = {name: items for name, items in lines.items() if items}
        if not (sums or changed):
            return None
        self._ts_us = ts_us
        return {"ts": ts_us, **with_reason(sums, self._sums), **changed}

    def _now(self) -> PerCents:
        self._moving.take()
        return per_cents(self._moving.summary())

    def _changed(self, name: str, items: _Items) -> list[Body]:
        found = []
        for key, now in items.items():
            before = self._said[name][key]
            fields = {field for field in now if now[field] != before[field]}
            if fields == {"ts_received"} and _is_recent(before, now):
                continue
            if fields:
                self._said[name][key] = now
                found.append({field: now[field] for field in now if field in fields | _KEYS})
        return found


def _is_recent(before: Body, now: Body) -> bool:
    """It only came again, and not for long."""
    times = before["ts_received"], now["ts_received"]
    return None not in times and abs(times[1] - times[0]) < HEARD_AGAIN_US


def _sums(found: PerCents) -> Body:
    listed = {"missing": found.missing, "stale": found.stale, "uncosted": found.uncosted}
    sums = {"gain_pct": _text(found.gain), "day_pct": _text(found.day)}
    return {**sums, **{name: list(names) for name, names in listed.items()}, **standing(found.base, listed)}


def _lines(found: PerCents) -> dict[str, _Items]:
    return {"holdings": _items(found.holdings, _holding), "positions": _items(found.positions, _position)}


def _items(parts: Iterable[Part], make: Any) -> _Items:
    """One instrument may be open in several accounts, of which nothing is said but that they are several."""
    seen: Counter[str] = Counter()
    items: _Items = {}
    for part in parts:
        key = part.name, seen[part.name]
        seen[part.name] += 1
        items[key] = make(part, key[1])
    return items


def _holding(part: Part, nth: int) -> Body:
    numbers = {"gain_pct": _text(part.percent), "day_pct": _text(part.day), "partly": part.partly}
    return {"asset": part.name, **_common(part), **numbers, "path": part.path, "by": list(part.by)}


def _position(part: Part, nth: int) -> Body:
    return {"name": part.name, "nth": nth, **_common(part)}


def _common(part: Part) -> Body:
    received = None if part.age_us is None else -part.age_us
    live = not part.is_missing and not part.is_stale
    return {"weight": _text(part.weight), "live": live, "ts_received": received}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else exact.plain(value)
