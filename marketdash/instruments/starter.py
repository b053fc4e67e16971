"""What a new installation follows before anybody chose: majors and three currency pairs.

Sizes let the page show right digits before the first synchronisation, which puts the venue's own in
their place. A venue that this release has no codec for is skipped.
"""

from __future__ import annotations

from typing import NamedTuple


class Starter(NamedTuple):
    """``depth`` is what suits the venue: Coinbase sends whole books, the others as many levels as asked.

    Of a contract ``settle`` is what it is paid in, ``contract_size`` what one of them stands for.
    """

    native: str
    base: str
    quote: str
    tick_size: str
    lot_size: str
    kind: str = "spot"
    depth: int = 100
    settle: str = ""
    contract_size: str = "1"


class StarterRule(NamedTuple):
    """What is followed without being named, since it has dates: so near in time and price, the nearest first.

    ``band`` is in per cent of the price of ``spot``, a starter by its full name, of whatever venue.
    """

    kind: str
    base: str
    within_days: int
    band: int
    spot: str
    most: int
    depth: int = 25


ASSETS = {
    "ADA": "Cardano",
    "AVAX": "Avalanche",
    "BNB": "BNB",
    "BTC": "Bitcoin",
    "DOGE": "Dogecoin",
    "DOT": "Polkadot",
    "ETH": "Ether",
    "EUR": "Euro",
    "GBP": "Pound sterling",
    "JPY": "Japanese yen",
    "LINK": "Chainlink",
    "LTC": "Litecoin",
    "SOL": "Solana",
    "USD": "US dollar",
    "USDT": "Tether",
    "XRP": "XRP",
    # What older files of exchanges are full of, and no venue trades any more, or not against everything.
    "AUD": "Australian dollar",
    "BIDR": "BIDR",
    "BUSD": "Binance USD",
    "CAD": "Canadian dollar",
    "CHF": "Swiss franc",
    "DAI": "Dai",
    "GUSD": "Gemini dollar",
    "HUSD": "HUSD",
    "LUNC": "Terra Classic",
    "NGN": "Nigerian naira",
    "PAX": "Paxos Standard",
    "RUB": "Russian rouble",
    "TRX": "TRON",
    "TUSD": "TrueUSD",
    "UAH": "Ukrainian hryvnia",
    "USDC": "USD Coin",
    "USDP": "Pax Dollar",
    "UST": "TerraUSD",
}

ALIASES: dict[str, dict[str, str]] = {
    "": {"XBT": "BTC", "XDG": "DOGE"},
    # Its ledgers and its REST answers put X before old coins and Z before money.
    "KRAKEN": {
        "XXBT": "BTC",
        "XXDG": "DOGE",
        "XETH": "ETH",
        "XLTC": "LTC",
        "XXRP": "XRP",
        "ZUSD": "USD",
        "ZEUR": "EUR",
        "ZGBP": "GBP",
        "ZJPY": "JPY",
    },
}
"""Venue → its code → the asset that it means. Under ``""``: what they mean everywhere."""

_EIGHT = "0.00000001"
_KRAKEN = (
    ("BTC", "0.1", _EIGHT),
    ("ETH", "0.01", _EIGHT),
    ("SOL", "0.01", _EIGHT),
    ("XRP", "0.00001", _EIGHT),
    ("ADA", "0.000001", _EIGHT),
    ("DOGE", "0.0000001", _EIGHT),
    ("LTC", "0.01", _EIGHT),
    ("LINK", "0.00001", _EIGHT),
    ("DOT", "0.0001", _EIGHT),
    ("AVAX", "0.01", _EIGHT),
)
_BINANCE = (
    ("BTC", "0.01", "0.00001"),
    ("ETH", "0.01", "0.0001"),
    ("SOL", "0.01", "0.001"),
    ("XRP", "0.0001", "0.1"),
    ("ADA", "0.0001", "0.1"),
    ("DOGE", "0.00001", "1"),
    ("LTC", "0.01", "0.001"),
    ("LINK", "0.01", "0.01"),
    ("DOT", "0.001", "0.01"),
    ("AVAX", "0.01", "0.01"),
    ("BNB", "0.01", "0.001"),
)
_COINBASE = (
    ("BTC", "0.01", _EIGHT),
    ("ETH", "0.01", _EIGHT),
    ("SOL", "0.01", _EIGHT),
    ("XRP", "0.0001", "0.000001"),
    ("ADA", "0.0001", _EIGHT),
    ("DOGE", "0.00001", "0.1"),
    ("LTC", "0.01", _EIGHT),
    ("LINK", "0.001", "0.01"),
    ("DOT", "0.001", _EIGHT),
    ("AVAX", "0.01", _EIGHT),
)

_PYTH = (
    ("e62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43", "BTC", _EIGHT),
    ("ff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace", "ETH", _EIGHT),
    ("ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d", "SOL", _EIGHT),
    ("a995d00bb36a63cef7fd2c287dc105fc8f3d93779f062f09551b0af3e81ec30b", "EUR", "0.00001"),
)
STARTERS: dict[str, tuple[Starter, ...]] = {
    "ALPACA": (
        Starter("AAPL", "AAPL", "USD", "0.01", "1", "equity", 0),
        Starter("MSFT", "MSFT", "USD", "0.01", "1", "equity", 0),
    ),
    "KRAKEN": (
        *(Starter(f"{base}/USD", base, "USD", tick, lot) for base, tick, lot in _KRAKEN),
        Starter("EUR/USD", "EUR", "USD", "0.00001", _EIGHT, "forex"),
        Starter("GBP/USD", "GBP", "USD", "0.00001", _EIGHT, "forex"),
        Starter("USD/JPY", "USD", "JPY", "0.001", _EIGHT, "forex"),
    ),
    "BINANCE": tuple(Starter(f"{base}USDT", base, "USDT", tick, lot) for base, tick, lot in _BINANCE),
    # A few of them: whoever wants more enables what the synchronisation lists.
    "BINANCE_USDM": (
        Starter("BTCUSDT", "BTC", "USDT", "0.1", "0.001", "perpetual", settle="USDT"),
        Starter("ETHUSDT", "ETH", "USDT", "0.01", "0.001", "perpetual", settle="USDT"),
    ),
    "BINANCE_COINM": (
        Starter("BTCUSD_PERP", "BTC", "USD", "0.1", "1", "perpetual", settle="BTC", contract_size="100"),
        Starter("ETHUSD_PERP", "ETH", "USD", "0.01", "1", "perpetual", settle="ETH", contract_size="10"),
    ),
    "BITSTAMP": (
        Starter("btcusd", "BTC", "USD", "1", _EIGHT, depth=100),
        Starter("ethusd", "ETH", "USD", "0.1", _EIGHT, depth=100),
    ),
    "BYBIT": (
        Starter("BTCUSDT", "BTC", "USDT", "0.1", "0.000001"),
        Starter("ETHUSDT", "ETH", "USDT", "0.01", "0.00001"),
    ),
    "BYBIT_LINEAR": (
        Starter("BTCUSDT", "BTC", "USDT", "0.1", "0.001", "perpetual", settle="USDT"),
        Starter("ETHUSDT", "ETH", "USDT", "0.01", "0.01", "perpetual", settle="USDT"),
    ),
    "BYBIT_INVERSE": (Starter("BTCUSD", "BTC", "USD", "0.1", "1", "perpetual", settle="BTC"),),
    "COINBASE": tuple(
        Starter(f"{base}-USD", base, "USD", tick, lot, depth=1000) for base, tick, lot in _COINBASE
    ),
    "DERIBIT": (
        Starter("BTC-PERPETUAL", "BTC", "USD", "0.5", "10", "perpetual", settle="BTC"),
        Starter("ETH-PERPETUAL", "ETH", "USD", "0.05", "1", "perpetual", settle="ETH"),
        Starter("btc_usd", "BTC", "USD", "0.01", "1", "index", 0),
        Starter("dvol_btc_usd", "BTCDVOL", "%", "0.01", "1", "index", 0),
    ),
    "BITFINEX": (
        Starter("tBTCUSD", "BTC", "USD", "1", _EIGHT),
        Starter("tETHUSD", "ETH", "USD", "0.1", _EIGHT),
    ),
    "GEMINI": (
        Starter("BTCUSD", "BTC", "USD", "0.01", _EIGHT),
        Starter("ETHUSD", "ETH", "USD", "0.01", "0.000001"),
    ),
    "KRAKEN_FUTURES": (
        Starter("PF_XBTUSD", "BTC", "USD", "1", "0.0001", "perpetual", settle="USD"),
        Starter("PF_ETHUSD", "ETH", "USD", "0.1", "0.001", "perpetual", settle="USD"),
    ),
    "OANDA": (
        Starter("EUR_USD", "EUR", "USD", "0.00001", "1", "forex", 0),
        Starter("GBP_USD", "GBP", "USD", "0.00001", "1", "forex", 0),
    ),
    "OKX": (
        Starter("BTC-USDT", "BTC", "USDT", "0.1", _EIGHT),
        Starter("ETH-USDT", "ETH", "USDT", "0.01", "0.000001"),
        Starter(
            "BTC-USDT-SWAP", "BTC", "USDT", "0.1", "0.01", "perpetual", settle="USDT", contract_size="0.01"
        ),
        Starter("BTC-USD-SWAP", "BTC", "USD", "0.1", "1", "perpetual", settle="BTC", contract_size="100"),
    ),
    # Its stream knows prices by these identifiers alone: https://docs.pyth.network/price-feeds/core/price-feeds
    "PYTH": tuple(Starter(native, base, "USD", tick, "1", "index", 0) for native, base, tick in _PYTH),
}
RULES: dict[str, tuple[StarterRule, ...]] = {
    "DERIBIT": (StarterRule("option", "BTC", 22, 15, "DERIBIT:BTC-PERPETUAL", 96),),
    "BYBIT_OPTION": (StarterRule("option", "BTC", 70, 15, "BYBIT:BTCUSDT", 24),),
    "OKX": (StarterRule("option", "BTC", 22, 15, "OKX:BTC-USDT", 24),),
}
"""Two expiries of a dozen strikes or two; an administrator has more or others followed."""
