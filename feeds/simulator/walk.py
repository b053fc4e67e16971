"""What assets are worth: slow random walks in dollars, shared by every instrument of the same asset.

Quotes of one asset on three venues agree because they lean on the same walk. Crypto assets share a
common factor. Both are pulled back towards where they began (a time constant of six hours), so that a
simulator that runs for weeks still looks like a market.
"""

from __future__ import annotations

import math
import random

from feeds.simulator.assets import ASSETS, FOREX

_PULL_S = 6 * 3600
# Standard deviation of the logarithm over one second.
_CRYPTO, _COMMON, _CURRENCY = 6e-5, 9e-5, 1.2e-5
_DOLLARS = {"USD": 1.0, "USDT": 0.9998, "USDC": 1.0001, "GUSD": 0.9999}
_CURRENCIES = {
    "EUR": FOREX["EUR/USD"], "GBP": FOREX["GBP/USD"], "JPY": 1 / FOREX["USD/JPY"], "AUD": FOREX["AUD/USD"],
    "CHF": 1 / FOREX["USD/CHF"], "CAD": 1 / FOREX["USD/CAD"],
}  # fmt: skip


class _Drift:
    """One logarithm that wanders."""

    __slots__ = ("at_ns", "rng", "sigma", "value")

    def __init__(self, sigma: float, rng: random.Random, at_ns: int) -> None:
        self.sigma, self.rng, self.at_ns, self.value = sigma, rng, at_ns, 0.0

    def at(self, now_ns: int) -> float:
        passed_s = (now_ns - self.at_ns) / 1e9
        if passed_s > 0:
            pulled = self.value * math.exp(-passed_s / _PULL_S)
            self.value = pulled + self.rng.gauss(0, self.sigma * math.sqrt(min(passed_s, _PULL_S)))
            self.at_ns = now_ns
        return self.value


class Walk:
    """Dollar values of assets over time."""

    def __init__(self, seed: int, start_ns: int) -> None:
        self._seed, self._start_ns = seed, start_ns
        self._common = _Drift(_COMMON, random.Random(f"{seed} common"), start_ns)
        self._drifts: dict[str, _Drift] = {}
        self._start = dict(_DOLLARS) | _CURRENCIES | ASSETS

    def list_asset(self, asset: str, dollars: float) -> None:
        """Give an asset its value at the start; a known one keeps its own."""
        self._start.setdefault(asset, dollars)

    def dollars(self, asset: str, now_ns: int) -> float:
        start = self._start[asset]
        if asset in _DOLLARS:
            return start
        drift = self._drifts.get(asset)
        currency = asset in _CURRENCIES
        if drift is None:
            rng = random.Random(f"{self._seed} {asset}")
            drift = _Drift(_CURRENCY if currency else _CRYPTO, rng, self._start_ns)
            self._drifts[asset] = drift
        common = 0.0 if currency else self._common.at(now_ns)
        return start * math.exp(drift.at(now_ns) + common)
