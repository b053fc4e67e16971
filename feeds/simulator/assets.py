"""Assets with plausible prices, and what a listing of something made of them is."""

from __future__ import annotations

import re
from typing import NamedTuple

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


class Listing(NamedTuple):
    """One instrument. ``price`` in quote units; ``rank`` 1 is the busiest; ``kind`` is spot, forex, or what a
    contract is: of those ``settle`` and the rest say more; ``strike`` is in dollars."""

    venue: str
    native: str
    kind: str
    base: str
    quote: str
    price: float
    price_decimals: int
    qty_decimals: int
    rank: int
    settle: str = ""
    contract_size: int = 1
    expiry_ms: int = 0
    strike: int = 0
    right: str = ""

    @property
    def name(self) -> str:
        return f"{self.venue}:{self.native}"

    @property
    def in_coin(self) -> bool:
        """Whether it is an option whose price is in its own base."""
        return self.strike > 0 and self.quote == self.base

    @property
    def inverse(self) -> bool:
        """Whether its quantities are contracts of so many dollars, settled in the base."""
        return self.settle == self.base

    @property
    def worth(self) -> float:
        """What one of what is traded costs."""
        if self.in_coin:
            return self.price * ASSETS[self.base]
        return self.contract_size if self.inverse else self.price

    @property
    def contract_type(self) -> str:
        """As Binance calls it."""
        return "CURRENT_QUARTER" if self.expiry_ms else "PERPETUAL"

    @property
    def venue_number(self) -> int:
        """By which Binance tells its markets of contracts apart."""
        return 2 if self.inverse else 1


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


_MADE_UP = re.compile(r"([A-Z_]+):(SIM([0-9]{4}))[A-Z_]+").fullmatch


def made_up(name: str) -> tuple[str, str, float] | None:
    """Venue, asset and price of an instrument of an asset that was made up: ``BYBIT_LINEAR:SIM0123USDT``."""
    found = _MADE_UP(name)
    return None if found is None else (found[1], found[2], 1 + int(found[3]) / 100)
