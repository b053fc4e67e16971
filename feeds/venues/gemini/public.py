"""Gemini in public: https://developer.gemini.com/websocket/introduction

Its socket of today numbers its books and wants no key. What its older ones sent, as others recorded it, is
read too (:mod:`feeds.venues.gemini.older`), and never asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import UNSET

from feeds.basics import Basics
from feeds.codec import DecodeError, InstrumentSpec, Limits, LinkPlan, Request, Subscription
from feeds.events import Ack, Event, Heartbeat, Unknown
from feeds.spread import together
from feeds.symbols import BOOK, CHANNELS, FUNDING, MARK, OHLC, TICKER, TRADE
from feeds.venues.gemini import messages, older, rest, shapes
from feeds.venues.gemini.naming import VENUE
from feeds.venues.gemini.shapes import Head

_STREAMS = {
    TICKER: "bookTicker",
    TRADE: "trade",
    OHLC: "trade",
    BOOK: "depth@100ms",
    MARK: "markPrice",
    FUNDING: "fundingAmount",
}
# The whole book with each subscription.
_PATH = "/?snapshot=-1"
# No limit is published.
_INSTRUMENTS_A_LINK = 100
# The best five levels of the busiest book come each second, changed or not.
_PULSE = '{"id":"pulse","method":"subscribe","params":["btcusd@depth5"]}'
_HEAD = 24


class GeminiCodec(Basics):
    """Pure but for what REST said and no frame has told yet."""

    venue, title = VENUE, "Gemini"
    ws_url, rest_url = "wss://ws.gemini.com", "https://api.gemini.com"
    # What the socket was called until February 2026; the older ones are on the host of REST.
    hosts = ("wsapi.fast.gemini.com",)
    limits = Limits(
        # `conninfo` tells of 300 connections in 5 minutes, and of 7,000 units of weight in 10 s, but not what
        # a request weighs. By REST 120 requests a minute, "and we recommend that you do not exceed 1 request
        # per second"; five more wait: https://developer.gemini.com/rate-limit
        messages_per_s=5,
        topics_per_request=100,
        connects=250,
        connects_window_s=300,
        idle_s=15,
        data_idle_s=14,  # of the 15 after which nothing may look live
        rest_weight=8,
        rest_window_s=4,
    )
    resync_scope, snapshots, truncate, checksum_levels = "symbol", "stream", False, 0
    repeats = False
    channels = (*CHANNELS, MARK, FUNDING)
    untold = ("volume",)
    candles_page, candles_kept, candles_kept_of = rest.KEPT, rest.KEPT, rest.KEPT_OF
    marks = {  # noqa: RUF012 (never changed)
        BOOK: (b'"depthUpdate"', b'"l2_updates"'),
        TRADE: (b'"t":', b'"m":', b'"type":"trade"'),
        TICKER: (b'"B":"',),
        MARK: (b'"markPrice"', b'"mark_price_updates"'),
        FUNDING: (b'"fundingAmount"', b'"funding_amount_updates"'),
    }

    instruments_request = staticmethod(rest.instruments_request)
    candles_request = staticmethod(rest.candles_request)
    decode_candles = staticmethod(rest.decode_candles)
    poll_request = staticmethod(rest.poll_request)

    def __init__(self) -> None:
        self._memory = messages.Memory()

    def decode_instruments(self, body: bytes) -> list[InstrumentSpec]:
        return rest.decode_instruments(body)

    def decode_poll(self, subscription: Subscription, body: bytes, received_ns: int) -> list[Event]:
        return rest.decode_poll(subscription, body, received_ns, self._memory)

    # what is asked

    def greeting(self) -> tuple[str, ...]:
        return (_PULSE,)

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        return together(subscriptions, _INSTRUMENTS_A_LINK, _PATH)

    def stream(self, subscription: Subscription) -> str:
        """Bars are made of trades."""
        return _stream(subscription) if subscription.channel in (TRADE, OHLC) else ""

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return list(self._requests("subscribe", subscriptions, req_id))

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return list(self._requests("unsubscribe", subscriptions, req_id))

    def _requests(self, method: str, subscriptions: Sequence[Subscription], req_id: int) -> Iterator[Request]:
        """One name that there is not refuses all of a request."""
        size = self.limits.topics_per_request
        parts = [subscriptions[at : at + size] for at in range(0, len(subscriptions), size)]
        for number, part in enumerate(parts, req_id):
            body = {"id": number, "method": method, "params": list(dict.fromkeys(map(_stream, part)))}
            yield Request(msgspec.json.encode(body).decode(), number, tuple(part))

    # what comes

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        try:
            if b'"depthUpdate"' in frame[:_HEAD]:
                return messages.read_depth(frame, received_ns)
            if frame.startswith(b'{"u":'):
                return messages.read_best(frame, received_ns, self._memory)
            return self._other(shapes.head(frame), frame, received_ns)
        except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
            raise DecodeError(f"{type(error).__name__}: {error}", frame) from error

    def _other(self, found: Head, frame: bytes, received_ns: int) -> list[Event]:
        """What does not begin as the two most frequent do. A payload of some streams does not name itself."""
        if found.type or found.reason:
            return older.read(found, frame, received_ns)
        if found.id is not UNSET:
            return _answered(found)
        if found.e == "depthUpdate":
            return messages.read_depth(frame, received_ns)
        if found.e == "trade" or (not found.e and _any(found.t, found.m)):
            return messages.read_trade(frame, received_ns, self._memory)
        if found.e == "markPrice":
            return messages.read_mark(frame, received_ns, self._memory)
        if found.e == "fundingAmount":
            return messages.read_payment(frame, received_ns)
        if not found.e and _any(found.u, found.B):
            return messages.read_best(frame, received_ns, self._memory)
        if found.lastUpdateId is not UNSET:
            return [Heartbeat(VENUE, 0, received_ns)]
        return [Unknown(f"{found.e or 'message':.40}")]


def _any(*fields: object) -> bool:
    """Whether one of what tells a payload without a name apart is there: with another one gone it is broken,
    and not unknown."""
    return any(field is not UNSET for field in fields)


def _stream(subscription: Subscription) -> str:
    return f"{subscription.native.lower()}@{_STREAMS[subscription.channel]}"


def _answered(found: Head) -> list[Event]:
    """``{"id":4,"status":400,"error":{"code":-1013,"msg":"Invalid stream name: …"}}``, or a status of 200."""
    number = found.id if isinstance(found.id, int) else 0
    if isinstance(found.id, str) and found.id.isascii() and found.id.isdecimal() and len(found.id) < 16:
        number = int(found.id)
    failed = found.error is not None or (found.status or 200) >= 400
    if not 0 < number < 2**53:
        # The pulse: nobody waits for it.
        return [Unknown("answer to the pulse")] if failed else []
    if not failed:
        return [Ack(True, "", "", "", number)]
    words = f"{found.error.code} {found.error.msg}" if found.error else f"status {found.status}"
    return [Ack(False, words[:200], "", "", number)]
