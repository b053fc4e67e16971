"""What Bitfinex's channels are called, and which subscriptions of ours each brings.

A symbol is a pair behind a ``t`` (``tBTCUSD``, ``tDUSK:USD``, ``tBTCF0:USTF0``); ``f`` is money that is lent,
which nobody follows here. https://docs.bitfinex.com/docs/ws-general#supported-pairs
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from feeds.codec import Subscription
from feeds.events import Ack
from feeds.symbols import BOOK, FUNDING, LIQUIDATION, MARK, OHLC, TICKER, TRADE, instrument_name

VENUE = "BITFINEX"
LIQUIDATIONS = "liq:global"
"""The one stream of all liquidations."""
_KINDS = {TICKER: "ticker", TRADE: "trades", OHLC: "trades", BOOK: "book", MARK: "deriv", FUNDING: "deriv"}
_LENGTHS = (25, 100, 250)
DEFAULT_LENGTH = 100


@lru_cache(maxsize=16_384)
def instrument(symbol: str) -> str:
    """The full name; raises ValueError."""
    return instrument_name(VENUE, symbol)


def length(subscription: Subscription) -> int:
    """The least number of levels that the venue offers and that is enough. It has one level alone, too."""
    wanted = subscription.depth or DEFAULT_LENGTH
    return next((each for each in _LENGTHS if each >= wanted), _LENGTHS[-1])


class Topic(msgspec.Struct, frozen=True):
    """A channel of a link: its sort (``ticker``, ``trades``, ``book``, ``raw``, ``deriv``, ``liq``, or what
    is not read) and the symbol."""

    kind: str
    symbol: str = ""

    @property
    def stream(self) -> str:
        """Its name where it brings more than one subscription."""
        return LIQUIDATIONS if self.kind == "liq" else f"{self.kind}:{self.symbol}"

    def ack(self, error: str = "", *, subscribed: bool = True) -> Ack:
        """The venue's answer, to whoever it is for."""
        if self.kind in ("ticker", "book"):
            channel = TICKER if self.kind == "ticker" else BOOK
            return Ack(not error, error, channel, instrument(self.symbol), 0, subscribed)
        return Ack(not error, error, "", "", 0, subscribed, stream=self.stream)

    def followed(self) -> list[tuple[str, str]]:
        """(channel, instrument) of all that it brings; of liquidations nobody knows whose."""
        sort = "book" if self.raw else self.kind
        return [(channel, instrument(self.symbol)) for channel, kind in _KINDS.items() if kind == sort]

    @property
    def raw(self) -> bool:
        """Whether it tells single orders."""
        return self.kind == "raw"


def topic_of(subscription: Subscription) -> Topic:
    if subscription.channel == LIQUIDATION:
        return Topic("liq")
    return Topic(_KINDS[subscription.channel], subscription.native)


def topic_named(channel: str, symbol: str, pair: str, key: str, prec: str) -> Topic:
    """As an answer says it: a book by its precision, a status by its key; ``""`` as kind for the others."""
    symbol = symbol or (f"t{pair}" if pair else "")
    if channel == "status":
        sort, _, of = key.partition(":")
        return Topic(sort, "" if key == LIQUIDATIONS else of) if sort in ("deriv", "liq") else Topic("")
    if channel == "book":
        channel = {"P0": "book", "": "book", "R0": "raw"}.get(prec, "")
    is_pair = symbol.startswith("t") and channel in ("ticker", "trades", "book", "raw")
    return Topic(channel, symbol) if is_pair else Topic("")
