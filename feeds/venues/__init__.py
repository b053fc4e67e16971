"""The registry of venues: one line each, imported when first used."""

from __future__ import annotations

from importlib import import_module

from feeds.codec import Codec

VENUES: dict[str, str] = {
    "BINANCE": "feeds.venues.binance.public:BinanceCodec",
    "COINBASE": "feeds.venues.coinbase.public:CoinbaseCodec",
    "KRAKEN": "feeds.venues.kraken.public:KrakenCodec",
}
"""Venue name → ``module:class`` of its codec, which is made without arguments."""


def codec(name: str) -> Codec:
    """The codec of a venue; raises :class:`LookupError` naming the venues there are."""
    try:
        module, _, attribute = VENUES[name].partition(":")
    except KeyError:
        raise LookupError(f"venue: expected one of {', '.join(VENUES)}, found {name!r:.80}") from None
    return getattr(import_module(module), attribute)()
