"""What the fields of a row mean, channel by channel: how a row changes a value, how rows become one. Pure."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

import msgspec

KEPT_TRADES, KEPT_BARS = 200, 500

Body: TypeAlias = dict[str, Any]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode


class Channel(NamedTuple):
    """``fold`` changes a value by a row's body, ``shown`` is the value as a snapshot carries it.

    ``steps`` are kept: a reader further behind gets the whole value. Where that is large, and a step small,
    there are more of them: a slow link that takes ten seconds for it would never get anything else. ``cut``:
    a row, no longer than a link carries at once, where a part of it says something.
    """

    fold: Callable[[Body, Body], None]
    shown: Callable[[Body], Body]
    merge: Callable[[list[bytes]], bytes]
    steps: int = 64
    cut: Callable[[bytes, int], bytes] | None = None


def set_state(value: Body, body: Body) -> None:
    """A state that comes without a reason has none."""
    if "state" in body and "reason" not in body:
        value["reason"] = ""


def _same(value: Body) -> Body:
    return value


# ticker, mark, funding, option, status: fields that overwrite


def _fold_fields(value: Body, body: Body) -> None:
    set_state(value, body)
    value.update(body)
    value.pop("hi", None)
    value.pop("lo", None)


def merge_fields(bodies: list[bytes]) -> bytes:
    """The last value of each field, and the extremes of all rows."""
    merged: Body = {}
    for body in map(_decode, bodies):
        for name, better in (("hi", max), ("lo", min)):
            if name in body and name in merged:
                body[name] = better(body[name], merged[name], key=Decimal)
        set_state(merged, body)
        merged.update(body)
    return _encode(merged)


# trade, liquidation: bounded logs


def _fold_log(name: str, value: Body, body: Body) -> None:
    set_state(value, body)
    items = [*value.get(name, ()), *body.get(name, ())]
    value.update(body)
    value[name] = items[-KEPT_TRADES:]
    value.pop("skipped", None)


def _merge_log(name: str, bodies: list[bytes]) -> bytes:
    """All items in order, the newest 200; ``skipped`` counts what was left out before the first.

    Of rows as writers make them: one that left out is full, so nothing is left out among what is kept.
    """
    merged: Body = {}
    items: list[object] = []
    skipped = 0
    for body in map(_decode, bodies):
        skipped += body.pop("skipped", 0)
        items += body.get(name, ())
        set_state(merged, body)
        merged.update(body)
    skipped += max(0, len(items) - KEPT_TRADES)
    merged[name] = items[-KEPT_TRADES:]
    if skipped:
        merged["skipped"] = skipped
    return _encode(merged)


def _newest(name: str, row: bytes, most_bytes: int) -> bytes:
    """The row with as many of its newest items as fit; the others are counted as skipped."""
    if len(row) <= most_bytes:
        return row
    body = _decode(row)
    if not (items := body[name]):
        return row
    kept = max(1, len(items) * most_bytes // len(row))
    skipped = body.get("skipped", 0) + len(items) - kept
    return _encode({**body, name: items[-kept:], **({"skipped": skipped} if skipped else {})})


def _log(name: str) -> Channel:
    fold, merge, cut = (partial(each, name) for each in (_fold_log, _merge_log, _newest))
    return Channel(fold, _same, merge, steps=512, cut=cut)


# ohlc: bars by their start


def _fold_bars(value: Body, body: Body) -> None:
    set_state(value, body)
    bars = value.get("bars", {})
    bars.update((bar["ts"], bar) for bar in body.get("bars", ()))
    value.update(body)
    value["bars"] = bars if len(bars) <= 2 * KEPT_BARS else {bar["ts"]: bar for bar in _newest_bars(bars)}


def _newest_bars(bars: dict[int, Body]) -> list[Body]:
    return [bars[ts] for ts in sorted(bars)[-KEPT_BARS:]]


def _shown_bars(value: Body) -> Body:
    return {**value, "bars": _newest_bars(value.get("bars", {}))}


def merge_bars(bodies: list[bytes]) -> bytes:
    """The last of each bar."""
    merged: Body = {}
    bars: dict[int, Body] = {}
    for body in map(_decode, bodies):
        bars.update((bar["ts"], bar) for bar in body.get("bars", ()))
        set_state(merged, body)
        merged.update(body)
    return _encode({**merged, "bars": _newest_bars(bars)})


def merge_levels(bodies: list[bytes]) -> bytes:
    """The last quantity of each price of a book."""
    merged: Body = {}
    sides: dict[str, dict[str, str]] = {"bids": {}, "asks": {}}
    for body in map(_decode, bodies):
        for name, levels in sides.items():
            levels.update(body.pop(name, ()))
        merged.update(body)
    return _encode({**merged, **{name: list(levels.items()) for name, levels in sides.items()}})


# health, portfolio: lists of items by their keys, fields of each that overwrite

Keys: TypeAlias = dict[str, Callable[[Body], Any]]
TOPICS: Keys = {"topics": itemgetter("topic")}
LINES: Keys = {
    "holdings": itemgetter("asset"),
    "positions": lambda item: (item["name"], item.get("account"), item.get("nth")),
}


def _fold_items(keys: Keys, value: Body, body: Body) -> None:
    set_state(value, body)
    lists = {name: value.get(name, {}) for name in keys if name in body or name in value}
    for name, items in lists.items():
        for item in body.get(name, ()):
            items.setdefault(keys[name](item), {}).update(item)
    value.update(body)
    value.update(lists)


def _shown_items(keys: Keys, value: Body) -> Body:
    return {**value, **{name: list(value[name].values()) for name in keys if name in value}}


def _merge_items(keys: Keys, bodies: list[bytes]) -> bytes:
    """The last value of each field of each item."""
    merged: Body = {}
    for body in map(_decode, bodies):
        _fold_items(keys, merged, body)
    return _encode(_shown_items(keys, merged))


def _of_items(keys: Keys) -> Channel:
    return Channel(partial(_fold_items, keys), partial(_shown_items, keys), partial(_merge_items, keys))


def with_ages(body: Body, age_us: int) -> Body:
    """For readers without a clock of their own: how old each topic is, with what the row is old itself."""
    ts = body.get("ts", 0)
    topics = [{**item, "age_us": _age_us(item, ts, age_us)} for item in body.get("topics", ())]
    return {**body, "topics": topics}


def _age_us(item: Body, ts: int, age_us: int) -> int | None:
    received = item.get("ts_received", 0)
    return max(0, ts - received) + age_us if received else None


CHANNELS = {
    "ticker": Channel(_fold_fields, _same, merge_fields),
    "status": Channel(_fold_fields, _same, merge_fields),
    "health": _of_items(TOPICS),
    "portfolio": _of_items(LINES),
    "mark": Channel(_fold_fields, _same, merge_fields),
    "funding": Channel(_fold_fields, _same, merge_fields),
    "option": Channel(_fold_fields, _same, merge_fields),
    "trade": _log("trades"),
    "liquidation": _log("liquidations"),
    "ohlc": Channel(_fold_bars, _shown_bars, merge_bars, steps=512, cut=partial(_newest, "bars")),
}
