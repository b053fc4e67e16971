"""Keeping one instrument's book true: continuity, proof, and the splice with a snapshot by REST."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from feeds.audit import Witness
from feeds.book import DUPLICATE, GAP, Book
from feeds.codec import Codec
from feeds.events import BookDelta, BookSnapshot

# Deltas kept while a snapshot is on its way by REST: five minutes of the fastest stream.
_MAX_BUFFER = 3000

APPLIED, WAITING, REPEATED, OLD = "", "waiting", "duplicates", "old snapshots"
"""What became of an event; anything else is what broke the book: gaps, checksum, crossed, refused."""
CROSSED = "crossed"
PASSING = "passing"
"""Why a book is not to be read just now, though nothing broke it: it is crossed between two messages."""

BENIGN = frozenset({WAITING, REPEATED, OLD})


@dataclass(slots=True, frozen=True)
class Rules:
    """What the codec says about all books of its venue."""

    codec: Codec
    levels: int
    proves: bool
    by_rest: bool
    by_level: bool

    @staticmethod
    def of(codec: Codec) -> Rules:
        proves = codec.checksum_levels > 0 or codec.truncate
        return Rules(codec, codec.checksum_levels, proves, codec.snapshots == "rest", codec.by_level)


class Keeper:
    """``book`` is None until there is a true one. ``buffer`` holds deltas while a snapshot by REST is
    wanted, also beside a running book; ``flowing`` says that the venue agreed to send them. ``witness``
    notes what moves while the book is audited. ``messages`` counts what came for this book. ``known``: where
    the sequence stood when the book was lost, so that no snapshot goes back before it; what came since
    says more. ``begun`` is where it stood when it began. ``summed``: a checksum came after the last change.
    ``tried``: it began anew though nothing made sense since it had begun.
    """

    __slots__ = (
        *("rules", "book", "buffer", "flowing", "received_ns", "witness", "messages", "known", "begun"),
        *("summed", "tried"),
    )

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.received_ns = self.messages = 0
        self.tried = False
        self.drop()

    def drop(self) -> None:
        self.book: Book | None = None
        self.buffer: list[BookDelta] | None = [] if self.rules.by_rest else None
        self.flowing = self.summed = False
        self.known = self.begun = 0
        self.witness: Witness | None = None

    def lose(self, unread: int = 0) -> None:
        """The book is not true any more, but the venue goes on sending; ``unread`` messages made no sense.

        If nothing else came since the book began, another one may not last either: after one more try it
        waits for sense.
        """
        senseless = unread > 0 and self.book is not None and self.book.last == self.begun
        flowing = self.flowing and not (senseless and self.tried)
        self.tried = senseless
        known = self.known if self.book is None else self.book.last + unread
        self.drop()
        self.flowing, self.known = flowing, known

    def delta(self, event: BookDelta) -> str:
        self.messages += 1
        if self.buffer is not None:
            self._buffer(event)
        book = self.book
        if book is None:
            return WAITING
        if self.witness is not None:
            self.witness.saw(event)
        outcome = book.apply(event)
        if outcome == GAP and self.rules.by_rest and book.last == self.begun < event.last:
            # The first one after a snapshot may be under way while that is: it begins before it.
            outcome = book.apply(_spliced(event, book.last))
        if outcome:
            return REPEATED if outcome == DUPLICATE else "gaps"
        self.received_ns, self.summed = event.received_ns, event.checksum is not None
        return self._wrong(book, event.checksum) if self.rules.proves else APPLIED

    def _buffer(self, event: BookDelta) -> None:
        self.buffer.append(event)
        if len(self.buffer) > _MAX_BUFFER:
            del self.buffer[: _MAX_BUFFER // 2]

    def _wrong(self, book: Book, checksum: int | None) -> str:
        problem = book.problem()
        rules = self.rules
        if problem == CROSSED and rules.by_level:
            problem = ""  # for :meth:`readable` to say, when it is read
        if problem or checksum is None or not rules.levels:
            return problem
        return "" if book.checksum(rules.levels, rules.codec.checksum) == checksum else "checksum"

    def snapshot(self, event: BookSnapshot, depth: int) -> str:
        """Begin again with ``event``; ``depth`` is what both sides are cut to (0: not)."""
        self.messages += 1
        book = Book(event, ordered=self.rules.proves, depth=depth)
        if self.rules.by_rest and self._is_spliced(book) and (behind := self._behind(book)):
            return behind
        if self.rules.proves and (wrong := self._wrong(book, event.checksum)):
            return wrong
        self.book, self.received_ns, self.begun = book, event.received_ns, book.last
        self.buffer = None
        return APPLIED

    def _is_spliced(self, book: Book) -> bool:
        """Without numbers nothing is: it came in its order, and a sum proves what follows."""
        return bool(book.last) and (self.book is None or bool(self.book.last))

    def _behind(self, book: Book) -> str:
        """Bring a snapshot up to what came meanwhile; else why it cannot be used."""
        buffer = self.buffer
        known = self.known if self.book is None else self.book.last
        if buffer is None:
            # Nobody waits for it: a running book takes what is newer than itself alone.
            return APPLIED if book.last > known else OLD
        if book.last < (_earliest(buffer[0]) if buffer else known):
            return OLD
        waiting = [delta for delta in buffer if delta.last > book.last]
        # The first one overlaps the snapshot, or follows what the snapshot has: that is all it has to prove.
        waiting[:1] = [_spliced(delta, book.last) for delta in waiting[:1]]
        for delta in waiting:
            if book.apply(delta) == GAP:
                del buffer[:-1]
                return OLD
            # Not only at the end: a level that crossed may be covered again by what came after it.
            if not self.rules.by_level and (problem := book.problem()):
                self.known = delta.last
                return problem
        return APPLIED

    def begin_after(self, event: BookDelta) -> None:
        """After a gap the delta that showed it is the first of the next book's."""
        if self.buffer is not None:
            self.buffer.append(event)

    def readable(self, depth: int) -> str:
        """``""`` when the book may be read. When it became thinner than ``depth``, another is wanted."""
        problem = self.book.problem()
        if problem == CROSSED and self.rules.by_level and not self.summed:
            return PASSING
        if not problem and self.rules.by_rest and self.buffer is None and self.book.thin(depth):
            self.buffer = []
        return problem

    @property
    def wants_snapshot(self) -> bool:
        return self.buffer is not None and (self.flowing or bool(self.buffer))


def _earliest(delta: BookDelta) -> int:
    """Where a book must stand at the least for the delta to follow it. What a venue counts over all of its
    instruments has holes between one delta of a book and the next: nothing happened to the book there."""
    return delta.first - 1 if delta.previous is None else min(delta.previous, delta.first - 1)


def _spliced(delta: BookDelta, last: int) -> BookDelta:
    """As the first after a snapshot that stands at ``last``."""
    if delta.previous is None:
        return delta
    follows = delta.previous <= last or 0 < delta.first <= last + 1
    return replace(delta, previous=last) if follows else delta
