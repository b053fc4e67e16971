"""What may be asked and what is answered, as OpenAPI tells it. Prices and sizes are text, as on sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, Field

from feeds.symbols import DEPTHS, INTERVALS, in_words

MAX_TICKERS, MAX_HEAVY = 500, 20
MAX_PAGE, MAX_TRADES, MAX_BARS = 1000, 200, 500
LARGEST = 2**53
EARLIER = "Bars that start earlier, in microseconds since 1970"

State = Literal["live", "syncing", "stale", "halted", "delisted", "down", ""]
Name = Annotated[str, Field(max_length=100)]


def one_of(choices: Iterable[int]) -> Callable[[int], int]:
    known = tuple(choices)
    said = in_words(known)

    def checked(value: int) -> int:
        if value not in known:
            raise ValueError(f"expected {said}")
        return value

    return checked


class InstrumentsAsked(Schema):
    venue: Name = ""
    kind: Name = ""
    base: Name = ""
    quote: Name = ""
    after: Annotated[Name, Field(description="What the page before gave as next")] = ""
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 100


class TickersAsked(Schema):
    symbol: Annotated[list[Name], Field(max_length=MAX_TICKERS, description="None: all")] = []


class BooksAsked(Schema):
    symbol: Annotated[list[Name], Field(min_length=1, max_length=MAX_HEAVY)]
    depth: Annotated[int, AfterValidator(one_of(DEPTHS)), Field(json_schema_extra={"enum": [*DEPTHS]})] = 10


class TradesAsked(Schema):
    symbol: Annotated[list[Name], Field(min_length=1, max_length=MAX_HEAVY)]
    limit: Annotated[int, Field(ge=1, le=MAX_TRADES)] = 50


class CandlesAsked(Schema):
    symbol: Annotated[list[Name], Field(min_length=1, max_length=MAX_HEAVY)]
    interval: Annotated[
        int, AfterValidator(one_of(INTERVALS)), Field(json_schema_extra={"enum": [*INTERVALS]})
    ] = 1
    before: Annotated[int, Field(ge=0, le=LARGEST, description=EARLIER)] = LARGEST
    limit: Annotated[int, Field(ge=1, le=MAX_BARS)] = 100


class StatusAsked(Schema):
    symbol: Annotated[list[Name], Field(max_length=100, description="Venues; none: all")] = []


class WatchlistsAsked(Schema):
    name: Annotated[Name, Field(description="Of one list; none: all")] = ""


class Watchlist(Schema):
    """``shared``: everybody has it, and an administrator arranges it."""

    id: int
    name: str
    shared: bool
    symbols: list[str]


class Watchlists(Schema):
    data: list[Watchlist]


class Instrument(Schema):
    """``contract_size``: of the base, or of the quote where it is ``inverse``. ``expiry``: microseconds."""

    symbol: str
    slug: str
    venue: str
    native: str
    kind: str
    base: str
    quote: str
    tick_size: str
    status: str
    book_depth: int
    settle: str
    contract_size: str
    inverse: bool
    expiry: int | None


class Row(Schema):
    """``age_us``: since the value was received, when it was sent; null: there is no value yet.

    ``phase``: ``closed`` beside the state ``halted`` where the hours of the market are why, and ``reason``
    says until when; empty where it is not closed.
    """

    symbol: str
    state: State
    reason: str
    phase: Literal["", "closed"]
    age_us: int | None


class Ticker(Row):
    bid: str | None = None
    bid_qty: str | None = None
    ask: str | None = None
    ask_qty: str | None = None
    last: str | None = None
    volume: str | None = None
    high: str | None = None
    low: str | None = None
    change: str | None = None
    change_pct: str | None = None
    confidence: str | None = None
    ts_exchange: int | None = None
    ts_received: int | None = None


class Book(Row):
    """Best first, ``[price, quantity]``. A book that is not proven has no levels."""

    depth: int
    bids: list[tuple[str, str]]
    asks: list[tuple[str, str]]
    ts_exchange: int | None = None
    ts_received: int | None = None


class TradeItem(Schema):
    """``side`` is the aggressor's, buy or sell; empty where the venue does not say it."""

    trade_id: str
    side: str
    price: str
    qty: str
    ts_exchange: int


class Trades(Row):
    """Newest last."""

    trades: list[TradeItem]


class Bar(Schema):
    """``ts`` is the start. ``incomplete``: some trades of its time were missed."""

    ts: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    trades: int
    closed: bool
    incomplete: bool


class Candles(Row):
    """Oldest first."""

    interval: int
    bars: list[Bar]


class Status(Row):
    """``symbol`` is the venue, ``phase`` its part of the day: pre, open, post, closed; empty: it has none."""

    title: str | None = None
    links: list[dict[str, Any]] = []
    counters: dict[str, int] = {}
    limited_until: int | None = None
    phase: str
    phase_words: str = ""


class Instruments(Schema):
    """``next``: give it as ``after``; null on the last page."""

    data: list[Instrument]
    next: str | None


class Answer(Schema):
    """``ts``: the server's wall time in microseconds."""

    ts: int


class Tickers(Answer):
    data: list[Ticker]


class Books(Answer):
    data: list[Book]


class TradesAnswer(Answer):
    data: list[Trades]


class CandlesAnswer(Answer):
    data: list[Candles]


class StatusAnswer(Answer):
    data: list[Status]


class ErrorItem(Schema):
    field: str
    expected: str
    found: str


class Errors(Schema):
    errors: list[ErrorItem]


REFUSALS: dict[Any, Any] = dict.fromkeys((401, 403, 422, 429, 503), Errors)
"""What each operation may answer instead. 503: the database is away, or a long ledger is worked out anew."""
FINDS = {**REFUSALS, 404: Errors}
"""Of those that are asked for something that may not be here."""
