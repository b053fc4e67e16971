"""What Coinbase Advanced's channels mean, as events: one reader per channel.

The sequence counts all frames of a link, so it comes first in each list of events. Numbers stay the venue's
text. The time of a frame is the venue's time of sending, in nanoseconds; trades carry their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeAlias

from feeds.events import (
    BUY,
    SELL,
    Ack,
    BookDelta,
    BookSnapshot,
    Event,
    Heartbeat,
    Level,
    LinkSequence,
    Quote,
    Stats,
    Trade,
)
from feeds.symbols import BOOK, OHLC, TICKER, TRADE, instrument_name
from feeds.venues.coinbase import shapes
from feeds.venues.coinbase.shapes import micros

VENUE = "COINBASE"

Reader: TypeAlias = Callable[[bytes, int], list[Event]]

# As text, every plain spelling of zero is at most this and every positive price is above it.
_ZERO = "0." + 18 * "0"
# The side that a trade names is the maker's: who sold into a bid is the aggressor.
_AGGRESSOR = {"BUY": SELL, "SELL": BUY}
# The venue's name of a channel in an acknowledgement → ours.
_ACKNOWLEDGED = {"level2": (BOOK,), "market_trades": (TRADE, OHLC), "ticker": (TICKER,)}


@lru_cache(maxsize=4096)
def _instrument(native: str) -> str:
    return instrument_name(VENUE, native)


def _read_books(frame: bytes, received_ns: int) -> list[Event]:
    """``{"type":"snapshot","product_id":…,"updates":[{"side":"bid","price_level":…,"new_quantity":…},…]}``.

    A snapshot is the whole book, tens of thousands of levels; an update's quantity is absolute, 0 removes.
    """
    found = shapes.books(frame)
    exchange_us = micros(found.timestamp)
    events: list[Event] = [LinkSequence(found.sequence_num)]
    for book in found.events:
        instrument = _instrument(book.product_id)
        bids, asks = _sides(book.updates or ())
        if book.type == "update":
            events.append(BookDelta(instrument, bids, asks, 0, 0, None, None, exchange_us, received_ns))
        elif book.type == "snapshot":
            events.append(BookSnapshot(instrument, bids, asks, 0, 0, None, exchange_us, received_ns))
        else:
            raise ValueError(f"type: expected snapshot or update, found {book.type!r:.40}")
    return events


def _sides(updates: Iterable[shapes.Bid | shapes.Offer]) -> tuple[list[Level], list[Level]]:
    bids: list[Level] = []
    asks: list[Level] = []
    bid = shapes.Bid
    for level in updates:
        if type(level) is bid:
            bids.append((level.price_level, level.new_quantity))
        else:
            asks.append((level.price_level, level.new_quantity))
    return bids, asks


def _read_trades(frame: bytes, received_ns: int) -> list[Event]:
    """``{"type":"update","trades":[{"product_id","trade_id","price","size","time","side"},…]}``.

    Newest first, in updates too. A snapshot repeats what was traded before we subscribed.
    """
    found = shapes.trades(frame)
    events: list[Event] = [LinkSequence(found.sequence_num)]
    for group in found.events:
        replayed = group.type == "snapshot"
        events += [_trade(row, received_ns, replayed) for row in reversed(group.trades or ())]
    return events


def _trade(row: shapes.TradeRow, received_ns: int, replayed: bool) -> Trade:
    side = _AGGRESSOR.get(row.side)
    if side is None:
        raise ValueError(f"side: expected BUY or SELL, found {row.side!r:.40}")
    instrument, exchange_us = _instrument(row.product_id), micros(row.time)
    return Trade(instrument, row.trade_id, side, row.price, row.size, exchange_us, received_ns, replayed)


def _read_tickers(frame: bytes, received_ns: int) -> list[Event]:
    """``{"tickers":[{"product_id","price","volume_24_h","best_bid","best_bid_quantity",…},…]}``, untimed.

    ``ticker_batch``, each five seconds, is the same without the best prices.
    """
    found = shapes.tickers(frame)
    exchange_us = micros(found.timestamp)
    events: list[Event] = [LinkSequence(found.sequence_num)]
    for group in found.events:
        for row in group.tickers or ():
            instrument = _instrument(row.product_id)
            if row.best_bid is not None and row.best_ask is not None:
                events.append(_quote(row, instrument, exchange_us, received_ns))
            events.append(_stats(row, instrument, exchange_us, received_ns))
    return events


def _quote(row: shapes.TickerRow, instrument: str, exchange_us: int, received_ns: int) -> Quote:
    bid, bid_qty = (row.best_bid, row.best_bid_quantity) if (row.best_bid or "") > _ZERO else ("", "")
    ask, ask_qty = (row.best_ask, row.best_ask_quantity) if (row.best_ask or "") > _ZERO else ("", "")
    return Quote(instrument, bid, bid_qty, ask, ask_qty, exchange_us, received_ns)


def _stats(row: shapes.TickerRow, instrument: str, exchange_us: int, received_ns: int) -> Stats:
    figures = row.price, row.volume_24_h, row.high_24_h, row.low_24_h, "", row.price_percent_chg_24_h
    return Stats(instrument, *figures, exchange_us, received_ns)


def _read_beats(frame: bytes, received_ns: int) -> list[Event]:
    """``{"current_time":"2026-08-09 21:05:48.85 +0000 UTC m=+4","heartbeat_counter":41691}``.

    Its time is in Go's own format: the frame's is used.
    """
    found = shapes.beats(frame)
    return [LinkSequence(found.sequence_num), Heartbeat(VENUE, micros(found.timestamp), received_ns)]


def _read_subscribed(frame: bytes, received_ns: int) -> list[Event]:
    """``{"subscriptions":{"level2":["BTC-USD"],…}}``: all that the link has now, not what was asked last."""
    found = shapes.subscribed(frame)
    events: list[Event] = [LinkSequence(found.sequence_num)]
    for group in found.events:
        for name, products in group.subscriptions.items():
            for channel in _ACKNOWLEDGED.get(name, ()):
                events += [Ack(True, "", channel, _instrument(native), 0) for native in products or ()]
    return events


READERS: dict[str, Reader] = {
    "l2_data": _read_books,
    "market_trades": _read_trades,
    "ticker": _read_tickers,
    "ticker_batch": _read_tickers,
    "heartbeats": _read_beats,
    "subscriptions": _read_subscribed,
}
"""Channel, by the name that its frames have → reader."""
