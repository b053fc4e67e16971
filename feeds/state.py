"""The state of one venue's markets: one owner, one task, no waiting.

Events of the codec go in by :meth:`MarketState.apply`; each comes out by ``emit`` once it has taken effect,
together with bars and changes of state. Readers call the methods below ``# read``, in the same thread.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from feeds.book import DUPLICATE, GAP, Book
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
from feeds.frames import DELISTED, DOWN, HALTED, LIVE, STALE, SYNCING
from feeds.market import Market, Topic
from feeds.symbols import BOOK, OHLC, TICKER, TRADE, is_number

# How long before a link was called dead it may have been dead: trades of that time may be missing.
_DETECTION_US = 20_000_000
# After the end of a minute, trades of it may still be on their way.
_GRACE_US = 2_000_000
# Deltas kept while a snapshot is on its way by REST: five minutes of the fastest stream.
_MAX_BUFFER = 3000


class TopicState(NamedTuple):
    """``state`` is live, syncing, stale, halted, delisted or down; ``since_us`` is wall time."""

    state: str
    reason: str
    since_us: int


class StateChange(NamedTuple):
    """A topic is in another state, or in the same for another reason."""

    channel: str
    instrument: str
    state: str
    reason: str
    wall_us: int


class Resync(NamedTuple):
    """What was broken and must be asked for again: one instrument's book, or all of the link."""

    scope: str
    instrument: str
    link: str
    reason: str


class MarketState:
    """All instruments of one venue. ``preferred`` are fetched first when books must be fetched."""

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
        self._markets: dict[str, Market] = {}
        self._sequences: dict[str, int] = {}
        self._repeating: set[str] = set()
        self._halted = ""
        self._minute = 0
        self._proves = bool(codec.checksum_levels) or codec.truncate
        self._by_rest = codec.snapshots == "rest"
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
            channel, instrument = subscription.channel, subscription.instrument
            market = self._markets.get(instrument)
            if market is None:
                market = self._markets[instrument] = Market(instrument, self._wall_us())
            topic = market.topics.get(channel)
            if topic is not None and (topic.link, topic.subscription) == (link, subscription):
                continue
            market.topics[channel] = topic or Topic(subscription, link, "", "")
            market.topics[channel].link, market.topics[channel].subscription = link, subscription
            if channel == BOOK:
                self._drop_book(market)
            self._set(market, (channel,), SYNCING, "waiting for data")

    def unwatch(self, subscriptions: Iterable[Subscription]) -> None:
        for subscription in subscriptions:
            market = self._markets.get(subscription.instrument)
            if market is None or subscription.channel not in market.topics:
                continue
            self._set(market, (subscription.channel,), DOWN, "not subscribed")
            del market.topics[subscription.channel]
            if subscription.channel == BOOK:
                market.book = market.buffer = None
            if not market.topics:
                del self._markets[subscription.instrument]

    def confirm(self, subscriptions: Iterable[Subscription]) -> None:
        """The venue agreed. An empty tape is then a true one; a price and a book wait for data."""
        for subscription in subscriptions:
            market = self._markets.get(subscription.instrument)
            if market is not None:
                self._confirmed(market, subscription.channel)

    def _confirmed(self, market: Market, channel: str) -> None:
        if channel in (TRADE, OHLC):
            if not market.trade_live:
                self._trades_live(market)
            return
        market.flowing |= channel == BOOK
        topic = market.topics.get(channel)
        if topic is not None and topic.base in (DOWN, STALE):
            self._set(market, (channel,), SYNCING, "waiting for data")

    def link_down(self, link: str, reason: str) -> None:
        """Nothing of this link is proven any more."""
        self._sequences.pop(link, None)
        self._repeating.discard(link)
        for market in list(self._markets.values()):
            for channel in [name for name, topic in market.topics.items() if topic.link == link]:
                self._lose(market, channel, reason)

    def _lose(self, market: Market, channel: str, reason: str) -> None:
        if channel == BOOK:
            self._drop_book(market)
            self._set(market, (BOOK,), SYNCING, reason)
            return
        held = market.tape if channel in (TRADE, OHLC) else market.quote or market.stats
        if channel in (TRADE, OHLC):
            self._hole(market)
        self._set(market, (channel,), STALE if held else DOWN, reason)

    def _hole(self, market: Market) -> None:
        last_us = market.tape[-1].exchange_us if market.tape else 0
        for bar in market.bars.hole_begins(max(last_us, self._wall_us() - _DETECTION_US)):
            self._emit(bar)

    def splice(self, old: str, new: str) -> None:
        """Planned roll-over: ``new`` brings what ``old`` brought. Books run on, proven by their numbers."""
        self._sequences.pop(old, None)
        for market in self._markets.values():
            for topic in market.topics.values():
                if topic.link == old:
                    topic.link = new

    def needs_snapshot(self) -> list[Subscription]:
        """Books that wait for a snapshot by REST and whose deltas flow already; preferred ones first."""
        waiting = [m for m in self._markets.values() if m.buffer is not None and (m.flowing or m.buffer)]
        waiting.sort(key=lambda market: market.instrument not in self.preferred)
        return [market.topics[BOOK].subscription for market in waiting]

    def backfill(self, bars: Iterable[Bar]) -> None:
        """The venue's own candles, oldest first, for what was missed."""
        by_instrument: dict[str, list[Bar]] = {}
        for bar in bars:
            by_instrument.setdefault(bar.instrument, []).append(bar)
        for instrument, found in by_instrument.items():
            if instrument in self._markets:
                for bar in self._markets[instrument].bars.backfill(found):
                    self._emit(bar)

    def needs_backfill(self) -> list[tuple[str, int]]:
        """(instrument, interval) with a bar that closed incomplete; preferred ones first."""
        wanted = [(m.instrument, i) for m in self._markets.values() for i in m.bars.wanting()]
        return sorted(wanted, key=lambda pair: pair[0] not in self.preferred)

    def tick(self) -> None:
        """Close the bars whose time is over: a quiet market does not do it by itself. Call it each second."""
        now_us = self._wall_us() - _GRACE_US
        minute = now_us // 60_000_000
        if minute == self._minute:
            return
        self._minute = minute
        for market in self._markets.values():
            for bar in market.bars.advance(now_us):
                self._emit(bar)

    # events

    def apply(self, event: Event, link: str) -> None:
        """The hot path: one dictionary look-up, then what the event means."""
        if self._repeating and link in self._repeating and type(event) is not LinkSequence:
            return
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event, link)

    def _market(self, instrument: str) -> Market | None:
        market = self._markets.get(instrument)
        if market is None:
            self.counters["unknown:instrument"] += 1
        return market

    def _on_quote(self, event: Quote, link: str) -> None:
        market = self._markets.get(event.instrument) or self._market(event.instrument)
        if market is None:
            return
        market.quote = event
        if not market.ticker_live:
            self._set(market, (TICKER,), LIVE, "")
        self._emit(event)

    def _on_stats(self, event: Stats, link: str) -> None:
        market = self._market(event.instrument)
        if market is None:
            return
        market.stats = market.merge_stats(event) if "" in event else event
        if not market.ticker_live:
            self._set(market, (TICKER,), LIVE, "")
        self._emit(event)

    def _on_trade(self, event: Trade, link: str) -> None:
        market = self._market(event.instrument)
        if market is None:
            return
        if not (is_number(event.price) and is_number(event.qty) and event.price.strip("0.")):
            self.counters["refused"] += 1
            return
        if market.knows(event):
            self._repeated(market, event)
            return
        market.tape.append(event)
        bars = market.bars.add(event)
        if not market.trade_live:
            self._trades_live(market)
        self._emit(event)
        for bar in bars:
            self._emit(bar)

    def _repeated(self, market: Market, event: Trade) -> None:
        self.counters["duplicates"] += 1
        if event.replayed:
            for bar in market.bars.hole_filled():
                self._emit(bar)

    def _trades_live(self, market: Market) -> None:
        market.bars.hole_ends(self._wall_us())
        self._set(market, (TRADE, OHLC), LIVE, "")

    def _on_delta(self, event: BookDelta, link: str) -> None:
        market = self._market(event.instrument)
        if market is None:
            return
        if market.buffer is not None:
            self._keep(market.buffer, event)
        book = market.book
        if book is None:
            return
        outcome = book.apply(event)
        if outcome:
            self._not_applied(market, event, outcome, link)
        elif self._proves and (wrong := self._wrong(book, event.checksum)):
            self._broken(market, wrong, link)
        else:
            market.book_ns = event.received_ns
            self._emit(event)

    def _keep(self, buffer: list[BookDelta], event: BookDelta) -> None:
        buffer.append(event)
        if len(buffer) > _MAX_BUFFER:
            del buffer[: _MAX_BUFFER // 2]

    def _not_applied(self, market: Market, event: BookDelta, outcome: int, link: str) -> None:
        if outcome == DUPLICATE:
            self.counters["duplicates"] += 1
            return
        reason = f"sequence {event.previous or event.first} after {market.book.last}"
        self._broken(market, "gaps", link, reason)
        if market.buffer is not None:
            market.buffer.append(event)

    def _wrong(self, book: Book, checksum: int | None) -> str:
        problem = book.problem()
        if problem or checksum is None or not self.codec.checksum_levels:
            return problem
        return "" if self.codec.checksum(*book.best(self.codec.checksum_levels)) == checksum else "checksum"

    def _broken(self, market: Market, counter: str, link: str, reason: str = "") -> None:
        self.counters[counter] += 1
        reason = reason or f"{counter} book"
        self._drop_book(market)
        self._set(market, (BOOK,), SYNCING, reason)
        scope = self.codec.resync_scope
        self._resync(Resync(scope, market.instrument if scope == "symbol" else "", link, reason))

    def _drop_book(self, market: Market) -> None:
        market.book = None
        market.book_live = market.flowing = False
        market.buffer = [] if self._by_rest else None

    def _on_snapshot(self, event: BookSnapshot, link: str) -> None:
        market = self._market(event.instrument)
        if market is None or BOOK not in market.topics:
            return
        topic = market.topics[BOOK]
        book = Book(event, self.codec.book_depth(topic.subscription) if self.codec.truncate else 0)
        if self._by_rest and not self._spliced(market, book):
            return
        if self._proves and (wrong := self._wrong(book, event.checksum)):
            self._broken(market, wrong, link)
            return
        market.book, market.buffer, market.book_ns = book, None, event.received_ns
        if not market.book_live:
            self._set(market, (BOOK,), LIVE, "")
        self._emit(event)

    def _spliced(self, market: Market, book: Book) -> bool:
        """Bring a snapshot up to the deltas that came meanwhile; False: it is too old, ask again."""
        buffer = market.buffer
        if buffer is None or (not buffer and market.book is not None and book.last < market.book.last):
            return False
        waiting = [delta for delta in buffer if delta.last > book.last]
        if buffer and book.last < buffer[0].first - 1:
            self.counters["old snapshots"] += 1
            return False
        # The first one overlaps the snapshot and follows it by its range, whatever it says came before it.
        waiting[:1] = [delta._replace(previous=None) for delta in waiting[:1]]
        if any(book.apply(delta) == GAP for delta in waiting):
            self.counters["gaps"] += 1
            del buffer[:-1]
            return False
        return True

    def _on_sequence(self, event: LinkSequence, link: str) -> None:
        before = self._sequences.get(link)
        if before is not None and event.last <= before:
            self.counters["duplicates"] += 1
            self._repeating.add(link)
            return
        self._repeating.discard(link)
        self._sequences[link] = event.last
        if before is not None and event.last != before + 1:
            self._link_broken(link, f"link sequence {event.last} after {before}")

    def _link_broken(self, link: str, reason: str) -> None:
        self.counters["gaps"] += 1
        for market in self._markets.values():
            for channel in [name for name, topic in market.topics.items() if topic.link == link]:
                if channel != TICKER:
                    self._lose(market, channel, reason)
        self._resync(Resync("link", "", link, reason))

    def _on_instrument(self, event: InstrumentStatus, link: str) -> None:
        market = self._market(event.instrument)
        if market is not None and (market.status, market.status_reason) != (event.status, event.reason):
            market.status, market.status_reason = event.status, event.reason
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
        elif event.channel in market.topics:
            self._set(market, (event.channel,), DOWN, event.error)

    def _on_unknown(self, event: Unknown, link: str) -> None:
        self.counters[f"unknown:{event.kind}"] += 1

    # what is shown

    def _wall_us(self) -> int:
        return self._clock.wall_ns() // 1000

    def _set(self, market: Market, channels: tuple[str, ...], base: str, reason: str) -> None:
        for channel in channels:
            topic = market.topics.get(channel)
            if topic is not None:
                topic.base, topic.base_reason = base, reason
        self._show(market)

    def _show(self, market: Market) -> None:
        topics = market.topics
        live = {channel for channel, topic in topics.items() if topic.base == LIVE}
        market.ticker_live = TICKER in live or TICKER not in topics
        market.book_live = BOOK in live
        market.trade_live = {TRADE, OHLC} & set(topics) <= live
        for channel, topic in topics.items():
            state, reason = self._effective(market, topic)
            if (state, reason) != (topic.state, topic.reason):
                now_us = self._wall_us()
                topic.since_us = now_us if state != topic.state else topic.since_us
                topic.state, topic.reason = state, reason
                self._emit(StateChange(channel, market.instrument, state, reason, now_us))

    def _effective(self, market: Market, topic: Topic) -> tuple[str, str]:
        if market.status == "delisted":
            return DELISTED, market.status_reason
        if topic.base in (DOWN, STALE):
            return topic.base, topic.base_reason
        if self._halted:
            return HALTED, self._halted
        if market.status == "halted":
            return HALTED, market.status_reason
        return topic.base, topic.base_reason

    # read

    def ticker(self, instrument: str) -> dict[str, str | int]:
        """Row fields that are known: prices and 24 h figures as text, ``ts_…`` in microseconds."""
        market = self._markets.get(instrument)
        return {} if market is None else market.ticker(self.counters)

    def book(self, instrument: str) -> Book | None:
        """The book if it may be shown: live, all numbers proper, not crossed (else a resync is asked for)."""
        market = self._markets.get(instrument)
        topic = None if market is None else market.topics.get(BOOK)
        if topic is None or topic.state != LIVE or market.book is None:
            return None
        problem = market.book.problem()
        if problem:
            self._broken(market, problem, topic.link)
            return None
        if self._by_rest and market.buffer is None and market.book.thin(topic.subscription.depth):
            market.buffer = []
        return market.book

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
        topics = {} if market is None else market.topics
        topic = topics.get(channel) or (topics.get(TRADE) if channel == OHLC else None)
        if topic is None:
            return TopicState(DOWN, "not subscribed", 0)
        return TopicState(topic.state, topic.reason, topic.since_us)

    def received_ns(self, channel: str, instrument: str) -> int:
        """When what is now shown was received, wall time; 0 when there is nothing."""
        market = self._markets.get(instrument)
        if market is None:
            return 0
        if channel == BOOK:
            return market.book_ns
        if channel == TICKER:
            return max((held.received_ns for held in (market.quote, market.stats) if held), default=0)
        return market.tape[-1].received_ns if market.tape else 0
