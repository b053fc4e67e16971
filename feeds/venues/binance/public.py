"""Binance spot's public codec. https://developers.binance.com/docs/binance-spot-api-docs

A stream's name alone says what its payload is and whose (a book ticker carries no type), so a reader is found
by the name, with a search of bytes, and the frame is parsed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import msgspec

from feeds.basics import Basics
from feeds.codec import DecodeError, Limits, LinkPlan, Request, Subscription, spread
from feeds.events import Ack, Event, Reconnect, Unknown
from feeds.symbols import BOOK, OHLC, TICKER, TRADE, instrument_name
from feeds.venues.binance import instruments
from feeds.venues.binance.messages import READERS, VENUE, Head, Reader, head, stream_of

# Bars are built from trades: ``ohlc`` needs no stream of its own.
_SUFFIXES = {
    TICKER: ("bookTicker", "ticker"),
    TRADE: ("trade",),
    OHLC: ("trade",),
    BOOK: ("depth@100ms",),
}
# Binance has no heartbeat, but this stream ticks each second however quiet the others are. Every link opens
# it by its URL, and it is read as the heartbeat; should it be missing, data alone proves the link.
_PATH = "/stream?streams=btcusdt@miniTicker"
# 1,024 streams a link, less the pulse and some room.
_STREAMS_A_LINK = 1000
# A request longer than 4,088 bytes is never answered (binance-connector-rust issue 27).
_REQUEST_BYTES = 3800
# A trade is told by both, with numbers of their own: whoever recorded both must not count it twice.
_TWICE = {"trade": "aggTrade", "aggTrade": "trade"}
# Names of streams that are remembered: more than there are streams on all links.
_MAX_ROUTES = 20_000


class BinanceCodec(Basics):
    """Pure but for a memory of which stream name means which reader and instrument."""

    venue = VENUE
    title = "Binance"
    ws_url = "wss://data-stream.binance.vision"
    rest_url = "https://data-api.binance.vision"
    limits = Limits(
        messages_per_s=4,  # of 5: our pongs count too
        topics_per_request=100,
        connects=250,  # of 300
        connects_window_s=300,
        max_link_age_s=23 * 3600 + 50 * 60,  # cut at 24 h
        idle_s=15,
        data_idle_s=14,  # of the 15 after which nothing may look live
        rest_weight=6000,  # of which a share is left to other programs, see feeds.rest
        rest_window_s=60,
    )
    resync_scope = "symbol"
    snapshots = "rest"
    truncate = False
    checksum_levels = 0
    candles_page, candles_kept = instruments.KLINES_PAGE, 0
    marks = {BOOK: (b"@depth",), TRADE: (b"@trade",), TICKER: (b"@bookTicker", b"@ticker")}

    snapshot_request = staticmethod(instruments.snapshot_request)
    decode_snapshot = staticmethod(instruments.decode_snapshot)
    instruments_request = staticmethod(instruments.instruments_request)
    decode_instruments = staticmethod(instruments.decode_instruments)
    candles_request = staticmethod(instruments.candles_request)
    decode_candles = staticmethod(instruments.decode_candles)

    def __init__(self) -> None:
        self._routes: dict[bytes, tuple[Reader, str]] = {}

    def links(self, subscriptions: Iterable[Subscription]) -> list[LinkPlan]:
        """As few links as the limit of streams allows, an instrument's streams on one."""
        wanted: dict[str, list[Subscription]] = {}
        for subscription in subscriptions:
            wanted.setdefault(subscription.instrument, []).append(subscription)
        loads = {instrument: len(set(_streams(channels))) for instrument, channels in wanted.items()}
        return [
            LinkPlan(f"public.{number}", _PATH, tuple(s for name in names for s in wanted[name]))
            for number, names in spread(loads, _STREAMS_A_LINK).items()
        ]

    def subscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return list(self._requests("SUBSCRIBE", subscriptions, req_id))

    def unsubscribe(self, subscriptions: Sequence[Subscription], req_id: int) -> list[Request]:
        return list(self._requests("UNSUBSCRIBE", subscriptions, req_id))

    def _requests(self, method: str, subscriptions: Sequence[Subscription], req_id: int) -> Iterator[Request]:
        for number, group in enumerate(self._groups(subscriptions), req_id):
            params = list(dict.fromkeys(_streams(group)))
            body = {"method": method, "params": params, "id": number}
            yield Request(msgspec.json.encode(body).decode(), number, tuple(group))

    def _groups(self, subscriptions: Sequence[Subscription]) -> Iterator[list[Subscription]]:
        """As many as one request may hold: an acknowledgement confirms all of them."""
        group: list[Subscription] = []
        size = 0
        for subscription in subscriptions:
            needs = sum(len(stream.encode()) + 3 for stream in _streams([subscription]))
            if group and (size + needs > _REQUEST_BYTES or len(group) == self.limits.topics_per_request):
                yield group
                group, size = [], 0
            group.append(subscription)
            size += needs
        if group:
            yield group

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        # All up to the first comma, `{"stream":"btcusdt@trade"`: cheaper to cut off than the name alone.
        route = self._routes.get(frame.partition(b",")[0])
        try:
            if route is not None:
                return route[0](frame, route[1], received_ns)
            return self._decode_other(frame, received_ns)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise DecodeError(f"{type(error).__name__}: {error}", frame) from error

    def _decode_other(self, frame: bytes, received_ns: int) -> list[Event]:
        """A stream's first frame, or what is no stream's."""
        message = head(frame)
        if message.stream:
            return self._decode_stream(message, frame, received_ns)
        if message.e == "serverShutdown":
            return [Reconnect(message.e)]
        if message.error is not None or message.code is not None:
            words = message.error.msg if message.error is not None else message.msg
            return [Ack(False, words[:200] or "refused without a reason", "", "", _number(message))]
        if message.result is not msgspec.UNSET:
            return [Ack(True, "", "", "", _number(message))]
        if stream := stream_of(message):
            frame = b'{"stream":%b,"data":%b}' % (msgspec.json.encode(stream), frame)
            return self._decode_stream(head(frame), frame, received_ns)
        return [Unknown(f"{message.e or 'message':.40}")]

    def _decode_stream(self, message: Head, frame: bytes, received_ns: int) -> list[Event]:
        native, at, suffix = message.stream.partition("@")
        known = None if self._told(native, _TWICE.get(suffix)) else READERS.get(suffix if at else native)
        reader = known or partial(_read_unknown, Unknown(f"{suffix or native:.40}"))
        instrument = ""
        if known and at:
            symbol = message.data.get("s") if isinstance(message.data, dict) else None
            if not isinstance(symbol, str) or symbol.lower() != native:
                raise ValueError(f"expected data of {native!r:.80}, found {symbol!r:.80}")
            instrument = instrument_name(VENUE, symbol)
        events = reader(frame, instrument, received_ns)
        if len(self._routes) < _MAX_ROUTES:
            self._routes[_route(message.stream)] = (reader, instrument)
        return events

    def _told(self, native: str, suffix: str | None) -> bool:
        """Whether another stream tells the same trades: those of the first one count."""
        told = self._routes.get(_route(f"{native}@{suffix}"))
        return told is not None and told[0] is READERS.get(suffix or "")


def _route(stream: str) -> bytes:
    return b'{"stream":"%b"' % stream.encode()


def _read_unknown(event: Unknown, frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    return [event]


def _streams(subscriptions: Iterable[Subscription]) -> list[str]:
    return [f"{s.native.lower()}@{suffix}" for s in subscriptions for suffix in _SUFFIXES[s.channel]]


def _number(message: Head) -> int:
    return message.id if isinstance(message.id, int) else 0
