"""All exchanges that are simulated, and those with a side for accounts."""

from __future__ import annotations

from feeds.simulator.alpaca import Alpaca
from feeds.simulator.binance import Binance
from feeds.simulator.binance_private import BinancePrivate
from feeds.simulator.bitfinex import Bitfinex
from feeds.simulator.bitstamp import Bitstamp
from feeds.simulator.bybit import Bybit
from feeds.simulator.bybit_contracts import BybitInverse, BybitLinear, BybitOption
from feeds.simulator.coinbase import Coinbase
from feeds.simulator.coinbase_exchange import CoinbaseExchange
from feeds.simulator.coinbase_private import CoinbasePrivate
from feeds.simulator.deribit import Deribit
from feeds.simulator.exchange import Exchange
from feeds.simulator.futures import BinanceCoinm, BinanceUsdm
from feeds.simulator.gemini import Gemini
from feeds.simulator.kraken import Kraken
from feeds.simulator.kraken_futures import KrakenFutures
from feeds.simulator.kraken_private import KrakenPrivate
from feeds.simulator.oanda import Oanda
from feeds.simulator.okx import Okx
from feeds.simulator.private import Private
from feeds.simulator.pyth import Pyth

EXCHANGES: tuple[type[Exchange], ...] = (
    Kraken, Binance, BinanceUsdm, BinanceCoinm, Coinbase, Deribit, Bybit, BybitLinear, BybitInverse,
    BybitOption, Okx, KrakenFutures, CoinbaseExchange, Pyth,
    Alpaca, Bitfinex, Bitstamp, Gemini, Oanda,
)  # fmt: skip
PRIVATES: dict[str, type[Private]] = {
    "KRAKEN": KrakenPrivate, "BINANCE": BinancePrivate, "COINBASE": CoinbasePrivate
}  # fmt: skip
