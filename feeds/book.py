"""One order book: prices and quantities as the exchange wrote them, in order only where somebody needs it.

A book that nothing has to prove at each delta costs two dictionary updates a delta; order, validity and
crossing are settled by :meth:`Book.problem`, which whoever publishes asks first. A book with a checksum or
a depth to be cut to is *ordered*: each change is put in its place at once, and the best levels stay ready.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from feeds.events import BookDelta, BookSnapshot, Level
from feeds.side import Levels, Side

APPLIED, DUPLICATE, GAP = 0, 1, 2
"""What became of a delta: in the book; already in it; proof that something before it is missing."""
# What is told again is not newer than what is held, but for two clocks of a venue. A lesser number at a later
# time means that the venue began to count anew, and that we missed where.
_REPEATED_US = 10_000_000


class Book:
    """Built from a snapshot, moved by deltas, replaced by the next snapshot.

    ``ordered``: keep the order at each delta; ``depth``: cut both sides to so many levels after each
    (0: keep all). ``last``: the sequence it stands at. Times are the newest event's.
    """

    __slots__ = (
        "bids",
        "asks",
        "ordered",
        "depth",
        "last",
        "exchange_us",
        "received_ns",
        "_limit",
        "_sum",
        "_summed",
    )

    def __init__(self, snapshot: BookSnapshot, *, ordered: bool = False, depth: int = 0) -> None:
        limit = 0 if depth else snapshot.depth
        self.bids = Side(snapshot.bids, -1, limit)
        self.asks = Side(snapshot.asks, 1, limit)
        self.ordered, self.depth = ordered or depth > 0, depth
        self.last, self._limit = snapshot.last, limit
        self.exchange_us, self.received_ns = snapshot.exchange_us, snapshot.received_ns
        self._sum = self._summed = 0
        if self.ordered:
            self._settle()

    def _settle(self) -> None:
        for side in (self.bids, self.asks):
            side.settle()
            if self.depth and len(side.keys) > self.depth:
                side.cut(self.depth)

    def apply(self, delta: BookDelta) -> int:
        """APPLIED, DUPLICATE or GAP (nothing was changed), by the one rule of :class:`BookDelta`."""
        first, last, previous = delta.first, delta.last, delta.previous
        if previous is not None:
            if previous != self.last:
                newer = delta.exchange_us - self.exchange_us > _REPEATED_US
                return DUPLICATE if last <= self.last and not newer else GAP
        elif first:
            if last <= self.last:
                return DUPLICATE
            if first > self.last + 1:
                return GAP
        change = self._place if self.ordered else Side.apply
        if bids := delta.bids:
            change(self.bids, bids)
        if asks := delta.asks:
            change(self.asks, asks)
        self.last = last
        self.exchange_us, self.received_ns = delta.exchange_us, delta.received_ns
        return APPLIED

    def _place(self, side: Side, changes: Levels) -> None:
        side.place(changes)
        if self.depth and len(side.keys) > self.depth:
            side.cut(self.depth)

    def problem(self) -> str:
        """Why it must not be read: ``refused`` (a number), ``crossed`` or ``""``. Settles the order."""
        bids, asks = self.bids, self.asks
        if not self.ordered:
            bids.settle()
            asks.settle()
        if bids.broken or asks.broken:
            return "refused"
        return "crossed" if bids.keys and asks.keys and -bids.keys[0] >= asks.keys[0] else ""

    def tidy(self) -> None:
        """Call it now and then: else what was deleted from a book that nobody reads piles up."""
        if not self.ordered:
            self.bids.tidy()
            self.asks.tidy()

    def checksum(self, count: int, over: Callable[[list[Level], list[Level]], int]) -> int:
        """``over`` the best ``count`` a side; worked out again only when one of them changed."""
        bids, asks = self.bids, self.asks
        if bids.moved_to < count or asks.moved_to < count or self._summed != count:
            self._sum, self._summed = over(bids.top(count), asks.top(count)), count
        return self._sum

    def best(self, count: int) -> tuple[list[Level], list[Level]]:
        """The best ``count`` proven levels of each side, best first. Ask :meth:`problem` before."""
        return self.bids.best(count), self.asks.best(count)

    def known_to(self) -> tuple[str, str]:
        """The worst proven bid and ask; ``""`` where the whole side is known."""
        return _edge(self.bids), _edge(self.asks)

    def thin(self, depth: int) -> bool:
        """Whether so few proven levels are left, although the venue has more, that it must be fetched again.

        Half a snapshot is always enough: else one as deep as it is wanted would be asked for at each change.
        """
        wanted = min(depth, self._limit // 2)
        return any(side.known != inf and side.proven() < wanted for side in (self.bids, self.asks))


def _edge(side: Side) -> str:
    count = side.proven()
    return "" if side.known == inf or not count else side.rows[count - 1][0]
