"""Row bodies: what a slot sends, as JSON bytes. Symbol, epoch and sequence are the bus's.

Prices and quantities stay the exchange's text; times are integer microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from feeds.events import Bar, Level, Liquidation, Trade
from feeds.health import LinkHealth

LIVE, SYNCING, STALE, HALTED, DELISTED, DOWN = "live", "syncing", "stale", "halted", "delisted", "down"
"""States of a topic, the words that a user reads."""

WORST_FIRST = (DOWN, STALE, SYNCING, HALTED, DELISTED, LIVE)


def badness(state: str) -> int:
    """The less, the worse; a word that nobody knows is as bad as any."""
    return WORST_FIRST.index(state) if state in WORST_FIRST else 0


_encoder = msgspec.json.Encoder()


def encode(body: Mapping[str, object]) -> bytes:
    """One row body."""
    return _encoder.encode(body)


def trade_row(trade: Trade) -> dict[str, str | int]:
    return {
        "trade_id": trade.trade_id,
        "side": trade.side,
        "price": trade.price,
        "qty": trade.qty,
        "ts_exchange": trade.exchange_us,
    }


def liquidation_row(liquidation: Liquidation) -> dict[str, str | int]:
    return {
        "side": liquidation.side,
        "price": liquidation.price,
        "average": liquidation.average,
        "qty": liquidation.qty,
        "filled": liquidation.filled,
        "ts_exchange": liquidation.exchange_us,
    }


def bar_row(bar: Bar) -> dict[str, str | int | bool]:
    return {
        "ts": bar.start_us,
        "open": bar.open,
        "high": bar.high,
        "low": bar.low,
        "close": bar.close,
        "volume": bar.volume,
        "trades": bar.trades,
        "closed": bar.closed,
        "incomplete": bar.incomplete,
    }


def book_body(
    bids: Iterable[Level], asks: Iterable[Level], exchange_us: int, received_us: int
) -> dict[str, object]:
    """Levels as ``["price","qty"]`` pairs; a quantity of ``"0"`` removes."""
    return {"bids": list(bids), "asks": list(asks), "ts_exchange": exchange_us, "ts_received": received_us}


def link_row(link: LinkHealth) -> dict[str, object]:
    return {
        "name": link.name,
        "state": link.state,
        "reason": link.reason,
        "since": link.since_us,
        "messages_per_s": link.messages_per_s,
        "reconnects": link.reconnects,
        "gaps": link.gaps,
        "resyncs": link.resyncs,
        "decode_errors": link.decode_errors,
        "last_error": link.last_error,
        "topics": link.topics,
    }


def status_body(
    state: str, reason: str, title: str, links: Iterable[LinkHealth], counters: Mapping[str, int]
) -> dict[str, object]:
    """The body of ``status:VENUE``."""
    rows = [link_row(link) for link in links]
    return {"state": state, "reason": reason, "title": title, "links": rows, "counters": dict(counters)}
