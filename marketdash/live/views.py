"""What a hub keeps of each topic, and the rows that bring a reader from any position up to date. Pure.

A :class:`Track` is a value with numbered steps: a position on it is ``(epoch, seq)``, and its ``row_since``
merges all steps after a position into one row, or gives the whole value when the ring no longer reaches back
so far. A :class:`Replica` is the track of one topic, fed with rows from the bus. The law of both: whoever
applies the rows to an older snapshot has the newer one.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Set
from typing import Any, NamedTuple, TypeAlias

import msgspec

from marketdash.live.bodies import CHANNELS, Channel

RING = 64
"""Steps kept, unless a channel says else. A reader further behind gets the whole value."""

REUSE_US = 1000
"""A row composed for one reader serves others for so long: its age is then wrong by at most this."""

MARK_S = 0.75
"""How exactly it is known for how long somebody lacks something: for two numbers and their times."""

APPLIED, HOLE, OLD = 0, 1, 2
"""What became of a row from the bus: in the value; proof that something is missing; not news."""

UNCONFIRMED = {"state": "stale", "reason": "not confirmed by its feed"}
"""What a value says that has lapsed."""

Position: TypeAlias = tuple[str, int]

NOTHING: Position = ("", 0)
"""Before any other."""


class Row(NamedTuple):
    """One row of a frame, as JSON bytes. ``whole`` rows belong into a frame of type ``snapshot``."""

    whole: bool
    data: bytes


class Step(NamedTuple):
    prev: int
    seq: int
    body: bytes


class Track:
    """``position`` is None while there is no value. ``as_of_us``: when it was received, on our clock."""

    __slots__ = (
        "symbol",
        "position",
        "as_of_us",
        "_ring",
        "_merge",
        "_bodies",
        "_rows",
        "_head",
        "_marks",
        "_moved_s",
        "__weakref__",
    )

    def __init__(self, symbol: str, merge: Callable[[list[bytes]], bytes], steps: int = RING) -> None:
        self.symbol = symbol
        self.position: Position | None = None
        self.as_of_us = 0
        self._ring: deque[Step] = deque(maxlen=steps)
        self._merge = merge
        self._bodies: dict[int, bytes] = {}
        self._rows: dict[int, tuple[int, Row]] = {}
        self._head = b""
        self._marks: tuple[float, int, float, int] = (0.0, 0, 0.0, 0)
        self._moved_s = 0.0

    def whole(self) -> bytes:
        """The body of a snapshot."""
        raise NotImplementedError

    def advance(self) -> None:
        """Take in what is to be read next. A track that is fed has nothing to do here."""

    def is_news(self, position: Position | None) -> bool:
        """Whether who has this lacks something, taken in or not. Asked of everything each second: it is less
        than :meth:`advance` costs."""
        return position != self.position and self.position is not None

    def row_since(self, position: Position | None, now_us: int) -> Row | None:
        """What leads from ``position`` to :attr:`position`; None when there is nothing to say."""
        mine = self.position
        if mine is None or position == mine:
            return None
        prev = self._reachable(position)
        cached = self._rows.get(prev)
        if cached is not None and now_us - cached[0] < REUSE_US:
            return cached[1]
        age_us = max(0, now_us - self.as_of_us)
        body = self._body_since(prev)
        end = b"}" if len(body) == 2 else b"," + body[1:]
        row = Row(prev == 0, b'%b%d,"seq":%d,"age_us":%d%b' % (self._head, prev, mine[1], age_us, end))
        self._rows[prev] = (now_us, row)
        return row

    def lacks_s(self, position: Position | None, now_s: float) -> float:
        """For how long there is something that who has this does not have, to :data:`MARK_S` of a second at
        first, and at least what the marks reach back. Who has nothing shows nothing."""
        mine = self.position
        if position is None or mine is None or position == mine:
            return 0.0
        at = position[1] if position[0] == mine[0] else 0
        newer_s, newer, older_s, older = self._marks
        return now_s - (older_s if at < older else newer_s if at < newer else self._moved_s)

    def _reachable(self, position: Position | None) -> int:
        if position is None or self.position is None or position[0] != self.position[0] or not self._ring:
            return 0
        return position[1] if self._ring[0].prev <= position[1] else 0

    def _body_since(self, prev: int) -> bytes:
        body = self._bodies.get(prev)
        if body is None:
            steps = self._steps_after(prev) if prev else []
            body = (steps[0] if len(steps) == 1 else self._merge(steps)) if steps else self.whole()
            self._bodies[prev] = body
        return body

    def _steps_after(self, prev: int) -> list[bytes]:
        """From the newest back: nearly every reader is a step or two behind, not sixty."""
        steps = []
        for step in reversed(self._ring):
            if step.seq <= prev:
                break
            steps.append(step.body)
        steps.reverse()
        return steps

    def _about(self) -> bytes:
        """How rows name what they are about."""
        return b'"symbol":%b' % _text(self.symbol)

    def _moved(self, epoch: str, seq: int) -> None:
        self.position = (epoch, seq)
        self._bodies.clear()
        self._rows.clear()
        self._moved_s = time.monotonic()
        if self._moved_s - self._marks[0] > MARK_S:
            self._marks = (self._moved_s, seq, *self._marks[:2])

    def _restart(self, epoch: str, seq: int) -> None:
        """The value is another one: no row leads to it."""
        self._ring.clear()
        self._marks = (0.0, 0, 0.0, 0)
        self._head = b'{%b,"epoch":%b,"prev":' % (self._about(), _text(epoch))
        self._moved(epoch, seq)

    def _step(self, prev: int, seq: int, body: bytes) -> None:
        assert self.position is not None
        self._ring.append(Step(prev, seq, body))
        self._moved(self.position[0], seq)


_text = msgspec.json.Encoder().encode


def judge(mine: Position | None, epoch: str, prev: int, seq: int) -> int:
    """Epochs order as text, the later writer's being greater. A keyframe (``prev`` 0) is never a hole."""
    if mine is not None:
        if epoch < mine[0] or (epoch == mine[0] and seq <= mine[1]):
            return OLD
        if epoch == mine[0] and 0 < prev <= mine[1]:
            return APPLIED
    return HOLE if prev else APPLIED


def lapsed_at(position: Position, now_us: int) -> Position:
    """Where a value is that lapsed then: nowhere that any row of the bus leads to or from."""
    return f"{position[0]}~{now_us:x}", 1


class Written:
    """What the bus asks of a value that one writer at a time fills.

    A value that nobody confirmed for too long lapses: it says so in place of its state, at a position of its
    own. ``lapsed`` is then the position that it had on the bus, where it is again once it is confirmed.
    """

    __slots__ = ()
    position: Position | None
    lapsed: Position | None

    complete = True
    """Whether all that was heard of is in the value."""

    @property
    def writer(self) -> str:
        """The epoch of whoever wrote it; nothing while there is no value, or it was forgotten."""
        return (self.lapsed or self.position or NOTHING)[0]

    @property
    def writers(self) -> Set[str]:
        """The epochs of all that wrote it."""
        writer = self.writer
        return {writer} if writer else set()

    def wrote(self, epoch: str) -> bool:
        """Whether it is of this epoch, or of others and this one."""
        return epoch == self.writer

    def misses(self, epoch: str, seq: int) -> bool:
        """Whether a writer whose last row was this said something that is not in the value: then it is not
        complete until that writer was read."""
        return (epoch, seq) > (self.lapsed or self.position or NOTHING)

    def give_up(self) -> None:
        """Nobody answers: writers that were never read may have ended."""

    def lapse(self, now_us: int) -> None:
        """Nobody says any more whether it is so."""
        raise NotImplementedError

    def revive(self) -> None:
        """It lapsed, and is confirmed."""
        raise NotImplementedError

    def forget(self, now_us: int) -> None:
        """Whoever comes next is believed."""
        self.lapse(now_us)
        if self.lapsed is not None:
            self.lapsed = NOTHING


class Replica(Written, Track):
    """A topic of any channel but ``book``. Rows stay bytes until somebody needs the whole value."""

    __slots__ = ("lapsed", "_channel", "_value", "_unread")

    def __init__(self, channel: str, symbol: str) -> None:
        self._channel: Channel = CHANNELS[channel]
        super().__init__(symbol, self._channel.merge, self._channel.steps)
        self.lapsed: Position | None = None
        self._value: dict[str, Any] = {}
        self._unread: list[bytes] = []

    def apply(self, epoch: str, prev: int, seq: int, as_of_us: int, body: bytes) -> int:
        outcome = judge(self.lapsed or self.position, epoch, prev, seq)
        if outcome != APPLIED:
            return outcome
        if self.lapsed is not None:
            self.revive()
        if prev == 0:
            self._value, self._unread = {}, [body]
            self._restart(epoch, seq)
        else:
            self._unread.append(body)
            if len(self._unread) > RING:
                self._read()
            self._step(prev, seq, body)
        self.as_of_us = as_of_us
        return APPLIED

    def lapse(self, now_us: int) -> None:
        if self.position is not None and self.lapsed is None:
            self.lapsed = self.position
            self._restart(*lapsed_at(self.position, now_us))

    def revive(self) -> None:
        if self.lapsed is not None:
            position, self.lapsed = self.lapsed, None
            self._restart(*position)

    def value(self) -> dict[str, Any]:
        """The whole value. Not to be changed by the caller."""
        self._read()
        shown = self._channel.shown(self._value)
        return shown if self.lapsed is None else {**shown, **UNCONFIRMED}

    def whole(self) -> bytes:
        return _text(self.value())

    def _read(self) -> None:
        for body in self._unread:
            self._channel.fold(self._value, msgspec.json.decode(body))
        self._unread.clear()
