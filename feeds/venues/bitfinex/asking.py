"""What is sent to Bitfinex: one message for each channel; it is left by its number.

https://docs.bitfinex.com/docs/ws-public
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from feeds.codec import Subscription
from feeds.venues.bitfinex.naming import LIQUIDATIONS, Topic, length, topic_of

_TIMES, _NUMBERS, _CHECKSUMS = 32768, 65536, 131072


def _text(**fields: object) -> str:
    return msgspec.json.encode(fields).decode()


FLAGS = _text(event="conf", flags=_TIMES + _NUMBERS + _CHECKSUMS)
"""So that each message has a number and a time, and books have checksums."""


def by_topic(subscriptions: Iterable[Subscription]) -> dict[Topic, list[Subscription]]:
    found: dict[Topic, list[Subscription]] = {}
    for item in subscriptions:
        found.setdefault(topic_of(item), []).append(item)
    return found


def subscribe(topic: Topic, subscription: Subscription) -> str:
    if topic.kind == "liq":
        return _text(event="subscribe", channel="status", key=LIQUIDATIONS)
    if topic.kind == "deriv":
        return _text(event="subscribe", channel="status", key=f"deriv:{topic.symbol}")
    if topic.kind == "book":
        depth = str(length(subscription))
        book = {"channel": "book", "symbol": topic.symbol, "prec": "P0", "freq": "F0", "len": depth}
        return _text(event="subscribe", **book)
    return _text(event="subscribe", channel=topic.kind, symbol=topic.symbol)


def unsubscribe(number: int | None, request: int) -> str:
    return _text(event="ping", cid=request) if number is None else _text(event="unsubscribe", chanId=number)
