"""Checks each book at each moment at which it may be shown: against all that the exchange's own ever was."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from feeds import venues
from feeds.events import BookDelta, BookSnapshot
from feeds.simulator import Simulator, truth
from feeds.simulator.market import Market
from feeds.state import MarketState, StateChange
from feeds.symbols import BOOK

Levels = tuple[list[tuple[str, str]], list[tuple[str, str]]]
Units = tuple[list[tuple[int, int]], list[tuple[int, int]]]

PROVEN = {"KRAKEN": 10}
"""Best levels a side that have to be true, where messages are lost or old: what is deeper than what Kraken
proves is an audit's to find. Where all that the venue said comes, all that are followed have to be."""
NUMBERED = {"DERIBIT", "GEMINI", "KRAKEN_FUTURES"}
"""Venues whose streams bring snapshots that stand at a number."""
STAMPED = {"BITSTAMP"}
"""Venues that number nothing, but say of each picture, by REST too, of when it is."""
BY_LEVEL = {"KRAKEN_FUTURES", "BITFINEX"}
"""Venues that tell what one trader did in several messages: between them there never was such a book."""
STAMP_NS = {name: 1_000_000 for name in venues.VENUES if name.startswith(("BYBIT", "BITFINEX"))}
"""How fine a venue's times are, where they are less than a microsecond's."""
_ECHO = "resync: link sequence"
"""The end of a link that had a hole, of which its books were told before: one may have begun since."""
_FOLLOWED = 25
_KEPT = 4000


@dataclass
class Seen:
    """What befell the book of one instrument. ``blamed``: a fault hit it since it was last begun anew, which
    a snapshot of that number or a later one makes good (0: any). ``hit_s``: when it was last in trouble."""

    blamed: int | None = None
    hit_s: float = 0.0
    live: bool = False
    lost_s: float | None = None
    truths: dict[int, Units] = field(default_factory=dict)
    prices: dict[int, str] = field(default_factory=dict)
    qtys: dict[int, str] = field(default_factory=dict)


class BookWatch:
    """A sink. ``wrong``: shown and never true; ``innocent``: interrupted though nothing had befallen it.

    ``healed_s``: from when a book was lost until it was live again, or from the last fault in between: what
    is hit again while it heals begins anew.
    """

    takes = frozenset({BookDelta, BookSnapshot, StateChange})

    def __init__(self, venue: str, now_s: Callable[[], float], *, lossy: bool = True) -> None:
        self.count, self._now_s = PROVEN.get(venue, _FOLLOWED) if lossy else _FOLLOWED, now_s
        self._stamp_ns = STAMP_NS.get(venue, 1000)
        self._by_level = venue in BY_LEVEL
        self._summed = self._by_level and venues.codec(venue).checksum_levels > 0
        by_rest = venues.codec(venue).snapshots == "rest" and venue not in STAMPED
        self.numbered = venue in NUMBERED or by_rest
        self.simulator: Simulator | None = None
        self._seen: dict[str, Seen] = {}
        self.wrong: list[str] = []
        self.innocent: list[str] = []
        self.healed_s: list[float] = []
        self.checks = 0
        self.over = False

    # what is true

    def note(self, name: str, at_ns: int) -> None:
        """So the exchange's book is now: what is sent next says it."""
        market, truths = self.simulator.market(name), self._of(name).truths
        truths[market.update_id if self.numbered else self._stamp_us(at_ns)] = self._units(market)
        if len(truths) > _KEPT:
            for key in list(truths)[: _KEPT // 2]:
                del truths[key]

    def _stamp_us(self, at_ns: int) -> int:
        return at_ns // self._stamp_ns * self._stamp_ns // 1000

    def _units(self, market: Market) -> Units:
        bids, asks = market.book.sides
        return bids.top(self.count), asks.top(self.count)

    def _texts(self, name: str, units: Units | None) -> Levels | None:
        """As the venue writes them. Most levels were written before."""
        if units is None:
            return None
        market, seen = self.simulator.market(name), self._of(name)
        for side in units:
            for price, qty in side:
                if price not in seen.prices:
                    seen.prices[price] = truth.price_text(market, price)
                if qty not in seen.qtys:
                    seen.qtys[qty] = truth.qty_text(market, qty)
        prices, qtys = seen.prices, seen.qtys
        bids, asks = ([(prices[price], qtys[qty]) for price, qty in side] for side in units)
        return bids, asks

    def _of(self, name: str) -> Seen:
        return self._seen.setdefault(name, Seen())

    def blame(self, names: Iterable[str], number: int = 0) -> None:
        """A fault hits these books now. ``number``: the update that was lost, where they have numbers."""
        for name in names:
            seen = self._of(name)
            seen.blamed = max(seen.blamed or 0, number)
            seen.hit_s = self._now_s()

    def hinder(self, name: str) -> None:
        """It may be healing, and something stood in its way until now."""
        self._of(name).hit_s = self._now_s()

    # what is shown

    def put(self, state: MarketState, event: object) -> None:
        if type(event) is StateChange:
            if event.channel == BOOK:
                self._changed(event)
            return
        seen = self._of(event.instrument)
        good = type(event) is BookSnapshot and seen.blamed is not None and event.last >= seen.blamed
        if self._summed and type(event) is BookDelta and event.checksum is None:
            return  # between two messages
        self._check(state, event.instrument, seen)  # a picture that was hit itself is what breaks the book
        if good:
            seen.blamed = None

    async def run(self) -> None:
        """Nothing is brought anywhere."""

    def _changed(self, event: StateChange) -> None:
        seen = self._of(event.instrument)
        if seen.live and event.state != "live":
            seen.live, seen.lost_s = False, self._now_s()
            if seen.blamed is None and not self.over and not event.reason.startswith(_ECHO):
                self.innocent.append(f"{event.instrument} at {seen.lost_s:.3f}: {event.state} {event.reason}")
        elif event.state == "live":
            if seen.lost_s is not None:
                self.healed_s.append(self._now_s() - max(seen.lost_s, seen.hit_s))
            seen.live, seen.lost_s = True, None

    def _check(self, state: MarketState, name: str, seen: Seen) -> None:
        book = state.book(name)
        if book is None:
            return
        key = book.last if self.numbered else book.exchange_us
        if not key or self._by_level and key not in seen.truths:
            return  # what came without a time, or between two messages
        self.checks += 1
        shown, true = book.best(self.count), self._texts(name, seen.truths.get(key))
        if shown != true:
            self.wrong.append(f"{name} at {self._now_s():.3f}: {unlike(shown, true)}")

    def agrees(self, state: MarketState, name: str) -> bool:
        """Whether it shows what is true now."""
        book = state.book(name)
        true = self._texts(name, self._units(self.simulator.market(name)))
        return book is not None and book.best(self.count) == true


def unlike(shown: Levels, true: Levels | None) -> str:
    """The first levels in which they differ."""
    if true is None:
        return "shown at a time at which nothing was sent"
    for side, ours, theirs in zip(("bid", "ask"), shown, true, strict=True):
        extra, missing = [x for x in ours if x not in theirs], [x for x in theirs if x not in ours]
        if extra or missing:
            return f"{side}s {extra[:3]} are shown and not true, {missing[:3]} are true and not shown"
    return "the same levels in another order"
