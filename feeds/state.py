"""The state of one venue's markets: one owner, one task, no waiting.

Events of the codec go in by :meth:`MarketState.apply`; each comes out by ``emit`` once it has taken effect,
together with bars and changes of state. Readers call the methods below ``# read``, in the same thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from feeds.book import Book
from feeds.clock import Clock
from feeds.codec import Codec
from feeds.events import (
    Ack,
    Bar,
    BookDelta,
    BookSnapshot,
    Event,
    Funding,
    InstrumentStatus,
    LastTrade,
    LinkSequence,
    Liquidation,
    Mark,
    OpenInterest,
    OptionQuote,
    Quote,
    Stats,
    Trade,
    TradeUndone,
    Unknown,
    VenueStatus,
)
from feeds.frames import DOWN, LIVE, SYNCING
from feeds.inferred import MOVING_BEST
from feeds.keeper import BENIGN, PASSING, WAITING
from feeds.market import Market
from feeds.prices import Prices
from feeds.symbols import BOOK, STATS, TICKER, TRADE
from feeds.topics import StateChange, TopicState

__all__ = ["MarketState", "Resync", "StateChange", "TopicState"]

UNREADABLE = "a message of the venue cannot be read"
UNPLACED = "a change of a book that nobody asked for"
# A venue that invents names must not make books begin anew for ever.
_MOST_NAMES = 5000


class Resync(NamedTuple):
    """What was broken and must be asked for again: one ``"symbol"``'s book, or all of the ``"link"``."""

    scope: str
    instrument: str
    link: str
    reason: str


class MarketState(Prices):
    """All instruments of one venue: what events do to them, and what readers are told."""

    def __init__(
        self,
        codec: Codec,
        clock: Clock,
        *,
        emit: Callable[[object], None],
        resync: Callable[[Resync], None],
    ) -> None:
        super().__init__(codec, clock, emit)
        self._resync = resync
        self._handlers: dict[type, Callable[..., None]] = {
            Quote: self._on_quote,
            Stats: self._on_stats,
            Trade: self._by_number(self._on_trade) if codec.numbers_trades else self._on_trade,
            TradeUndone: self._on_undone,
            BookDelta: self._on_delta,
            BookSnapshot: self._on_snapshot,
            LastTrade: self._on_last_trade,
            LinkSequence: self._on_sequence,
            Mark: self._on_mark,
            Funding: self._on_funding,
            OpenInterest: self._on_interest,
            OptionQuote: self._on_option,
            Liquidation: self._on_liquidation,
            InstrumentStatus: self._on_instrument,
            VenueStatus: self._on_venue,
            Ack: self._on_ack,
            Unknown: self._on_unknown,
        }
        if codec.quotes_at_trades:
            self._handlers |= {kind: self._then_quote(self._handlers[kind]) for kind in MOVING_BEST}

    # events

    def apply(self, event: Event, link: str) -> None:
        """The hot path: one dictionary look-up, then what the event means."""
        if self._repeating and link in self._repeating and type(event) is not LinkSequence:
            return
        if type(event) is Quote:
            # Three of four events, and one price after another.
            market = self._markets.get(event.instrument)
            if market is not None and market.topics.ticker_live:
                market.quote = event
                market.updates += 1
                self._emit(event)
                return
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event, link)

    def _on_trade(self, event: Trade, link: str) -> None:
        market = self._markets.get(event.instrument)
        if market is None:
            self._stray(TRADE)
        elif not market.proper(event):
            self._count("refused")
        elif market.record(event):
            bars = market.bars.add(event)
            if not market.topics.trade_live:
                self._trades_live(market)
            self._emit(event)
            if bars:
                self._emit_all(bars)
        else:
            self._count("duplicates")
            if event.replayed:
                self._emit_all(market.bars.hole_filled())

    def _on_delta(self, event: BookDelta, link: str) -> None:
        market = self._markets.get(event.instrument)
        if market is None:
            self._unplaced(event, link)
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
            self._stray(BOOK)
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

    def _broken(self, market: Market, counter: str, reason: str = "", unread: int = 0) -> None:
        """The book is gone at once; a new one is asked for."""
        self._count(counter)
        reason = reason or f"{counter} book"
        market.keeper.lose(unread)
        topic = market.topics.by_channel[BOOK]
        topic.gaps += 1
        self._set(market, (BOOK,), SYNCING, reason)
        scope, link = self.codec.resync_scope, topic.link
        self._resync(Resync(scope, market.instrument if scope == "symbol" else "", link, reason))

    def refute(self, instrument: str, reason: str) -> None:
        """The book was shown to be wrong by something that is not in its stream."""
        market = self._markets.get(instrument)
        if market is not None and market.topics.book_live():
            self._broken(market, "audit", reason)

    def unreadable(self, channel: str, instrument: str) -> None:
        """A message of this topic made no sense: what it would have changed is not known."""
        market = self._markets.get(instrument)
        topic = None if market is None else market.topics.by_channel.get(channel)
        if topic is None or topic.base != LIVE:
            return
        if channel == BOOK:
            self._broken(market, "undecodable", UNREADABLE, unread=1)
        else:
            topic.gaps += 1
            self._lose(market, channel, UNREADABLE)

    def doubt(self, instruments: Iterable[str], reason: str) -> None:
        """One of these books may have changed, nobody knows which: where no number shows that something is
        missing, it is brought again."""
        for market in (self._markets[name] for name in instruments if name in self._markets):
            book = market.keeper.book
            if book is not None and not book.last and market.topics.book_live():
                self._broken(market, "undecodable", reason)

    def _unplaced(self, event: BookDelta, link: str) -> None:
        """A change of a book that was never asked for may be one of another whose name was altered."""
        self._count("unknown:instrument")
        if event.last or BOOK in self.codec.brings_others or event.instrument in self._left:
            return
        if len(self._left) < _MOST_NAMES:
            self._left.add(event.instrument)  # the next one is no surprise
            names = [name for name, market in self._markets.items() if BOOK in market.topics.on_link(link)]
            self.doubt(names, UNPLACED)

    def _on_sequence(self, event: LinkSequence, link: str) -> None:
        before = self._sequences.get(link)
        # 0 after more is a count begun anew, not a repetition: nothing held of the link is proven then.
        if before is not None and event.last <= before and (event.last or not before):
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
                if channel not in (TICKER, STATS):
                    market.topics.by_channel[channel].gaps += 1
                    self._lose(market, channel, reason, SYNCING if channel == BOOK else "")
        self._resync(Resync("link", "", link, reason))

    def _on_instrument(self, event: InstrumentStatus, link: str) -> None:
        market = self._markets.get(event.instrument)
        if market is not None:
            market.topics.say(event.status, event.reason, link)
            self._show(market)
        self._emit(event)

    def _on_venue(self, event: VenueStatus, link: str) -> None:
        halted = (event.reason or event.status) if event.status == "halted" else ""
        if halted != self._halts.said:
            self._halts.said = halted
            self._show_all()
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
        if problem and problem != PASSING:
            self._broken(market, problem)
        return None if problem else market.keeper.book

    def trades(self, instrument: str) -> Sequence[Trade]:
        """Newest last; to be read and not kept."""
        market = self._markets.get(instrument)
        return [] if market is None else market.tape()

    def bars(self, instrument: str, interval: int, since_us: int = 0) -> list[Bar]:
        """Oldest first, from ``since_us`` on; the last one may be running."""
        market = self._markets.get(instrument)
        return [] if market is None else market.bars.read(interval, since_us)

    def topic_state(self, channel: str, instrument: str) -> TopicState:
        market = self._markets.get(instrument)
        topic = None if market is None else market.topics.get(channel)
        if topic is None:
            return self._absent(instrument, channel)
        return TopicState(topic.state, topic.reason, topic.since_us, topic.phase)

    def received_ns(self, channel: str, instrument: str) -> int:
        """When what is now shown was received, wall time; 0 when there is nothing."""
        market = self._markets.get(instrument)
        return 0 if market is None else market.received_ns(channel)
