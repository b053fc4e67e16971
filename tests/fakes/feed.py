"""A session on a fake venue, with everything that its state said kept in a list."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable

from feeds.clock import SystemClock
from feeds.codec import Limits, LinkPlan, Subscription
from feeds.recorder import Tee
from feeds.session import Session
from feeds.shared import Timing, Venue
from feeds.state import MarketState, Resync, StateChange
from tests.fakes.venue_codec import FakeCodec
from tests.fakes.venue_server import VenueServer

TIMING = Timing(
    ack_s=0.3,
    refused_retry_s=60,
    healthy_s=0.2,
    ping_every_s=60,
    open_s=2,
    close_s=0.2,
    prove_s=2,
    roll_retry_s=0.3,
    halted_s=60,
    tick_s=0.02,
)
"""As in production, a hundredth as long."""


class Feed:
    """``events``: all that the state emitted, in order."""

    def __init__(
        self,
        server: VenueServer,
        wanted: Iterable[Subscription],
        *,
        limits: Limits | None = None,
        timing: Timing = TIMING,
        tee: Tee | None = None,
        codec: FakeCodec | None = None,
    ) -> None:
        self.events: list[object] = []
        self.codec = codec or FakeCodec(limits)
        clock = SystemClock()
        self.state = MarketState(self.codec, clock, emit=self.events.append, resync=self._resync)
        self.venue = Venue(
            self.codec, self.state, clock, server.ws_url, timing, tee, uniform=lambda low, high: high * 0.2
        )
        self.session = Session(LinkPlan("link", "/ws", tuple(wanted)), self.venue)

    def _resync(self, resync: Resync) -> None:
        self.session.resync(resync.instrument, resync.reason)

    def changes(self, channel: str, instrument: str) -> list[str]:
        found = [e for e in self.events if isinstance(e, StateChange)]
        return [e.state for e in found if (e.channel, e.instrument) == (channel, instrument)]

    def shown(self, channel: str, instrument: str) -> tuple[str, str]:
        return self.state.topic_state(channel, instrument)[:2]

    @property
    def health(self):
        return self.session.health


@contextlib.asynccontextmanager
async def running(*coroutines: object) -> AsyncIterator[None]:
    """Run them beside the test; an error in one fails it, and at the end they are cancelled."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(coroutine) for coroutine in coroutines]
        yield
        for task in tasks:
            task.cancel()
