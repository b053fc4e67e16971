"""What the server sends on ``/ws/v1/`` beside replies: the closed set of frames and rows. Pure.

The hub joins frames from bytes that the worker encoded; these structs are the contract that the bytes are
held to by tests, and the source of the AsyncAPI document. ``age_us`` is the age of the value when the frame
was sent; ``prev`` is the ``seq`` that a row builds on, 0 in a snapshot; times are integer microseconds.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import UNSET, UnsetType

from marketdash.live.derivative_rows import FundingRow, LiquidationRow, MarkRow, OptionRow
from marketdash.live.portfolio_rows import PortfolioRow
from marketdash.live.rows import Closed, Number, Phase, State, Step, Text

Kind: TypeAlias = Literal["snapshot", "update"]
Level: TypeAlias = tuple[str, str]


class _Row(Step, kw_only=True):
    symbol: str


class TickerRow(_Row, kw_only=True):
    """Only what changed, absolute. ``hi`` and ``lo`` are the extremes of trades since ``prev``.

    ``confidence`` is an index's: how far off ``last`` may be to either side, as its venue says.
    """

    bid: Text = UNSET
    bid_qty: Text = UNSET
    ask: Text = UNSET
    ask_qty: Text = UNSET
    last: Text = UNSET
    volume: Text = UNSET
    high: Text = UNSET
    low: Text = UNSET
    change: Text = UNSET
    change_pct: Text = UNSET
    confidence: Text = UNSET
    hi: Text = UNSET
    lo: Text = UNSET
    ts_exchange: Number = UNSET
    ts_received: Number = UNSET


class BookRow(_Row, kw_only=True):
    """``["price","qty"]``: best first in a snapshot; in an update what changed, qty "0" removes."""

    bids: list[Level] | UnsetType = UNSET
    asks: list[Level] | UnsetType = UNSET
    ts_exchange: Number = UNSET
    ts_received: Number = UNSET


class TradeItem(Closed):
    """``side`` is the aggressor's, empty where the venue does not say it."""

    trade_id: str
    side: Literal["buy", "sell", ""]
    price: str
    qty: str
    ts_exchange: int


class TradeRow(_Row, kw_only=True):
    """``skipped``: how many trades since ``prev`` were left out before the first one here."""

    trades: list[TradeItem]
    skipped: Number = UNSET


class BarItem(Closed):
    """``ts`` is the start. ``incomplete``: some trades of its time were missed and not yet filled in."""

    ts: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    trades: int
    closed: bool
    incomplete: bool


class OhlcRow(_Row, kw_only=True):
    """``skipped``: how many bars that are new or other than at ``prev`` were left out before the first one
    here. What was known from before that one counts no more: it may have holes."""

    bars: list[BarItem]
    skipped: Number = UNSET


class LinkItem(Closed):
    """One socket of the feed to the venue. ``last_error`` is empty for who is not staff."""

    name: str
    state: Literal["connecting", "subscribing", "live", "stale", "down", "halted"]
    reason: str
    since: int
    messages_per_s: float
    reconnects: int
    gaps: int
    resyncs: int
    decode_errors: int
    last_error: str
    topics: int


class StatusRow(_Row, kw_only=True):
    """``symbol`` is the venue. Its positions are this connection's own.

    ``limited_until``: the venue bars the feed's requests until then, 0: it does not. ``phase`` of a market
    that closes, empty where none does, and ``phase_words``, such as "closed, opens Mon 09:30 New York".
    """

    title: Text = UNSET
    links: list[LinkItem] | UnsetType = UNSET
    counters: dict[str, int] | UnsetType = UNSET
    limited_until: Number = UNSET
    phase: Literal["", "pre", "open", "post", "closed"] | UnsetType = UNSET  # type: ignore[assignment]
    phase_words: Text = UNSET


class TopicItem(Closed):
    """One topic of the feed, ``topic`` as ``book:KRAKEN:BTC/USD``. An update carries what changed of it.

    ``since``: since when it is in this state. ``ts_received``: when what it shows was received, 0: never.
    ``messages``, ``gaps`` (its stream was broken) and ``resyncs`` (it was proven again) count from its
    subscription. ``last_error``: why it was not live the last time. ``phase``: as of rows.
    """

    topic: str
    state: State | UnsetType = UNSET
    reason: Text = UNSET
    since: Number = UNSET
    ts_received: Number = UNSET
    messages: Number = UNSET
    messages_per_s: float | UnsetType = UNSET
    gaps: Number = UNSET
    resyncs: Number = UNSET
    last_error: Text = UNSET
    phase: Phase | UnsetType = UNSET


class LatencyItem(Closed):
    """From the venue to the feed. ``least_us``, signed, is the shortest way and what the clocks are apart.

    Percentiles are above it, of the last five minutes; ``buckets`` (up to 1, 2, 5, 10, 20, 50, 100, 200, 500,
    1000, 5000 ms, and more) and ``sum_us`` are since the feed began.
    """

    least_us: int
    p50_us: int
    p95_us: int
    p99_us: int
    samples: int
    buckets: list[int]
    sum_us: int


class WorkerItem(Closed):
    """A feed process that writes this venue, or ``parts`` of its twelve; named by its ``epoch``."""

    epoch: str
    parts: list[int]
    started: int
    memory_bytes: int
    cpu_s: float
    published: int
    publish_failures: int


class HealthRow(_Row, kw_only=True):
    """``symbol`` is the venue. A topic is ``ts`` - ``ts_received`` + ``age_us`` old, then grows older.

    ``ts`` is the feed's clock when the row was made. ``state`` is the list's, not the venue's.
    """

    ts: int
    topics: list[TopicItem]
    latency: LatencyItem | None | UnsetType = UNSET
    workers: list[WorkerItem] | UnsetType = UNSET


class _Frame(Closed, tag_field="channel"):
    """``frame`` numbers frames for ``ack``; it grows, and may skip."""

    type: Kind
    frame: int


class TickerFrame(_Frame, tag="ticker"):
    data: list[TickerRow]


class TradeFrame(_Frame, tag="trade"):
    data: list[TradeRow]


class BookFrame(_Frame, tag="book"):
    depth: int
    data: list[BookRow]


class OhlcFrame(_Frame, tag="ohlc"):
    interval: int
    data: list[OhlcRow]


class MarkFrame(_Frame, tag="mark"):
    data: list[MarkRow]


class FundingFrame(_Frame, tag="funding"):
    data: list[FundingRow]


class LiquidationFrame(_Frame, tag="liquidation"):
    data: list[LiquidationRow]


class OptionFrame(_Frame, tag="option"):
    data: list[OptionRow]


class VenueAge(Closed):
    """``age_us``: since the feed of this venue was last heard of."""

    symbol: str
    age_us: int


class StatusFrame(_Frame, tag="status"):
    data: list[StatusRow]


class HealthFrame(_Frame, tag="health"):
    data: list[HealthRow]


class PortfolioFrame(_Frame, tag="portfolio"):
    data: list[PortfolioRow]


class Heartbeat(Closed):
    """Each second, to who follows any venue's status. Not numbered, not acknowledged.

    ``listing`` is another text whenever the followed instruments are others, or something said of them
    changed; one such beat comes at once. ``""``: not known yet. ``saving`` is why nothing that is entered
    can be kept just now, ``""`` while all is. ``late_us``: by so much rows wait for this client's link, and
    each age is greater. ``clock_us``: the server's own clock, which never jumps: by that of a pong a client
    sees how long a beat was under way.
    """

    channel: Literal["status"]
    type: Literal["heartbeat"]
    ts: int
    clock_us: int
    mode: Literal["live", "demo"]
    listing: str
    saving: str
    data: list[VenueAge]
    late_us: int | UnsetType = UNSET


Frame: TypeAlias = (
    TickerFrame
    | TradeFrame
    | BookFrame
    | OhlcFrame
    | MarkFrame
    | FundingFrame
    | LiquidationFrame
    | OptionFrame
    | StatusFrame
    | HealthFrame
    | PortfolioFrame
)
