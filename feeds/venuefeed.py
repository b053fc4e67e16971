"""One venue: its state, its links, its REST requests, and which link carries what."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from feeds.admission import missing
from feeds.auditor import Auditor
from feeds.backoff import limited
from feeds.basics import in_parts
from feeds.clock import Clock
from feeds.codec import Codec, LinkPlan, Subscription
from feeds.events import CLOSED
from feeds.fetches import Fetches
from feeds.health import CONNECTING, DOWN, HALTED, LIVE, STALE, SUBSCRIBING, LinkHealth
from feeds.hours import Hours
from feeds.polls import Polls
from feeds.recorder import Tee
from feeds.rest import Rest
from feeds.running import keep_running
from feeds.session import Session
from feeds.shared import Timing, Venue
from feeds.sinks import LinkReport, Routes, Sink, VenueReport
from feeds.state import MarketState, Resync

logger = logging.getLogger(__name__)

# Of several links the one in the best state speaks for the venue; topics have states of their own.
_SPEAKS = {HALTED: "halted", LIVE: "live", SUBSCRIBING: "syncing", CONNECTING: "syncing", STALE: "stale"}


class VenueFeed:
    """Links are kept where they are: a change of the wanted set moves no topic from one to another."""

    def __init__(
        self,
        codec: Codec,
        sinks: Sequence[Sink],
        clock: Clock,
        *,
        urls: tuple[str, str] = ("", ""),
        timing: Timing | None = None,
        tee: Tee | None = None,
    ) -> None:
        self.codec, self.clock = codec, clock
        self._emit = self._emitter(sinks)
        self.counters: Counter[str] = Counter()
        self.state = MarketState(codec, clock, emit=self._emit, resync=self._resync)
        self.state.unfollowed = missing(codec)
        self.rest = Rest(codec, clock, url=urls[1], tee=tee)
        self.venue = Venue(codec, self.state, clock, urls[0] or codec.ws_url, timing or Timing(), tee)
        self.fetches = Fetches(codec, self.state, self.rest, clock, self.counters)
        self.polls = Polls(codec, self.state, self.rest, clock, self.counters)
        self.hours = Hours(codec, self.rest, clock, self.counters, self._phase)
        self.auditor = Auditor(codec, self.state, self.rest, clock, self.counters, self.venue.timing.audit)
        self.sessions: dict[str, Session] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        self._reported: VenueReport | None = None

    def _emitter(self, sinks: Sequence[Sink]) -> Callable[[object], None]:
        routes = Routes(sinks)

        def emit(event: object) -> None:
            for put in routes[type(event)]:
                try:
                    put(self.state, event)
                except Exception:  # a fault of one sink costs the venue and the other sinks nothing
                    self._sink_failed(put)

        return emit

    def _sink_failed(self, put: Callable[..., None]) -> None:
        self.counters["sink errors"] += 1
        if often := self.venue.seldom.due(f"sink {put}"):
            logger.exception("%s: %s did not take an event (%d times)", self.codec.venue, put, often)

    @property
    def links(self) -> list[LinkHealth]:
        return [session.health for session in self.sessions.values()]

    # which link carries what

    def desire(self, subscriptions: Iterable[Subscription]) -> None:
        """The whole wanted set of the venue. Without the key that it needs nothing of it is opened."""
        subscriptions = () if self.state.unfollowed else subscriptions
        wanted = dict.fromkeys(in_parts(self.codec, subscriptions))
        for name, session in list(self.sessions.items()):
            self._narrow(name, session, wanted)
        carried = {item for session in self.sessions.values() for item in session.wanted}
        added = [item for item in wanted if item not in carried]
        if added:
            self._place(added)
        self.fetches.follow(wanted)
        self.polls.follow(wanted)
        self._changed.set()

    def _narrow(self, name: str, session: Session, wanted: dict[Subscription, None]) -> None:
        keep = [item for item in session.wanted if item in wanted]
        places = {(item.channel, item.instrument): item for item in wanted}
        # Another depth of the same book stays on its link: the venue knows one book there.
        swapped = [places.get((item.channel, item.instrument)) for item in session.wanted]
        keep = [item for item in swapped if item is not None] if len(keep) < len(session.wanted) else keep
        if not keep:
            session.want(())
            del self.sessions[name]
        elif tuple(keep) != session.wanted:
            session.want(keep)

    def _place(self, added: list[Subscription]) -> None:
        # What is new is spread by the codec already: only links from before may have room.
        before = list(self.sessions.values())
        for plan in self.codec.links(added):
            left = list(plan.subscriptions)
            for session in before:
                if left and session.plan.path == plan.path and not session.shut:
                    left = self._fill(session, left)
            if left:
                self._open(plan._replace(subscriptions=tuple(left)))

    def _fill(self, session: Session, added: list[Subscription]) -> list[Subscription]:
        """Put on a link what fits there, as the codec judges it, until something does not; what is left."""
        if self._fits(session, added):
            session.want((*session.wanted, *added))
            return []
        groups: dict[str, list[Subscription]] = {}
        for item in added:
            groups.setdefault(item.instrument, []).append(item)
        taken: list[Subscription] = []
        for group in groups.values():
            if len(groups) == 1 or not self._fits(session, [*taken, *group]):
                break
            taken += group
        if taken:
            session.want((*session.wanted, *taken))
        held = set(taken)
        return [item for item in added if item not in held]

    def _fits(self, session: Session, added: list[Subscription]) -> bool:
        plans = self.codec.links([*session.wanted, *added])
        return len(plans) == 1

    def _open(self, plan: LinkPlan) -> None:
        name, number = plan.name, 1
        while name in self.sessions:
            number += 1
            name = f"{plan.name}-{number}"
        session = self.sessions[name] = Session(plan._replace(name=name), self.venue)
        session.part = self._part

    def _part(self, session: Session, items: list[Subscription]) -> None:
        session.want([item for item in session.wanted if item not in items])
        self._open(session.plan._replace(subscriptions=tuple(items)))
        self._changed.set()

    # resync

    def _resync(self, resync: Resync) -> None:
        session = next((s for s in self.sessions.values() if s.owns(resync.link)), None)
        if session is None:
            return
        if resync.scope == "symbol" and self.codec.snapshots == "rest":
            session.health.gaps += 1
            session.health.resyncs += 1
            self.fetches.wake()
        else:
            session.resync(resync.instrument if resync.scope == "symbol" else "", resync.reason)

    # life

    async def run(self) -> None:
        """Keep all links, fetch what they need, report each second; until cancelled."""
        name = self.codec.venue
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(keep_running(f"{name} snapshots", self.fetches.snapshots, self.counters))
                group.create_task(keep_running(f"{name} candles", self.fetches.candles, self.counters))
                group.create_task(keep_running(f"{name} polls", self.polls.run, self.counters))
                if not self.state.unfollowed:
                    group.create_task(keep_running(f"{name} hours", self.hours.run, self.counters))
                group.create_task(keep_running(f"{name} audits", self.auditor.run, self.counters))
                group.create_task(keep_running(f"{name} report", self._report, self.counters))
                while True:
                    self._changed.clear()
                    self._match_tasks(group)
                    await self._changed.wait()
        finally:
            self._tasks.clear()
            await self.rest.close()

    def _match_tasks(self, group: asyncio.TaskGroup) -> None:
        running = {id(session): session for session in self.sessions.values()}
        for key in [key for key in self._tasks if key not in running]:
            self._tasks.pop(key).cancel()
        for key, session in running.items():
            if key not in self._tasks:
                label = f"{self.codec.venue} {session.name}"
                self._tasks[key] = group.create_task(keep_running(label, session.run, self.counters))

    def _phase(self, phase: str, words: str) -> None:
        self.venue.halted = words if phase == CLOSED else ""
        self.state.close(self.venue.halted)

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.state.tick()
            for session in self.sessions.values():
                session.health.measure(self.clock.mono_ns())
            report = self.report()
            if self._reported is None or report._replace(wall_us=0) != self._reported._replace(wall_us=0):
                self._reported = report
                self._emit(report)

    def report(self) -> VenueReport:
        """The venue as it is now."""
        counters = Counter(self.state.counters)
        for counted in (self.counters, *(session.counters for session in self.sessions.values())):
            counters.update(counted)
        state, reason = self._condition()
        now_us, banned_s = self.clock.wall_ns() // 1000, max(self.rest.banned_s, self.venue.banned_s)
        if banned_s and not reason:
            reason = limited(self.clock.wall_ns(), banned_s)
        return VenueReport(
            venue=self.codec.venue,
            title=self.codec.title,
            state=state,
            reason=reason,
            links=tuple(_link_report(health) for health in self.links),
            counters=dict(counters),
            limited_until_us=now_us + round(banned_s * 1e6) if banned_s else 0,
            wall_us=now_us,
            phase=self.hours.phase,
            phase_words=self.hours.words,
        )

    def _condition(self) -> tuple[str, str]:
        if not self.sessions:
            return "down", self.state.unfollowed or "nothing is wanted from this venue"
        for state, spoken in _SPEAKS.items():
            found = [health for health in self.links if health.state == state]
            if found:
                return spoken, found[0].reason
        return "down", next(health.reason for health in self.links if health.state == DOWN)


def _link_report(health: LinkHealth) -> LinkReport:
    return LinkReport(*(getattr(health, field) for field in LinkReport._fields))
