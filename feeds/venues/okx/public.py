"""OKX's public socket, API v5: https://www.okx.com/docs-v5/en/

All that is followed comes from ``/ws/v5/public`` without a login; ``/ws/v5/business`` has candles and single
trades, which are understood and not asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from feeds.basics import Basics
from feeds.codec import DecodeError, LinkPlan, Request, RestRequest, Subscription
from feeds.events import Bar, BookSnapshot, Event, Unknown
from feeds.symbols import BOOK, CHANNELS, FUNDING, LIQUIDATION, MARK, OPTION, TICKER, TRADE
from feeds.venues.okx import asking, instruments, messages, rest, shapes
from feeds.venues.okx.naming import VENUE
from feeds.venues.okx.reading import Reading


class OkxCodec(Basics):
    """Pure but for what :class:`Reading` remembers of the streams.

    A book begins with the snapshot of its stream, if that comes; each loss is mended by REST.
    """

    venue, title = VENUE, "OKX"
    ws_url, rest_url = "wss://ws.okx.com:8443", "https://www.okx.com"
    limits = asking.LIMITS
    whole_figures = True
    resync_scope, snapshots, truncate = "symbol", "rest", False
    checksum_levels = messages.CHECKED
    candles_page, candles_kept = rest.PAGE, 0
    channels = (*CHANNELS, MARK, FUNDING, LIQUIDATION, OPTION)
    samples_liquidations = True
    marks = {  # noqa: RUF012 (never changed)
        TICKER: (b'"tickers"', b'"bbo-tbt"'),
        TRADE: (b'"trades"', b'"trades-all"', b'"option-trades"'),
        BOOK: (b'"books',),
        MARK: (b'"mark-price"', b'"index-tickers"', b'"open-interest"', b'"price-limit"'),
        FUNDING: (b'"funding-rate"',),
        LIQUIDATION: (b'"liquidation-orders"',),
        OPTION: (b'"opt-summary"',),
    }

    def __init__(self) -> None:
        self._reading = Reading()
        self._routes = self._reading.routes

    checksum = staticmethod(messages.checksum)

    # what is asked

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        return asking.links(subscriptions)

    stream = staticmethod(asking.stream)

    def greeting(self) -> tuple[str, ...]:
        return (asking.GREETING,)

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return list(asking.requests("subscribe", subscriptions, req_id))

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return list(asking.requests("unsubscribe", subscriptions, req_id))

    def ping(self, req_id: int) -> str:
        """Text that is no JSON, and so is the answer; a link on which nothing moves for 30 s is cut."""
        return "ping"

    # what comes

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        # The whole of `{"arg":{"channel":"trades","instId":"BTC-USDT"` is before the first bracket.
        route = self._routes.get(frame.partition(b"}")[0])
        try:
            if route is not None:
                return route[0](frame, route[1], received_ns)
            return self._other(frame, received_ns)
        except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
            raise DecodeError(f"{type(error).__name__}: {error}", frame) from error

    def _other(self, frame: bytes, received_ns: int) -> list[Event]:
        """A stream's first frame, or what is no stream's. A pong says nothing of the data."""
        if frame == b"pong":
            return []
        head = shapes.head(frame)
        if head.event:
            return asking.answers(head)
        if head.arg is None or head.data is None:
            return [Unknown("message")]
        read, instrument = self._reading.route(frame.partition(b"}")[0], head.arg)
        return read(frame, instrument, received_ns)

    # REST

    def snapshot_request(self, subscription: Subscription) -> RestRequest:
        return rest.book_request(subscription)

    def decode_snapshot(self, subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot:
        return rest.decode_book(subscription, body, received_ns)

    def instruments_request(self) -> RestRequest:
        return instruments.FIRST

    more_instruments = staticmethod(instruments.following)
    decode_instruments = staticmethod(instruments.decode)

    def candles_request(
        self, subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
    ) -> RestRequest | None:
        return rest.candles_request(subscription, interval, since_us)

    def decode_candles(
        self, subscription: Subscription, interval: int, body: bytes, now_us: int
    ) -> list[Bar]:
        return rest.decode_candles(subscription, interval, body)
