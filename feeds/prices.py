"""What best prices and figures of a day do to a market: together they are its ticker."""

from __future__ import annotations

from feeds.events import Quote, Stats
from feeds.frames import LIVE
from feeds.inferred import Inferred
from feeds.market import Market, prices_of
from feeds.symbols import STATS, TICKER

# Best prices that come with figures of a day are of the last second: no quote of that is taken back.
_AS_OLD_NS = 1_000_000_000


class Prices(Inferred):
    """Which of both proves that a price is live again."""

    def _on_quote(self, event: Quote, link: str) -> None:
        market = self._markets.get(event.instrument)
        if market is None:
            self._count("unknown:instrument")
            return
        market.quote = event
        market.updates += 1
        self._proven(market, TICKER)
        self._emit(event)

    def _on_stats(self, event: Stats, link: str) -> None:
        market = self._markets.get(event.instrument)
        if market is None:
            self._count("unknown:instrument")
            return
        market.stats = market.merged(event)
        market.updates += 1
        if STATS in market.topics.by_channel:
            self._proven(market, STATS)
        elif link:  # what was asked for by REST proves no stream of prices
            self._prices_told(market, event)
        self._emit(event)

    def _prices_told(self, market: Market, event: Stats) -> None:
        """Figures of a day came by the stream of prices. While nothing proved that since it was lost, the
        best prices that are held are of before: others that came with the figures take their place, and
        without these only a quote can prove it."""
        topic = market.topics.by_channel.get(TICKER)
        if topic is None:
            return
        if event.quote is not None:
            if topic.base != LIVE or _outdated(market.quote, event.quote):
                self._on_quote(event.quote, topic.link)
            elif prices_of(market.quote) == prices_of(event.quote):
                market.quote = event.quote  # said again: as young as that, and nothing new
        elif topic.base != LIVE and market.quote is None:
            self._proven(market, TICKER)


def _outdated(held: Quote | None, told: Quote) -> bool:
    """Whether a quote was lost: what is held is older than what was told, and another. It would stay until
    the next one, and look as young as the figures."""
    if held is None or told.received_ns - held.received_ns <= _AS_OLD_NS:
        return held is None
    return prices_of(held) != prices_of(told)
