"""Links that stay: connect, follow, roll over, come back after every failure.

What is wanted is state: after each new connection it is asked for again from its original arguments. How a
connection is opened and read is in :mod:`feeds.connection`, what happens on it in :mod:`feeds.link`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import ceil

from feeds.backoff import BASE_S, CAP_S, Backoff, Repeats, limited
from feeds.codec import LinkPlan, Subscription
from feeds.connection import serve
from feeds.events import Ack
from feeds.health import CONNECTING, DOWN, LinkHealth
from feeds.link import Link
from feeds.roster import Entry, Roster
from feeds.shared import Venue
from feeds.symbols import BOOK
from feeds.watchdog import Doubts, Gaps

logger = logging.getLogger(__name__)

_NS = 1_000_000_000
# A book or a link that is lost now and then is brought again at once. What holds for seconds is no loop.
_CALM_S, _SPARE_BOOKS, _SPARE_LINKS = 5.0, 3, 5


class Session:
    """One link of a plan for as long as it is wanted. ``name`` is the plan's; each connection has its own."""

    def __init__(self, plan: LinkPlan, venue: Venue) -> None:
        self.plan, self.venue = plan, venue
        self.health = LinkHealth(plan.name, venue.codec.venue)
        self.counters: Counter[str] = Counter()
        self.wanted: tuple[Subscription, ...] = plan.subscriptions
        timing, wanted = venue.timing, plan.subscriptions
        self._roster = Roster(
            venue.codec, wanted, ack_s=timing.ack_s, retry_s=timing.refused_retry_s, counters=self.counters
        )
        self._gaps, self._doubts = Gaps(), Doubts(venue.state)
        self._backoff = Backoff(uniform=venue.uniform)
        self._wait_s, self._lives = 0.0, 0
        self._link: Link | None = None
        self._next: Link | None = None
        self._changed = asyncio.Event()
        uniform = venue.uniform
        self._repeats = Repeats(calm_s=_CALM_S, spare=_SPARE_BOOKS, uniform=uniform)
        self._losses = Repeats(calm_s=_CALM_S, cap_s=CAP_S, spare=_SPARE_LINKS, uniform=uniform)
        self._link_name = plan.name
        # Asked to take these off this link, and ask for them on another; whether there is no use in adding.
        self.part: Callable[[Session, list[Subscription]], None] = lambda session, items: None
        self.shut = False
        venue.state.watch(plan.subscriptions, self._link_name)

    # what is wanted

    def want(self, wanted: Sequence[Subscription]) -> None:
        """The whole wanted set of this link; what stays is not touched."""
        before, now = set(self.wanted), set(wanted)
        self.wanted = tuple(wanted)
        state = self.venue.state
        kept = {(item.channel, item.instrument) for item in wanted}
        state.unwatch([item for item in before - now if (item.channel, item.instrument) not in kept])
        state.watch([item for item in wanted if item not in before], self._link_name)
        self._roster.want(wanted)
        for link in (self._link, self._next):
            if link is not None:
                link.roster.want(wanted)
                link.kick()
                self._outgrown(link)
        self._changed.set()

    def _outgrown(self, link: Link) -> None:
        """Where what a link carries stands in its address, another set needs another one."""
        query = self.venue.codec.query
        if self.wanted and query(link.plan.subscriptions) != query(self.wanted):
            link.age("another set is wanted")

    def entries(self) -> list[Entry]:
        """What was asked for and what the venue said, on the newest connection."""
        return list(self._roster.entries.values())

    def owns(self, link: str) -> bool:
        return link in (self._link_name, self.name)

    @property
    def name(self) -> str:
        return self.plan.name

    # resync

    def resync(self, instrument: str, reason: str) -> None:
        """Bring the book again, from the venue's stream: of one instrument, or ``""`` for all of the link."""
        self.health.gaps += 1
        link = self._link
        if link is None or link.ended.done():
            return
        if not instrument:
            link.end(f"resync: {reason}")
        else:
            now_ns = self.venue.clock.mono_ns()
            wait_s = self._repeats.wait_s(instrument, now_ns)
            link.roster.renew(BOOK, instrument, now_ns + round(wait_s * _NS))
            link.kick()
        self.health.resyncs += 1

    # life

    async def run(self) -> None:
        """Keep the link until cancelled."""
        self._next = None
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    await self._turn()
                    self._link = self._new_link(self._link_name, held=False)
                    self._show(CONNECTING, "")
                    group.create_task(serve(self._link))
                    self._lost(await self._follow(group))
        finally:
            self.venue.state.link_down(self._link_name, "the link was stopped")

    def _new_link(self, name: str, *, held: bool) -> Link:
        self._roster = self._roster.restarted()
        plan = self.plan._replace(subscriptions=self.wanted)
        roster, health = self._roster, self.health
        link = Link(name, plan, self.venue, roster, health, self._gaps, self._doubts, held=held)
        link.on_healthy = self._backoff.reset
        return link

    async def _turn(self) -> None:
        """Wait for a symbol that may be asked for, for the back-off, for the venue's count of connects."""
        while (due_ns := self._roster.askable_ns()) is None or due_ns > self.venue.clock.mono_ns():
            self._changed.clear()
            self._show(DOWN, "no symbol that the venue serves")
            left_s = 60.0 if due_ns is None else (due_ns - self.venue.clock.mono_ns()) / _NS
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._changed.wait()
        await asyncio.sleep(self._wait_s)
        while wait_s := self._barred_s():  # noqa: ASYNC110 (only time ends a ban)
            await asyncio.sleep(wait_s)
        self.venue.connects.take()

    def _barred_s(self) -> float:
        """How long the venue wants no connection of anybody: it said so, or it had as many as it allows."""
        if banned_s := self.venue.banned_s:
            words = limited(self.venue.clock.wall_ns(), banned_s)
            self.venue.state.link_down(self._link_name, words)  # whichever link was told so
            self._show(DOWN, words, limited=True)
            return banned_s
        if delay_s := self.venue.connects.delay_s():
            self._show(DOWN, f"waiting {ceil(delay_s)} s for the venue's limit of connections")
        return delay_s

    async def _follow(self, group: asyncio.TaskGroup) -> str:
        """Until the link ends without a successor; the reason."""
        while True:
            link = self._link
            await asyncio.wait([link.ended, link.aged], return_when=asyncio.FIRST_COMPLETED)
            if link.ended.done():
                return link.ended.result()
            await self._roll_over(group, link)

    async def _roll_over(self, group: asyncio.TaskGroup, old: Link) -> None:
        """Open the next link and prove it, then let it take over; the old one serves meanwhile."""
        await self.venue.connects.wait()
        self._lives += 1
        new = self._next = self._new_link(f"{self.name}~{self._lives}", held=True)
        group.create_task(serve(new))
        prove_s = self.venue.timing.prove_s
        await asyncio.wait([new.proven, new.ended], timeout=prove_s, return_when=asyncio.FIRST_COMPLETED)
        self._next = None
        if new.proven.done() and not new.ended.done():
            self._take_over(old, new)
            return
        new.end("not proven in time")
        self._roster = old.roster
        added = [item for item in self.wanted if item not in old.plan.subscriptions]
        if _set_refused(new) and 0 < len(added) < len(self.wanted):
            old.aged = asyncio.get_running_loop().create_future()
            return self.part(self, added)
        await self._put_off(old)

    def _take_over(self, old: Link, new: Link) -> None:
        state = self.venue.state
        if old.ended.done():
            state.link_down(old.name, old.ended.result())
        state.splice(old.name, new.name)
        self._link, self._link_name = new, new.name
        new.release()
        old.end("rolled over")
        self.counters["rolled over"] += 1
        logger.info("%s %s: rolled over", self.venue.codec.venue, self.name)

    async def _put_off(self, link: Link) -> None:
        """The successor failed: try again later, while this link serves on."""
        logger.warning("%s %s: roll-over failed, put off", self.venue.codec.venue, self.name)
        await asyncio.wait([link.ended], timeout=self.venue.timing.roll_retry_s)
        link.aged = asyncio.get_running_loop().create_future()
        link.age("roll-over put off before")

    def _lost(self, reason: str) -> None:
        venue, link = self.venue, self._link
        self._doubts.ended()
        self.health.reconnects += 1
        self.health.last_error = link.error or reason
        self._wait_s = self._pause_s(link)
        if venue.halted:
            self._wait_s = max(self._wait_s, venue.timing.halted_s)
        venue.state.link_down(self._link_name, reason)
        self.shut = False
        if _set_refused(link):
            self._wait_s = self._apart(f"refused: {link.error}")
        self._show(DOWN, f"{reason}; next try in {self._wait_s:.1f} s", limited=link.limited)

    def _apart(self, words: str) -> float:
        """Until the next try, after a set was refused for the sake of one of it, whom nobody names: half of
        it goes elsewhere, until that one stands alone."""
        names = sorted({item.instrument for item in self.wanted})
        self.shut = len(names) == 1
        if self.shut:
            for item in self.wanted:
                self.venue.state.apply(Ack(False, words, item.channel, item.instrument, 0), self._link_name)
            return self.venue.timing.refused_retry_s
        away = set(names[len(names) // 2 :])
        self.part(self, [item for item in self.wanted if item.instrument in away])
        return self.venue.uniform(0, BASE_S)

    def _pause_s(self, link: Link) -> float:
        """Until the next try: soon after a link that had brought all it was asked for."""
        if link.retry_after_s:
            # A second more: clocks differ.
            told_ns = self.venue.clock.mono_ns() + round((link.retry_after_s + 1) * _NS)
            self.venue.banned_ns = max(self.venue.banned_ns, told_ns)
        if link.admission.retry_s:
            return link.admission.retry_s
        if not link.proven.done():
            return self._backoff.next_s(status=link.refused, retry_after_s=link.retry_after_s)
        spread_s = self.venue.uniform(0, BASE_S)  # of all that lost their links at the same time
        return spread_s + self._losses.wait_s(self.name, self.venue.clock.mono_ns())

    def _show(self, state: str, reason: str, *, limited: bool = False) -> None:
        if not self.health.change(state, reason, self.venue.clock.wall_ns() // 1000, limited=limited):
            return
        if often := self.venue.seldom.due(f"{state} {self.name} {reason[:40]}"):
            level = logging.WARNING if state == DOWN else logging.INFO
            label = f"{self.venue.codec.venue}.{self.name}"
            logger.log(level, "%s: %s (%d times): %s", label, state, often, reason)


def _set_refused(link: Link) -> bool:
    """Whether the venue refuses what stands in the link's address."""
    return link.opening.lines and link.refused == 400
