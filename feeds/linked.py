"""What the fate of a link does to what it brings: agreed to, late, down, taken over by another."""

from __future__ import annotations

from collections.abc import Iterable

from feeds.codec import Subscription
from feeds.frames import DOWN, LIVE, STALE, SYNCING
from feeds.market import Market
from feeds.markets import Markets
from feeds.symbols import BOOK, LIQUIDATION, OHLC, STATS, TRADE
from feeds.topics import AWAITED, Late

_TRADES = (TRADE, OHLC)
# How long before a link was called dead it may have been dead: trades of that time may be missing.
_DETECTION_US = 20_000_000


class Linked(Markets):
    """Each topic has one link at a time."""

    def confirm(self, subscriptions: Iterable[Subscription]) -> None:
        """The venue agreed. An empty tape is then a true one, and so are no liquidations, and figures of a
        day that nobody showed yet; a price and a book wait for data."""
        for subscription in subscriptions:
            market = self._markets.get(subscription.instrument)
            if market is not None:
                self._confirmed(market, subscription.channel)

    def _confirmed(self, market: Market, channel: str) -> None:
        topic = market.topics.by_channel.get(channel)
        if channel in _TRADES:
            self._trades_live(market)
        elif topic is not None and (channel == LIQUIDATION or channel == STATS and not market.holds(STATS)):
            self._set(market, (channel,), LIVE, "")
        elif topic is not None:
            market.keeper.flowing |= channel == BOOK
            if topic.base in (DOWN, STALE):
                self._set(market, (channel,), SYNCING, AWAITED)

    def link_late(self, link: str, reason: str) -> None:
        """Nothing of this link looks live until it brings something, or is down. Nothing is lost: what is
        under way has its place before all that follows, so a book runs on from where it stands."""
        self._late[link] = Late(reason, self.venue_us)
        self._show_all()

    def link_on_time(self, link: str) -> None:
        if self._late.pop(link, None):
            self._show_all()

    def link_down(self, link: str, reason: str) -> None:
        """Nothing of this link is proven any more, nor on its way until it is agreed to on another."""
        self._sequences.pop(link, None)
        self._repeating.discard(link)
        late = self._late.pop(link, None)
        alive_us = (late.since_us if late else self.venue_us) - _DETECTION_US
        for market in self._markets.values():
            market.topics.unsay(link)
            for channel in market.topics.on_link(link):
                self._lose(market, channel, reason, alive_us=alive_us)
            self._show(market)

    def _lose(
        self, market: Market, channel: str, reason: str, base: str = "", alive_us: int | None = None
    ) -> None:
        """``base``: its state, where more is known than that nothing comes of it any more. ``alive_us``: when
        its link was alive, where it is that which is lost."""
        if channel == BOOK:
            market.keeper.drop()
        self._set(market, (channel,), base or (STALE if market.holds(channel) else DOWN), reason)
        if channel in _TRADES:
            market.tally.begin()
            last_us = 0 if market.last_trade is None else market.last_trade.exchange_us
            alive_us = self.venue_us - _DETECTION_US if alive_us is None else alive_us
            self._emit_all(market.bars.hole_begins(max(last_us, alive_us)))

    def splice(self, old: str, new: str) -> None:
        """Planned roll-over: ``new`` brings what ``old`` brought. Books run on, proven by their numbers."""
        self._sequences.pop(old, None)
        self._late.pop(old, None)
        for market in self._markets.values():
            if market.topics.status_link == old:
                market.topics.status_link = new
            for channel in market.topics.on_link(old):
                market.topics.by_channel[channel].link = new
            self._show(market)

    def _trades_live(self, market: Market) -> None:
        if not market.topics.trade_live:
            market.bars.hole_ends(self._apart.latest_us(self._wall_us()))
            self._set(market, _TRADES, LIVE, "")
