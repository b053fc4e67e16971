"""The names of Deribit's channels, and which subscriptions of ours each of them brings.

An instrument's name says what it is, and nothing else in a frame does: an index is written small
(``btc_usd``), a linear contract or a spot pair has both of its currencies before the first dash
(``BTC_USDC-PERPETUAL``), an inverse future has one, and no strike behind it (``BTC-27MAR26``).
https://docs.deribit.com/articles/deribit-quickstart (Naming)
"""

from __future__ import annotations

from functools import lru_cache

from feeds.codec import Subscription
from feeds.symbols import BOOK, FUNDING, LIQUIDATION, MARK, OHLC, OPTION, TICKER, TRADE, instrument_name

VENUE = "DERIBIT"
_INTERVAL = "100ms"
"""``raw`` is for those alone who have signed in."""
DVOL = "dvol_"
"""Before the name of an index: the index of its volatility. The venue has a channel for that, and no name."""
BRINGS = {
    "ticker": (TICKER, MARK, FUNDING, OPTION),
    "trades": (TRADE, OHLC, LIQUIDATION),
    "book": (BOOK,),
}
"""Kind of channel → what comes in it."""
_KIND_OF = {channel: kind for kind, channels in BRINGS.items() for channel in channels}
_PRICES, _VOLATILITIES = "deribit_price_index", "deribit_volatility_index"


@lru_cache(maxsize=16_384)
def instrument(native: str) -> str:
    """The full name; raises ValueError."""
    return instrument_name(VENUE, native)


def is_inverse(native: str) -> bool:
    """Whether it is a perpetual or a future that counts dollars and is settled in the coin."""
    return "_" not in native.partition("-")[0] and native.count("-") == 1


def is_index(native: str) -> bool:
    return native.islower()


def wire_name(subscription: Subscription) -> str:
    """The channel that brings it: ``ticker.BTC-PERPETUAL.100ms``, ``deribit_price_index.btc_usd``."""
    native = subscription.native
    if not is_index(native):
        return f"{_KIND_OF[subscription.channel]}.{native}.{_INTERVAL}"
    if native.startswith(DVOL):
        return f"{_VOLATILITIES}.{native.removeprefix(DVOL)}"
    return f"{_PRICES}.{native}"


def brought(name: str) -> list[tuple[str, str]]:
    """(channel, instrument) of what a channel of ours brings; nothing of others."""
    kind, _, rest = name.partition(".")
    if kind in BRINGS and rest.count(".") == 1:
        found = instrument(rest.partition(".")[0])
        return [(channel, found) for channel in BRINGS[kind]]
    if kind == _PRICES:
        return [(TICKER, instrument(rest))]
    return [(TICKER, instrument(DVOL + rest))] if kind == _VOLATILITIES else []
