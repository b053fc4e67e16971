"""An account's frames to who is told: orders made whole, and what the stream failed to say noted.

Nothing that a venue sends, and nothing that the sink does, ends the feed: it is counted, logged seldom, and
where a fill may have been lost ``behind`` says so, for REST to be asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable

from feeds.accountlink import AccountLink
from feeds.clock import Clock
from feeds.codec import DecodeError
from feeds.events import Ack, LinkSequence, Reconnect, Reply, Unknown
from feeds.orders import Orders
from feeds.private import (
    AccountSink,
    AccountState,
    Ask,
    Fill,
    Names,
    OrderUpdate,
    PrivateCodec,
    PrivateEvent,
    Query,
    UnknownSymbol,
)
from feeds.ratelimit import Seldom
from feeds.symbols import split_instrument

logger = logging.getLogger(__name__)

# Frames of markets that are not known yet, which is until REST has listed them.
_MAX_UNREAD = 1000
_MAX_ANSWERED = 1000


class Intake:
    """``account`` is its name in the log. ``wake`` is set when there is something to ask REST for.

    ``asks`` are questions of the stream's own, ``symbols`` the markets that orders and fills were in.
    """

    def __init__(
        self, codec: PrivateCodec, sink: AccountSink, clock: Clock, counters: Counter[str], account: str
    ) -> None:
        self.counters = counters
        self.names: Names = {}
        self.behind = ""
        self.asks: dict[Query, Ask] = {}
        self._answered: dict[Query, str] = {}
        self.symbols: set[str] = set()
        self.wake = asyncio.Event()
        self._codec, self._sink, self._clock, self._account = codec, sink, clock, account
        self._orders, self._seldom = Orders(), Seldom(60, clock)
        self._unread: deque[tuple[bytes, int]] = deque(maxlen=_MAX_UNREAD)
        self._link: AccountLink | None = None
        self._sequence: int | None = None

    def begin(self, link: AccountLink) -> None:
        """Frames come from this link now, which numbers them anew."""
        self._link, self._sequence = link, None

    def lost(self, why: str) -> None:
        """A fill may be missing: ask REST."""
        self.behind = self.behind or why
        self.wake.set()

    def _ask(self, ask: Ask) -> None:
        """To be asked, unless just that was answered: orders are told again for reasons of their own."""
        if self._answered.get(ask.query) != ask.filled_qty:
            self.asks[ask.query] = ask
            self.wake.set()

    def settle(self, asks: Iterable[Ask]) -> None:
        """These were answered; one that was asked anew meanwhile stays."""
        for ask in asks:
            self._answered[ask.query] = ask.filled_qty
            if self.asks.get(ask.query) == ask:
                del self.asks[ask.query]
        while len(self._answered) > _MAX_ANSWERED:
            del self._answered[next(iter(self._answered))]

    # frames

    def frame(self, data: bytes) -> None:
        received_ns = self._clock.wall_ns()
        self.counters["frames"] += 1
        for event in self._decoded(data, received_ns):
            self._event(event)

    def _decoded(self, data: bytes, received_ns: int) -> list[PrivateEvent]:
        try:
            return self._codec.decode(data, received_ns, self.names)
        except UnknownSymbol:
            self._unread.append((data, received_ns))
            self.wake.set()
        except Exception as error:  # whatever a frame does to a codec, it costs that frame and no more
            self._undecodable(error)
        return []

    def _undecodable(self, error: Exception) -> None:
        self.counters["decode errors"] += 1
        self.lost("a message made no sense")
        if often := self._seldom.due(f"decode {type(error).__name__}"):
            # Without the frame: what is an account's own does not belong into a log.
            known = isinstance(error, DecodeError)
            words = error.problem if known else type(error).__name__
            logger.warning("%s: undecodable (%d times): %s", self._account, often, words, exc_info=not known)

    @property
    def unread(self) -> bool:
        """Whether frames wait for the venue's list of markets."""
        return bool(self._unread)

    def read_again(self) -> None:
        """After the markets were listed anew. What is still of none is given up, and REST asked instead."""
        waiting, self._unread = self._unread, deque(maxlen=_MAX_UNREAD)
        for data, received_ns in waiting:
            for event in self._decoded(data, received_ns):
                self._event(event)
        if self._unread:
            self.counters["unknown markets"] += len(self._unread)
            self._unread.clear()
            self.lost("a message of an unknown market")

    def _event(self, event: PrivateEvent) -> None:
        if type(event) is Fill:
            self.counters["fills by stream"] += 1
            self.fill(event)
        elif type(event) is OrderUpdate:
            self.order(event)
        elif type(event) is Ask:
            self._ask(event)
        elif type(event) is Unknown:
            self.counters[f"unknown {event.kind}"] += 1
        elif self._link is not None:
            self._of_link(event)

    def _of_link(self, event: PrivateEvent) -> None:
        if type(event) is Ack:
            self._link.acknowledged(event)
        elif type(event) is Reply:
            self._link.send(event.text)
        elif type(event) is Reconnect:
            self._link.end(event.reason)
        elif type(event) is LinkSequence:
            self._follow(event.last)

    def _follow(self, number: int) -> None:
        """A message left out is lost; one that comes twice or late does no harm."""
        if self._sequence is not None and number > self._sequence + 1:
            self.counters["gaps"] += 1
            self.lost(f"messages were lost: {self._sequence} was followed by {number}")
        if self._sequence is None or number > self._sequence:
            self._sequence = number
        else:
            self.counters["repeated"] += 1

    # the sink

    def order(self, update: OrderUpdate) -> None:
        now = self._orders.now(update)
        if now is not None:
            self.symbols.add(split_instrument(now.instrument)[1])
            self._tell(self._sink.order, now)

    def fill(self, fill: Fill) -> None:
        self.symbols.add(split_instrument(fill.instrument)[1])
        self._tell(self._sink.fill, fill)

    def state(self, state: AccountState) -> None:
        self._tell(self._sink.state, state)

    def _tell(self, tell: Callable[..., None], what: object) -> None:
        try:
            tell(what)
        except Exception:  # a fault of the sink's costs it what it was told, and the account nothing else
            self.counters["sink errors"] += 1
            if often := self._seldom.due("sink"):
                logger.exception("%s: the sink did not take it (%d times)", self._account, often)
