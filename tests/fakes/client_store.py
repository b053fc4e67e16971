"""The reference client: what the frames of one channel amount to, as ``tests/contract/README.md`` says it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

KEPT_TRADES, KEPT_BARS = 200, 500
_ENVELOPE = ("symbol", "id", "epoch", "prev", "seq", "age_us")
_NOT_KEPT = ("hi", "lo", "skipped")


class ClientStore:
    """One channel with one depth or interval. Rows in, values out; :meth:`apply` names the holes."""

    def __init__(self, channel: str, contents: Mapping[str, dict[str, Any]] | None = None) -> None:
        self.channel = channel
        self._topics: dict[str, dict[str, Any]] = deepcopy(dict(contents or {}))

    def contents(self) -> dict[str, dict[str, Any]]:
        return self._topics

    def value(self, symbol: str) -> dict[str, Any] | None:
        topic = self._topics.get(symbol)
        return None if topic is None else topic["value"]

    def apply(self, frame: Mapping[str, Any]) -> list[str]:
        """The symbols whose snapshot must be asked for again."""
        if frame.get("type") not in ("snapshot", "update"):
            return []
        return [_about(row) for row in frame["data"] if not self._row(row)]

    def _row(self, row: Mapping[str, Any]) -> bool:
        mine = self._topics.get(_about(row))
        same = mine is not None and mine["epoch"] == row["epoch"]
        if same and row["seq"] <= mine["seq"]:
            return True
        if row["prev"] == 0:
            old: dict[str, Any] = {}
        elif not same or row["prev"] > mine["seq"]:
            return False
        else:
            old = mine["value"]
        value = self._merged(old, row)
        self._topics[_about(row)] = {"epoch": row["epoch"], "seq": row["seq"], "value": value}
        return True

    def _merged(self, old: dict[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
        body = {key: field for key, field in row.items() if key not in (*_ENVELOPE, *_NOT_KEPT)}
        if "state" in body:
            body.setdefault("reason", "")
        merged = {**old, **body}
        for name, merge in _MERGES.items():
            if name in body:
                merged[name] = merge(_known(old, row, name), body[name])
        return merged


def _known(old: Mapping[str, Any], row: Mapping[str, Any], name: str) -> list[Any]:
    items: list[Any] = old.get(name, [])
    if name == "bars" and row.get("skipped"):
        return [bar for bar in items if bar["ts"] >= row["bars"][0]["ts"]]
    return items


def _about(row: Mapping[str, Any]) -> str:
    return str(row["id"] if "id" in row else row["symbol"])


def _levels(sign: int) -> Any:
    def merge(old: list[list[str]], changes: list[list[str]]) -> list[list[str]]:
        levels = {**dict(map(tuple, old)), **dict(map(tuple, changes))}
        left = [[price, qty] for price, qty in levels.items() if qty != "0"]
        return sorted(left, key=lambda level: sign * Decimal(level[0]))

    return merge


def _log(old: list[Any], new: list[Any]) -> list[Any]:
    return (old + new)[-KEPT_TRADES:]


def _bars(old: list[Any], new: list[Any]) -> list[Any]:
    by_ts = {bar["ts"]: bar for bar in old + new}
    return [by_ts[ts] for ts in sorted(by_ts)][-KEPT_BARS:]


def _items(*names: str) -> Any:
    def merge(old: list[Any], new: list[Any]) -> list[Any]:
        by_key: dict[tuple[Any, ...], dict[str, Any]] = {}
        for item in old + new:
            key = tuple(item.get(name) for name in names)
            by_key[key] = {**by_key.get(key, {}), **item}
        return list(by_key.values())

    return merge


_MERGES = {
    **{"bids": _levels(-1), "asks": _levels(1), "bars": _bars, "topics": _items("topic")},
    **{"trades": _log, "liquidations": _log},
    **{"holdings": _items("asset"), "positions": _items("name", "account", "nth")},
}
