"""One connection to a venue, from its handshake to its end: frames in, requests out, and when to give it up.

It does not know how bytes travel: it is handed a :class:`feeds.shared.Wire` once the handshake is done.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from feeds.admission import Admission, opening
from feeds.codec import LinkPlan, Subscription
from feeds.events import CONTROL, NO_DATA, Ack, Event, LoggedIn, Reconnect, Reply, Unknown, VenueStatus
from feeds.health import STALE, LinkHealth, standing
from feeds.ratelimit import RateWindow, message_window
from feeds.roster import CONFIRMED, PENDING, Outgoing, Roster
from feeds.shared import Venue, Wire
from feeds.unreadable import Unreadable
from feeds.watchdog import Doubts, Gaps, Watchdog

logger = logging.getLogger(__name__)

_NS = 1_000_000_000
# What a link that takes over may hold back before it is proven; the largest venue's snapshots are below it.
_MAX_HELD = 200_000


class Link:
    """Made for one connection. ``held``: it is to take over from another, so its events wait for that."""

    def __init__(
        self,
        name: str,
        plan: LinkPlan,
        venue: Venue,
        roster: Roster,
        health: LinkHealth,
        gaps: Gaps,
        doubts: Doubts,
        *,
        held: bool = False,
    ) -> None:
        self.name, self.plan, self.roster, self.health = name, plan, roster, health
        self.venue, self.codec, self.clock = venue, venue.codec, venue.clock
        self._decode, self._apply = roster.codec.decode, venue.state.apply
        self.timing, self.tee = venue.timing, venue.tee
        self._wall_ns, self._gaps, self._doubts = venue.clock.wall_ns, gaps, doubts
        self._unreadable = Unreadable(self.conn, venue, roster, health)
        self._held: list[Event] | None = [] if held else None
        self._frames = self._data = self._ever_data = False
        self._wire: Wire | None = None
        self._kick = asyncio.Event()
        self._replies: list[str] = list(venue.codec.greeting())
        self.admission, self.opening = Admission(venue.codec), opening(venue.codec, self.url)
        self._pace = venue.pace or message_window(venue.codec.limits.messages_per_s, venue.clock)
        limits = venue.codec.limits
        self.max_frame_bytes = limits.max_frame_bytes
        self._asks = RateWindow(limits.asks, limits.asks_window_s, venue.clock)
        self._opened_ns = self._pinged_ns = self._proven_ns = 0
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[str] = loop.create_future()
        self.aged: asyncio.Future[str] = loop.create_future()
        self.proven: asyncio.Future[None] = loop.create_future()
        # A handshake's HTTP status, the time that the venue named; the whole of what ended it.
        self.refused, self.retry_after_s, self.limited, self.error = 0, 0.0, False, ""
        self.on_healthy: Callable[[], None] = lambda: None

    # frames

    def receive(self, data: bytes) -> None:
        """The hot path: decode, and hand every event to the state. Never raises for what the venue sent."""
        received_ns = self._wall_ns()
        self.health.messages += 1
        self._frames = True
        if self.tee is not None:
            self.tee.received(self.conn, received_ns, data)
        try:
            events = self._decode(data, received_ns)
        except Exception as error:  # whatever a frame does to a codec, it costs that frame and no more
            return self._unreadable.take(error, data, shown=self._held is None)
        if not events or self._held is not None:
            return self._hold(events)
        apply, name = self._apply, self.name
        for event in events:
            if type(event) in CONTROL:
                self._control(event)
            else:
                apply(event, name)
        if type(events[-1]) not in NO_DATA:
            self._data = True
            if self._doubts.doubting:
                self._doubts.spoke()
        elif type(events[-1]) is Unknown:
            self._unreadable.unknown(data)

    def control_frame(self, *, ping: bool) -> None:
        """A ping or a pong arrived; our answer to a ping counts as a message."""
        self._frames = True
        if ping:
            self._pace.take()

    def _hold(self, events: list[Event]) -> None:
        for event in events:
            if type(event) in CONTROL:
                self._control(event)
            elif len(self._held) < _MAX_HELD:
                self._held.append(event)
            else:
                self.end("too much data before it could take over")
                return
        self._data |= bool(events) and type(events[-1]) not in NO_DATA

    def release(self) -> None:
        """Take over: what was held back goes to the state now, and from now on everything at once."""
        held, self._held = self._held or [], None
        for event in held:
            self._apply(event, self.name)
        for entry in self.roster.entries.values():
            if entry.state == CONFIRMED:
                self.venue.state.confirm([entry.subscription])

    # what the venue says

    def _control(self, event: Event) -> None:
        if type(event) is Ack:
            self._acknowledged(event)
        elif type(event) is Reply:
            self._replies.append(event.text)
        elif type(event) is Reconnect:
            self.age(event.reason)
        elif type(event) is VenueStatus:
            self.venue.halted = (event.reason or event.status) if event.status == "halted" else ""
            self._apply(event, self.name)
            self._show()
        elif type(event) is LoggedIn and (problem := self.admission.answered(event)):
            self.end(problem)
        self._kick.set()

    def _acknowledged(self, ack: Ack) -> None:
        verdict = self.roster.acknowledge(ack, self.clock.mono_ns())
        self._confirm(verdict.confirmed)
        for subscription in verdict.refused:
            channel, instrument = subscription.channel, subscription.instrument
            refusal = Ack(False, f"refused: {verdict.words}", channel, instrument, 0)
            self._apply(refusal, self.name)
        if words := verdict.words or ack.error:
            self.health.last_error = words[:300]
            if often := self.venue.seldom.due(f"refused {self.plan.name} {words}"):
                logger.warning("%s: refused (%d times): %s", self.conn, often, words)

    def _confirm(self, confirmed: list[Subscription]) -> None:
        if confirmed and self._held is None:
            self._doubts.agreed(confirmed)

    def age(self, reason: str) -> None:
        """Ask the session for a successor; the link runs on until that one is proven."""
        if not self.aged.done():
            self.aged.set_result(reason)

    def end(self, reason: str) -> None:
        """Give the connection up, now. The first reason counts."""
        if not self.ended.done():
            self.ended.set_result(reason)
        if self._wire is not None:
            self._wire.abort()

    # requests

    def kick(self) -> None:
        """There may be something to send."""
        self._kick.set()

    def opened(self, wire: Wire) -> None:
        self._wire = wire
        self._opened_ns = self._pinged_ns = self.clock.mono_ns()
        self.watchdog = Watchdog(self.codec.limits, self._gaps, self._opened_ns)
        self.health.connected_us = self._wall_ns() // 1000
        self._show()

    async def send_requests(self) -> None:
        """Send what is due, in the venue's pace, until the connection ends."""
        if secret := self.admission.text():
            await self._wire.send(secret)  # not by way of what is recorded
        while not self.ended.done():
            self._kick.clear()
            if self._replies:
                await self._send(self._replies.pop(0))
            elif self.admission.open and not self._asks.delay_s() and (outgoing := self._next()):
                await self._send(outgoing.request.text, outgoing)
            else:
                await self._kick.wait()

    def _next(self) -> Outgoing | None:
        return self.roster.next(self.clock.mono_ns(), self.venue.state.preferred)

    async def _send(self, text: str, outgoing: Outgoing | None = None) -> None:
        await self._pace.wait()
        if outgoing is not None:
            # Before it leaves, because the answer may be here before we are told that it left.
            self.roster.sent(outgoing, self.clock.mono_ns())
            self._asks.take()
        if self.tee is not None:
            self.tee.sent(self.conn, self._wall_ns(), self.url, text)
        await self._wire.send(text)

    @property
    def conn(self) -> str:
        """The connection's name in a recording, which may hold several venues."""
        return f"{self.codec.venue}.{self.name}"

    @property
    def url(self) -> str:
        query = self.codec.query(self.plan.subscriptions)
        return self.venue.ws_url.rstrip("/") + self.plan.path + query

    # time

    async def watch(self) -> None:
        """Look after the connection several times a second, until it ends."""
        limits = self.codec.limits
        tick_s = min(self.timing.tick_s, limits.idle_s / 4)
        roll_after_s = limits.max_link_age_s * self.venue.uniform(0.90, 0.97)
        while not self.ended.done():
            await asyncio.wait([self.ended], timeout=tick_s)
            now_ns = self.clock.mono_ns()
            self._tend(now_ns)
            await self._ping(now_ns)
            if limits.max_link_age_s and now_ns - self._opened_ns > roll_after_s * _NS:
                self.age("planned roll-over before the venue's limit")

    def _tend(self, now_ns: int) -> None:
        if not self.watchdog.is_coming(now_ns):
            self._confirm(self.roster.expire(now_ns, self._seen))
        confirmed = self.roster.count(CONFIRMED)
        dead = self.watchdog.tick(
            now_ns,
            frames=self._frames,
            data=self._data,
            proven=confirmed > 0,
            halted=bool(self.venue.halted),
            under_way=self._wire.under_way,
        )
        self._ever_data |= self._data
        self._frames = self._data = False
        if dead:
            self._doubts.silent()
            self.end(dead)
        elif late := self.admission.late((now_ns - self._opened_ns) / _NS):
            self.end(late)
        elif self.watchdog.late and self._held is None:
            self._doubts.late(self.name, self.watchdog.late)
        self._kick.set()
        self._prove(now_ns)
        self._show()

    def _seen(self, subscription: Subscription) -> bool:
        """Whether data came for what was asked and not acknowledged."""
        asked = self.roster.entries[subscription.channel, subscription.instrument].asked_ns
        since_ns = self._wall_ns() - (self.clock.mono_ns() - asked)
        return self.venue.state.received_ns(subscription.channel, subscription.instrument) > since_ns

    def _prove(self, now_ns: int) -> None:
        if not (self.roster.settled and self._ever_data):
            self._proven_ns = 0
            return
        self._proven_ns = self._proven_ns or now_ns
        if not self.proven.done():
            self.proven.set_result(None)
        if now_ns - self._proven_ns > self.timing.healthy_s * _NS:
            self.on_healthy()

    async def _ping(self, now_ns: int) -> None:
        """Only where the venue has no heartbeat: an application's ping, or a protocol's: when it is quiet, or
        wants it anyway."""
        limits, since_ns = self.codec.limits, now_ns - self._pinged_ns
        due = since_ns > self.timing.ping_every_s * _NS
        if due and limits.data_idle_s and (text := self.codec.ping(0)):
            self._pinged_ns = now_ns
            return self._replies.append(text)
        quiet = since_ns > self.watchdog.frame_s / 4 * _NS and self.watchdog.wants_ping(now_ns)
        if quiet or (due and limits.pinged):
            self._pinged_ns = now_ns
            self._pace.take()
            await self._wire.ping()

    def _show(self) -> None:
        if self._held is not None or self.ended.done():
            return
        self.health.topics = self.roster.count(CONFIRMED)
        before, (state, reason) = self.health.state, self._standing()
        if self.health.change(state, reason, self._wall_ns() // 1000) and state != before:
            logger.info("%s: %s %s", self.conn, state, reason)

    def _standing(self) -> tuple[str, str]:
        if self._doubts.slow:
            return STALE, self._doubts.slow
        comes = self._ever_data and self.roster.count(CONFIRMED) > 0
        return standing(self.venue.halted, data=comes, pending=self.roster.count(PENDING))
