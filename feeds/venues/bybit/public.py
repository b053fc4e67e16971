"""Bybit's markets in public: spot, linear and inverse contracts, options. https://bybit-exchange.github.io/docs/v5/

One language, a path for each market, and the same symbols in several of them.
"""

from __future__ import annotations

from functools import partial

from feeds.codec import InstrumentSpec, RestRequest, Subscription
from feeds.events import BASE_UNITS, QUOTE_UNITS, Bar
from feeds.symbols import (
    BOOK,
    CHANNELS,
    FUNDING,
    LIQUIDATION,
    MARK,
    OHLC,
    OPTION,
    STATS,
    TICKER,
    TRADE,
    instrument_name,
)
from feeds.venues.bybit import instruments, messages, rest
from feeds.venues.bybit.books import Books
from feeds.venues.bybit.streams import Streams
from feeds.venues.bybit.tickers import Tickers, read_option
from feeds.venues.bybit.wire import Reader

_TICKERS, _TRADES, _BOOK = "tickers.{native}", "publicTrade.{native}", "orderbook.{depth}.{native}"
_SPOT = {
    TICKER: "orderbook.1.{native}",
    STATS: _TICKERS,
    TRADE: _TRADES,
    OHLC: _TRADES,
    BOOK: _BOOK,
}
_CONTRACTS = {**_SPOT, MARK: _TICKERS, FUNDING: _TICKERS, LIQUIDATION: "allLiquidation.{native}"}
_BOOKS = tuple(b'"orderbook.%d.' % depth for depth in (50, 200, 1000))
_MARKS = {
    TICKER: (b'"orderbook.1.',),
    STATS: (b'"tickers.',),
    BOOK: _BOOKS,
    TRADE: (b'"publicTrade.',),
    MARK: (b'"tickers.',),
    FUNDING: (b'"tickers.',),
    LIQUIDATION: (b'"allLiquidation.',),
}


class MarketCodec(Streams):
    """What all four share.

    ``category`` is the venue's word for the market, ``counts`` what an open interest is counted in: what
    quantities are in, too.
    """

    venue: str
    category: str
    counts = BASE_UNITS
    depths = (50, 200, 1000)
    candles_page, candles_kept = rest.KLINES, 0

    def __init__(self) -> None:
        super().__init__()
        self._books = Books()
        self._tickers = Tickers(self.venue, self.counts, self._books.has_best)

    def reader(self, kind: str, argument: str, native: str) -> Reader | None:
        if kind == "kline":
            minutes = messages.MINUTES.get(argument)
            return messages.klines(self._name(native), minutes) if minutes else None
        if kind == "orderbook":
            return self._books.reader(argument, self._name(native), native)
        if kind == "tickers":
            return self._tickers.reader(self._name(native), native)
        if kind == "publicTrade":
            return messages.trades(self._name(native), native)
        if kind == "allLiquidation":
            return messages.liquidations(self._name(native), native)
        return messages.old_liquidations(self._name(native), native) if kind == "liquidation" else None

    def _name(self, native: str) -> str:
        return instrument_name(self.venue, native)

    def instruments_request(self) -> RestRequest:
        return instruments.request(self.category)

    def more_instruments(self, request: RestRequest, body: bytes) -> RestRequest | None:
        return instruments.more(request, body)

    def decode_instruments(self, body: bytes) -> list[InstrumentSpec]:
        return instruments.decode(self.venue, self.category, body)

    def candles_request(
        self, subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
    ) -> RestRequest | None:
        return rest.candles_request(self.category, subscription, interval, since_us)

    def decode_candles(
        self, subscription: Subscription, interval: int, body: bytes, now_us: int
    ) -> list[Bar]:
        return rest.candles(subscription, interval, body, now_us)


class SpotCodec(MarketCodec):
    venue, title = "BYBIT", "Bybit"
    category, path = "spot", "/v5/public/spot"
    names, channels = _SPOT, CHANNELS
    marks = {channel: _MARKS[channel] for channel in (TICKER, STATS, BOOK, TRADE)}  # noqa: RUF012 (never changed)


class LinearCodec(MarketCodec):
    """Perpetuals and futures in USDT and USDC; quantities are in the base."""

    venue, title = "BYBIT_LINEAR", "Bybit linear"
    category, path = "linear", "/v5/public/linear"
    names, channels = _CONTRACTS, (*CHANNELS, MARK, FUNDING, LIQUIDATION)
    marks = _MARKS


class InverseCodec(MarketCodec):
    """Settled in the base; quantities are dollars: contracts of one each."""

    venue, title = "BYBIT_INVERSE", "Bybit inverse"
    category, path = "inverse", "/v5/public/inverse"
    counts = QUOTE_UNITS
    names, channels = _CONTRACTS, (*CHANNELS, MARK, FUNDING, LIQUIDATION)
    marks = _MARKS


class OptionCodec(MarketCodec):
    """Paid in USDC and USDT; quantities are in the base. Trades of all options of one base come together, and
    a ticker is a whole line. Candles there are none: nothing before we began can be repaired."""

    venue, title = "BYBIT_OPTION", "Bybit options"
    category, path = "option", "/v5/public/option"
    names = {  # noqa: RUF012 (never changed)
        **dict.fromkeys((TICKER, MARK, OPTION), _TICKERS),
        **dict.fromkeys((TRADE, OHLC), "publicTrade.{base}"),
        BOOK: _BOOK,
    }
    channels = (*CHANNELS, MARK, OPTION)
    parts = {}  # noqa: RUF012 (never changed)
    brings_others = (TRADE,)
    depths, topic_args = (25, 100), 100
    limits = Streams.limits._replace(topics_per_request=500)
    candles_kept = 2
    marks = {  # noqa: RUF012 (never changed)
        **dict.fromkeys((TICKER, MARK, OPTION), (b'"tickers.',)),
        TRADE: (b'"publicTrade.',),
        BOOK: (b'"orderbook.',),
    }

    def reader(self, kind: str, argument: str, native: str) -> Reader | None:
        if kind == "tickers":
            return partial(read_option, self._name(native), native)
        if kind == "publicTrade":
            return messages.trades_of_options(self.venue, native)
        return super().reader(kind, argument, native) if kind == "orderbook" else None

    def candles_request(
        self, subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
    ) -> RestRequest | None:
        return None
