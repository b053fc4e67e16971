"""The registry of venues: one line each, imported when first used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from feeds.codec import Codec
from feeds.private import PrivateCodec

VENUES: dict[str, str] = {
    "ALPACA": "feeds.venues.alpaca.public:AlpacaCodec",
    "BINANCE": "feeds.venues.binance.public:BinanceCodec",
    "BINANCE_COINM": "feeds.venues.binance.futures:CoinmCodec",
    "BINANCE_USDM": "feeds.venues.binance.futures:UsdmCodec",
    "BITFINEX": "feeds.venues.bitfinex.public:BitfinexCodec",
    "BITSTAMP": "feeds.venues.bitstamp.public:BitstampCodec",
    "BYBIT": "feeds.venues.bybit.public:SpotCodec",
    "BYBIT_INVERSE": "feeds.venues.bybit.public:InverseCodec",
    "BYBIT_LINEAR": "feeds.venues.bybit.public:LinearCodec",
    "BYBIT_OPTION": "feeds.venues.bybit.public:OptionCodec",
    "COINBASE": "feeds.venues.coinbase.public:CoinbaseCodec",
    "COINBASE_EXCHANGE": "feeds.venues.coinbase.exchange:ExchangeCodec",
    "DERIBIT": "feeds.venues.deribit.public:DeribitCodec",
    "GEMINI": "feeds.venues.gemini.public:GeminiCodec",
    "KRAKEN": "feeds.venues.kraken.public:KrakenCodec",
    "KRAKEN_FUTURES": "feeds.venues.kraken_futures.public:KrakenFuturesCodec",
    "OANDA": "feeds.venues.oanda.public:OandaCodec",
    "OKX": "feeds.venues.okx.public:OkxCodec",
    "PYTH": "feeds.venues.pyth.public:PythCodec",
}
"""Venue name → ``module:class`` of its codec, which is made without arguments."""
PRIVATE: dict[str, str] = {
    "BINANCE": "feeds.venues.binance.private:BinancePrivate",
    "COINBASE": "feeds.venues.coinbase.private:CoinbasePrivate",
    "KRAKEN": "feeds.venues.kraken.private:KrakenPrivate",
}
"""The same of the codecs for an account's own orders and fills; not every venue has one."""


def codec(name: str) -> Codec:
    """The codec of a venue; raises :class:`LookupError` naming the venues there are."""
    return _made("venue", VENUES, name)


def private_codec(name: str) -> PrivateCodec:
    """The private codec of a venue; raises :class:`LookupError` naming the venues that have one."""
    return _made("venue of a key", PRIVATE, name)


def _made(what: str, registry: Mapping[str, str], name: str) -> Any:
    try:
        module, _, attribute = registry[name].partition(":")
    except KeyError:
        raise LookupError(f"{what}: expected one of {', '.join(registry)}, found {name!r:.80}") from None
    return getattr(import_module(module), attribute)()
