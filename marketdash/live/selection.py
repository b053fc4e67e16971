"""Which topics have an outlet, and which of these the hubs need.

Tickers and venue states are always kept ready, and go once a second when nobody watches them. Books, trades
and bars have a slot only while some hub needs them: what nobody watches is never sorted nor encoded. Nor are
a venue's topics walked through, once a second, for their health. What another worker writes has no outlet
here; of a venue that several write, each tells status and health of its own, with the parts that it writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from feeds.contract_slots import FundingSlot, MarkSlot, OptionSlot
from feeds.log_slots import LiquidationSlot, TradeSlot
from feeds.merge import BarSlot, BookSlot, TickerSlot
from feeds.state import MarketState
from feeds.symbols import (
    BOOK,
    DERIVATIVES,
    FUNDING,
    HEALTH,
    LIQUIDATION,
    MARK,
    OHLC,
    OPTION,
    STATUS,
    TICKER,
    TRADE,
    InvalidName,
    TopicParts,
    split_topic,
)
from marketdash.live import bus
from marketdash.live.outlets import Outlet, Shard, Slot
from marketdash.live.share import Share, Whole
from marketdash.live.venue_slot import StatusSlot

SINGLE = {
    TRADE: TradeSlot,
    BOOK: BookSlot,
    MARK: MarkSlot,
    FUNDING: FundingSlot,
    LIQUIDATION: LiquidationSlot,
    OPTION: OptionSlot,
}


class Selection:
    """``outlets`` by topic; ``tickers``, ``trades``, ``books``, ``bars`` by instrument, for the hot path;
    ``contracts`` by channel and instrument."""

    def __init__(
        self,
        shards: Mapping[str, Shard],
        states: Mapping[str, MarketState],
        share: Share | Whole,
        health_slot: Callable[[str], Slot],
    ) -> None:
        self.tickers: dict[str, Outlet] = {}
        self.trades: dict[str, Outlet] = {}
        self.books: dict[str, Outlet] = {}
        self.bars: dict[str, list[Outlet]] = {}
        self.contracts: dict[str, dict[str, Outlet]] = {channel: {} for channel in DERIVATIVES}
        self._singles = {TRADE: self.trades, BOOK: self.books, **self.contracts}
        self.share = share
        self._shards, self._states, self._health_slot = shards, states, health_slot
        self.outlets: dict[str, Outlet] = {}
        self._unwatched: list[Outlet] = []

    # what is kept ready

    def mark(self, outlet: Outlet) -> None:
        """It has something to say."""
        outlet.dirty = True
        if outlet.watched:
            outlet.shard.add(outlet)
        else:
            self._unwatched.append(outlet)

    def new_ticker(self, state: MarketState, instrument: str) -> Outlet:
        outlet = self.tickers[instrument] = self._outlet(TopicParts(TICKER, instrument, 0))
        return self._open(outlet, TickerSlot(instrument), state)

    def status(self, venue: str, state: MarketState) -> Outlet:
        outlet = self._outlet(TopicParts(STATUS, venue, 0))
        if outlet.slot is not None:
            return outlet
        return self._open(outlet, StatusSlot(lambda: self.share.numbers().get(venue, [])), state)

    def showing(self, channel: str, instrument: str) -> list[Outlet]:
        """The outlets that say the state of this channel; bars share the trades'."""
        single = self.tickers if channel == TICKER else self._singles.get(channel, {})
        found = [single[instrument]] if instrument in single else []
        return found + self.bars.get(instrument, []) if channel == TRADE else found

    def flush_unwatched(self) -> None:
        batch, self._unwatched = self._unwatched, []
        for outlet in batch:
            outlet.shard.add(outlet)

    def look_at_health(self) -> None:
        for outlet in self.watched():
            if outlet.channel == HEALTH and not outlet.dirty:
                self.mark(outlet)

    def _outlet(self, parts: TopicParts) -> Outlet:
        shard = self._shards[bus.group_of(parts, len(self._shards) // 2)]
        outlet = Outlet(*parts, shard)
        return self.outlets.setdefault(outlet.topic, outlet)

    def _open(self, outlet: Outlet, slot: Slot, state: object) -> Outlet:
        outlet.slot, outlet.state, outlet.whole = slot, state, True
        return outlet

    # what the hubs need

    def watch(self, wanted: set[str]) -> list[Outlet] | None:
        """The union of what all hubs need, in place of the union before: the outlets, if they are others."""
        watched = {outlet.topic for outlet in self.watched()}
        if watched == wanted:
            return None
        for name in watched - wanted:
            self._unwatch(self.outlets[name])
        for name in wanted - watched:
            self._watch(name)
        now = list(self.watched())
        return now if watched != {outlet.topic for outlet in now} else None

    def watched(self) -> Iterator[Outlet]:
        return (outlet for outlet in self.outlets.values() if outlet.watched)

    def _watch(self, name: str) -> None:
        try:
            parts = split_topic(name)
        except InvalidName:
            return
        state = self._states.get(parts.instrument.partition(":")[0])
        if state is None or not self._mine(parts.channel, parts.instrument):
            return  # another worker's, or nothing heard of it yet: the hub asks again
        outlet = self._outlet(parts)
        if outlet.slot is None:
            self._open_for(outlet, parts, state)
        if outlet.slot is not None:
            outlet.watched = outlet.dirty = outlet.asked = True
            outlet.shard.add(outlet)

    def _open_for(self, outlet: Outlet, parts: TopicParts, state: MarketState) -> None:
        channel, instrument, interval = parts
        if channel == TICKER:
            self.new_ticker(state, instrument)
        elif channel == OHLC:
            self._open(outlet, BarSlot(instrument, interval), state)
            self.bars.setdefault(instrument, []).append(outlet)
        elif channel == HEALTH and instrument in self._states:
            self._open(outlet, self._health_slot(instrument), state)
        elif channel in SINGLE:
            self._open(outlet, SINGLE[channel](instrument), state)
            self._singles[channel][instrument] = outlet

    def _unwatch(self, outlet: Outlet) -> None:
        outlet.watched = outlet.dirty = False
        if outlet.channel in (TICKER, STATUS):
            return
        outlet.slot = None
        if outlet.channel == OHLC:
            self.bars[outlet.instrument].remove(outlet)
        else:
            self._singles.get(outlet.channel, {}).pop(outlet.instrument, None)

    def ask(self, topics: Iterable[str]) -> None:
        """Keyframes."""
        for name in topics:
            outlet = self.outlets.get(name)
            if outlet is None or not outlet.watched:
                continue
            outlet.asked = True
            if not outlet.dirty:
                self.mark(outlet)

    def tops(self, shard: Shard) -> tuple[dict[str, list[int]], dict[str, int]]:
        """What a heartbeat of this shard says."""
        tops = {o.topic: o.seq for o in self.watched() if o.shard is shard and not o.whole}
        return self.share.numbers(), tops

    # what another worker writes

    def _mine(self, channel: str, instrument: str) -> bool:
        of_venue = channel in (STATUS, HEALTH)
        return self.share.speaks_for(instrument) if of_venue else self.share.holds(instrument)

    def begin_again(self) -> None:
        """The share is another: what is no longer ours falls silent, the rest begins anew."""
        for outlet in list(self.outlets.values()):
            if not self._mine(outlet.channel, outlet.instrument):
                self._retire(outlet)
                continue
            outlet.whole = True
            if outlet.watched and not outlet.dirty:
                self.mark(outlet)

    def _retire(self, outlet: Outlet) -> None:
        if outlet.watched:
            self._unwatch(outlet)
        outlet.slot = None
        if outlet.channel == TICKER:
            self.tickers.pop(outlet.instrument, None)
        del self.outlets[outlet.topic]
