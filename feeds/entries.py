"""One subscription on one link: what was asked and answered, and what comes in a stream with others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from feeds.codec import Codec, Subscription
from feeds.symbols import BOOK

IDLE, QUEUED, PENDING, CONFIRMED, REFUSED = "idle", "queued", "pending", "confirmed", "refused"

Key = tuple[str, str]


class Entry:
    """``tally``: how many are in which state, of all that share it.

    ``due_ns``: not to be asked before; ``group``: most in one request (0: the venue's limit); ``stream``:
    as :meth:`feeds.codec.Codec.stream` names it.
    """

    __slots__ = (
        *("subscription", "stream", "asked_ns", "req_id", "due_ns", "group", "renew", "words"),
        *("_tally", "_state"),
    )

    def __init__(self, subscription: Subscription, tally: Counter[str], stream: str = "") -> None:
        self.subscription, self.stream = subscription, stream
        self.asked_ns = self.req_id = self.due_ns = self.group = 0
        self.renew, self.words = False, ""
        self._tally, self._state = tally, IDLE
        tally[IDLE] += 1

    @property
    def state(self) -> str:
        return self._state

    @state.setter
    def state(self, state: str) -> None:
        self._tally[self._state] -= 1
        self._tally[state] += 1
        self._state = state

    def leave(self) -> None:
        """It is none of them any more."""
        self._tally[self._state] -= 1


class Entries(dict[Key, Entry]):
    """Those of one link. How many are in a state is known without walking through thousands of them, which
    every link does several times a second.

    ``unseen`` are books whose snapshot a stream brings, and none is known to have come since they were asked
    for: an agreement makes no book.
    """

    def __init__(self, codec: Codec, wanted: Iterable[Subscription] = ()) -> None:
        super().__init__()
        self._codec, self._tally = codec, Counter[str]()
        self.unseen: dict[Key, Entry] = {}
        for wish in wanted:
            self.add(wish)

    def add(self, wish: Subscription) -> None:
        key = wish.channel, wish.instrument
        self[key] = Entry(wish, self._tally, self._codec.stream(wish))
        self.doubt(key)

    def drop(self, key: Key) -> Entry:
        entry = self.pop(key)
        self.unseen.pop(key, None)
        entry.leave()
        return entry

    def doubt(self, key: Key) -> None:
        """What it brought before says nothing."""
        if key[0] == BOOK and self._codec.snapshots == "stream":
            self.unseen[key] = self[key]

    def count(self, *states: str) -> int:
        return sum(self._tally[state] for state in states)

    def pending(self) -> list[Entry]:
        return [each for each in self.values() if each.state == PENDING] if self._tally[PENDING] else []


def carried(entries: Iterable[Entry], *states: str) -> set[str]:
    """The shared streams of those that are in one of these states."""
    return {entry.stream for entry in entries if entry.stream and entry.state in states}


def brought(entries: Iterable[Entry]) -> list[Subscription]:
    """Confirm what nobody needs to ask for: it comes in a stream that the venue agreed to for another one."""
    idle = [entry for entry in entries if entry.stream and entry.state == IDLE and not entry.renew]
    if not idle:
        return []
    coming = carried(entries, CONFIRMED)
    found = [entry for entry in idle if entry.stream in coming]
    for entry in found:
        entry.state = CONFIRMED
    return [entry.subscription for entry in found]
