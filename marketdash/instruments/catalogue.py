"""What is enabled: the subscriptions for the worker, and a snapshot in memory for pages and sockets.

No request on the price path touches the database: :class:`Catalogue` is read once, then every 30 s,
and when someone changed the configuration.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple

from asgiref.sync import sync_to_async

from feeds import symbols
from feeds.codec import Subscription
from marketdash.instruments.models import Instrument

REFRESH_EVERY_S = 30


class Listed(NamedTuple):
    """One enabled instrument, as pages and sockets show it. ``book_depth`` 0: it has no book."""

    symbol: str
    slug: str
    venue: str
    venue_title: str
    native: str
    kind: str
    base: str
    quote: str
    price_decimals: int
    qty_decimals: int
    tick_size: str
    status: str
    book_depth: int


def enabled() -> list[Instrument]:
    """Enabled instruments of enabled venues that were not delisted, by name."""
    rows = Instrument.objects.filter(enabled=True, venue__enabled=True).exclude(status="delisted")
    return list(rows.select_related("venue").order_by("symbol"))


def subscriptions(venue: str | None = None) -> list[Subscription]:
    """All that the worker is to follow. Bars need the trades, which they are built from."""
    return [
        subscription
        for row in enabled()
        if venue is None or row.venue.name == venue
        for subscription in _subscriptions_of(row)
    ]


def _subscriptions_of(row: Instrument) -> list[Subscription]:
    wanted = {
        symbols.TICKER: row.ticker,
        symbols.TRADE: row.trades or row.bars,
        symbols.BOOK: row.book_depth > 0,
    }
    return [
        Subscription(channel, row.symbol, row.native, row.book_depth if channel == symbols.BOOK else 0)
        for channel, on in wanted.items()
        if on
    ]


def listed(row: Instrument) -> Listed:
    return Listed(
        symbol=row.symbol,
        slug=row.slug,
        venue=row.venue.name,
        venue_title=row.venue.title,
        native=row.native,
        kind=row.kind,
        base=row.base,
        quote=row.quote,
        price_decimals=symbols.decimals(row.tick_size),
        qty_decimals=symbols.decimals(row.lot_size),
        tick_size=row.tick_size,
        status=row.status,
        book_depth=row.book_depth,
    )


class Catalogue:
    """Enabled instruments in memory. Reads are plain dictionary look-ups; only refreshing waits."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._by_symbol: dict[str, Listed] = {}
        self._by_slug: dict[str, Listed] = {}
        self._read_at_s: float | None = None

    def get(self, symbol: str) -> Listed | None:
        return self._by_symbol.get(symbol)

    def by_slug(self, slug: str) -> Listed | None:
        return self._by_slug.get(slug)

    def all(self) -> list[Listed]:
        """By name."""
        return list(self._by_symbol.values())

    async def refresh(self) -> None:
        """Read the database now."""
        started_s = self._clock()
        rows = await sync_to_async(_read)()
        self._by_symbol = {row.symbol: row for row in rows}
        self._by_slug = {row.slug: row for row in rows}
        self._read_at_s = started_s

    async def ensure(self) -> None:
        """Read the database at first use, and when the last reading is 30 s old."""
        if self._read_at_s is None or self._clock() - self._read_at_s >= REFRESH_EVERY_S:
            await self.refresh()

    async def keep_fresh(self) -> None:
        """Runs until cancelled: for a process that lives as long as its hub."""
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_EVERY_S)


def _read() -> list[Listed]:
    return [listed(row) for row in enabled()]


catalogue = Catalogue()
"""The one of this process."""
