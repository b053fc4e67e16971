"""The sink that feeds the hubs: one slot per topic, published as the demand of the hubs says."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from channels.layers import BaseChannelLayer

from feeds.clock import Clock
from feeds.events import (
    Bar,
    BookDelta,
    BookSnapshot,
    Funding,
    Liquidation,
    Mark,
    OpenInterest,
    OptionQuote,
    Quote,
    Stats,
    Trade,
    TradeUndone,
)
from feeds.sinks import VenueReport
from feeds.state import MarketState, StateChange
from feeds.symbols import (
    FUNDING,
    HEALTH,
    LIQUIDATION,
    MARK,
    OPTION,
    STATUS,
    TICKER,
    TopicParts,
    split_topic,
)
from marketdash.live import bus, resources
from marketdash.live.cancellation import honour_cancellation
from marketdash.live.leases import Leases
from marketdash.live.mailbox import RETRY_S, Mailbox
from marketdash.live.outlets import Outlet, Shard, shards_of
from marketdash.live.selection import Selection
from marketdash.live.share import Share, Whole
from marketdash.live.venue_slot import HealthSlot

logger = logging.getLogger(__name__)


class ChannelLayerSink:
    """A :class:`feeds.sinks.Sink`. ``on_demand`` is told which topics are watched, when they are others;
    ``on_configure`` that somebody changed the configuration. ``saving`` says why nothing can be kept."""

    def __init__(
        self,
        layer: BaseChannelLayer,
        clock: Clock,
        *,
        epoch: str,
        shards: int,
        on_demand: Callable[[set[TopicParts]], None] = lambda topics: None,
        on_configure: Callable[[], None] = lambda: None,
        share: Share | None = None,
        saving: Callable[[], str] = lambda: "",
    ) -> None:
        self._saving = saving
        self.counters: Counter[str] = Counter()
        self.states: dict[str, MarketState] = {}
        self._layer, self._clock, self._epoch = layer, clock, epoch
        self._started_us = clock.wall_ns() // 1000
        self.on_demand, self._on_configure = on_demand, on_configure
        self._shards = shards_of(bus.groups(shards), layer, epoch, clock, self._age_us, self.counters)
        self._leases = Leases(clock)
        # What was wanted a second ago, and the groups that carry it: thousands of names, seldom others.
        self._listened: tuple[set[str], set[str]] = (set(), set())
        self.selection = Selection(
            self._shards,
            self.states,
            share or Whole(self.states),
            lambda venue: HealthSlot(clock, partial(self._about, venue)),
        )
        self._tickers, self._mark = self.selection.tickers, self.selection.mark
        self._marks, self._chains = self.selection.contracts[MARK], self.selection.contracts[OPTION]
        self._handlers: dict[type, Callable[[Any, Any], None]] = {
            Quote: self._on_quote,
            Stats: self._on_quote,
            Trade: self._on_trade,
            TradeUndone: self._on_trade,
            BookDelta: self._on_book,
            BookSnapshot: self._on_book,
            Bar: self._on_bar,
            Mark: self._on_mark,
            OpenInterest: self._on_mark,
            OptionQuote: partial(self._on_value, self._chains),
            Funding: partial(self._on_value, self.selection.contracts[FUNDING]),
            Liquidation: self._on_liquidation,
            StateChange: self._on_state,
            VenueReport: self._on_report,
        }

    @property
    def failing(self) -> bool:
        """Whether the bus does not take what is published."""
        return any(shard.failing for shard in self._shards.values())

    # what happened

    def put(self, venue_state: MarketState, event: object) -> None:
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(venue_state, event)

    def _on_quote(self, venue_state: MarketState, event: Quote | Stats) -> None:
        outlet = self._tickers.get(event.instrument) or self.selection.new_ticker(
            venue_state, event.instrument
        )
        if not outlet.dirty:
            self._mark(outlet)
        if self._chains:
            self._on_value(self._chains, venue_state, event)

    def _on_trade(self, venue_state: MarketState, event: Trade | TradeUndone) -> None:
        ticker = self._tickers.get(event.instrument) or self.selection.new_ticker(
            venue_state, event.instrument
        )
        self._put(ticker, event)
        outlet = self.selection.trades.get(event.instrument)
        if outlet is not None:
            self._put(outlet, event)
        if self._chains:
            self._on_value(self._chains, venue_state, event)

    def _on_book(self, venue_state: MarketState, event: BookDelta | BookSnapshot) -> None:
        outlet = self.selection.books.get(event.instrument)
        if outlet is not None:
            self._put(outlet, event)

    def _on_bar(self, venue_state: MarketState, event: Bar) -> None:
        for outlet in self.selection.bars.get(event.instrument, ()):
            self._put(outlet, event)

    def _on_mark(self, venue_state: MarketState, event: Mark | OpenInterest) -> None:
        self._on_value(self._marks, venue_state, event)
        if self._chains:
            self._on_value(self._chains, venue_state, event)

    def _on_value(self, outlets: Mapping[str, Outlet], venue_state: MarketState, event: Any) -> None:
        """What shows last values reads them when it speaks; an option's line shows all that is in it."""
        outlet = outlets.get(event.instrument)
        if outlet is not None and not outlet.dirty:
            self._mark(outlet)

    def _on_liquidation(self, venue_state: MarketState, event: Liquidation) -> None:
        outlet = self.selection.contracts[LIQUIDATION].get(event.instrument)
        if outlet is not None:
            self._put(outlet, event)

    def _put(self, outlet: Outlet, event: object) -> None:
        outlet.slot.put(event)  # type: ignore[union-attr]
        if not outlet.dirty:
            self._mark(outlet)

    def _on_state(self, venue_state: MarketState, event: StateChange) -> None:
        self.states[venue_state.codec.venue] = venue_state
        if not self.selection.share.holds(event.instrument):
            return
        if event.channel == TICKER and event.instrument not in self._tickers:
            self.selection.new_ticker(venue_state, event.instrument)
        for outlet in self.selection.showing(event.channel, event.instrument):
            if not outlet.dirty:
                self._mark(outlet)

    def _on_report(self, venue_state: MarketState, event: VenueReport) -> None:
        self.states[event.venue] = venue_state
        if self.selection.share.speaks_for(event.venue):
            self._put(self.selection.status(event.venue, venue_state), event)

    # what the hubs need

    def watch(self, wanted: set[str]) -> None:
        """The union of what all hubs need, in place of the union before."""
        outlets = self.selection.watch(wanted)
        if outlets is not None:
            self.on_demand({split_topic(outlet.topic) for outlet in outlets})

    def begin_again(self, epoch: str) -> None:
        """The share is another; what is ours now is written in ``epoch``."""
        self._epoch = epoch
        for shard in self._shards.values():
            shard.epoch = epoch
        self.selection.begin_again()
        self.watch(self._leases.union())

    def _take(self, message: bus.Message) -> None:
        kind = message["type"]
        if kind == bus.DEMAND:
            known = self._leases.knows(message["hub"])
            self._leases.hold(message["hub"], message["topics"])
            self.watch(self._leases.union())
            if not known:
                self._beat(self._leases.union())  # it shows nothing as live before it hears of us
        elif kind == bus.KEYFRAME:
            self._leases.add(message["hub"], message["topics"])
            self.watch(self._leases.union())
            self.selection.ask(message["topics"])
        elif kind == bus.CONFIGURE:
            self._on_configure()

    # life

    async def run(self) -> None:
        """Publish and listen, until cancelled."""
        mailbox = Mailbox(self._layer, self._take)
        async with asyncio.TaskGroup() as group:
            for shard in self._shards.values():
                group.create_task(shard.run())
            group.create_task(mailbox.run())
            group.create_task(self._listen(mailbox))
            group.create_task(self._tick())

    async def _listen(self, mailbox: Mailbox) -> None:
        while True:
            try:
                await mailbox.join([bus.CONTROL])
                return
            except Exception as problem:  # the same outage that the shards report
                logger.warning("bus: cannot listen yet: %s", problem)
                honour_cancellation()
                await asyncio.sleep(RETRY_S)

    async def _tick(self) -> None:
        while True:
            wanted = self._needed()
            self.watch(wanted)
            if wanted:
                self.selection.flush_unwatched()
                self.selection.look_at_health()
            self._beat(wanted)
            await asyncio.sleep(bus.BEAT_EVERY_S)

    def _needed(self) -> set[str]:
        if self.failing:
            self._leases.keep()
        return self._leases.union()

    def _beat(self, wanted: set[str]) -> None:
        """Let those who listen hear that we are there, and how far each topic is."""
        if wanted != self._listened[0]:
            self._listened = wanted, bus.groups_of(wanted, len(self._shards) // 2)
        for name, shard in self._shards.items():
            if name.startswith("t") or name in self._listened[1]:
                shard.beat(partial(self._what_is_so, shard))

    def _what_is_so(self, shard: Shard) -> tuple[dict[str, list[int]], dict[str, int], str]:
        return *self.selection.tops(shard), self._saving()

    def _about(self, venue: str) -> dict[str, object]:
        return {
            "epoch": self._epoch,
            "parts": self.selection.share.numbers().get(venue, []),
            "started": self._started_us,
            "memory_bytes": resources.memory_bytes(),
            "cpu_s": resources.cpu_s(),
            "published": self.counters["published"],
            "publish_failures": self.counters["publish failures"],
        }

    def _age_us(self, outlet: Outlet) -> int:
        """How old what the topic shows is; 0 where it shows nothing."""
        if outlet.channel in (STATUS, HEALTH) or outlet.state is None:
            return 0
        received_ns = outlet.state.received_ns(outlet.channel, outlet.instrument)
        return max(0, self._clock.wall_ns() - received_ns) // 1000 if received_ns else 0
