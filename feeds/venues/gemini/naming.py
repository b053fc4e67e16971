"""What Gemini calls itself and its instruments.

One symbol has two spellings: ``BTCUSD`` in its list and on its older sockets, ``btcusd`` on the one of today.
"""

from __future__ import annotations

from functools import lru_cache

from feeds.symbols import instrument_name

VENUE = "GEMINI"


@lru_cache(maxsize=8192)
def instrument(symbol: str) -> str:
    """The full name, of either spelling; raises :class:`feeds.symbols.InvalidName`."""
    return instrument_name(VENUE, symbol.upper())


def is_perpetual(native: str) -> bool:
    """``BTCGUSDPERP`` is what its list calls a swap: no other symbol ends so."""
    return native.endswith("PERP")
