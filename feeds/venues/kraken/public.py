"""Kraken's public socket, API v2: https://docs.kraken.com/api/docs/websocket-v2/"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from feeds.basics import Basics
from feeds.codec import DecodeError, InstrumentSpec, Limits, LinkPlan, Request, RestRequest, Subscription
from feeds.events import Ack, Bar, BookSnapshot, Event, Heartbeat, Unknown
from feeds.spread import together
from feeds.symbols import BOOK, DEPTHS, OHLC, TICKER, TRADE
from feeds.venues.kraken import instruments, messages

VENUE = "KRAKEN"
DEFAULT_DEPTH = 100

# Few sockets, because at live rates the wake-up costs and not the parsing; not one, because a link that
# falls silent takes all of its instruments along.
_INSTRUMENTS_A_LINK = 200


_Groups = dict[tuple[str, int], dict[str, list[Subscription]]]
"""What one request can ask for, (channel, depth), → native → the subscriptions that it serves."""


class _Result(msgspec.Struct):
    channel: str = ""
    symbol: str = ""


class _Head(msgspec.Struct):
    channel: str = ""
    method: str = ""
    success: bool = True
    error: str = ""
    symbol: str = ""
    req_id: int = 0
    time_out: str = ""
    result: _Result | None = None


_head = msgspec.json.Decoder(_Head).decode
_DATA: dict[str, Callable[[bytes, int], list[Event]]] = {
    "book": messages.books,
    "trade": messages.trades,
    "ticker": messages.tickers,
    "status": messages.statuses,
}
# Frames begin with the channel; what begins otherwise takes the way of the others and loses nothing else.
_START = 18
_BY_START = {f'{{"channel":"{name}",'[:_START].encode(): data for name, data in _DATA.items()}


class KrakenCodec(Basics):
    """Bars come from trades: a subscription to ``ohlc`` asks for the instrument's trades."""

    venue = VENUE
    title = "Kraken"
    ws_url = "wss://ws.kraken.com"
    rest_url = "https://api.kraken.com"
    # 150 connections per 10 minutes and address; no published rate of messages, so a modest one. Heartbeats
    # come each second when nothing else does, and Kraken itself advises to reconnect after 5 s of silence.
    limits = Limits(messages_per_s=5, connects=150, connects_window_s=600, idle_s=5, rest_weight=60)
    resync_scope = "symbol"
    snapshots = "stream"
    truncate = True
    checksum_levels = 10

    candles_page = candles_kept = instruments.CANDLES
    marks = {channel: (b'"channel":"%b"' % channel.encode(),) for channel in (BOOK, TRADE, TICKER)}

    checksum = staticmethod(messages.checksum)

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        """An instrument's channels share a link; one more moves others only when a link splits."""
        return together(subscriptions, _INSTRUMENTS_A_LINK, "/v2")

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return self._requests("subscribe", subscriptions, req_id)

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return self._requests("unsubscribe", subscriptions, req_id)

    def _requests(self, method: str, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        requests: list[Request] = []
        for (channel, depth), natives in self._grouped(subscriptions).items():
            names, size = list(natives), self.limits.topics_per_request
            for chunk in (names[at : at + size] for at in range(0, len(names), size)):
                covered = tuple(item for name in chunk for item in natives[name])
                text = _request_text(method, channel, depth, chunk, req_id + len(requests))
                requests.append(Request(text, req_id + len(requests), covered))
        return requests

    def _grouped(self, subscriptions: Iterable[Subscription]) -> _Groups:
        groups: _Groups = {}
        for item in subscriptions:
            channel = TRADE if item.channel == OHLC else item.channel
            depth = self.book_depth(item) if channel == BOOK else 0
            groups.setdefault((channel, depth), {}).setdefault(item.native, []).append(item)
        return groups

    def ping(self, req_id: int) -> str:
        return f'{{"method":"ping","req_id":{req_id}}}'

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        """Raises :class:`DecodeError`, and nothing else, on a frame of the wrong shape."""
        try:
            data = _BY_START.get(frame[:_START])
            return self._other(frame, received_ns) if data is None else data(frame, received_ns)
        except (msgspec.MsgspecError, ValueError, RecursionError, OverflowError) as error:
            raise DecodeError(f"{type(error).__name__}: {error}", frame) from error

    def _other(self, frame: bytes, received_ns: int) -> list[Event]:
        head = _head(frame)
        data = _DATA.get(head.channel)
        if data is not None:
            return data(frame, received_ns)
        if head.channel == "heartbeat" or head.method == "pong":
            return [Heartbeat(VENUE, messages.micros(head.time_out), received_ns)]
        if head.method in ("subscribe", "unsubscribe"):
            return _acks(head)
        return [Unknown(f"channel {head.channel:.40}" if head.channel else f"method {head.method:.40}")]

    def book_depth(self, subscription: Subscription) -> int:
        """The smallest depth that Kraken offers and that is enough."""
        wanted = subscription.depth or DEFAULT_DEPTH
        return next((depth for depth in DEPTHS if depth >= wanted), DEPTHS[-1])

    def audit_request(self, subscription: Subscription) -> RestRequest | None:
        depth = self.book_depth(subscription)
        return instruments.depth_request(subscription, depth) if depth > self.checksum_levels else None

    def decode_audit(self, subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot:
        return instruments.decode_depth(subscription, self.book_depth(subscription), body, received_ns)

    def instruments_request(self) -> RestRequest:
        return RestRequest("/0/public/AssetPairs")

    def decode_instruments(self, body: bytes) -> list[InstrumentSpec]:
        return instruments.decode_instruments(body)

    def candles_request(
        self, subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
    ) -> RestRequest | None:
        return instruments.candles_request(subscription.native, interval, since_us)

    def decode_candles(
        self, subscription: Subscription, interval: int, body: bytes, now_us: int
    ) -> list[Bar]:
        return instruments.decode_candles(subscription.instrument, interval, body, now_us)


def _request_text(method: str, channel: str, depth: int, natives: list[str], req_id: int) -> str:
    params: dict[str, object] = {"channel": channel, "symbol": natives}
    if channel == BOOK:
        params["depth"] = depth
    if channel == TICKER:
        params["event_trigger"] = "bbo"
    if method == "subscribe":
        params["snapshot"] = True
    return msgspec.json.encode({"method": method, "params": params, "req_id": req_id}).decode()


def _acks(head: _Head) -> list[Event]:
    """``{"method":"subscribe","result":{"channel":"book","symbol":"BTC/USD",…},"success":true,"req_id":1}``

    One for each symbol; a refusal names the symbol and not the channel. Trades serve bars as well.
    """
    result = head.result or _Result()
    symbol = result.symbol or head.symbol
    name = f"{VENUE}:{symbol}" if symbol else ""
    ok = head.success or "already subscribed" in head.error.lower()
    error = "" if ok else head.error[:200] or "refused without a reason"
    channels = (TRADE, OHLC) if result.channel == TRADE else (result.channel,)
    return [Ack(ok, error, channel, name, head.req_id, head.method == "subscribe") for channel in channels]
