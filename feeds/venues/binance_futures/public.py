"""Binance's futures in public: USDⓈ-M and COIN-M. https://developers.binance.com/docs/derivatives

USDⓈ-M has had a path for each sort of data since 2026. A stream that is asked for on the wrong one is agreed
to and never sent, so every link carries a pulse of its own path: where that is silent, the watchdog ends the
link and says that nothing ever came. COIN-M still has one path for everything.
"""

from __future__ import annotations

from functools import partial

import msgspec

from feeds.codec import DecodeError, InstrumentSpec, RestRequest, Subscription
from feeds.events import BASE_UNITS, CONTRACTS, Ack, Event, Unknown
from feeds.symbols import (
    BOOK,
    CHANNELS,
    DERIVATIVES,
    FUNDING,
    LIQUIDATION,
    MARK,
    OHLC,
    STATS,
    TICKER,
    TRADE,
    instrument_name,
)
from feeds.venues.binance_futures import instruments
from feeds.venues.binance_futures.asking import STREAMS, Asking
from feeds.venues.binance_futures.messages import Reader, readers, stream_of, symbol_of
from feeds.venues.binance_futures.shapes import Head, head

# A trade is told by both, with numbers of their own: whoever recorded both must not count it twice.
_TWICE = {"trade": "aggTrade", "aggTrade": "trade"}
# Names of streams that are remembered: more than there are streams on all links.
_MAX_ROUTES = 20_000
# Neither market has a heartbeat; these streams come twice a second however quiet the others are. Contracts
# that are listed or settled are told to whoever asks.
_PUBLIC = ("public", "/public/stream?streams=btcusdt@depth5@500ms")
_MARKET = ("market", "/market/stream?streams=btcusdt@miniTicker/!contractInfo")
_COINM = ("stream", "/stream?streams=btcusd_perp@miniTicker/!contractInfo")


class FuturesCodec(Asking):
    """What both markets share. Pure but for a memory of which stream name means which reader and instrument.

    ``root`` is where its REST begins, ``market`` the venue's own number for it, ``counts`` what an open
    interest is counted in.
    """

    venue: str
    root: str
    market: int
    counts: str
    channels = (*CHANNELS, *DERIVATIVES)
    samples_liquidations = True
    resync_scope = "symbol"
    snapshots = "rest"
    truncate = False
    checksum_levels = 0
    candles_page, candles_kept = instruments.KLINES_PAGE, 0
    marks = {
        TICKER: (b"@bookTicker", b"@ticker"),
        STATS: (b"@ticker",),
        BOOK: (b"@depth",),
        TRADE: (b"@aggTrade",),
        MARK: (b"@markPrice",),
        FUNDING: (b"@markPrice",),
        LIQUIDATION: (b"@forceOrder",),
    }

    def __init__(self) -> None:
        self._routes: dict[bytes, tuple[Reader, str]] = {}
        self._readers = readers(self.venue, self.market)

    # frames

    def decode(self, frame: bytes, received_ns: int) -> list[Event]:
        # All up to the first comma, `{"stream":"btcusdt@aggTrade"`: cheaper to cut off than the name alone.
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
        twice = self._told(native, _TWICE.get(suffix, ""))
        known = None if twice else self._readers.get(suffix if at else native)
        reader = known or partial(_read_unknown, Unknown(f"{suffix or native:.40}"))
        instrument = ""
        if known and at:
            symbol = symbol_of(message.data) if isinstance(message.data, dict) else ""
            if symbol.lower() != native:
                raise ValueError(f"expected data of {native!r:.80}, found {symbol!r:.80}")
            instrument = instrument_name(self.venue, symbol)
        events = reader(frame, instrument, received_ns)
        if len(self._routes) < _MAX_ROUTES:
            self._routes[_route(message.stream)] = (reader, instrument)
        return events

    def _told(self, native: str, suffix: str) -> bool:
        """Whether another stream tells the same trades: those of the first one count."""
        told = self._routes.get(_route(f"{native}@{suffix}")) if suffix else None
        return told is not None and told[0] is self._readers.get(suffix)

    # REST

    def snapshot_request(self, subscription: Subscription) -> RestRequest:
        return instruments.snapshot_request(self.root, subscription)

    decode_snapshot = staticmethod(instruments.decode_snapshot)

    def instruments_request(self) -> RestRequest:
        return RestRequest(f"{self.root}/exchangeInfo", 1)

    def decode_instruments(self, body: bytes) -> list[InstrumentSpec]:
        return instruments.decode_instruments(self.venue, body)

    def candles_request(
        self, subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
    ) -> RestRequest | None:
        return instruments.candles_request(self.root, subscription, interval, since_us)

    decode_candles = staticmethod(instruments.decode_candles)

    def poll_request(self, subscription: Subscription) -> RestRequest | None:
        """Open interest, which no stream tells."""
        if subscription.channel != MARK:
            return None
        return instruments.interest_request(self.root, subscription)

    def decode_poll(self, subscription: Subscription, body: bytes, received_ns: int) -> list[Event]:
        return [instruments.decode_interest(subscription, self.counts, body, received_ns)]


class UsdmCodec(FuturesCodec):
    """Linear, in stablecoins; quantities are in the base. A ticker is split over both paths."""

    venue, title = "BINANCE_USDM", "Binance USD-M"
    ws_url, rest_url = "wss://fstream.binance.com", "https://fapi.binance.com"
    root, market, counts = "/fapi/v1", 1, BASE_UNITS
    parts = {TICKER: (TICKER, STATS)}  # noqa: RUF012 (never changed)
    paths = {  # noqa: RUF012 (never changed)
        **dict.fromkeys((TICKER, BOOK), _PUBLIC),
        **dict.fromkeys((STATS, TRADE, OHLC, MARK, FUNDING, LIQUIDATION), _MARKET),
    }


class CoinmCodec(FuturesCodec):
    """Inverse, settled in the base; quantities are contracts of some dollars each (100 of BTC, else 10)."""

    venue, title = "BINANCE_COINM", "Binance COIN-M"
    ws_url, rest_url = "wss://dstream.binance.com", "https://dapi.binance.com"
    root, market, counts = "/dapi/v1", 2, CONTRACTS
    streams = {**STREAMS, TICKER: (*STREAMS[TICKER], *STREAMS[STATS])}  # noqa: RUF012 (never changed)
    paths = dict.fromkeys(STREAMS, _COINM)


def _route(stream: str) -> bytes:
    return b'{"stream":"%b"' % stream.encode()


def _read_unknown(event: Unknown, frame: bytes, instrument: str, received_ns: int) -> list[Event]:
    return [event]


def _number(message: Head) -> int:
    return message.id if isinstance(message.id, int) else 0
