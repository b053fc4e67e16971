"""What clients may ask on ``/ws/v1/``: the closed set of requests and their limits. Pure.

A request is one JSON text frame of at most :data:`MAX_REQUEST_BYTES`::

    {"method":"subscribe","params":{"channel":"book","symbol":["KRAKEN:BTC/USD"],"depth":25},"req_id":1}

:func:`parse` answers with one of the structs below or raises :class:`BadRequest`, whose text names the field.
What is replied is in :mod:`marketdash.live.replies`, what is sent besides in
:mod:`marketdash.live.server_frames`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Annotated, Literal, TypeAlias, get_args

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from feeds.symbols import DEPTHS, INTERVALS, in_words

MAX_REQUEST_BYTES = 16 * 1024
MAX_SYMBOLS = 1000
MAX_IDS = 100
DEFAULT_INTERVAL_MS, PORTFOLIO_INTERVAL_MS, MAX_INTERVAL_MS = 50, 250, 1000
MERGED_MS = (0, 10, 25, 50, 100, 200, 250, 500, 1000)
"""What is asked for is rounded down to one of these: those of one pace share their texts, and of each book
what is compared."""

MAX_AWAY_MS = 2**53
MAX_REQ_ID = 2**53  # what a JavaScript number holds exactly

Symbol: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100)]
Symbols: TypeAlias = Annotated[list[Symbol], Meta(min_length=1, max_length=MAX_SYMBOLS)]
Ids: TypeAlias = Annotated[list[Annotated[int, Meta(ge=1, le=2**53)]], Meta(min_length=1, max_length=MAX_IDS)]
ReqId: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_REQ_ID)]
IntervalMs: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_INTERVAL_MS)]
Depth: TypeAlias = Literal[DEPTHS]
Interval: TypeAlias = Literal[INTERVALS]


class _Closed(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Unknown fields are errors: a misspelt parameter must not be ignored."""


class _Params(_Closed, tag_field="channel"):
    @property
    def channel(self) -> str:
        return str(self.__struct_config__.tag)


class Ticker(_Params, tag="ticker"):
    """Best bid and offer, last price, 24 h figures. ``interval_ms``: how long updates may be merged."""

    symbol: Symbols
    interval_ms: IntervalMs = DEFAULT_INTERVAL_MS


class Trade(_Params, tag="trade"):
    """Executions, newest last; the snapshot is the newest 200."""

    symbol: Symbols
    interval_ms: IntervalMs = DEFAULT_INTERVAL_MS


class Book(_Params, tag="book"):
    """The best ``depth`` levels a side: one depth for each symbol and connection."""

    symbol: Symbols
    depth: Depth = 10
    interval_ms: IntervalMs = DEFAULT_INTERVAL_MS


class Ohlc(_Params, tag="ohlc"):
    """Bars of ``interval`` minutes; the snapshot is the newest 500."""

    symbol: Symbols
    interval: Interval = 1
    interval_ms: IntervalMs = DEFAULT_INTERVAL_MS


class Mark(_Params, tag="mark"):
    """Mark and index price and open interest, of a contract."""

    symbol: Symbols
    interval_ms: IntervalMs = DEFAULT_INTERVAL_MS


class Funding(_Params, tag="funding"):
    """The rate of a perpetual that is paid next, and when."""

    symbol: Symbols
    interval_ms: IntervalMs = DEFAULT_INTERVAL_MS


class Liquidation(_Params, tag="liquidation"):
    """Positions that the venue closed, newest last; the snapshot is the newest 200."""

    symbol: Symbols
    interval_ms: IntervalMs = DEFAULT_INTERVAL_MS


class Option(_Params, tag="option"):
    """A line of a chain: prices, volatilities, greeks and open interest of an option."""

    symbol: Symbols
    interval_ms: IntervalMs = DEFAULT_INTERVAL_MS


class Status(_Params, tag="status"):
    """State of venues and, with ``links``, of their links; a heartbeat each second. No ``symbol``: all."""

    symbol: Symbols | UnsetType = UNSET
    links: bool = True


class Health(_Params, tag="health"):
    """Each topic of the feed to a venue, once a second: its state, age, rate and losses."""

    symbol: Symbols
    interval_ms: IntervalMs = DEFAULT_INTERVAL_MS


class Portfolio(_Params, tag="portfolio"):
    """What portfolios are worth, and each line of them; those that you may see."""

    id: Ids
    interval_ms: IntervalMs = PORTFOLIO_INTERVAL_MS


Params: TypeAlias = (
    Ticker | Trade | Book | Ohlc | Mark | Funding | Liquidation | Option | Status | Health | Portfolio
)


class AckParams(_Closed):
    """``away_ms``: for so long the client itself did nothing before it took them in."""

    frame: Annotated[int, Meta(ge=0)]
    away_ms: Annotated[int, Meta(ge=0, le=MAX_AWAY_MS)] = 0


class _Request(_Closed, tag_field="method"):
    pass


class Subscribe(_Request, tag="subscribe"):
    """Answered for each symbol; a symbol that is subscribed already starts again with a snapshot."""

    params: Params
    req_id: ReqId | UnsetType = UNSET


class Unsubscribe(_Request, tag="unsubscribe"):
    """Answered for each symbol."""

    params: Params
    req_id: ReqId | UnsetType = UNSET


class Ping(_Request, tag="ping"):
    """Answered with a pong that carries the server's time."""

    req_id: ReqId | UnsetType = UNSET


class Ack(_Request, tag="ack"):
    """All frames up to this number were taken in. Not answered."""

    params: AckParams


Request: TypeAlias = Subscribe | Unsubscribe | Ping | Ack


class BadRequest(ValueError):
    """What was wrong, naming the field; with as much of the request as could be read."""

    def __init__(self, error: str, method: str = "", req_id: int | None = None) -> None:
        super().__init__(error)
        self.error, self.method, self.req_id = error, method, req_id


class _Head(Struct):
    """As much as a refusal repeats, whatever else is in the request."""

    method: object = ""
    req_id: object = None

    def repeated(self) -> tuple[str, int | None]:
        method = self.method[:32] if isinstance(self.method, str) else ""
        known = type(self.req_id) is int and 0 <= self.req_id <= MAX_REQ_ID
        return method, self.req_id if known else None  # type: ignore[return-value]


_request = msgspec.json.Decoder(Request)
_head = msgspec.json.Decoder(_Head)

_EXPECTED = {
    "method": "expected subscribe, unsubscribe, ping or ack",
    "channel": f"expected {in_words([each.__struct_config__.tag for each in get_args(Params)])}",
    "depth": f"expected {in_words(DEPTHS)}",
    "interval": f"expected {in_words(INTERVALS)} (minutes)",
    "interval_ms": f"expected a whole number from 0 to {MAX_INTERVAL_MS}",
    "symbol": f"expected a list of 1 to {MAX_SYMBOLS} symbols such as KRAKEN:BTC/USD",
    "id": f"expected a list of 1 to {MAX_IDS} numbers of portfolios",
    "req_id": "expected a whole number from 0 to 2^53",
    "frame": "expected the number of a frame",
    "away_ms": "expected a whole number of milliseconds",
}
_PROBLEM = re.compile(r"(?P<what>.*?)(?: - at `\$?\.?(?P<path>[^`]*)`)?", re.DOTALL)
_FIELD = re.compile(r"Object (?P<how>missing required|contains unknown) field `(?P<name>[^`]*)`")


def parse(text: str | bytes) -> Request:
    """One request. Raises :class:`BadRequest`."""
    size = len(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    if size > MAX_REQUEST_BYTES:
        raise BadRequest(f"frame: at most {MAX_REQUEST_BYTES} bytes, found {size}")
    try:
        return _request.decode(text)
    except msgspec.ValidationError as problem:
        raise BadRequest(_named(str(problem)), *_read_head(text).repeated()) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise BadRequest("frame: expected one JSON object, not nested deeper than params") from None


def merged_ms(asked_ms: int) -> int:
    """For how long updates are merged."""
    return MERGED_MS[bisect_right(MERGED_MS, asked_ms) - 1]


def names_of(request: Request) -> int:
    """How many symbols, or portfolios, it names."""
    if not isinstance(request, Subscribe | Unsubscribe):
        return 0
    params = request.params
    named = params.id if isinstance(params, Portfolio) else params.symbol
    return 0 if named is UNSET else len(named)


def _read_head(text: str | bytes) -> _Head:
    try:
        return _head.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _Head()


def _named(problem: str) -> str:
    """msgspec's words with the field in front: ``params.depth: expected 10, 25 …``."""
    found = _PROBLEM.fullmatch(problem)
    assert found is not None
    what, path = found["what"], found["path"] or ""
    field = _FIELD.match(what)
    if field is not None:
        path = f"{path}.{field['name']}".lstrip(".")
        unknown = field["how"] == "contains unknown"
        return f"{path}: is not known" if unknown else f"{path}: is missing"
    return f"{path or 'frame'}: {_expected(path, what[:1].lower() + what[1:].replace('`', ''))}"


def _expected(path: str, otherwise: str) -> str:
    name = path.rpartition(".")[2]
    return "expected a symbol such as KRAKEN:BTC/USD" if "[" in name else _EXPECTED.get(name, otherwise)
