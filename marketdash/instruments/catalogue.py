"""What is enabled: what the worker is to follow, and a snapshot in memory for pages and sockets.

No request on the price path touches the database: :class:`Catalogue` is read once, then every 30 s,
and when someone changed the configuration. What it holds has a version, the same in every process that read
the same; pages compare it with theirs and ask for the difference.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from asgiref.sync import sync_to_async
from django.utils import timezone

from feeds import symbols
from feeds.codec import Subscription
from marketdash.instruments.listed import BLANK as BLANK
from marketdash.instruments.listed import Listed
from marketdash.instruments.models import CONTRACTS, Alias, FormerSymbol, Instrument, Status

REFRESH_EVERY_S = 30
VERSIONS_KEPT = 32
"""A page that slept through more of them is given the whole list."""


class Wanted(NamedTuple):
    """What the worker is to follow, and why nothing comes of enabled instruments that venues delisted."""

    subscriptions: list[Subscription]
    delisted: dict[str, str]


class Changes(NamedTuple):
    """What leads from one version of the list to ``version``; ``whole``: ``listed`` is all there is."""

    version: str
    whole: bool
    listed: list[Listed]
    gone: list[str]


def enabled() -> list[Instrument]:
    """Enabled instruments of enabled venues, by name; delisted ones too, for whoever has them."""
    rows = Instrument.objects.filter(enabled=True, venue__enabled=True)
    return list(rows.select_related("venue", "base_asset", "quote_asset").order_by("symbol"))


def wanted() -> Wanted:
    rows = enabled()
    gone = {row.symbol: listed(row).gone for row in rows if status(row) == Status.DELISTED}
    return Wanted(_subscriptions(rows), gone)


def status(row: Instrument) -> str:
    """What its venue's list said last; what has expired since is not waited for."""
    expired = row.expiry is not None and row.expiry <= timezone.now()
    return Status.DELISTED if expired else row.status


def subscriptions(venue: str | None = None) -> list[Subscription]:
    """All that the worker is to follow."""
    return _subscriptions(row for row in enabled() if venue is None or row.venue.name == venue)


def _subscriptions(rows: Iterable[Instrument]) -> list[Subscription]:
    return [each for row in rows if status(row) != Status.DELISTED for each in _subscriptions_of(row)]


def _subscriptions_of(row: Instrument) -> list[Subscription]:
    """Bars need the trades, which they are built from."""
    had = symbols.channels_of(row.kind)
    return [
        Subscription(channel, row.symbol, row.native, row.book_depth if channel == symbols.BOOK else 0)
        for channel, on in _switches(row).items()
        if on and channel in had
    ]


def _switches(row: Instrument) -> dict[str, bool]:
    """What is to be followed, channel by channel. What only contracts have comes with the ticker, and
    liquidations with the trades."""
    switches = {
        symbols.TICKER: row.ticker,
        symbols.TRADE: row.trades or row.bars,
        symbols.BOOK: row.book_depth > 0,
    }
    for channel in symbols.derivatives_of(row.kind):
        switches[channel] = row.trades if channel == symbols.LIQUIDATION else row.ticker
    return switches


def _off(row: Instrument) -> tuple[str, ...]:
    """Bars are to be had wherever trades are."""
    off = [channel for channel, on in _switches(row).items() if not on and channel != symbols.BOOK]
    return (*off, symbols.OHLC) if symbols.TRADE in off else tuple(off)


def listed(row: Instrument, names: tuple[str, ...] = ()) -> Listed:
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
        status=status(row),
        book_depth=row.book_depth,
        asset=row.base_asset.code if row.base_asset else row.base,
        quote_asset=row.quote_asset.code if row.quote_asset else row.quote,
        names=names,
        delisted_at=row.delisted_at,
        settle=row.settle,
        contract_size=row.contract_size,
        inverse=row.kind in CONTRACTS and row.settle == row.base != row.quote,
        expiry=row.expiry,
        strike=row.strike,
        right=row.right,
        off=_off(row),
    )


class Catalogue:
    """Enabled instruments in memory. Reads are plain dictionary look-ups; only refreshing waits."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._by_symbol: dict[str, Listed] = {}
        self._by_slug: dict[str, Listed] = {}
        self._former: dict[str, str] = {}
        self._versions: dict[str, dict[str, Listed]] = {}
        self._read_at_s: float | None = None
        self._reading: asyncio.Task[None] | None = None
        self.version = ""

    def get(self, symbol: str) -> Listed | None:
        return self._by_symbol.get(symbol)

    def by_slug(self, slug: str) -> Listed | None:
        return self._by_slug.get(slug)

    def renamed(self, symbol: str) -> str | None:
        """What an instrument is called now whose venue gave it another name."""
        return self._former.get(symbol)

    def all(self) -> list[Listed]:
        """By name."""
        return list(self._by_symbol.values())

    async def refresh(self) -> None:
        """Read the database now."""
        started_s = self._clock()
        rows, self._former = await sync_to_async(_read)()
        self._by_symbol = {row.symbol: row for row in rows}
        self._by_slug = {row.slug: row for row in rows}
        self._read_at_s = started_s
        self.version = _version(rows)
        self._versions.pop(self.version, None)
        self._versions[self.version] = self._by_symbol
        while len(self._versions) > VERSIONS_KEPT:
            del self._versions[next(iter(self._versions))]

    def since(self, version: str) -> Changes:
        """What changed since a page was given ``version``; all there is where that is forgotten."""
        before, now = self._versions.get(version), self._by_symbol
        if before is None:
            return Changes(self.version, True, self.all(), [])
        changed = [row for symbol, row in now.items() if before.get(symbol) != row]
        return Changes(self.version, False, changed, [symbol for symbol in before if symbol not in now])

    async def ensure(self) -> None:
        """Read the database at first use, and when the last reading is 30 s old; once for all who ask
        meanwhile, in one loop: a thousand of them come at the same moment."""
        if self._read_at_s is not None and self._clock() - self._read_at_s < REFRESH_EVERY_S:
            return
        reading, loop = self._reading, asyncio.get_running_loop()
        if reading is None or reading.done() or reading.get_loop() is not loop:
            self._reading = reading = loop.create_task(self.refresh())
        await asyncio.shield(reading)

    async def keep_fresh(self) -> None:
        """Runs until cancelled: for a process that lives as long as its hub."""
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_EVERY_S)


def _read() -> tuple[list[Listed], dict[str, str]]:
    rows, codes = enabled(), aliases()
    former = FormerSymbol.objects.filter(instrument__enabled=True)
    names = {row.pk: _names(row, codes.get(row.base_asset_id, [])) for row in rows}
    return (
        [listed(row, names[row.pk]) for row in rows],
        dict(former.values_list("symbol", "instrument__symbol")),
    )


def aliases() -> dict[int | None, list[str]]:
    """Every other code, by the asset that it means."""
    found: dict[int | None, list[str]] = {}
    for asset_id, code in Alias.objects.order_by("code").values_list("asset_id", "code"):
        found.setdefault(asset_id, []).append(code)
    return found


def _names(row: Instrument, aliases: list[str]) -> tuple[str, ...]:
    asset = row.base_asset
    known = [asset.code, asset.title, *aliases] if asset else []
    return tuple(dict.fromkeys(name for name in known if name and name != row.base))


def _version(rows: list[Listed]) -> str:
    return hashlib.blake2s(repr([tuple(row) for row in rows]).encode(), digest_size=6).hexdigest()


catalogue = Catalogue()
"""The one of this process."""
