"""The instruments of one venue that are wanted: which link brings them, and what they wait for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from feeds.audit import Witness
from feeds.clock import Clock
from feeds.codec import Codec, Subscription
from feeds.events import Bar, BookDelta, TradeUndone
from feeds.frames import DELISTED, DOWN, SYNCING
from feeds.halts import Halts
from feeds.health import TopicHealth
from feeds.keeper import Rules
from feeds.latency import Apart, Latency
from feeds.market import Market
from feeds.symbols import BOOK, DERIVATIVES, TICKER, TRADE, WORDS
from feeds.topics import AWAITED, Late, StateChange, Topic, TopicState

_LISTED = 15
# After the end of a minute, trades of it may still be on their way.
_GRACE_US = 2_000_000
# A clock that is corrected a little is not set.
_SET_US = 1_000_000
# A venue that invents names must not fill the memory with counters.
_MAX_COUNTERS = 200
# Seconds: tidied all at once, some hundred books would hold all else up.
_TIDIED_EACH_S = 60


class Markets:
    """``preferred`` instruments are first in line when something must be fetched; ``unfollowed``: why nothing
    of the venue is followed, where nothing can be."""

    def __init__(self, codec: Codec, clock: Clock, emit: Callable[[object], None]) -> None:
        self.codec = codec
        self.preferred: frozenset[str] = frozenset()
        self.unfollowed = ""
        self.counters: Counter[str] = Counter()
        self._clock, self._emit = clock, emit
        self._rules = Rules.of(codec)
        self._markets: dict[str, Market] = {}
        self._delisted: Mapping[str, str] = {}
        self._sequences: dict[str, int] = {}
        self._repeating: set[str] = set()
        self._late: dict[str, Late] = {}
        self._left: set[str] = set()
        self._halts = Halts(codec)
        self._minute = self._second = 0
        self.latency, self._apart = Latency(), Apart()
        self._sampled_ns = 0
        self._offset_ns: int | None = None

    @property
    def halted(self) -> str:
        """Why the whole venue is halted; ``""``: it is not."""
        return self._halts.venue.reason

    def close(self, words: str) -> None:
        """The hours of the whole venue are over, until when ``words`` say; ``""``: they are not. What is
        closed is halted: nothing is due, and nothing of it looks live."""
        self._halts.closed = words
        self._show_all()

    def watch(self, subscriptions: Iterable[Subscription], link: str) -> None:
        """Make room for what ``link`` will bring: syncing until data, or an acknowledgement, proves it."""
        for subscription in subscriptions:
            market = self._markets.get(subscription.instrument)
            if market is None:
                market = Market(subscription.instrument, self._rules, self._apart.latest_us(self._wall_us()))
                self._markets[subscription.instrument] = market
            topics, channel = market.topics.by_channel, subscription.channel
            topic = topics.setdefault(channel, Topic(subscription, link))
            if topic.state and (topic.link, topic.subscription) == (link, subscription):
                continue
            topic.link, topic.subscription = link, subscription
            if channel == BOOK:
                market.keeper.drop()
            self._set(market, (channel,), SYNCING, AWAITED)

    def unwatch(self, subscriptions: Iterable[Subscription]) -> None:
        for subscription in subscriptions:
            market = self._markets.get(subscription.instrument)
            if market is None or subscription.channel not in market.topics.by_channel:
                continue
            self._left.add(subscription.instrument)
            self._set(market, (subscription.channel,), DOWN, "not followed")
            del market.topics.by_channel[subscription.channel]
            if subscription.channel == BOOK:
                market.keeper.drop()
            if not market.topics.by_channel:
                del self._markets[subscription.instrument]

    def delist(self, instruments: Mapping[str, str]) -> None:
        """What somebody wants and the venue no longer lists: it is not subscribed, and the reason is said."""
        fresh, self._delisted = instruments.keys() - self._delisted.keys(), instruments
        for instrument in sorted(fresh - self._markets.keys()):
            state = self._absent(instrument)
            for channel in (TICKER, TRADE, BOOK, *DERIVATIVES):
                self._emit(StateChange(channel, instrument, state.state, state.reason, self._wall_us()))

    def _absent(self, instrument: str, channel: str = "") -> TopicState:
        """The state of what is not subscribed, or not to be had."""
        if instrument in self._delisted:
            return TopicState(DELISTED, self._delisted[instrument], 0)
        told = not channel or channel in self.codec.channels
        words = "not followed" if told else f"{self.codec.title} tells no {WORDS[channel]}"
        return TopicState(DOWN, self.unfollowed or words, 0)

    def health(self) -> Iterator[TopicHealth]:
        """Each topic as it is now. A pass over all of them, so at most once a second."""
        for market in self._markets.values():
            yield from market.health()

    def needs_snapshot(self) -> list[Subscription]:
        """Books that wait for a snapshot by REST and whose deltas flow already; preferred ones first."""
        waiting = [m for m in self._markets.values() if BOOK in m.topics.by_channel]
        waiting = [m for m in waiting if m.keeper.wants_snapshot]
        waiting.sort(key=lambda market: market.instrument not in self.preferred)
        return [market.topics.by_channel[BOOK].subscription for market in waiting]

    def awaiting(self, instrument: str) -> list[BookDelta] | None:
        """What came while a snapshot by REST is wanted, None if none is. Another list after each loss."""
        market = self._markets.get(instrument)
        return None if market is None else market.keeper.buffer

    def live_books(self) -> list[Subscription]:
        """Books that may be shown."""
        live = [
            market.topics.by_channel[BOOK] for market in self._markets.values() if market.topics.book_live()
        ]
        return [topic.subscription for topic in live]

    def witness(self, instrument: str) -> Witness | None:
        """Note what moves in a book from now on, until :meth:`dismiss`; None where there is no book."""
        market = self._markets.get(instrument)
        if market is None or market.keeper.book is None:
            return None
        market.keeper.witness = Witness(market.keeper.book)
        return market.keeper.witness

    def dismiss(self, witness: Witness) -> None:
        """It need not note any more; its book may be gone already."""
        for market in self._markets.values():
            if market.keeper.witness is witness:
                market.keeper.witness = None

    def backfill(self, bars: Iterable[Bar]) -> None:
        """The venue's own candles, oldest first, for what was missed."""
        by_instrument: dict[str, list[Bar]] = {}
        for bar in bars:
            by_instrument.setdefault(bar.instrument, []).append(bar)
        for instrument, found in by_instrument.items():
            if instrument in self._markets:
                self._emit_all(self._markets[instrument].bars.backfill(found))

    def needs_backfill(self) -> list[tuple[str, int]]:
        """(instrument, interval) with a bar that closed incomplete; preferred ones first, of these the
        quarter hours of each before any other length: lists show a day of them."""
        wanted = [(m.instrument, i) for m in self._markets.values() for i in m.bars.wanting()]
        return sorted(wanted, key=lambda pair: (pair[0] not in self.preferred, pair[1] != _LISTED))

    def tick(self) -> None:
        """Close the bars whose time is over, which a quiet market does not do itself, look whether what
        stands still is closed, and tidy books that nobody may read. Call it each second."""
        self._sample_latency()
        self._tidy()
        now_us = self.venue_us - _GRACE_US
        if now_us // 60_000_000 == self._minute:
            return
        self._minute = now_us // 60_000_000
        for market in self._markets.values():
            self._emit_all(market.bars.advance(now_us))
            if market.topics.status == "halted":
                self._show(market)

    def _tidy(self) -> None:
        """Some of them, each once a minute."""
        self._second = (self._second + 1) % _TIDIED_EACH_S
        for market in islice(self._markets.values(), self._second, None, _TIDIED_EACH_S):
            if market.keeper.book is not None:
                market.keeper.book.tidy()

    def _sample_latency(self) -> None:
        """The newest message of each topic in each second stands for those before it: counting all of them
        would cost every one of them."""
        mono_ns, since_ns = self._clock.mono_ns(), self._sampled_ns
        self._sampled_ns = self._clock.wall_ns()
        if self._clock_was_set(mono_ns):
            return
        for market in self._markets.values():
            for exchange_us, received_ns in market.stamps():
                if exchange_us and received_ns > since_ns:
                    self.latency.add(received_ns // 1000 - exchange_us, mono_ns)
                    self._apart.add(received_ns // 1000 - exchange_us)

    def _clock_was_set(self, mono_ns: int) -> bool:
        """What was received before it says nothing of the venue's time now: minutes must not end by it."""
        before_ns, self._offset_ns = self._offset_ns, self._sampled_ns - mono_ns
        moved_us = 0 if before_ns is None else (self._offset_ns - before_ns) // 1000
        if not self._clock.paced or abs(moved_us) < _SET_US:
            return False
        self._apart.set_by(moved_us)
        return True

    def _on_undone(self, event: TradeUndone, link: str) -> None:
        """Where the trade is not held, the bars of the time that the venue tells are asked for again."""
        market = self._markets.get(event.instrument)
        if market is None:
            self._count("unknown:instrument")
        elif event.instead is not None and not market.proper(event.instead):
            self._count("refused")
        elif (undone := market.undo(event)) is None:
            self._count("undone:not held")
            self._emit_all(market.bars.doubt(event.exchange_us))
        else:
            self._count("undone")
            self._emit(event)
            self._emit_all(market.bars.doubt(undone.exchange_us))

    def _count(self, name: str) -> None:
        full = len(self.counters) >= _MAX_COUNTERS and name not in self.counters
        self.counters["unknown:other" if full else name] += 1

    def _stray(self, channel: str) -> None:
        """Something came that nobody asked for."""
        self._count("not followed" if channel in self.codec.brings_others else "unknown:instrument")

    def _emit_all(self, events: Iterable[object]) -> None:
        for event in events:
            self._emit(event)

    @property
    def venue_us(self) -> int:
        """The venue's time, at the earliest: what has ended by then has ended."""
        return self._apart.earliest_us(self._wall_us())

    def _wall_us(self) -> int:
        return self._clock.wall_ns() // 1000

    def _set(self, market: Market, channels: tuple[str, ...], base: str, reason: str) -> None:
        market.topics.rebase(channels, base, reason)
        self._show(market)

    def _show(self, market: Market) -> None:
        topics, now_us = market.topics, self._wall_us()
        if topics.status == "halted":
            topics.hours = self._halts.hours(market.instrument, now_us)
        topics.show(self._halts.venue, self._late, now_us, self._emit)

    def _show_all(self) -> None:
        for market in self._markets.values():
            self._show(market)
