"""Audits of one venue's books in turn: the venue's picture by REST against what its stream made of them."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from feeds.audit import DOUBTED, FAILED, Audit, Difference, Witness
from feeds.clock import Clock
from feeds.codec import Codec, DecodeError, RestRequest, Subscription
from feeds.events import BookSnapshot
from feeds.ratelimit import Seldom
from feeds.rest import Rest, RestError
from feeds.shared import AuditTiming
from feeds.state import MarketState

logger = logging.getLogger(__name__)

_NS = 1_000_000_000
# What audits may use of the venue's weight: candles that somebody waits for go on beside them.
SHARE = 1 / 3
# An audit is mostly waiting, so several are under way.
_AT_ONCE = 8
# Each so many audits one is of a book that nobody watches, however many are watched.
_OTHERS_EVERY = 8
_SHOWN = 3

Place = tuple[str, Decimal]


class Auditor:
    """Books that the codec wants audited, those in ``watched`` more often.

    Counts ``audits``, ``audit doubts`` (asked again) and ``audits contested`` (the venue contradicts itself).
    """

    def __init__(
        self,
        codec: Codec,
        state: MarketState,
        rest: Rest,
        clock: Clock,
        counters: Counter[str],
        timing: AuditTiming,
    ) -> None:
        self._codec, self._state, self._rest, self._clock = codec, state, rest, clock
        self.counters, self._timing = counters, timing
        self.watched: frozenset[str] = frozenset()
        self._window = rest.part(SHARE)
        self._seldom = Seldom(60, clock)
        # When each book was first seen or last begun with; then when it was refetched and over which levels.
        self._since_ns: dict[str, int] = {}
        self._refuted: dict[str, tuple[int, frozenset[Place]]] = {}
        self._under_way: set[str] = set()
        self._begun = 0

    async def run(self) -> None:
        """Audit what is due, watched and held instruments first; until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                subscription = self.begin()
                if subscription is not None:
                    group.create_task(self._audit(subscription))
                await asyncio.sleep(self._timing.look_s)

    # whose turn it is

    def begin(self) -> Subscription | None:
        """The book whose audit is due, taken as begun; None while there is none or too many are under way."""
        subscription = None
        if not self._rest.banned_s and len(self._under_way) < _AT_ONCE:
            subscription = self._next()
        if subscription is not None:
            self._begun += 1
            self._since_ns[subscription.instrument] = self._clock.mono_ns()
            self._under_way.add(subscription.instrument)
        return subscription

    def end(self, subscription: Subscription) -> None:
        self._under_way.discard(subscription.instrument)

    def _next(self) -> Subscription | None:
        idle = [book for book in self._audited() if book.instrument not in self._under_way]
        watched = [book for book in idle if book.instrument in self.watched]
        others = [book for book in idle if book.instrument not in self.watched]
        turns = [(watched, self._timing.watched_s), (others, self._timing.others_s)]
        if self._begun % _OTHERS_EVERY == _OTHERS_EVERY - 1:
            turns.reverse()
        return self._longest(*turns[0]) or self._longest(*turns[1])

    def _audited(self) -> list[Subscription]:
        books = [book for book in self._state.live_books() if self._codec.audit_request(book) is not None]
        now_ns, known = self._clock.mono_ns(), self._since_ns
        self._since_ns = {book.instrument: known.get(book.instrument, now_ns) for book in books}
        return books

    def _longest(self, books: Iterable[Subscription], every_s: float) -> Subscription | None:
        """Of those that wait for ``every_s`` the one that waits longest, preferred ones first."""
        until_ns, preferred = self._clock.mono_ns() - round(every_s * _NS), self._state.preferred
        due = [book for book in books if self._since_ns[book.instrument] <= until_ns]
        return min(
            due,
            key=lambda book: (book.instrument not in preferred, self._since_ns[book.instrument]),
            default=None,
        )

    # one audit

    async def _audit(self, subscription: Subscription) -> None:
        name = subscription.instrument
        witness, request = self._state.witness(name), self._codec.audit_request(subscription)
        try:
            if witness is not None and request is not None:
                await self._compare(subscription, request, witness)
        except (RestError, DecodeError) as error:
            self._since_ns[name] = self._clock.mono_ns() + round(self._timing.failed_s * _NS)
            self.counters["fetch errors"] += 1
            if often := self._seldom.due(type(error).__name__):
                logger.warning("%s: audit of %s failed (%d times): %s", self._codec.venue, name, often, error)
        finally:
            self.end(subscription)
            if witness is not None:
                self._state.dismiss(witness)

    async def _compare(self, subscription: Subscription, request: RestRequest, witness: Witness) -> None:
        """Ask until there is a verdict, or until the book begins anew and so is proven."""
        name, began_ns = subscription.instrument, self._clock.mono_ns()
        audit, verdict = Audit(witness, self._codec.checksum_levels), DOUBTED
        await asyncio.sleep(self._timing.before_s)
        while verdict == DOUBTED:
            if self._state.book(name) is not witness.book:
                return
            await self._window.wait(request.weight)
            late = self._clock.mono_ns() - began_ns >= self._timing.believed_s * _NS
            picture = await self._asked(subscription, request)
            if self._state.book(name) is not witness.book:
                return
            verdict = audit.verdict(picture, late=late)
            self.counters["audit doubts"] += verdict == DOUBTED
        self.counters["audits"] += 1
        if verdict == FAILED:
            self._failed(name, audit.found)

    async def _asked(self, subscription: Subscription, request: RestRequest) -> BookSnapshot:
        """The venue's picture, at a time when all that it can show has come by the stream too."""
        body = await self._rest.get(request)
        picture = self._codec.decode_audit(subscription, body, self._clock.wall_ns())
        await asyncio.sleep(self._timing.after_s)
        return picture

    def _failed(self, name: str, found: list[Difference]) -> None:
        """Have the book fetched again; not for levels that a new book did not change the last time."""
        now_ns, places = self._clock.mono_ns(), frozenset(each.place for each in found)
        at_ns, before = self._refuted.get(name, (0, frozenset()))
        shown = ", ".join(map(str, found[:_SHOWN]))
        if places & before and now_ns - at_ns < self._timing.contested_s * _NS:
            self.counters["audits contested"] += 1
            if often := self._seldom.due(f"contested {name}"):
                logger.warning("%s: REST and stream disagree (%d times): %s", name, often, shown)
            return
        self._refuted[name] = (now_ns, places)
        logger.warning("%s: audit failed, %d levels differ from REST: %s", name, len(found), shown)
        self._state.refute(name, f"{len(found)} levels differ from the venue's REST answer")
