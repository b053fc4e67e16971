"""What markets say now of what portfolios hold: last values of the hub, else the last stored close, as stale.

Only markets in things themselves (spot, forex, stocks) are rates between assets. A derivative's own market
says what its contracts are worth.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from feeds import symbols
from feeds.frames import LIVE
from marketdash import publish
from marketdash.instruments.catalogue import Listed, catalogue
from marketdash.instruments.views import FIRST_PAINT_S
from marketdash.portfolios.accounting import exact
from marketdash.portfolios.accounting.lots import Book
from marketdash.portfolios.valuing import routes
from marketdash.portfolios.valuing.lines import HUNDRED
from marketdash.portfolios.valuing.pricing import Earlier
from marketdash.portfolios.valuing.summary import Summary, summary
from marketdash.portfolios.valuing.valuation import Marked, Market, Quote, price_of

STALE, MINUTE_US, HOUR_US = "stale", 60_000_000, 3_600_000_000


class Prices(NamedTuple):
    """``quotes`` are of markets that are rates, ``marks`` of derivatives, all by full name.

    ``closed_us``: where a price is a stored close, when its bar ended. ``read_us`` is the moment of all.
    """

    quotes: Mapping[str, Quote]
    marks: Mapping[str, Quote]
    earlier: Mapping[str, Earlier]
    closed_us: Mapping[str, int]
    read_us: int

    def market(self, currency: str) -> Market:
        return Market(currency, self.quotes.values(), ways(currency).most_steps())

    def of(self, book: Book) -> Summary:
        return summary(book, self.market(book.base), self.marks, self.earlier)


async def of_books(
    books: Sequence[Book], timeout_s: float = FIRST_PAINT_S, also: Mapping[str, Iterable[str]] | None = None
) -> Prices:
    """Of all that they hold, in one read; of each currency the ways to it are looked for once. ``also``: in a
    currency, assets besides."""
    wanted = {currency: set(assets) for currency, assets in (also or {}).items()}
    for book in books:
        wanted.setdefault(book.base, set()).update(_assets(book))
    return await read(wanted.items(), _contracts(books), timeout_s)


def _assets(book: Book) -> set[str]:
    return {asset for _, asset in book.holdings()} | {each.asset for each in book.positions.values()}


def _contracts(books: Iterable[Book]) -> set[str]:
    return {name for book in books for _, name in book.positions}


def markets_of(book: Book) -> list[Listed]:
    """All that have a say in what it is worth."""
    names = {*ways(book.base).needed(_assets(book)), *_contracts([book])}
    return [each for name in sorted(names) if (each := catalogue.get(name)) is not None]


def pairs() -> list[routes.Pair]:
    listed = (each for each in catalogue.all() if each.is_rate and each.asset and each.quote_asset)
    return [routes.Pair(each.symbol, each.asset, each.quote_asset) for each in listed]


def ways(currency: str) -> routes.Ways:
    """By the markets that are listed now: kept while they are the same ones."""
    version, held = _ways.get(currency, ("", None))
    if held is None or version != catalogue.version:
        version, held = catalogue.version, routes.Ways(pairs(), currency)
        _ways[currency] = version, held
    return held


_ways: dict[str, tuple[str, routes.Ways]] = {}


async def read(
    wanted: Iterable[tuple[str, Iterable[str]]],
    derivatives: Iterable[str] = (),
    timeout_s: float = FIRST_PAINT_S,
) -> Prices:
    """``wanted``: a currency, and the assets that are to be worth something in it."""
    named = set(derivatives)
    asked = {name for currency, assets in wanted for name in ways(currency).needed(assets)}
    listed = [each for name in sorted(asked | named) if (each := catalogue.get(name)) is not None]
    rows = await _rows(listed, timeout_s)
    past = await publish.last_closes([each.symbol for each in listed if each.symbol not in rows], timeout_s)
    now_us = time.time_ns() // 1000
    quotes = {
        each.symbol: quote for each in listed if (quote := quote_of(each, rows, past, now_us)) is not None
    }
    return Prices(
        {name: quote for name, quote in quotes.items() if name in asked},
        {name: quote for name, quote in quotes.items() if name in named},
        {
            each.symbol: then
            for each in listed
            if (then := earlier_of(each, rows.get(each.symbol))) is not None
        },
        {name: close.end_us for name, close in past.items()},
        now_us,
    )


async def around(currency: str, assets: Iterable[str], at_us: int, now_us: int) -> tuple[Market, str]:
    """What they were worth at a time, and words for it: of live markets if that is now, else of closes."""
    if abs(now_us - at_us) <= MINUTE_US:
        priced = await read([(currency, assets)])
        live = Market(currency, (each for each in priced.quotes.values() if each.state == LIVE))
        return live, f"market at {_clock(priced.read_us)}"
    return await _read_at(currency, assets, at_us), f"closes of the hour before {_clock(at_us)}"


async def mark(name: str, at_us: int, now_us: int) -> Marked | None:
    """What a market said at a time: a live price if that is now, else the close of the hour before."""
    if abs(now_us - at_us) <= MINUTE_US:
        read_ = await read([], [name])
        quote = read_.marks.get(name)
        price = price_of(quote) if quote is not None and quote.state == LIVE else None
        age_us = 0 if quote is None else quote.age_us
        return None if price is None else Marked(price, f"market at {_clock(read_.read_us)}", age_us)
    close = (await publish.last_closes([name], FIRST_PAINT_S, at_us)).get(name)
    price = None if close is None else _number(close.close)
    if close is None or price is None or (age_us := at_us - close.end_us) > HOUR_US:
        return None
    return Marked(price, f"closes of the hour before {_clock(at_us)}", age_us)


def _clock(us: int) -> str:
    return f"{datetime.fromtimestamp(us // 1_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC"


async def _read_at(currency: str, assets: Iterable[str], at_us: int) -> Market:
    """By the closes of the hour before it."""
    listed = [each for name in ways(currency).needed(assets) if (each := catalogue.get(name))]
    past = await publish.last_closes([each.symbol for each in listed], FIRST_PAINT_S, at_us)
    quotes = (quote_of(each, {}, past, at_us) for each in listed)
    recent = [each for each in quotes if each is not None and each.age_us <= HOUR_US]
    return Market(currency, (each._replace(state=LIVE) for each in recent))


async def _rows(listed: Iterable[Listed], timeout_s: float) -> dict[str, publish.Row]:
    """By full name; those that have a price."""
    topics = {symbols.topic(symbols.TICKER, each.symbol): each.symbol for each in listed}
    rows = await publish.read(list(topics), timeout_s)
    return {topics[topic]: row for topic, row in rows.items() if topic in topics and has_price(row)}


def has_price(row: publish.Row) -> bool:
    said = row.body.get
    return bool(said("bid") or said("ask") or said("last"))


def quote_of(
    listed: Listed, rows: Mapping[str, publish.Row], past: Mapping[str, publish.LastClose], now_us: int
) -> Quote | None:
    if (row := rows.get(listed.symbol)) is not None:
        return live_quote(listed, row, row.age_us)
    if (close := past.get(listed.symbol)) is not None:
        return closing_quote(listed, close, max(0, now_us - close.end_us))
    return None


def live_quote(listed: Listed, row: publish.Row, age_us: int) -> Quote:
    """Of a row with a price."""
    said = row.body.get
    bid, ask, last = _text(said("bid")), _text(said("ask")), _text(said("last"))
    state = row.standing.state
    return Quote(listed.symbol, listed.asset, listed.quote_asset, bid, ask, last, age_us, state)


def closing_quote(listed: Listed, close: publish.LastClose, age_us: int) -> Quote:
    return Quote(listed.symbol, listed.asset, listed.quote_asset, "", "", close.close, age_us, STALE)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def earlier_of(listed: Listed, row: publish.Row | None) -> Earlier | None:
    """The last price less its change of 24 hours, as the venue counts them: in money, else in per cent."""
    last = _number(row.body.get("last")) if row else None
    if row is None or last is None:
        return None
    price = exact.ZERO
    if (change := _number(row.body.get("change"))) is not None:
        price = exact.EXACT.subtract(last, change)
    elif (percent := _number(row.body.get("change_pct"))) is not None and percent > -HUNDRED:
        price = exact.share(last, HUNDRED, exact.EXACT.add(HUNDRED, percent))
    return Earlier(listed.asset, price) if price > 0 else None


def _number(text: object) -> Decimal | None:
    try:
        return exact.number(text) if isinstance(text, str) and text else None
    except exact.InvalidNumber:
        return None
