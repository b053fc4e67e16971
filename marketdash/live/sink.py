"""The sink that feeds the hubs: one slot per topic, published as the demand of the hubs says.

Tickers and venue states are always kept ready, and go once a second when nobody watches them. Books, trades
and bars have a slot only while some hub needs them: what nobody watches is never sorted nor encoded. Nor are
a venue's topics walked through, once a second, for their health.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from channels.layers import BaseChannelLayer

from feeds.clock import Clock
from feeds.events import Bar, BookDelta, BookSnapshot, Quote, Stats, Trade
from feeds.merge import BarSlot, BookSlot, TickerSlot, TradeSlot
from feeds.sinks import VenueReport
from feeds.state import MarketState, StateChange
from feeds.symbols import BOOK, HEALTH, OHLC, STATUS, TICKER, TRADE, InvalidName, TopicParts, split_topic
from marketdash.live import bus, resources
from marketdash.live.cancellation import honour_cancellation
from marketdash.live.leases import Leases
from marketdash.live.mailbox import RETRY_S, Mailbox
from marketdash.live.outlets import Outlet, Shard, Slot, shards_of
from marketdash.live.venue_slot import HealthSlot, StatusSlot

logger = logging.getLogger(__name__)


class ChannelLayerSink:
    """A :class:`feeds.sinks.Sink`. ``on_demand`` is told which instruments are watched, and of which of them
    the book; ``on_configure`` that somebody changed the configuration."""

    def __init__(
        self,
        layer: BaseChannelLayer,
        clock: Clock,
        *,
        epoch: str,
        shards: int,
        on_demand: Callable[[set[str], set[str]], None] = lambda instruments, books: None,
        on_configure: Callable[[], None] = lambda: None,
    ) -> None:
        self.counters: Counter[str] = Counter()
        self.states: dict[str, MarketState] = {}
        self._layer, self._clock, self._epoch = layer, clock, epoch
        self._started_us = clock.wall_ns() // 1000
        self.on_demand, self._on_configure = on_demand, on_configure
        self._shards = shards_of(bus.groups(shards), layer, epoch, clock, self._age_us, self.counters)
        self._leases = Leases(clock)
        self._outlets: dict[str, Outlet] = {}
        self._tickers: dict[str, Outlet] = {}
        self._trades: dict[str, Outlet] = {}
        self._books: dict[str, Outlet] = {}
        self._bars: dict[str, list[Outlet]] = {}
        self._unwatched: list[Outlet] = []
        self._handlers: dict[type, Callable[[Any, Any], None]] = {
            Quote: self._on_quote,
            Stats: self._on_quote,
            Trade: self._on_trade,
            BookDelta: self._on_book,
            BookSnapshot: self._on_book,
            Bar: self._on_bar,
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
        outlet = self._tickers.get(event.instrument) or self._new_ticker(venue_state, event.instrument)
        if not outlet.dirty:
            self._mark(outlet)

    def _on_trade(self, venue_state: MarketState, event: Trade) -> None:
        ticker = self._tickers.get(event.instrument) or self._new_ticker(venue_state, event.instrument)
        ticker.slot.put(event)  # type: ignore[union-attr]
        if not ticker.dirty:
            self._mark(ticker)
        outlet = self._trades.get(event.instrument)
        if outlet is not None:
            outlet.slot.put(event)  # type: ignore[union-attr]
            if not outlet.dirty:
                self._mark(outlet)

    def _on_book(self, venue_state: MarketState, event: BookDelta | BookSnapshot) -> None:
        outlet = self._books.get(event.instrument)
        if outlet is not None:
            outlet.slot.put(event)  # type: ignore[union-attr]
            if not outlet.dirty:
                self._mark(outlet)

    def _on_bar(self, venue_state: MarketState, event: Bar) -> None:
        for outlet in self._bars.get(event.instrument, ()):
            outlet.slot.put(event)  # type: ignore[union-attr]
            if not outlet.dirty:
                self._mark(outlet)

    def _on_state(self, venue_state: MarketState, event: StateChange) -> None:
        self.states[venue_state.codec.venue] = venue_state
        if event.channel == TICKER and event.instrument not in self._tickers:
            self._new_ticker(venue_state, event.instrument)
        single = {TICKER: self._tickers, TRADE: self._trades, BOOK: self._books}.get(event.channel, {})
        touched = [single[event.instrument]] if event.instrument in single else []
        if event.channel == TRADE:
            touched += self._bars.get(event.instrument, ())
        for outlet in touched:
            if not outlet.dirty:
                self._mark(outlet)

    def _on_report(self, venue_state: MarketState, event: VenueReport) -> None:
        self.states[event.venue] = venue_state
        outlet = self._outlet(TopicParts(STATUS, event.venue, 0))
        if outlet.slot is None:
            self._open(outlet, StatusSlot(), venue_state)
        outlet.slot.put(event)  # type: ignore[union-attr]
        if not outlet.dirty:
            self._mark(outlet)

    def _new_ticker(self, venue_state: MarketState, instrument: str) -> Outlet:
        outlet = self._tickers[instrument] = self._outlet(TopicParts(TICKER, instrument, 0))
        self._open(outlet, TickerSlot(instrument), venue_state)
        return outlet

    def _mark(self, outlet: Outlet) -> None:
        outlet.dirty = True
        if outlet.watched:
            outlet.shard.add(outlet)
        else:
            self._unwatched.append(outlet)

    # what the hubs need

    def _outlet(self, parts: TopicParts) -> Outlet:
        shard = self._shards[bus.group_of(parts, len(self._shards) // 2)]
        outlet = Outlet(*parts, shard)
        return self._outlets.setdefault(outlet.topic, outlet)

    def _open(self, outlet: Outlet, slot: Slot, state: object) -> None:
        outlet.slot, outlet.state, outlet.whole = slot, state, True

    def watch(self, wanted: set[str]) -> None:
        """The union of what all hubs need, in place of the union before."""
        watched = {outlet.topic for outlet in self._watched()}
        for name in watched - wanted:
            self._unwatch(self._outlets[name])
        for name in wanted - watched:
            self._watch(name)
        if watched != (now := {outlet.topic for outlet in self._watched()}):
            outlets = [self._outlets[name] for name in now]
            books = {outlet.instrument for outlet in outlets if outlet.channel == BOOK}
            self.on_demand({outlet.instrument for outlet in outlets}, books)

    def _watch(self, name: str) -> None:
        try:
            parts = split_topic(name)
        except InvalidName:
            return
        state = self.states.get(parts.instrument.partition(":")[0])
        if state is None:
            return  # no venue of ours, or nothing heard of it yet: the hub asks again
        outlet = self._outlet(parts)
        if outlet.slot is None:
            self._open_for(outlet, parts, state)
        if outlet.slot is not None:
            outlet.watched = outlet.dirty = outlet.asked = True
            outlet.shard.add(outlet)

    def _open_for(self, outlet: Outlet, parts: TopicParts, state: MarketState) -> None:
        instrument = parts.instrument
        if parts.channel == TICKER:
            self._new_ticker(state, instrument)
        elif parts.channel == TRADE:
            self._open(outlet, TradeSlot(instrument), state)
            self._trades[instrument] = outlet
        elif parts.channel == BOOK:
            self._open(outlet, BookSlot(instrument), state)
            self._books[instrument] = outlet
        elif parts.channel == OHLC:
            self._open(outlet, BarSlot(instrument, parts.interval), state)
            self._bars.setdefault(instrument, []).append(outlet)
        elif parts.channel == HEALTH and instrument in self.states:
            self._open(outlet, HealthSlot(self._clock, self._about), state)

    def _unwatch(self, outlet: Outlet) -> None:
        outlet.watched = outlet.dirty = False
        if outlet.channel in (TICKER, STATUS):
            return
        outlet.slot = None
        if outlet.channel == OHLC:
            self._bars[outlet.instrument].remove(outlet)
        else:
            {TRADE: self._trades, BOOK: self._books}.get(outlet.channel, {}).pop(outlet.instrument, None)

    def _take(self, message: bus.Message) -> None:
        kind = message["type"]
        if kind == bus.DEMAND:
            self._leases.hold(message["hub"], message["topics"])
            self.watch(self._leases.union())
        elif kind == bus.KEYFRAME:
            self._leases.add(message["hub"], message["topics"])
            self.watch(self._leases.union())
            self._ask(message["topics"])
        elif kind == bus.CONFIGURE:
            self._on_configure()

    def _ask(self, topics: Iterable[str]) -> None:
        for name in topics:
            outlet = self._outlets.get(name)
            if outlet is None or not outlet.watched:
                continue
            outlet.asked = True
            if not outlet.dirty:
                self._mark(outlet)

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
            wanted = self._leases.union()
            self.watch(wanted)
            if wanted:
                self._flush_unwatched()
                self._look_at_health()
            for name, shard in self._shards.items():
                if name.startswith("t") or any(outlet.shard is shard for outlet in self._watched()):
                    shard.beat(functools.partial(self._tops, shard))
            await asyncio.sleep(bus.BEAT_EVERY_S)

    def _flush_unwatched(self) -> None:
        batch, self._unwatched = self._unwatched, []
        for outlet in batch:
            outlet.shard.add(outlet)

    def _look_at_health(self) -> None:
        for outlet in self._watched():
            if outlet.channel == HEALTH and not outlet.dirty:
                self._mark(outlet)

    def _about(self) -> dict[str, object]:
        return {
            "epoch": self._epoch,
            "started": self._started_us,
            "memory_bytes": resources.memory_bytes(),
            "cpu_s": resources.cpu_s(),
            "published": self.counters["published"],
            "publish_failures": self.counters["publish failures"],
        }

    def _watched(self) -> Iterator[Outlet]:
        return (outlet for outlet in self._outlets.values() if outlet.watched)

    def _tops(self, shard: Shard) -> tuple[list[str], dict[str, int]]:
        """When the message is made: rows that it carries count."""
        tops = {o.topic: o.seq for o in self._watched() if o.shard is shard and not o.whole}
        return list(self.states), tops

    def _age_us(self, outlet: Outlet) -> int:
        """How old what the topic shows is; 0 where it shows nothing."""
        if outlet.channel in (STATUS, HEALTH) or outlet.state is None:
            return 0
        received_ns = outlet.state.received_ns(outlet.channel, outlet.instrument)
        return max(0, self._clock.wall_ns() - received_ns) // 1000 if received_ns else 0
