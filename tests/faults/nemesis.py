"""A nemesis between one exchange and us: what it does to the messages of books and to links.

Whom it hits it names, so that whoever watches knows which interruptions have a cause: that counts from when
the fault reaches us, in the order of the messages.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import Callable

from feeds.simulator.exchange import Answer, Exchange
from feeds.simulator.faults import BOOK
from feeds.simulator.market import Tick
from tests.fakes.book_watch import BookWatch
from tests.fakes.inside import Inside
from tests.fakes.line import Line, now_s
from tests.faults import damages
from tests.faults.schedules import Fault

_OLDEST = 12
_PICTURES = ("/depth", "/market/books")
"""Where venues show a whole book by REST, of the symbol in the query; with some it is in the path."""
_NUMBERS_LINKS = ("BITFINEX",)
"""Venues whose messages are numbered over a link, beside a checksum of each book."""
_GARBAGE = (b"\xff\xfe{", b"[" * 5000, b"{", b"null", b"[]", b'{"a":1}', b"NaN")


class _Armed:
    """A fault that waits for messages of its book. ``line`` is the link that it began on, and ends with;
    ``held`` are those that it holds back."""

    def __init__(self, fault: Fault, native: str) -> None:
        self.fault, self.native, self.left = fault, native, fault.n
        self.dice = random.Random(fault.seed)
        self.held: list[bytes] = []
        self.line: Line | None = None


class Nemesis:
    """Between an exchange and us. ``hits`` counts by kind what befell messages and links."""

    def __init__(self, world: Inside, watch: BookWatch) -> None:
        self.world, self.watch = world, watch
        self.venue = world.feed.codec.venue
        self.exchange = world.simulator.exchanges[self.venue]
        self.natives = list(self.exchange.markets)
        self.hits: Counter[str] = Counter()
        self._armed: list[_Armed] = []
        self._past: dict[tuple[Line, str], deque[bytes]] = {}
        self._stalled: dict[Line, float] = {}
        self._delays: list[float] = []
        self._at_ns = 0
        self._publish = self.exchange.publish
        self.exchange.publish = self._published  # type: ignore[method-assign]
        world.between, world.answers = self._between, self._answer

    def _published(self, tick: Tick) -> None:
        self._at_ns = tick.time_ns
        self._publish(tick)
        self._at_ns = 0

    # striking

    def strike(self, fault: Fault) -> None:
        """Begin it: at once where it is a link's, at the next messages where it is a book's."""
        native = self.natives[fault.pick % len(self.natives)]
        on_link = _ON_LINKS.get(fault.kind)
        if on_link is None:
            self._armed.append(_Armed(fault, native))
        elif line := self._line_of(native):
            self.hits[fault.kind] += 1
            on_link(self, line, fault, native)

    def relent(self) -> None:
        """No more faults: what is held back comes."""
        self._delays.clear()
        self.exchange.trouble.old_snapshots.clear()
        armed, self._armed = self._armed, []
        for each in armed:
            self._release(each)

    def _line_of(self, native: str) -> Line | None:
        name = f"{self.venue}:{native}"
        return next((line for line in self.world.lines if line.open and name in _names(line)), None)

    def _harm(self, line: Line, native: str) -> None:
        """A message of this book is lost or wrong: whose books that breaks the venue's protocol says."""
        names = _names(line) if self._by_link else [f"{self.venue}:{native}"]
        number = self.exchange.markets[native].update_id if self.watch.numbered else 0
        line.deliver(b"", lambda: self.watch.blame(names, number))

    @property
    def _by_link(self) -> bool:
        return self.world.feed.codec.resync_scope == "link" or self.venue in _NUMBERS_LINKS

    # between

    def _between(self, line: Line, payload: bytes, native: str, channel: str) -> None:
        if self._silent(line, payload, native, channel):
            return
        if channel not in (BOOK, "snapshot"):
            line.deliver(payload)
            return
        self.watch.note(f"{self.venue}:{native}", self._at_ns or self.world.simulator.clock.now_ns())
        armed = self._armed_for(line, native) if channel == BOOK else None
        if armed is None:
            line.deliver(payload)
        else:
            self._hit(line, payload, armed)
        if channel == BOOK:
            self._past.setdefault((line, native), deque(maxlen=_OLDEST)).append(payload)

    def _armed_for(self, line: Line, native: str) -> _Armed | None:
        """The oldest that waits for this book. What began on a link that is gone is over."""
        self._armed = [each for each in self._armed if each.line is None or each.line.open]
        waiting = (each for each in self._armed if each.native == native and each.line in (None, line))
        return next(waiting, None)

    def _silent(self, line: Line, payload: bytes, native: str, channel: str) -> bool:
        """Whether a stall swallows this, or holds it back: what a venue asks of a link and ends it for."""
        left_s = self._stalled.get(line, 0) - now_s()
        if channel in ("reply", "snapshot") or left_s <= 0:
            return False
        if channel == BOOK or self._by_link:  # where a link numbers all that it sends, heartbeats too
            self._harm(line, native)
        elif channel == "heartbeat":
            asyncio.get_running_loop().call_later(left_s, line.deliver, payload)
        return True

    def _hit(self, line: Line, payload: bytes, armed: _Armed) -> None:
        made = self._altered(line, payload, armed)
        if made is None:
            line.deliver(payload)
            return
        self.hits[armed.fault.kind] += 1
        armed.line = line
        if armed.fault.kind not in self._harmless:
            self._harm(line, armed.native)
        for each in made:
            line.deliver(each)
        armed.left -= 1
        if armed.left <= 0:
            self._armed.remove(armed)
            self._release(armed)

    @property
    def _harmless(self) -> frozenset[str]:
        """What must interrupt nothing: where messages are numbered, an old one is known as such."""
        return frozenset({"duplicate"} if self.venue == "KRAKEN" else {"duplicate", "replay"})

    def _altered(self, line: Line, payload: bytes, armed: _Armed) -> list[bytes] | None:
        """What comes instead of a message; None where it is not one to be hit."""
        kind = armed.fault.kind
        if kind in _DAMAGES:
            damaged = _DAMAGES[kind](payload, self.exchange.markets[armed.native], self.exchange, armed.dice)
            return None if damaged is None else [damaged]
        if kind == "shuffle":
            armed.held.append(payload)
            return []
        if kind == "replay":
            past = self._past.get((line, armed.native))
            return [payload, armed.dice.choice(list(past))] if past else None
        return [] if kind == "drop" else [payload, payload]

    def _release(self, armed: _Armed) -> None:
        """What was held back comes in another order."""
        held, armed.held = armed.held, []
        armed.dice.shuffle(held)
        if held and armed.line is not None:
            self._harm(armed.line, armed.native)
            for each in held:
                armed.line.deliver(each)

    # to a whole link

    def _reset(self, line: Line, fault: Fault, native: str) -> None:
        self.watch.blame(_names(line))
        line.reset()

    def _stall(self, line: Line, fault: Fault, native: str) -> None:
        """It says nothing for ``n`` seconds, and then goes on as if nothing had been. Another stall meanwhile
        does not shorten that: what was held back comes at the end of the longest."""
        self._stalled[line] = max(self._stalled.get(line, 0), now_s() + fault.n)
        if fault.n >= self.world.feed.codec.limits.idle_s - 1:
            self.watch.blame(_names(line))

    def _garbage(self, line: Line, fault: Fault, native: str) -> None:
        """More messages, that mean nothing."""
        dice = random.Random(fault.seed)
        for _ in range(fault.n):
            line.deliver(dice.choice(_GARBAGE))

    def _start(self, line: Line, fault: Fault, native: str) -> None:
        """It begins anew while pictures by REST are old or take their time."""
        dice = random.Random(fault.seed)
        self.watch.note(f"{self.venue}:{native}", self.world.simulator.clock.now_ns())
        for _ in range(fault.n % 3):
            self.exchange.remember(self.exchange.markets[native])
        self._delays += [dice.uniform(0, 5) for _ in range(1 + fault.n % 2)]
        self._reset(line, fault, native)

    def _answer(self, exchange: Exchange, path: str, query: dict[str, str]) -> Answer:
        native = query.get("symbol") or query.get("instId") or path.strip("/").rpartition("/")[2]
        shown = path.endswith(_PICTURES) or "/order_book/" in path
        picture = shown and native in self.exchange.markets
        if picture and exchange.trouble.old_snapshots.get(native):
            self.watch.blame([f"{self.venue}:{native}"], self.exchange.markets[native].update_id)
        elif picture:
            self.watch.note(f"{self.venue}:{native}", self.world.simulator.clock.now_ns())
        answer = exchange.answer(path, query)
        if not picture or not self._delays:
            return answer
        late_s = self._delays.pop()
        asyncio.get_running_loop().call_later(late_s, self.watch.hinder, f"{self.venue}:{native}")
        return answer._replace(delay_s=late_s)


def _names(line: Line) -> list[str]:
    """Whose books it brings."""
    return list(dict.fromkeys(name for _, name in line.served.roster.entries))


_DAMAGES: dict[str, damages.Damage] = {
    "digit": damages.other_digit,
    "zeros": damages.without_zeros,
    "scientific": damages.scientific,
    "poison": damages.poisoned,
    "cross": damages.crossing,
    "cut": damages.cut,
}
_ON_LINKS: dict[str, Callable[[Nemesis, Line, Fault, str], None]] = {
    "reset": Nemesis._reset,
    "stall": Nemesis._stall,
    "garbage": Nemesis._garbage,
    "start": Nemesis._start,
    "nothing": lambda nemesis, line, fault, native: None,
}
