"""The state of one venue's markets: one owner, one task, no waiting.

Events of the codec go in by :meth:`MarketState.apply`; each comes out by ``emit`` once it has taken effect,
together with bars and changes of state. Readers call the methods below ``# read``, in the same thread.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from feeds.book import Book
from feeds.clock import Clock
from feeds.codec import Codec, Subscription
from feeds.events import (
    Ack,
    Bar,
    BookDelta,
    BookSnapshot,
    Event,
    InstrumentStatus,
    LinkSequence,
    Quote,
    Stats,
    Trade,
    Unknown,
    VenueStatus,
)
from feeds.frames import DOWN, LIVE, STALE, SYNCING
from feeds.keeper import BENIGN, WAITING, Rules
from feeds.market import Market
from feeds.symbols import BOOK, OHLC, TICKER, TRADE, is_number
from feeds.topics import StateChange, Topic, TopicState

__all__ = ["MarketState", "Resync", "StateChange", "TopicState"]

_TRADES = (TRADE, OHLC)
# How long before a link was called dead it may have been dead: trades of that time may be missing.
_DETECTION_US = 20_000_000
# After the end of a minute, trades of it may still be on their way.
_GRACE_US = 2_000_000
# A venue that invents names must not fill the memory with counters.
_MAX_COUNTERS = 200


class Resync(NamedTuple):
    """What was broken and must be asked for again: one ``"symbol"``'s book, or all of the ``"link"``."""

    scope: str
    instrument: str
    link: str
    reason: str


class MarketState:
    """All instruments of one venue. ``preferred`` ones are first in line when something must be fetched."""

    def __init__(
        self,
        codec: Codec,
        clock: Clock,
        *,
        emit: Callable[[object], None],
        resync: Callable[[Resync], None],
    ) -> None:
        self.codec = codec
        self.counters: Counter[str] = Counter()
        self.preferred: frozenset[str] = frozenset()
        self._clock, self._emit, self._resync = clock, emit, resync
        self._rules = Rules.of(codec)
        self._markets: dict[str, Market] = {}
        self._sequences: dict[str, int] = {}
        self._repeating: set[str] = set()
        self._halted = ""
        self._minute = 0
        self._handlers: dict[type, Callable[..., None]] = {
            Quote: self._on_quote,
            Stats: self._on_stats,
            Trade: self._on_trade,
            BookDelta: self._on_delta,
            BookSnapshot: self._on_snapshot,
            LinkSequence: self._on_sequence,
            InstrumentStatus: self._on_instrument,
            VenueStatus: self._on_venue,
            Ack: self._on_ack,
            Unknown: self._on_unknown,
        }

    # what is wanted, and by which link

    def watch(self, subscriptions: Iterable[Subscription], link: str) -> None:
        """Make room for what ``link`` will bring: syncing until data, or an acknowledgement, proves it."""
        for subscription in subscriptions:
            market = self._markets.get(subscription.instrument)
            if market is None:
                market = Market(subscription.instrument, self._rules, self._wall_us())
                self._markets[subscription.instrument] = market
            topics, channel = market.topics.by_channel, subscription.channel
            topic = topics.setdefault(channel, Topic(subscription, link))
            if topic.state and (topic.link, topic.subscription) == (link, subscription):
                continue
            topic.link, topic.subscription = link, subscription
            if channel == BOOK:
                market.keeper.drop()
            self._set(market, (channel,), SYNCING, "waiting for data")

    def unwatch(self, subscriptions: Iterable[Subscription]) -> None:
        for subscription in subscriptions:
            market = self._markets.get(subscription.instrument)
            if market is None or subscription.channel not in market.topics.by_channel:
                continue
            self._set(market, (subscription.channel,), DOWN, "not subscribed")
            del market.topics.by_channel[subscription.channel]
            if subscription.channel == BOOK:
                market.keeper.drop()
            if not market.topics.by_channel:
                del self._markets[subscription.instrument]

    def confirm(self, subscriptions: Iterable[Subscription]) -> None:
        """The venue agreed. An empty tape is then a true one; a price and a book wait for data."""
        for subscription in subscriptions:
            market = self._markets.get(subscription.instrument)
            if market is not None:
                self._confirmed(market, subscription.channel)

    def _confirmed(self, market: Market, channel: str) -> None:
        topic = market.topics.by_channel.get(channel)
        if channel in _TRADES:
            self._trades_live(market)
        elif topic is not None:
            market.keeper.flowing |= channel == BOOK
            if topic.base in (DOWN, STALE):
                self._set(market, (channel,), SYNCING, "waiting for data")

    def link_down(self, link: str, reason: str) -> None:
        """Nothing of this link is proven any more."""
        self._sequences.pop(link, None)
        self._repeating.discard(link)
        for market in self._markets.values():
            for channel in market.topics.on_link(link):
                self._lose(market, channel, reason)

    def _lose(self, market: Market, channel: str, reason: str) -> None:
        if channel == BOOK:
            market.keeper.drop()
            self._set(market, (BOOK,), SYNCING, reason)
            return
        self._set(market, (channel,), STALE if market.holds(channel) else DOWN, reason)
        if channel in _TRADES:
            last_us = market.tape[-1].exchange_us if market.tape else 0
            self._emit_all(market.bars.hole_begins(max(last_us, self._wall_us() - _DETECTION_US)))

    def splice(self, old: str, new: str) -> None:
        """Planned roll-over: ``new`` brings what ``old`` brought. Books run on, proven by their numbers."""
        self._sequences.pop(old, None)
        for market in self._markets.values():
            for channel in market.topics.on_link(old):
                market.topics.by_channel[channel].link = new

    def needs_snapshot(self) -> list[Subscription]:
        """Books that wait for a snapshot by REST and whose deltas flow already; preferred ones first."""
        waiting = [m for m in self._markets.values() if BOOK in m.topics.by_channel]
        waiting = [m for m in waiting if m.keeper.wants_snapshot]
        waiting.sort(key=lambda market: market.instrument not in self.preferred)
        return [market.topics.by_channel[BOOK].subscription for market in waiting]

    def backfill(self, bars: Iterable[Bar]) -> None:
        """The venue's own candles, oldest first, for what was missed."""
        by_instrument: dict[str, list[Bar]] = {}
        for bar in bars:
            by_instrument.setdefault(bar.instrument, []).append(bar)
        for instrument, found in by_instrument.items():
            if instrument in self._markets:
                self._emit_all(self._markets[instrument].bars.backfill(found))

    def needs_backfill(self) -> list[tuple[str, int]]:
        """(instrument, interval) with a bar that closed incomplete; preferred ones first."""
        wanted = [(m.instrument, i) for m in self._markets.values() for i in m.bars.wanting()]
        return sorted(wanted, key=lambda pair: pair[0] not in self.preferred)

    def tick(self) -> None:
        """Close the bars whose time is over: a quiet market does not do it itself. Call it each second."""
        now_us = self._wall_us() - _GRACE_US
        if now_us // 60_000_000 == self._minute:
            return
        self._minute = now_us // 60_000_000
        for market in self._markets.values():
            self._emit_all(market.bars.advance(now_us))

    # events

    def apply(self, event: Event, link: str) -> None:
        """The hot path: one dictionary look-up, then what the event means."""
        if self._repeating and link in self._repeating and type(event) is not LinkSequence:
            return
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event, link)

    def _on_quote(self, event: Quote, link: str) -> None:
        market = self._markets.get(event.instrument)
        if market is None:
            self._count("unknown:instrument")
            return
        market.quote = event
        if not market.topics.ticker_live:
            self._set(market, (TICKER,), LIVE, "")
        self._emit(event)

    def _on_stats(self, event: Stats, link: str) -> None:
        market = self._markets.get(event.instrument)
        if market is None:
            self._count("unknown:instrument")
            return
        market.stats = market.merged(event) if "" in event else event
        if not market.topics.ticker_live:
            self._set(market, (TICKER,), LIVE, "")
        self._emit(event)

    def _on_trade(self, event: Trade, link: str) -> None:
        market = self._markets.get(event.instrument)
        if market is None:
            self._count("unknown:instrument")
        elif not (is_number(event.price) and is_number(event.qty) and event.price.strip("0.")):
            self._count("refused")
        elif market.knows(event):
            self._count("duplicates")
            if event.replayed:
                self._emit_all(market.bars.hole_filled())
        else:
            market.tape.append(event)
            bars = market.bars.add(event)
            if not market.topics.trade_live:
                self._trades_live(market)
            self._emit(event)
            self._emit_all(bars)

    def _trades_live(self, market: Market) -> None:
        if not market.topics.trade_live:
            market.bars.hole_ends(self._wall_us())
            self._set(market, _TRADES, LIVE, "")

    def _on_delta(self, event: BookDelta, link: str) -> None:
        market = self._markets.get(event.instrument)
        if market is None:
            self._count("unknown:instrument")
            return
        outcome = market.keeper.delta(event)
        if not outcome:
            self._emit(event)
        elif outcome in BENIGN:
            self.counters[outcome] += outcome != WAITING
        else:
            at = market.keeper.book.last
            reason = f"sequence {event.previous or event.first} after {at}" if outcome == "gaps" else ""
            self._broken(market, outcome, reason)
            if outcome == "gaps":
                market.keeper.begin_after(event)

    def _on_snapshot(self, event: BookSnapshot, link: str) -> None:
        market = self._markets.get(event.instrument)
        topic = None if market is None else market.topics.by_channel.get(BOOK)
        if topic is None:
            self._count("unknown:instrument")
            return
        depth = self.codec.book_depth(topic.subscription) if self.codec.truncate else 0
        outcome = market.keeper.snapshot(event, depth)
        if not outcome:
            if topic.base != LIVE:
                self._set(market, (BOOK,), LIVE, "")
            self._emit(event)
        elif outcome in BENIGN:
            self._count(outcome)
        else:
            self._broken(market, outcome)

    def _broken(self, market: Market, counter: str, reason: str = "") -> None:
        """The book is gone at once; a new one is asked for."""
        self._count(counter)
        reason = reason or f"{counter} book"
        market.keeper.drop()
        self._set(market, (BOOK,), SYNCING, reason)
        scope, link = self.codec.resync_scope, market.topics.by_channel[BOOK].link
        self._resync(Resync(scope, market.instrument if scope == "symbol" else "", link, reason))

    def _on_sequence(self, event: LinkSequence, link: str) -> None:
        before = self._sequences.get(link)
        if before is not None and event.last <= before:
            # All of this frame was here before: an older price must not come back.
            self._count("duplicates")
            self._repeating.add(link)
            return
        self._repeating.discard(link)
        self._sequences[link] = event.last
        if before is not None and event.last != before + 1:
            self._link_broken(link, f"link sequence {event.last} after {before}")

    def _link_broken(self, link: str, reason: str) -> None:
        self._count("gaps")
        for market in self._markets.values():
            for channel in market.topics.on_link(link):
                if channel != TICKER:
                    self._lose(market, channel, reason)
        self._resync(Resync("link", "", link, reason))

    def _on_instrument(self, event: InstrumentStatus, link: str) -> None:
        market = self._markets.get(event.instrument)
        if market is not None:
            market.topics.status, market.topics.status_reason = event.status, event.reason
            self._show(market)
        self._emit(event)

    def _on_venue(self, event: VenueStatus, link: str) -> None:
        halted = (event.reason or event.status) if event.status == "halted" else ""
        if halted != self._halted:
            self._halted = halted
            for market in self._markets.values():
                self._show(market)
        self._emit(event)

    def _on_ack(self, event: Ack, link: str) -> None:
        market = self._markets.get(event.instrument)
        if market is None or not event.subscribed:
            return
        if event.ok:
            self._confirmed(market, event.channel)
        else:
            self._set(market, (event.channel,), DOWN, event.error)

    def _on_unknown(self, event: Unknown, link: str) -> None:
        self._count(f"unknown:{event.kind}")

    def _count(self, name: str) -> None:
        full = len(self.counters) >= _MAX_COUNTERS and name not in self.counters
        self.counters["unknown:other" if full else name] += 1

    def _emit_all(self, events: Iterable[object]) -> None:
        for event in events:
            self._emit(event)

    def _wall_us(self) -> int:
        return self._clock.wall_ns() // 1000

    def _set(self, market: Market, channels: tuple[str, ...], base: str, reason: str) -> None:
        market.topics.rebase(channels, base, reason)
        self._show(market)

    def _show(self, market: Market) -> None:
        market.topics.show(self._halted, self._wall_us(), self._emit)

    # read

    def ticker(self, instrument: str) -> dict[str, str | int]:
        """Row fields that are known: prices and 24 h figures as text, ``ts_…`` in microseconds."""
        market = self._markets.get(instrument)
        return {} if market is None else market.ticker(self.counters)

    def book(self, instrument: str) -> Book | None:
        """The book if it may be shown: live, all numbers proper, not crossed (else a resync is asked for)."""
        market = self._markets.get(instrument)
        topic = None if market is None else market.topics.by_channel.get(BOOK)
        if topic is None or topic.state != LIVE or market.keeper.book is None:
            return None
        problem = market.keeper.readable(topic.subscription.depth)
        if problem:
            self._broken(market, problem)
            return None
        return market.keeper.book

    def trades(self, instrument: str) -> deque[Trade]:
        """Newest last."""
        market = self._markets.get(instrument)
        return deque() if market is None else market.tape

    def bars(self, instrument: str, interval: int, since_us: int = 0) -> list[Bar]:
        """Oldest first, from ``since_us`` on; the last one may be running."""
        market = self._markets.get(instrument)
        return [] if market is None else market.bars.read(interval, since_us)

    def topic_state(self, channel: str, instrument: str) -> TopicState:
        market = self._markets.get(instrument)
        topic = None if market is None else market.topics.get(channel)
        if topic is None:
            return TopicState(DOWN, "not subscribed", 0)
        return TopicState(topic.state, topic.reason, topic.since_us)

    def received_ns(self, channel: str, instrument: str) -> int:
        """When what is now shown was received, wall time; 0 when there is nothing."""
        market = self._markets.get(instrument)
        return 0 if market is None else market.received_ns(channel)
