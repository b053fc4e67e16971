"""What Coinbase Exchange's messages mean, as events: one reader per type. Numbers stay the venue's text."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
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
    InstrumentStatus,
    LastTrade,
    Level,
    Quote,
    Stats,
    Trade,
)
from feeds.symbols import BOOK, TICKER, instrument_name, is_number
from feeds.venues.coinbase import exchange_shapes as shapes
from feeds.venues.coinbase.exchange_shapes import when

VENUE = "COINBASE_EXCHANGE"

Reader: TypeAlias = Callable[[bytes, int], list[Event]]

# As text, every plain spelling of zero is at most this and every positive price is above it.
_ZERO = "0." + 18 * "0"
# The side that a match names is the maker's: who sold into a bid is the aggressor.
_AGGRESSOR = {"buy": SELL, "sell": BUY}
# The name of a channel in an acknowledgement → ours. `level2_batch` is confirmed as `level2_50`, and its like
# by the length of their batches in milliseconds. Trades are a stream, see `trades_of`.
_ACKNOWLEDGED = {
    **dict.fromkeys(("level2", "level2_batch", "level2_50"), BOOK),
    **dict.fromkeys(("ticker", "ticker_batch", "ticker_1000", "ticker_5000"), TICKER),
}
_CENT = Decimal("0.01")


@lru_cache(maxsize=4096)
def _instrument(native: str) -> str:
    return instrument_name(VENUE, native)


def trades_of(native: str) -> str:
    """The name of the stream that brings trades and bars of a product."""
    return f"matches:{native}"


def _read_snapshot(frame: bytes, received_ns: int) -> list[Event]:
    """``{"type":"snapshot","product_id":"BTC-USD","asks":[["…","…"],…],"bids":[…]}``: the whole book."""
    found = shapes.snapshot(frame)
    name, us = _instrument(found.product_id), when(found.time)
    return [BookSnapshot(name, found.bids, found.asks, 0, 0, None, us, received_ns)]


def _read_change(frame: bytes, received_ns: int) -> list[Event]:
    """``{"type":"l2update","product_id":"BTC-USD","changes":[["buy","22356.27","0.00"],…],"time":…}``.

    The size is what is there now; zero removes the level. Nothing numbers them: the venue promises that all
    are delivered, and audits hold it to that.
    """
    found = shapes.change(frame)
    bids: list[Level] = []
    asks: list[Level] = []
    for side, price, size in found.changes:
        if side == "buy":
            bids.append((price, size))
        elif side == "sell":
            asks.append((price, size))
        else:
            raise ValueError(f"side: expected buy or sell, found {side!r:.40}")
    us = when(found.time)
    return [BookDelta(_instrument(found.product_id), bids, asks, 0, 0, None, None, us, received_ns)]


def _read_match(frame: bytes, received_ns: int) -> list[Event]:
    """``{"type":"match","trade_id":10,"side":"sell","size":"5.23","price":"400.23",…}``; ids go up by one.

    https://docs.cdp.coinbase.com/exchange/websocket-feed/channels#match: the side is the maker order's.
    """
    found = shapes.match(frame)
    name, side = _instrument(found.product_id), _aggressor(found)
    trade_id, us = str(found.trade_id), when(found.time)
    return [Trade(name, trade_id, side, found.price, found.size, us, received_ns)]


def _read_last_match(frame: bytes, received_ns: int) -> list[Event]:
    """The newest trade from before we asked, once: a last price, and where to count trades from.

    It is no trade of ours: alone it would be in a bar, and all others of its minute would not.
    """
    found = shapes.match(frame)
    _aggressor(found)
    name, us = _instrument(found.product_id), when(found.time)
    last = Stats(name, found.price, "", "", "", "", "", us, received_ns)
    return [last, LastTrade(name, found.trade_id)]


def _aggressor(found: shapes.Match) -> str:
    side = _AGGRESSOR.get(found.side)
    if side is None:
        raise ValueError(f"side: expected buy or sell, found {found.side!r:.40}")
    return side


def _read_ticker(frame: bytes, received_ns: int) -> list[Event]:
    """``{"type":"ticker","price":…,"best_bid":…,"best_bid_size":…,"time":…}``, with each match.

    Everything in it is of that moment, which may be long ago on the first one.
    """
    found = shapes.ticker(frame)
    name, us = _instrument(found.product_id), when(found.time)
    events: list[Event] = []
    if found.best_bid is not None and found.best_ask is not None:
        bid = (found.best_bid, found.best_bid_size) if found.best_bid > _ZERO else ("", "")
        ask = (found.best_ask, found.best_ask_size) if found.best_ask > _ZERO else ("", "")
        events.append(Quote(name, *bid, *ask, us, received_ns))
    change = _changes(found.price, found.open_24h)
    figures = found.price, found.volume_24h, found.high_24h, found.low_24h, *change
    return [*events, Stats(name, *figures, us, received_ns)]


@lru_cache(maxsize=1024)
def _changes(last: str, opened: str) -> tuple[str, str]:
    """Since 24 hours ago: the difference, and what it is in per cent, to the second place."""
    if not (is_number(last) and is_number(opened) and opened.strip("0.")):
        return "", ""
    difference = Decimal(last) - Decimal(opened)
    percent = difference * 100 / Decimal(opened)
    return f"{difference:f}", f"{percent.quantize(_CENT):f}" if abs(percent) < 10**18 else ""


def _read_beat(frame: bytes, received_ns: int) -> list[Event]:
    """``{"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":…,"time":…}``, each second."""
    found = shapes.beat(frame)
    told = LastTrade(_instrument(found.product_id), found.last_trade_id)
    return [told, Heartbeat(VENUE, when(found.time), received_ns)]


def _read_statuses(frame: bytes, received_ns: int) -> list[Event]:
    """``{"type":"status","products":[{"id":"BTC-USD","status":"online",…},…],"currencies":[…]}``."""
    return [
        InstrumentStatus(_instrument(row.id), row.state, (row.status_message or "")[:200], received_ns)
        for row in shapes.statuses(frame).products
    ]


def _read_subscribed(frame: bytes, received_ns: int) -> list[Event]:
    """``{"type":"subscriptions","channels":[{"name":"level2_50","product_ids":[…]},…]}``: all that the link
    has now, not what was asked last."""
    events: list[Event] = []
    for channel in shapes.subscribed(frame).channels or ():
        ours = _ACKNOWLEDGED.get(channel.name, "")
        for native in channel.product_ids or ():
            if ours:
                events.append(Ack(True, "", ours, _instrument(native), 0))
            elif channel.name == "matches":
                events.append(Ack(True, "", "", "", 0, stream=trades_of(native)))
    return events or [Ack(True, "", "", "", 0)]


READERS: dict[str, Reader] = {
    "l2update": _read_change,
    "match": _read_match,
    "ticker": _read_ticker,
    "heartbeat": _read_beat,
    "snapshot": _read_snapshot,
    "last_match": _read_last_match,
    "status": _read_statuses,
    "subscriptions": _read_subscribed,
}
"""Type of a message → reader."""
