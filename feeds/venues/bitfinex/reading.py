"""Numbers of one connection: which channel is which, and what its data frames mean.

``[17082,[7254.7,3,3.3]]``: the number of a channel, as the venue's answer gave it, and what is new there.
With the flags that we set, the number of the message and its time follow.
https://docs.bitfinex.com/docs/ws-general#configuration
"""

from __future__ import annotations

import re

from feeds.events import BookDelta, BookSnapshot, Event, Heartbeat, LinkSequence, Unknown
from feeds.venues.bitfinex import messages, shapes
from feeds.venues.bitfinex.naming import VENUE, Topic, instrument
from feeds.venues.bitfinex.orders import Orders, is_gone

# Most frames: one level of a book. The frame is an array by then, whose grammar leaves one point in a number.
_LEVEL = re.compile(
    rb"\[([0-9]{1,18}),\[([0-9.]+),([0-9]{1,9}),(-?)([0-9.]+)\](?:,([0-9]{1,11}))?(?:,([0-9]{13}))?\]"
).fullmatch
_NUMBER = re.compile(rb"\s*\[\s*([0-9]{1,18})\s*,").match
_several = re.compile(rb"\[\s*[\[\]]").match
_BEAT = b'"hb"'
# A number behind the data is one of these: times have been above it since 1973, and no link lives so long.
_TIMES = 100_000_000_000


class Reading:
    """``bulk``: changes of a book come several at once, as snapshots do."""

    def __init__(self) -> None:
        self.topics: dict[int, Topic] = {}
        self.bulk = False
        self._begun: set[int] = set()
        self._orders: dict[int, Orders] = {}

    def subscribed(self, number: int, topic: Topic) -> None:
        self.topics[number] = topic
        self._begun.discard(number)
        self._orders.pop(number, None)

    def number_of(self, topic: Topic) -> int | None:
        """Under which it comes, if it does."""
        return next((number for number, found in self.topics.items() if found == topic), None)

    def level(self, frame: bytes, ns: int) -> list[Event] | None:
        """One level of a book, in the usual form; None: it is something else."""
        found = _LEVEL(frame)
        if found is None:
            return None
        number, price, count, minus, amount, sequence, ms = found.groups()
        topic = self.topics.get(int(number))
        if topic is None or topic.kind != "book":
            return None
        changes = [(price.decode(), "0" if int(count) == 0 else amount.decode())]
        bids, asks = ([], changes) if minus else (changes, [])
        us = int(ms) * 1000 if ms else 0
        change = BookDelta(instrument(topic.symbol), bids, asks, 0, 0, None, None, us, ns)
        return [change] if sequence is None else [LinkSequence(int(sequence)), change]

    def data(self, frame: bytes, ns: int) -> list[Event]:
        """Any frame that is an array. Raises ValueError and its like."""
        number, *rest = [bytes(part) for part in shapes.parts(frame)] or [b"0"]
        named = bool(rest) and rest[0].startswith(b'"') and rest[0] != _BEAT
        sequence, us = _behind(rest[2 if named else 1 :])
        events = self._events(shapes.number(number), rest, ns, us)
        return events if sequence is None else [LinkSequence(sequence), *events]

    def _events(self, number: int, rest: list[bytes], ns: int, us: int) -> list[Event]:
        if not rest:
            return [Unknown("array")]
        word, topic = rest[0], self.topics.get(number)
        if word == _BEAT:
            return [Heartbeat(VENUE, us, ns)]
        if topic is None or not topic.kind:
            return [Unknown("channel that was not agreed to" if topic is None else "channel")]
        if word[:1] == b'"':
            return self._named(topic, word, rest[1], ns, us) if len(rest) > 1 else [Unknown("word")]
        if topic.kind == "book":
            return self._book(number, topic, word, ns, us)
        if topic.raw:
            return self._raw_book(number, topic, word, ns, us)
        return messages.READERS[topic.kind](topic, word, ns, us)

    def _named(self, topic: Topic, word: bytes, payload: bytes, ns: int, us: int) -> list[Event]:
        """``te`` is a trade, ``tu`` the same once more; ``cs`` a checksum of what the book is now."""
        if topic.kind == "trades" and word == b'"te"':
            return [messages.trade(topic, shapes.trade(payload), ns)]
        if topic.kind == "trades" and word == b'"tu"':
            return [Heartbeat(VENUE, us, ns)]
        if word == b'"cs"' and topic.kind == "book":
            return [messages.checksum_of(topic, payload, ns, us)]
        if word == b'"cs"' and topic.raw:
            return [Heartbeat(VENUE, us, ns)]  # over single orders, which no book of ours has
        return [Unknown(word[:20].decode("ascii", "replace"))]

    def _book(self, number: int, topic: Topic, payload: bytes, ns: int, us: int) -> list[Event]:
        several = _several(payload)
        rows = shapes.levels(payload) if several else [shapes.level(payload)]
        bids, asks = messages.sides(rows)
        name = instrument(topic.symbol)
        if several and self._is_whole(number, not all(row.count for row in rows) or not rows):
            return [BookSnapshot(name, bids, asks, 0, 0, None, us, ns)]
        return [BookDelta(name, bids, asks, 0, 0, None, None, us, ns)]

    def _raw_book(self, number: int, topic: Topic, payload: bytes, ns: int, us: int) -> list[Event]:
        """Single orders, of which the levels are worked out; where levels come too, those count."""
        several = _several(payload)
        rows = shapes.orders(payload) if several else [shapes.order(payload)]
        whole = several and self._is_whole(number, any(is_gone(row) for row in rows) or not rows)
        if whole:
            self._orders[number] = Orders()
        orders, name = self._orders.get(number), instrument(topic.symbol)
        if orders is None or self.number_of(Topic("book", topic.symbol)) is not None:
            return [Heartbeat(VENUE, us, ns)]
        bids, asks = orders.take(rows)
        if whole:
            return [BookSnapshot(name, bids, asks, 0, 0, None, us, ns)]
        return [BookDelta(name, bids, asks, 0, 0, None, None, us, ns)]

    def _is_whole(self, number: int, changes: bool) -> bool:
        """Whether a list of rows is a book: the first one is, and each later one that is not one of
        ``changes`` by what it has."""
        whole = number not in self._begun or not (self.bulk or changes)
        self._begun.add(number)
        return whole


def number_at(head: bytes) -> int | None:
    """Of the channel that a frame is about, whatever follows."""
    found = _NUMBER(head)
    return None if found is None else int(found[1])


def _behind(told: list[bytes]) -> tuple[int | None, int]:
    """The number of the message, None where messages have none; its time in µs."""
    sequence, us = None, 0
    for each in told:
        value = shapes.number(each) if each.isdigit() else None
        if value is not None and value >= _TIMES:
            us = us or min(value, 9_000_000_000_000) * 1000
        elif value is not None and sequence is None and not us:
            sequence = value
    return sequence, us
