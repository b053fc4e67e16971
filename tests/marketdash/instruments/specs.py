"""Rows of a venue's own list."""

from __future__ import annotations

from typing import Any

from feeds.codec import InstrumentSpec


def spec(native: str, **changed: Any) -> InstrumentSpec:
    whole = InstrumentSpec("KRAKEN", native, "spot", "BTC", "USD", "", "0.1", "0.00000001", "trading")
    return whole._replace(**changed)
