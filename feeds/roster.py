"""Which subscriptions one connection has asked for, and what the venue said to each. Pure: no I/O, no clock.

Wanted subscriptions are state, and every request is built again from their original arguments. One is idle
(to be asked when due), queued, pending (asked), confirmed, or refused in the venue's own words. A refusal
that names no symbol is narrowed down by asking again in halves, so one bad symbol does not take others along.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from feeds.codec import Codec, Request, Subscription
from feeds.entries import CONFIRMED, IDLE, PENDING, QUEUED, REFUSED, Entries, Entry, Key, brought, carried
from feeds.events import Ack
from feeds.refusals import LEFT_OUT, is_passing, names

_NS = 1_000_000_000
_PASSING_S = 10.0
_OPEN_REQUESTS = 1000
_WAITING = (PENDING, QUEUED)


class Outgoing(NamedTuple):
    """A request to send; ``subscribing`` is False for an unsubscribe."""

    request: Request
    subscribing: bool


class Verdict(NamedTuple):
    """What an acknowledgement settled: confirmed, and refused with the venue's words."""

    confirmed: list[Subscription]
    refused: list[Subscription]
    words: str


def _key(subscription: Subscription) -> Key:
    return subscription.channel, subscription.instrument


class Roster:
    """``counters``: asks, reasks, refused. ``ack_s``: unconfirmed after that is asked again."""

    def __init__(
        self,
        codec: Codec,
        wanted: Iterable[Subscription],
        *,
        ack_s: float,
        retry_s: float,
        counters: Counter[str],
    ) -> None:
        self.codec, self._ack_s, self._retry_s, self.counters = codec, ack_s, retry_s, counters
        self.entries = Entries(codec, wanted)
        self._leaving: list[Subscription] = []
        self._outbox: deque[Outgoing] = deque()
        self._open: dict[int, Outgoing] = {}
        self._req_id = 0

    def restarted(self) -> Roster:
        """For the next connection: all to be asked again, except what was refused and is not due yet."""
        wanted = [entry.subscription for entry in self.entries.values()]
        codec = self.codec.for_link()
        fresh = Roster(codec, wanted, ack_s=self._ack_s, retry_s=self._retry_s, counters=self.counters)
        for key, entry in self.entries.items():
            if entry.state == REFUSED:
                refused = fresh.entries[key]
                refused.state, refused.due_ns, refused.words = REFUSED, entry.due_ns, entry.words
        fresh._req_id = self._req_id
        return fresh

    # what is wanted

    def want(self, wanted: Collection[Subscription]) -> None:
        """The whole wanted set; what is in it already is not touched."""
        keep = {_key(wish): wish for wish in wanted}
        for key, entry in list(self.entries.items()):
            if keep.get(key) != entry.subscription:
                self.entries.drop(key)
                if entry.state not in (IDLE, REFUSED):
                    self._leaving.append(entry.subscription)
        for key, wish in keep.items():
            if key not in self.entries:
                self.entries.add(wish)

    def renew(self, channel: str, instrument: str, due_ns: int) -> bool:
        """Unsubscribe and subscribe one again, for a new snapshot. False if it is not there to be renewed."""
        entry = self.entries.get((channel, instrument))
        if entry is None or entry.state != CONFIRMED:
            return False
        entry.state, entry.renew, entry.due_ns = IDLE, True, due_ns
        self.entries.doubt((channel, instrument))
        return True

    # what to send

    def next(self, now_ns: int, preferred: Collection[str] = ()) -> Outgoing | None:
        """The next request: unsubscribes first, then preferred instruments, then the others."""
        if not self._outbox:
            self._fill(now_ns, preferred)
        return self._outbox.popleft() if self._outbox else None

    def _fill(self, now_ns: int, preferred: Collection[str]) -> None:
        if self._leaving:
            kept = carried(self.entries.values(), QUEUED, PENDING, CONFIRMED)
            self._leaving = [item for item in self._leaving if self.codec.stream(item) not in kept]
        if self._leaving:
            chunk = _alike(self._leaving)[: self.codec.limits.topics_per_request]
            self._leaving = [item for item in self._leaving if item not in chunk]
            self._put(self.codec.unsubscribe(chunk, self._req_id + 1), subscribing=False)
            return
        if not self.count(IDLE, REFUSED):
            return
        due = [e for e in self.entries.values() if e.state in (IDLE, REFUSED) and e.due_ns <= now_ns]
        if due:
            coming = carried(self.entries.values(), QUEUED, PENDING, CONFIRMED)
            due = [entry for entry in due if entry.renew or entry.stream not in coming]
        if due:
            due.sort(key=lambda entry: entry.subscription.instrument not in preferred)
            self._ask(due)

    def _ask(self, due: list[Entry]) -> None:
        group = due[0].group
        size = min(group or 1 << 30, self.codec.limits.topics_per_request)
        alike = _alike([entry.subscription for entry in due if entry.group == group])
        chunk = alike[:size]
        entries = [self.entries[_key(item)] for item in chunk]
        again = [entry.subscription for entry in entries if entry.renew]
        if again:
            self._put(self.codec.unsubscribe(again, self._req_id + 1), subscribing=False)
        # What no request carries needs no asking: another subscription of the link brings it.
        for entry in entries:
            entry.state, entry.renew = CONFIRMED, False
        self._put(self.codec.subscribe(chunk, self._req_id + 1), subscribing=True)

    def _put(self, requests: Iterable[Request], *, subscribing: bool) -> None:
        for request in requests:
            self._req_id = max(self._req_id + 1, request.req_id)
            self._outbox.append(Outgoing(request, subscribing))
            for item in request.subscriptions if subscribing else ():
                if entry := self.entries.get(_key(item)):
                    entry.state = QUEUED

    def sent(self, outgoing: Outgoing, now_ns: int) -> None:
        self._open[outgoing.request.req_id] = outgoing
        if len(self._open) > _OPEN_REQUESTS:
            del self._open[next(iter(self._open))]
        if not outgoing.subscribing:
            return
        self.counters["asks"] += 1
        for item in outgoing.request.subscriptions:
            entry = self.entries.get(_key(item))
            if entry is not None and entry.state == QUEUED:
                entry.state, entry.asked_ns = PENDING, now_ns
                entry.req_id = outgoing.request.req_id

    # what the venue said

    def acknowledge(self, ack: Ack, now_ns: int) -> Verdict:
        """Settle what ``ack`` speaks of. Words about what is confirmed already change nothing."""
        waiting, whole = self._spoken_of(ack)
        if ack.ok:
            agreed = [e for e in waiting if ack.agreed is None or _key(e.subscription) in ack.agreed]
            for entry in agreed:
                entry.state, entry.group, entry.words = CONFIRMED, 0, ""
            left_out = self._refuse([e for e in waiting if e.state != CONFIRMED], LEFT_OUT, now_ns)
            return Verdict([entry.subscription for entry in agreed], left_out, LEFT_OUT if left_out else "")
        refused = self._narrowed(waiting, ack.error) if whole else waiting
        if not whole and not ack.stream:
            refused = self._asked_alone(waiting, ack.error)
        return Verdict([], self._refuse(refused, ack.error, now_ns), ack.error)

    def _asked_alone(self, waiting: list[Entry], words: str) -> list[Entry]:
        """Whom the venue refuses for their own sake, as its words say; who was asked with others is asked
        once more, alone."""
        unnamed = [entry for entry in waiting if not names(words, entry.subscription.native)]
        together = [entry for entry in unnamed if self._with_others(entry)]
        for entry in together:
            entry.state, entry.group = IDLE, 1
        return [entry for entry in waiting if entry not in together]

    def _with_others(self, entry: Entry) -> bool:
        outgoing, mine = self._open.get(entry.req_id), entry.subscription.instrument
        return outgoing is not None and any(s.instrument != mine for s in outgoing.request.subscriptions)

    def _narrowed(self, waiting: list[Entry], words: str) -> list[Entry]:
        """Who of a refused request is to blame: whom the words name, if not all; else ask again in halves."""
        named = [entry for entry in waiting if names(words, entry.subscription.native)]
        blamed = named if len(named) < len(waiting) else []
        if len(waiting) == 1 or is_passing(words):
            return waiting
        for entry in waiting:
            if entry not in blamed:
                entry.state = IDLE
                entry.group = 0 if blamed else len(waiting) // 2
        return blamed

    def _spoken_of(self, ack: Ack) -> tuple[list[Entry], bool]:
        """The entries, and whether the venue spoke of a whole request and named none of them."""
        outgoing = self._oldest() if ack.in_order else self._open.get(ack.req_id)
        if outgoing is None and not ack.ok and not ack.instrument:
            outgoing = self._addressee(ack.error)
        if not ack.subscribed or (outgoing is not None and not outgoing.subscribing):
            return [], False
        if ack.stream:
            return [e for e in self.entries.values() if e.stream == ack.stream and e.state in _WAITING], False
        if not ack.instrument:
            return [] if outgoing is None else self._waiting(outgoing), True
        if ack.channel:
            entry = self.entries.get((ack.channel, ack.instrument))
            return [entry] if entry is not None and entry.state in _WAITING else [], False
        among = self.entries.pending() if outgoing is None else self._waiting(outgoing)
        return [entry for entry in among if entry.subscription.instrument == ack.instrument], False

    def _oldest(self) -> Outgoing | None:
        """The request that the next answer is to, where venues answer in order and name none. What was asked
        for again meanwhile waits for its newer answer."""
        while self._open:
            outgoing = self._open.pop(next(iter(self._open)))
            if not outgoing.subscribing or self._waiting(outgoing):
                return outgoing
        return None

    def _addressee(self, words: str) -> Outgoing | None:
        """Which request words without an address are about. Venues answer in order, so it is the oldest open
        one, of those that ask for what the words name if they name anything."""
        open_ones = [(o, waiting) for o in self._open.values() if (waiting := self._waiting(o))]
        for outgoing, waiting in open_ones:
            if any(names(words, entry.subscription.native) for entry in waiting):
                return outgoing
        return open_ones[0][0] if open_ones else None

    def _waiting(self, outgoing: Outgoing) -> list[Entry]:
        """What this very request asked for, and no later one, and has no answer."""
        if not outgoing.subscribing:
            return []
        found = (self.entries.get(_key(item)) for item in outgoing.request.subscriptions)
        ours = (entry for entry in found if entry is not None and entry.state == PENDING)
        return [entry for entry in ours if entry.req_id == outgoing.request.req_id]

    def _refuse(self, entries: list[Entry], words: str, now_ns: int) -> list[Subscription]:
        retry_s = min(self._retry_s, _PASSING_S) if is_passing(words) else self._retry_s
        for entry in entries:
            entry.state, entry.words = REFUSED, words
            entry.due_ns = now_ns + round(retry_s * _NS)
        self.counters["refused"] += len(entries)
        return [entry.subscription for entry in entries]

    def expire(self, now_ns: int, seen: Callable[[Subscription], bool]) -> list[Subscription]:
        """Ask again what was not acknowledged in time, unless ``seen`` says that its data flows: a proof.

        So too for a book that was agreed to and whose snapshot never came: its deltas alone make no book.
        """
        proven = brought(self.entries.values()) if self.count(IDLE) else []
        late_ns = now_ns - self._ack_s * _NS
        for entry in self.entries.pending():
            if entry.asked_ns > late_ns:
                continue
            if seen(entry.subscription):
                entry.state = CONFIRMED
                proven.append(entry.subscription)
            else:
                entry.state, entry.renew = IDLE, not self.codec.repeats
                self.counters["reasks"] += 1
        for key, entry in list(self.entries.unseen.items()):
            if entry.state == CONFIRMED and entry.asked_ns <= late_ns:
                self._look_for(key, entry, seen, now_ns)
        return proven

    def _look_for(self, key: Key, entry: Entry, seen: Callable[[Subscription], bool], now_ns: int) -> None:
        if seen(entry.subscription):
            del self.entries.unseen[key]
        else:
            self.renew(*key, now_ns)
            self.counters["reasks"] += 1

    # what it amounts to

    def count(self, *states: str) -> int:
        return self.entries.count(*states)

    @property
    def settled(self) -> bool:
        """Everything has been answered and something was agreed."""
        return not self.count(IDLE, QUEUED, PENDING) and bool(self.count(CONFIRMED))

    def askable_ns(self) -> int | None:
        """When the first subscription may be asked for; None when there is none at all."""
        return min((entry.due_ns for entry in self.entries.values()), default=None)


def _alike(subscriptions: list[Subscription]) -> list[Subscription]:
    """Those that one request can carry: of the channel and depth of the first."""
    first = subscriptions[0]
    return [s for s in subscriptions if (s.channel, s.depth) == (first.channel, first.depth)]
