"""What a codec says about a market: immutable, in the exchange's own digits.

Every price and quantity is decimal text exactly as the exchange wrote it, never a float.
``exchange_us`` is the exchange's clock in integer microseconds since 1970 (0 where it sends none);
``received_ns`` is our wall clock in integer nanoseconds at the moment the frame was read.
``instrument`` is the full name ``VENUE:NATIVE`` (see :mod:`feeds.symbols`). Quantities count what the venue
counts: units of the base, or contracts of the instrument's contract size.

What comes by the ten thousand a second is a frozen struct: made in C in a quarter of the time of a named
tuple, and none of the collector's business (``gc=False``: no event points back at what points at it). What
comes seldom is a named tuple. What contracts have beside is in :mod:`feeds.contract_events`, and read here.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from msgspec import Struct

from feeds.contract_events import BASE_UNITS as BASE_UNITS
from feeds.contract_events import CONTRACTS as CONTRACTS
from feeds.contract_events import QUOTE_UNITS as QUOTE_UNITS
from feeds.contract_events import Funding, Liquidation, Mark, OpenInterest, OptionQuote

Level: TypeAlias = tuple[str, str]
"""(price, quantity); a quantity that is numerically zero removes the level."""

BUY, SELL = "buy", "sell"
UNTOLD = ""
"""The side of a trade whose venue does not say who came to whom; nothing is guessed from prices around it."""


class Quote(Struct, frozen=True, gc=False):
    """Best bid and offer. An empty side is ``""`` in both of its fields."""

    instrument: str
    bid: str
    bid_qty: str
    ask: str
    ask_qty: str
    exchange_us: int
    received_ns: int


class Stats(Struct, frozen=True, gc=False):
    """24-hour figures and last price; a field that the frame did not carry is ``""``.

    ``change`` and ``change_pct`` are signed; ``change_pct`` is in percent (``-1.25`` is down 1.25 %).
    ``confidence`` is how far off ``last`` may be to either side, in units of price: an index's, where its
    venue says it. ``quote`` is the best bid and offer of that moment, where the venue has a faster stream of
    them too: it counts where that one said nothing since a loss, or lost one (:mod:`feeds.prices`).
    """

    instrument: str
    last: str
    volume: str
    high: str
    low: str
    change: str
    change_pct: str
    exchange_us: int
    received_ns: int
    confidence: str = ""
    quote: Quote | None = None


class Trade(Struct, frozen=True, gc=False):
    """One execution. ``side`` is the aggressor's, or :data:`UNTOLD`; ``replayed`` marks one of a snapshot."""

    instrument: str
    trade_id: str
    side: str
    price: str
    qty: str
    exchange_us: int
    received_ns: int
    replayed: bool = False


class TradeUndone(NamedTuple):
    """The venue took a trade back: it never was. ``instead`` is what it should have been, None: nothing.

    ``trade_id`` is the one that :class:`Trade` had. ``instead`` happened when the trade did: its own time
    may be that of the correction.
    """

    instrument: str
    trade_id: str
    instead: Trade | None
    exchange_us: int
    received_ns: int


class BookSnapshot(NamedTuple):
    """A whole book, or its best ``depth`` levels a side (0: all there is).

    ``last`` is the sequence it stands at (0 where the venue numbers nothing). A snapshot that stops
    at ``depth`` proves nothing beyond its worst level. ``checksum`` is to be verified after it is
    applied, ``None`` where there is none.
    """

    instrument: str
    bids: tuple[Level, ...] | list[Level]
    asks: tuple[Level, ...] | list[Level]
    depth: int
    last: int
    checksum: int | None
    exchange_us: int
    received_ns: int


class BookDelta(Struct, frozen=True, gc=False):
    """Changed levels, absolute quantities, to be applied in order.

    One rule of continuity for all venues over ``first``, ``last`` and ``previous``: with
    ``previous`` not ``None`` the book must stand at exactly ``previous``; else with ``first`` > 0 it
    must stand at ``first - 1`` or later; with neither, order is what the link's own sequence or
    the checksum proves.
    """

    instrument: str
    bids: tuple[Level, ...] | list[Level]
    asks: tuple[Level, ...] | list[Level]
    first: int
    last: int
    previous: int | None
    checksum: int | None
    exchange_us: int
    received_ns: int


class Bar(NamedTuple):
    """Open, high, low, close of ``interval`` minutes from ``start_us``; ``volume`` in what quantities count.

    ``trades`` is 0 where the source does not count them. ``incomplete``: some trades of its time were missed.
    """

    instrument: str
    interval: int
    start_us: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    trades: int
    closed: bool
    incomplete: bool


class InstrumentStatus(NamedTuple):
    """What the venue says of one instrument: ``trading``, ``halted`` or ``delisted``."""

    instrument: str
    status: str
    reason: str
    received_ns: int


class VenueStatus(NamedTuple):
    """What the venue says of itself: ``online`` or ``halted`` (maintenance, cancel only …)."""

    venue: str
    status: str
    reason: str
    received_ns: int


PRE, OPEN, POST, CLOSED = "pre", "open", "post", "closed"


class Phase(NamedTuple):
    """Of a trading day: one of the four above, from a moment on until the next one begins."""

    from_us: int
    name: str


class Heartbeat(NamedTuple):
    """The venue says that the link lives, with or without data."""

    venue: str
    exchange_us: int
    received_ns: int


class LastTrade(NamedTuple):
    """The venue says which trade of an instrument is its newest, where ids go up by one."""

    instrument: str
    trade_id: int


class LinkSequence(NamedTuple):
    """A number that the venue counts over a whole link. First in the list of its frame.

    ``last`` must be the link's last number + 1; anything else breaks every book on the link.
    """

    last: int


class Ack(NamedTuple):
    """The venue's answer to a subscribe or unsubscribe request.

    Either ``channel`` and ``instrument`` name what was confirmed, or ``req_id`` does (venues that
    answer a request as a whole), or ``stream`` (see :meth:`feeds.codec.Codec.stream`). ``error`` is the
    venue's own words, ``""`` when it agreed. ``agreed``, where a venue answers with a list: the (channel,
    instrument) of the request that it agreed to, and what is not among them is refused without a word.
    ``in_order``: the venue's answers name nothing at all, and come in the order of the requests.
    """

    ok: bool
    error: str
    channel: str
    instrument: str
    req_id: int
    subscribed: bool = True
    agreed: frozenset[tuple[str, str]] | None = None
    stream: str = ""
    in_order: bool = False


class LoggedIn(NamedTuple):
    """The venue's answer to a key (see :meth:`feeds.codec.Codec.login`); ``words`` are its own.

    ``retry_s``: after a refusal, how long it is left alone: a wrong key does not get right by itself.
    """

    ok: bool
    words: str = ""
    retry_s: float = 0.0


class Reply(NamedTuple):
    """Text that the session must send back at once (an application-level pong, a test answer)."""

    text: str


class Reconnect(NamedTuple):
    """The venue announced that it will close this link: open the next one first."""

    reason: str


class Unknown(NamedTuple):
    """A frame that is well-formed and means nothing to us: counted by ``kind``, never raised."""

    kind: str


Event: TypeAlias = (
    Quote
    | Stats
    | Trade
    | TradeUndone
    | BookSnapshot
    | BookDelta
    | Mark
    | Funding
    | OpenInterest
    | OptionQuote
    | Liquidation
    | Bar
    | InstrumentStatus
    | VenueStatus
    | Heartbeat
    | LastTrade
    | LinkSequence
    | Ack
    | LoggedIn
    | Reply
    | Reconnect
    | Unknown
)

CONTROL = frozenset({Ack, LoggedIn, Reply, Reconnect, VenueStatus})
"""Events that the link acts on. All others are the state's alone."""
NO_DATA = frozenset({Ack, LoggedIn, Reply, Reconnect, Unknown})
"""Events that do not prove that the venue is sending what was asked for."""
