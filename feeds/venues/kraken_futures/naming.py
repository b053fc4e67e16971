"""The names of Kraken's contracts and feeds, and which subscriptions of ours each feed brings.

A contract's name says how it counts: ``PF_``, ``FF_`` (multi-collateral) units of the base, ``PI_``, ``FI_``
(inverse) and ``PV_``, ``FV_`` (vanilla) contracts; ``P`` never expires.
https://support.kraken.com/articles/360022835891-ticker-symbols
"""

from __future__ import annotations

from functools import lru_cache

from feeds.codec import Subscription
from feeds.events import BASE_UNITS, CONTRACTS
from feeds.symbols import BOOK, FUNDING, LIQUIDATION, MARK, OHLC, TICKER, TRADE, instrument_name

VENUE = "KRAKEN_FUTURES"
BRINGS = {"ticker": (TICKER, MARK, FUNDING), "trade": (TRADE, OHLC, LIQUIDATION), "book": (BOOK,)}
"""Feed → what comes in it."""
_FEED_OF = {channel: feed for feed, channels in BRINGS.items() for channel in channels}


@lru_cache(maxsize=16_384)
def instrument(native: str) -> str:
    """The full name; raises ValueError."""
    return instrument_name(VENUE, native)


def feed_of(subscription: Subscription) -> str:
    return _FEED_OF[subscription.channel]


def stream(feed: str, native: str) -> str:
    """A name of ours: the venue has none for a feed of one contract."""
    return f"{feed}:{native}"


def unit(native: str) -> str:
    """What its open interest is counted in, as its quantities are."""
    return CONTRACTS if native[:3].upper() in ("PI_", "FI_", "PV_", "FV_") else BASE_UNITS
