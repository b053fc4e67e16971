"""Binance spot's public codec. https://developers.binance.com/docs/binance-spot-api-docs"""

from __future__ import annotations

from feeds.symbols import BOOK, OHLC, TICKER, TRADE
from feeds.venues.binance import instruments, rest
from feeds.venues.binance.messages import PAYLOADS, READERS, VENUE
from feeds.venues.binance.streams import Streams, limits

# Binance has no heartbeat, but this stream ticks each second however quiet the others are. Every link opens
# it by its URL, and it is read as the heartbeat; should it be missing, data alone proves the link.
_PUBLIC = ("public", "/stream?streams=btcusdt@miniTicker")


class BinanceCodec(Streams):
    """Bars are built from trades: ``ohlc`` needs no stream of its own."""

    venue = VENUE
    title = "Binance"
    ws_url = "wss://data-stream.binance.vision"
    rest_url = "https://data-api.binance.vision"
    limits = limits(
        messages_per_s=4,  # of 5: our pongs count too
        rest_weight=6000,  # of which a share is left to other programs, see feeds.rest
    )
    streams = {  # noqa: RUF012 (never changed)
        TICKER: ("bookTicker", "ticker"),
        TRADE: ("trade",),
        OHLC: ("trade",),
        BOOK: ("depth@100ms",),
    }
    paths = dict.fromkeys(streams, _PUBLIC)
    readers, payloads = READERS, PAYLOADS
    candles_page, candles_kept = instruments.KLINES_PAGE, 0
    marks = {BOOK: (b"@depth",), TRADE: (b"@trade",), TICKER: (b"@bookTicker", b"@ticker")}

    snapshot_request = staticmethod(instruments.snapshot_request)
    decode_snapshot = staticmethod(instruments.decode_snapshot)
    instruments_request = staticmethod(instruments.instruments_request)
    decode_instruments = staticmethod(instruments.decode_instruments)
    candles_request = staticmethod(instruments.candles_request)
    decode_candles = staticmethod(rest.candles)
