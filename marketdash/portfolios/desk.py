"""Portfolios that are watched, in one process: what they are worth, as the ticks of their markets come.

One table of quotes for all of them, and in each currency one table of rates: a tick is read once, however
many portfolios it is about. Each is worked out again when it is told, from the lines that the ticks since
then were about.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeAlias
from weakref import WeakValueDictionary

import msgspec
from channels.db import database_sync_to_async

from feeds import symbols
from marketdash import publish
from marketdash.instruments.catalogue import Listed, catalogue
from marketdash.instruments.views import FIRST_PAINT_S
from marketdash.portfolios import prices, queries
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.models import Portfolio
from marketdash.portfolios.valuing.moving import Moving
from marketdash.portfolios.valuing.percents_rows import PercentRows
from marketdash.portfolios.valuing.pricing import Earlier, Pricing
from marketdash.portfolios.valuing.rows import Rows
from marketdash.portfolios.valuing.valuation import Market, Quote
from marketdash.portfolios.versions import Version, versions
from marketdash.publish import LastClose, Ticks

CHANNEL, SHOWN, PERCENTS = "portfolio", "shown", "percents"

_encode = msgspec.json.Encoder().encode


class Portfolios:
    """The source of the channel."""

    def desk(self, ticks: Ticks) -> Desk:
        return Desk(ticks)


class Desk:
    """Of one loop. Quotes have for an age the negative of the wall time of their receipt: see ``rows``."""

    def __init__(self, ticks: Ticks) -> None:
        self._ticks = ticks
        self.marks: dict[str, Quote] = {}
        self.earlier: dict[str, Earlier] = {}
        self._closes: dict[str, LastClose] = {}
        self._pricings: WeakValueDictionary[tuple[str, str], Pricing] = WeakValueDictionary()

    async def open(self, key: str, before: publish.Made | None) -> publish.Made:
        """Reads the ledger, and asks for the prices of what it holds. A key with :data:`SHOWN` or
        :data:`PERCENTS` behind its number is for whoever has a link: without accounts, or without amounts."""
        await catalogue.ensure()
        number, _, shown = key.partition("/")
        held = before.version if isinstance(before, Followed) else None
        try:
            read = await database_sync_to_async(_read)(int(number), held)
        except queries.Unfolded:
            return before if isinstance(before, Behind) else Behind()
        if read is None:
            return before  # type: ignore[return-value]
        version, book = read
        listed = prices.markets_of(book)
        await self._ask(listed)
        inputs = {_ticker(each.symbol) for each in listed}
        return Followed(self, version, book, inputs, _TOLD[shown])

    async def unlike(self, made: Mapping[str, publish.Made]) -> set[str]:
        await catalogue.ensure()
        numbers = {key: int(key.partition("/")[0]) for key in made}
        now = await database_sync_to_async(versions)(set(numbers.values()))
        held = {key: each.version for key, each in made.items() if isinstance(each, Followed)}
        return {key for key, number in numbers.items() if now.get(number) != held.get(key)}

    async def _ask(self, listed: Iterable[Listed]) -> None:
        """What has no last value is worth what it was at its last close, and says so."""
        names = {each.symbol for each in listed}
        rows = await publish.read([_ticker(name) for name in names], FIRST_PAINT_S)
        priced = {topic for topic, row in rows.items() if prices.has_price(row)}
        silent = [name for name in names if _ticker(name) not in priced]
        self._closes |= await publish.last_closes(silent, FIRST_PAINT_S)

    def pricing(self, currency: str, listing: str) -> Pricing:
        """In a currency by the markets of one listing, for all portfolios that were opened under that."""
        found = self._pricings.get((currency, listing))
        if found is None:
            market = Market(currency, self._spot(), prices.ways(currency).most_steps())
            found = self._pricings[currency, listing] = Pricing(market, self.earlier)
        return found

    def _spot(self) -> list[Quote]:
        listed = ((each, catalogue.get(name)) for name, each in self.marks.items())
        return [each for each, of in listed if of is not None and of.is_rate]

    def settle(self) -> None:
        """Take in what came since the last time."""
        moved = self._ticks.moved()
        if not moved:
            return
        now_us, markets = time.time_ns() // 1000, [each.market for each in self._pricings.values()]
        for topic in moved:
            name = topic.partition(":")[2]
            listed = catalogue.get(name)
            if listed is None:
                self._lose(name)
            else:
                self._hear(listed, self._ticks.value(topic), now_us, markets)

    def _hear(self, listed: Listed, row: publish.Row | None, now_us: int, markets: Iterable[Market]) -> None:
        name, then = listed.symbol, prices.earlier_of(listed, row)
        if then is not None:
            self.earlier[name] = then
        else:
            self.earlier.pop(name, None)
        quote = self._quote(listed, row, now_us)
        if quote is None:
            self._lose(name)
            return
        self.marks[name] = quote
        if listed.is_rate:
            for market in markets:
                market.update(quote)

    def _quote(self, listed: Listed, row: publish.Row | None, now_us: int) -> Quote | None:
        if row is not None and prices.has_price(row):
            return prices.live_quote(listed, row, row.age_us - now_us)
        close = self._closes.get(listed.symbol)
        return None if close is None else prices.closing_quote(listed, close, -min(now_us, close.end_us))

    def _lose(self, name: str) -> None:
        self.earlier.pop(name, None)
        gone = self.marks.pop(name, None)
        if gone is not None:
            for pricing in self._pricings.values():
                pricing.market.update(gone._replace(bid="", ask="", last=""))


class Behind:
    """In the place of a portfolio whose ledger is being folded anew: that its numbers of before do not move.
    It is opened again when ``engines`` says that they are there."""

    inputs: frozenset[str] = frozenset()

    def whole(self) -> bytes:
        reason = "its ledger changed, and is being worked out"
        return _encode({"ts": time.time_ns() // 1000, "state": "stale", "reason": reason})

    said = whole

    def since(self) -> bytes | None:
        return None


Told: TypeAlias = Callable[[Moving], Rows | PercentRows]
_TOLD: dict[str, Told] = {"": Rows, SHOWN: partial(Rows, with_accounts=False), PERCENTS: PercentRows}


class Followed:
    """One portfolio that is watched. ``told``: as its rows are made."""

    def __init__(self, desk: Desk, version: Version, book: Book, inputs: Iterable[str], told: Told) -> None:
        self.version, self.inputs, self._told = version, frozenset(inputs), told
        self._fills = {"fills": version.fills} if told is Rows else {}
        self._desk, self._book = desk, book
        self._rows: Rows | PercentRows | None = None

    def whole(self) -> bytes:
        self._desk.settle()
        if self._rows is None:
            desk, book = self._desk, self._book
            pricing = desk.pricing(book.base, self.version.listing)
            self._rows = self._told(Moving(book, pricing, desk.marks, desk.earlier))
        return _encode(self._rows.whole(time.time_ns() // 1000) | self._fills)

    def said(self) -> bytes:
        assert self._rows is not None, "whole() comes first"
        return _encode(self._rows.said() | self._fills)

    def since(self) -> bytes | None:
        assert self._rows is not None, "whole() comes first"
        self._desk.settle()
        body = self._rows.since(time.time_ns() // 1000)
        return None if body is None else _encode(body)


def _ticker(name: str) -> str:
    return symbols.topic(symbols.TICKER, name)


def _read(key: int, before: Version | None) -> tuple[Version, Book] | None:
    """None: it is what it was. Raises :class:`LookupError`."""
    version = versions([key]).get(key)
    if version is None:
        raise LookupError(f"portfolio {key}: not here")
    return None if version == before else (version, queries.book(Portfolio.objects.get(pk=key)))
