"""What is so of most codecs, and what is really subscribed of what is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from feeds.codec import Codec, DecodeError, RestRequest, Subscription
from feeds.credentials import Credentials
from feeds.events import BookSnapshot, Event, InstrumentStatus, Phase
from feeds.symbols import CHANNELS


class Basics:
    """A codec that inherits it says only where it is otherwise."""

    channels: tuple[str, ...] = CHANNELS
    parts: Mapping[str, tuple[str, ...]] = {}  # noqa: RUF012 (never changed)
    untold: tuple[str, ...] = ()
    whole_figures = False
    samples_liquidations = False
    funds_continuously = False
    quotes_at_trades = False
    by_level = False
    numbers_trades = False
    hosts: tuple[str, ...] = ()
    repeats = True
    brings_others: tuple[str, ...] = ()
    candles_kept_of: Mapping[int, int] = {}  # noqa: RUF012 (never changed)
    path = ""
    key_parts: tuple[str, ...] = ()
    needs_key = False
    single = False
    lines = False
    credentials: Credentials | None = None
    feeds: tuple[str, ...] = ()
    feed = ""
    zone = "UTC"
    hours_every_s = 300.0
    unread_hours: Sequence[str] = ()

    def book_depth(self, subscription: Subscription) -> int:
        """0: every change of the whole book is sent."""
        return 0

    def checksum(self, bids: Sequence[tuple[str, str]], asks: Sequence[tuple[str, str]]) -> int:
        return 0

    def query(self, subscriptions: Sequence[Subscription]) -> str:
        """Nothing: a link is told what to carry."""
        return ""

    def stream(self, subscription: Subscription) -> str:
        """Each has its own."""
        return ""

    def greeting(self) -> tuple[str, ...]:
        """Nothing: it is enough to ask."""
        return ()

    def login(self, credentials: Credentials) -> str:
        """Nothing: what is public needs no key, and some keys are shown in headers alone."""
        return ""

    def key_headers(self, credentials: Credentials) -> Mapping[str, str]:
        return {}

    def ping(self, req_id: int) -> str | None:
        """The venue pings by WebSocket frames, or not at all."""
        return None

    def for_link(self) -> Codec:
        """Itself: a frame says what it is about."""
        return self

    def numbered(self, head: bytes) -> Iterable[tuple[str, str]]:
        return ()

    def more_instruments(self, request: RestRequest, body: bytes) -> RestRequest | None:
        """None: one answer is the whole list."""
        return None

    def snapshot_request(self, subscription: Subscription) -> RestRequest | None:
        """None: a fresh subscription brings the book, where there is one."""
        return None

    def decode_snapshot(self, subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot:
        raise DecodeError("no book is ever asked for by REST", body)

    def audit_request(self, subscription: Subscription) -> RestRequest | None:
        """None: the stream's own numbers prove every level."""
        return None

    def decode_audit(self, subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot:
        raise DecodeError("no book is ever audited", body)

    def hours_requests(self, now_us: int) -> Sequence[RestRequest]:
        """Nothing: it never closes."""
        return ()

    def decode_hours(self, bodies: Sequence[bytes]) -> list[Phase]:
        return []

    def hours_of(self, instrument: str, now_us: int) -> Sequence[Phase]:
        return ()

    def zone_of(self, instrument: str) -> str:
        """All are of one."""
        return self.zone

    def poll_request(self, subscription: Subscription) -> RestRequest | None:
        return None

    def decode_poll(self, subscription: Subscription, body: bytes, received_ns: int) -> list[Event]:
        raise DecodeError("nothing is ever asked for again", body)


def in_parts(codec: Codec, subscriptions: Iterable[Subscription]) -> list[Subscription]:
    """What really is subscribed: without what the venue does not have, and with the parts of what comes in
    several."""
    return [
        item._replace(channel=part)
        for item in subscriptions
        if item.channel in codec.channels
        for part in codec.parts.get(item.channel, (item.channel,))
    ]


class Standstills:
    """Instruments that stand still by their venue's word, where no word says that they move again: what says
    so with each price ends by saying it no more."""

    __slots__ = ("_names",)

    def __init__(self) -> None:
        self._names: set[str] = set()

    def __bool__(self) -> bool:
        """Whether any does."""
        return bool(self._names)

    def ended(self, events: list[Event], received_ns: int) -> list[Event]:
        """What a message means, and behind it that its instrument trades again, if it stood still until then.
        Its last event is what says that it does not move; its first names whom it is about."""
        if type(events[-1]) is InstrumentStatus:
            self._names.add(events[-1].instrument)
        elif self._names and (name := getattr(events[0], "instrument", "")) in self._names:
            self._names.discard(name)
            events.append(InstrumentStatus(name, "trading", "", received_ns))
        return events
