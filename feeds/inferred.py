"""What one channel of an instrument says of another: trades that are missing, best prices of a book."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from feeds.contracts import Contracts
from feeds.events import BookDelta, BookSnapshot, LastTrade, Level, Quote, Stats, Trade
from feeds.frames import STALE
from feeds.market import Market
from feeds.symbols import OHLC, TICKER, TRADE

_TRADES = (TRADE, OHLC)
# A trade that is missing was made within it: venues that count say so each second, and what they said a
# second ago is looked for.
_COUNTED_US = 20_000_000
_NO_LEVEL = ("", "")
MOVING_BEST = (BookDelta, BookSnapshot, Stats)
"""Events after which the best prices of a book may be others than those that were said; figures of a day
follow the prices that a ticker says."""


class Inferred(Contracts):
    """For venues that count or number their trades, and for those whose best prices are as old as the last
    trade."""

    def _on_last_trade(self, event: LastTrade, link: str) -> None:
        market = self._markets.get(event.instrument)
        if market is None or not market.topics.by_channel.keys() & set(_TRADES):
            return
        if not market.topics.trade_live:
            market.tally.begin()
        elif missed := market.tally.missed(event.trade_id, market.tape()):
            self._trades_missed(market, missed, self.venue_us - _COUNTED_US)

    def _by_number(self, handler: Callable[..., None]) -> Callable[..., None]:
        def handle(event: Trade, link: str) -> None:
            market = self._markets.get(event.instrument)
            if market is not None and (missed := market.tally.jumped(int(event.trade_id))):
                last = market.last_trade
                since_us = last.exchange_us if last else self.venue_us - _COUNTED_US
                self._trades_missed(market, missed, since_us)
            handler(event, link)

        return handle

    def _trades_missed(self, market: Market, missed: int, since_us: int) -> None:
        """There is a hole, for candles to fill; the stream itself goes on."""
        self._count("gaps")
        for channel in market.topics.by_channel.keys() & set(_TRADES):
            market.topics.by_channel[channel].gaps += 1
        self._emit_all(market.bars.hole_begins(since_us))
        self._set(market, _TRADES, STALE, f"{missed} trades did not come")
        self._trades_live(market)

    def _then_quote(self, handler: Callable[..., None]) -> Callable[..., None]:
        def handle(event: BookDelta | BookSnapshot | Stats, link: str) -> None:
            handler(event, link)
            self._quote_book(event)

        return handle

    def _quote_book(self, event: BookDelta | BookSnapshot | Stats) -> None:
        """After ``event``, say the best prices of the book where they are others than were said."""
        market = self._markets.get(event.instrument)
        if market is None or TICKER not in market.topics.by_channel or not market.topics.ticker_live:
            return
        book, held = market.keeper.book, market.quote
        if book is None or not market.topics.book_live():
            return
        if type(event) is BookDelta and held is not None and not _reaches(event, held):
            return
        if book.problem():
            return  # whoever reads it finds that out, and asks for another
        bids, asks = book.best(1)
        best = *(bids[0] if bids else _NO_LEVEL), *(asks[0] if asks else _NO_LEVEL)
        if held is None or best != (held.bid, held.bid_qty, held.ask, held.ask_qty):
            market.quote = Quote(market.instrument, *best, book.exchange_us, book.received_ns)
            market.updates += 1
            self._emit(market.quote)


def _reaches(event: BookDelta, held: Quote) -> bool:
    """Whether it changes a price as good as the best. Floats are enough to see that it does not."""
    return _any_beyond(event.bids, held.bid, 1) or _any_beyond(event.asks, held.ask, -1)


def _any_beyond(changes: Iterable[Level], best: str, sign: int) -> bool:
    if not best:
        return bool(changes)
    try:
        edge = sign * float(best)
        return any(sign * float(price) >= edge for price, _ in changes)
    except ValueError:
        return True
