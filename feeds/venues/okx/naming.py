"""What OKX's own symbols say, since its streams are asked for by type, family and index.

``BTC-USDT`` is spot, ``BTC-USDT-SWAP`` a perpetual, ``BTC-USD-261225`` a future, ``BTC-USD-261225-100000-C``
an option. A family may be told apart by what it is margined in: ``BTC-USD_UM-SWAP`` is of the family
``BTC-USD_UM`` and of the index ``BTC-USD``. https://www.okx.com/docs-v5/en/#overview-general-info
"""

from __future__ import annotations

from functools import lru_cache

VENUE = "OKX"

SPOT, SWAP, FUTURES, OPTION = "SPOT", "SWAP", "FUTURES", "OPTION"
"""The venue's words for the types of what it trades, as far as we follow them."""


@lru_cache(maxsize=16384)
def type_of(native: str) -> str:
    """Which of the types it is, as its symbol says."""
    parts = native.split("-")
    if len(parts) == 5:
        return OPTION
    if len(parts) == 3:
        return SWAP if parts[2] == "SWAP" else FUTURES
    return SPOT


def family_of(native: str) -> str:
    """``BTC-USD_UM-SWAP`` → ``BTC-USD_UM``."""
    return "-".join(native.split("-")[:2])


@lru_cache(maxsize=16384)
def index_of(native: str) -> str:
    """The index that a contract is of: ``BTC-USD_UM-SWAP`` → ``BTC-USD``."""
    return family_of(native).partition("_")[0]
