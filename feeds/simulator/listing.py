"""What is listed where: assets with plausible prices, and each venue's own symbols and number formats."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

VENUES = ("KRAKEN", "BINANCE", "COINBASE")

# Code: price in dollars. Plausible, not current: the simulator needs no market to be right about.
ASSETS: dict[str, float] = {
    "BTC": 64000, "ETH": 1920, "SOL": 82.5, "XRP": 1.38, "ADA": 0.262, "DOGE": 0.0942, "LTC": 54.6,
    "DOT": 1.31, "LINK": 8.75, "AVAX": 9.12, "BNB": 612, "BCH": 452, "UNI": 3.42, "ATOM": 2.02, "XLM": 0.163,
    "TRX": 0.284, "NEAR": 1.05, "AAVE": 112, "FIL": 0.93, "ETC": 8.41, "ALGO": 0.0894, "XMR": 342,
    "SUI": 0.957, "APT": 0.861, "ARB": 0.0973, "OP": 0.121, "INJ": 2.98, "GRT": 0.0246, "SAND": 0.0798,
    "MANA": 0.0921, "CRV": 0.247, "SHIB": 0.00000587, "PEPE": 0.00000352, "BONK": 0.0000061, "FET": 0.158,
    "LDO": 0.302, "MKR": 1290, "COMP": 17.9, "SNX": 0.312, "YFI": 2480, "ZEC": 238, "DASH": 34.8,
    "XTZ": 0.381, "EOS": 0.0741, "KSM": 4.72, "FLOW": 0.0372, "ICP": 2.41, "HBAR": 0.0902, "TIA": 0.314,
    "SEI": 0.0611, "WIF": 0.187, "PAXG": 4060, "QTUM": 0.88, "BAT": 0.097, "ENJ": 0.0206, "ZRX": 0.101,
    "KNC": 0.148, "OCEAN": 0.121, "STORJ": 0.0982, "LRC": 0.0227, "OMG": 0.0716,
}  # fmt: skip
FOREX: dict[str, float] = {"EUR/USD": 1.1534, "GBP/USD": 1.3162, "USD/JPY": 154.21, "AUD/USD": 0.6521,
                           "USD/CHF": 0.8034, "USD/CAD": 1.4013, "EUR/GBP": 0.8763}  # fmt: skip
# Decimals of price and quantity where majors have fewer or more than the rule below gives them.
_DIGITS = {
    "KRAKEN": {"SOL": (2, 8), "LTC": (2, 8), "DOT": (4, 8), "AVAX": (2, 8), "BCH": (2, 8)},
    "BINANCE": {
        "BTC": (2, 5), "ETH": (2, 4), "SOL": (2, 3), "XRP": (4, 1), "ADA": (4, 1), "DOGE": (5, 0),
        "LTC": (2, 3), "DOT": (3, 2), "LINK": (2, 2), "AVAX": (2, 2), "BNB": (2, 3), "BCH": (1, 3),
    },
    "COINBASE": {
        "ETH": (2, 8), "SOL": (2, 8), "XRP": (4, 6), "ADA": (4, 8), "DOGE": (5, 1),
        "LTC": (2, 8), "DOT": (3, 8), "LINK": (3, 2), "AVAX": (2, 8), "BCH": (2, 8),
    },
}  # fmt: skip
TITLES = {
    "BTC": "Bitcoin",
    "ETH": "Ethereum",
    "SOL": "Solana",
    "XRP": "XRP",
    "ADA": "Cardano",
    "DOGE": "Dogecoin",
}


class Listing(NamedTuple):
    """One instrument. ``price`` in quote units; ``rank`` 1 is the busiest; ``kind`` is spot or forex."""

    venue: str
    native: str
    kind: str
    base: str
    quote: str
    price: float
    price_decimals: int
    qty_decimals: int
    rank: int

    @property
    def name(self) -> str:
        return f"{self.venue}:{self.native}"


# What euros buy, and after which rank it comes: behind the majors in dollars, before everything else.
EURO = ("BTC", "ETH", "SOL", "XRP", "ADA", "DOGE")
_EURO_AFTER = 11
_QUOTES = {"KRAKEN": "USD", "BINANCE": "USDT", "COINBASE": "USD"}
_NATIVE: dict[str, Callable[[str, str], str]] = {
    "KRAKEN": lambda base, quote: f"{base}/{quote}",
    "BINANCE": lambda base, quote: base + quote,
    "COINBASE": lambda base, quote: f"{base}-{quote}",
}


def price_decimals(price: float, digits: int = 6) -> int:
    """So many decimals that a price has ``digits`` significant ones; never more than 8."""
    decimals = digits
    bound = 1.0
    while price >= bound and decimals:
        bound *= 10
        decimals -= 1
    while price < bound / 10 and decimals < 8:
        bound /= 10
        decimals += 1
    return min(decimals, 8)


def _qty_decimals(venue: str, price: float) -> int:
    if venue != "BINANCE":
        return 8
    return max(0, min(5, price_decimals(1 / price, 1) + 2))


def _spot(venue: str, base: str, price: float, rank: int, quote: str = "") -> Listing:
    quote = quote or _QUOTES[venue]
    significant = 6 if venue == "KRAKEN" else 7 if price >= 10_000 else 6 if price >= 100 else 5
    digits = price_decimals(price, significant), _qty_decimals(venue, price)
    digits = _DIGITS[venue].get(base, digits)
    return Listing(
        venue, _NATIVE[venue](base, quote), "spot", base, quote, price,
        *digits, rank,
    )  # fmt: skip


def _forex(pair: str, rank: int) -> Listing:
    base, quote = pair.split("/")
    price = FOREX[pair]
    return Listing("KRAKEN", pair, "forex", base, quote, price, 3 if price > 20 else 5, 8, rank)


def _assets() -> Iterator[tuple[str, float]]:
    """The known ones, then made-up ones without end; the same in every run."""
    yield from ASSETS.items()
    rng = random.Random("made-up assets")
    for index in range(1, 10_000):
        yield f"SIM{index:04d}", round(10 ** rng.uniform(-3, 2), 5)


def _ranked() -> Iterator[Listing]:
    forex = iter(FOREX)
    for rank, (base, price) in enumerate(_assets(), start=1):
        yield from (_spot(venue, base, price, rank) for venue in VENUES)
        # Currencies come early, so that a small simulator has them too.
        if rank > 1 and (pair := next(forex, None)):
            yield _forex(pair, rank)
        if rank == _EURO_AFTER:
            yield from _in_euro(rank)


def _in_euro(rank: int) -> Iterator[Listing]:
    for base in EURO:
        price = ASSETS[base] / FOREX["EUR/USD"]
        yield from (_spot(venue, base, price, rank, "EUR") for venue in VENUES)


def listings(wanted: int | Iterable[str]) -> list[Listing]:
    """The ``wanted`` busiest instruments over all venues, or those with the given full names.

    Raises ``ValueError`` naming instruments that are not listed.
    """
    if isinstance(wanted, int):
        return [listing for listing, _ in zip(_ranked(), range(wanted), strict=False)]
    names, found = dict.fromkeys(wanted), {}
    for listing in _ranked():
        if len(found) == len(names):
            break
        if listing.name in names:
            found[listing.name] = listing
    if missing := [name for name in names if name not in found]:
        raise ValueError(f"instruments: not listed: {', '.join(missing)}")
    return [found[name] for name in names]
