"""What a venue's codec is: pure translation between its wire and :mod:`feeds.events`, no I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from feeds.credentials import Credentials
from feeds.credentials import KeyAdvice as KeyAdvice
from feeds.events import Bar, BookSnapshot, Event, Phase
from feeds.limits import Limits as Limits


class DecodeError(ValueError):
    """A known message of the wrong shape. Carries the head of the frame, never all of it.

    ``problem`` is what was wrong, without it; it may quote the frame, so of it too there is the head alone.
    """

    def __init__(self, problem: str, frame: bytes | str) -> None:
        self.problem = problem[:400]
        head = frame[:160]
        shown = head.decode("utf-8", "replace") if isinstance(head, bytes) else head
        super().__init__(f"{self.problem}; frame starts {shown!r}")


class Subscription(NamedTuple):
    """One wanted channel of one instrument, with the arguments that it was asked with.

    ``channel`` is one of :data:`feeds.symbols.CHANNELS`; ``instrument`` is the full name, ``native`` the
    exchange's symbol; ``depth`` is the number of book levels a side (0: the venue's default).
    """

    channel: str
    instrument: str
    native: str
    depth: int = 0


class Request(NamedTuple):
    """Text to send, and the subscriptions that its acknowledgement will confirm."""

    text: str
    req_id: int
    subscriptions: tuple[Subscription, ...]


class LinkPlan(NamedTuple):
    """One socket: its name within the venue, the URL path and query, what it carries."""

    name: str
    path: str
    subscriptions: tuple[Subscription, ...]


class RestRequest(NamedTuple):
    """A request: path with query below the venue's REST root, and its price in the venue's weight units.

    ``root`` is another host of the venue, for what is there alone; a root that was set for it has everything.

    One with ``headers`` is signed: of that, only the method and the bare path are ever shown.
    """

    path: str
    weight: int = 1
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    root: str = ""

    def root_at(self, root: str, own: str) -> str:
        """Where it goes: ``root`` is that of the venue here, ``own`` what the codec says."""
        return self.root if self.root and root == own else root

    @property
    def shown(self) -> str:
        """What a log line or an error may say of it."""
        return self.path.partition("?")[0] if self.headers else self.path

    def __repr__(self) -> str:
        return f"RestRequest({self.method} {self.shown}, weight={self.weight})"


class Best(list[tuple[str, str]]):
    """The best levels of one side, not to be changed. ``digest`` is free for what a codec made of them."""

    digest: bytes | None = None


LINEAR, INVERSE, QUANTO = "linear", "inverse", "quanto"
"""What a contract pays: in what it is priced in, in what it is of, or in some third thing."""


class InstrumentSpec(NamedTuple):
    """One row of a venue's own list of instruments. Text is as the venue wrote it.

    ``kind``: spot, perpetual, future, option, equity, forex, index. ``status``: trading, halted, delisted.
    ``expiry_us`` 0: none; ``strike`` and ``right`` (call, put) are an option's. ``contract_size`` is what one
    unit of a quantity stands for: of the quote where the contract is inverse, else of the base.
    ``listed_us``: since when it is traded, 0 where the venue does not say. ``pays``: :data:`LINEAR`,
    :data:`INVERSE` or :data:`QUANTO` in the venue's own words, ``""`` where it has none for it.
    """

    venue: str
    native: str
    kind: str
    base: str
    quote: str
    settle: str
    tick_size: str
    lot_size: str
    status: str
    expiry_us: int = 0
    strike: str = ""
    right: str = ""
    contract_size: str = "1"
    listed_us: int = 0
    pays: str = ""

    @property
    def inverse(self) -> bool:
        """Whether it is priced in one thing and settled in what is priced: its worth goes by 1 ÷ price."""
        return self.kind in ("perpetual", "future", "option") and self.settle == self.base != self.quote


class Codec(Protocol):
    """One venue's language. Everything here is a pure function of its arguments.

    ``resync_scope`` is ``"symbol"`` where a broken sequence breaks one book, ``"link"`` where it breaks all
    books of the link. ``snapshots`` is ``"stream"`` where a fresh subscription brings a new book, ``"rest"``
    where it must be fetched by :meth:`snapshot_request` and spliced. ``truncate``: after each delta the book
    is cut to its subscribed depth. ``checksum_levels`` is how many of the best levels a side :meth:`checksum`
    reads, best first; 0 where the venue has none. A side that did not change comes as the same :class:`Best`.
    ``candles_page``: how many bar lengths from its ``since_us`` on one answer to :meth:`candles_request`
    covers. ``candles_kept``: how many the venue gives at all, counted back from now; 0: all.
    ``candles_kept_of``: of lengths in minutes, where that differs. ``marks``: channel → what the head of a
    frame of it has in it, any of them: for frames that cannot be read. ``channels``: all that it has.
    ``parts``: channel → the channels that it comes in, where those are on several links. ``untold``: of the
    :class:`Stats` what it never tells; ``bar_volume`` of bars. ``whole_figures``: all others are in each, so
    what one lacks is gone. ``samples_liquidations``: it shows some of them alone. ``funds_continuously``:
    funding has no next time. ``repeats``: what is subscribed already may be asked for again; else it is left
    first. ``brings_others``: channels whose streams bring more than was asked for. ``quotes_at_trades``: best
    prices come with trades alone, or without sizes, so a book's are said. ``by_level``: what one order did
    comes in several messages, between which a book may be crossed, and is not shown. ``numbers_trades``: ids
    of an instrument's trades go up by one. ``hosts``: others that recordings may name. ``path``: that of its
    links, where one host has several markets, told apart by the last part of it, and no frame says which it
    is of. ``key_parts``: of an operator's key, ``KEY`` or that and ``SECRET``. They become its
    ``credentials``, without which nothing is opened where it ``needs_key``; ``single``: one connection for
    all with them. ``feed``: one of its ``feeds``. ``zone``: for hours, which are asked for every
    ``hours_every_s``; ``unread_hours``: what of the last answer could not be read. ``lines``: a link is an
    HTTP answer without end, each line a frame; its address says all (:meth:`query`).
    """

    venue: str
    title: str
    ws_url: str
    rest_url: str
    limits: Limits
    resync_scope: str
    snapshots: str
    truncate: bool
    checksum_levels: int
    candles_page: int
    candles_kept: int
    candles_kept_of: Mapping[int, int]
    marks: Mapping[str, tuple[bytes, ...]]
    channels: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]
    untold: tuple[str, ...]
    whole_figures: bool
    samples_liquidations: bool
    funds_continuously: bool
    quotes_at_trades: bool
    by_level: bool
    numbers_trades: bool
    hosts: tuple[str, ...]
    repeats: bool
    brings_others: tuple[str, ...]
    path: str
    key_parts: tuple[str, ...]
    needs_key: bool
    single: bool
    lines: bool
    credentials: Credentials | None
    feeds: tuple[str, ...]
    feed: str
    zone: str
    hours_every_s: float
    unread_hours: Sequence[str]

    def book_depth(self, subscription: Subscription) -> int:
        """How many levels a side the venue sends for it. Asked only where ``truncate`` is set."""

    def checksum(self, bids: Sequence[tuple[str, str]], asks: Sequence[tuple[str, str]]) -> int: ...

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]: ...

    def query(self, subscriptions: Sequence[Subscription]) -> str:
        """What stands behind a link's path, for it to carry these: another set is another link."""

    def stream(self, subscription: Subscription) -> str:
        """The venue's stream that brings it, where that brings other subscriptions too; ``""``: its own.

        It is asked for once, and left when nobody wants any of them.
        """

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]: ...

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]: ...

    def greeting(self) -> tuple[str, ...]:
        """What every new link is told first, before anything is asked for; the answers are no Acks."""

    def login(self, credentials: Credentials) -> str:
        """What shows the key, sent before all else and answered by ``LoggedIn``; ``""``: headers do."""

    def key_headers(self, credentials: Credentials) -> Mapping[str, str]:
        """The same of each request by REST, and of a link's own where ``login`` says nothing."""

    def ping(self, req_id: int) -> str | None: ...

    def for_link(self) -> Codec:
        """That of one connection: itself, or a new one where frames name topics by numbers of their link."""

    def numbered(self, head: bytes) -> Iterable[tuple[str, str]]:
        """(channel, instrument) that the head of a frame names by such a number alone."""

    def decode(self, frame: bytes, received_ns: int) -> list[Event]: ...

    def snapshot_request(self, subscription: Subscription) -> RestRequest | None: ...

    def decode_snapshot(self, subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot: ...

    def audit_request(self, subscription: Subscription) -> RestRequest | None:
        """What shows this book once more, None where the stream itself proves all of it."""

    def decode_audit(self, subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot:
        """A picture to compare with; raises :class:`DecodeError`.

        ``depth`` is how many levels a side were asked for: a side with fewer is whole. ``exchange_us`` is a
        time of the venue that the picture is no older than, 0 where nothing says it. A quantity is right to
        the last digit that it is written with: a venue that leaves zeros off needs them put back.
        """

    def instruments_request(self) -> RestRequest: ...

    def decode_instruments(self, body: bytes) -> list[InstrumentSpec]: ...

    def more_instruments(self, request: RestRequest, body: bytes) -> RestRequest | None:
        """What brings the next part of the list, after this answer to ``request``; None: it is whole."""

    def candles_request(
        self, subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
    ) -> RestRequest | None:
        """The venue's most recent bars of ``interval`` minutes, None where it has none of that length.

        ``now_us`` is for venues that must be told a span. With ``since_us``, the start of a bar, those that
        start from there on instead, a page of them.
        """

    def decode_candles(
        self, subscription: Subscription, interval: int, body: bytes, now_us: int
    ) -> list[Bar]:
        """Oldest first; the bar that ``now_us`` falls into is not closed."""

    def hours_requests(self, now_us: int) -> Sequence[RestRequest]:
        """What says when the market is open, from ``now_us`` on for some days; nothing: it always is, or of
        no time but 0, at which all is told, nobody needs to know now."""

    def decode_hours(self, bodies: Sequence[bytes]) -> list[Phase]:
        """Of the answers, in the order of the requests: phases in order, the last one open-ended."""

    def hours_of(self, instrument: str, now_us: int) -> Sequence[Phase]:
        """The same around ``now_us`` of what stands still by the venue's word: whether that is its hours."""

    def zone_of(self, instrument: str) -> str:
        """By whose clock its hours are told."""

    def poll_request(self, subscription: Subscription) -> RestRequest | None:
        """What has to be asked for again and again, because no stream tells it; None: nothing."""

    def decode_poll(self, subscription: Subscription, body: bytes, received_ns: int) -> list[Event]: ...
