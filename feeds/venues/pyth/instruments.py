"""What Pyth lists: ``/v2/price_feeds``, each feed with its identifier and what it is a price of.

https://docs.pyth.network/api-reference/pyth-core/hermes/price_feeds_metadata. The stream knows a feed by its
identifier alone, so that is its symbol here. Its name for people (``Crypto.BTC/USD``) gives base and quote.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from feeds.codec import DecodeError, InstrumentSpec, RestRequest
from feeds.symbols import is_native
from feeds.venues.pyth.messages import VENUE

# What has one name at every venue. A share may be called as a coin is (SOL, UNI), and is none.
_PLAIN = ("Crypto", "FX", "Metal")
# The list does not say how finely a feed is told: most coins have 8 digits, all else 5.
_FINE, _COARSE = "0.00000001", "0.00001"
_LONGEST = 32


class _About(Struct):
    symbol: str = ""


class _Row(Struct):
    id: str
    attributes: _About


_decode = msgspec.json.Decoder(list[_Row]).decode


def instruments_request() -> RestRequest:
    return RestRequest("/v2/price_feeds")


def decode_instruments(body: bytes) -> list[InstrumentSpec]:
    """Feeds that are prices of something in something; others (rates without a pair) are left out."""
    try:
        rows = _decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error
    found = (_spec(row) for row in rows)
    return [spec for spec in found if spec is not None]


def _spec(row: _Row) -> InstrumentSpec | None:
    native, (kind, base, quote) = row.id.removeprefix("0x").lower(), parts(row.attributes.symbol)
    named = base and quote and len(base) <= _LONGEST and len(quote) <= _LONGEST
    if not named or not is_native(native):
        return None
    tick = _FINE if kind == "Crypto" else _COARSE
    return InstrumentSpec(VENUE, native, "index", base, quote, quote, tick, "1", "trading")


def parts(symbol: str) -> tuple[str, str, str]:
    """``Crypto.BTC/USD`` → Crypto, BTC, USD. A share keeps its kind and country in its name
    (``Equity.US.AAPL``), and what is a price of some hours alone keeps that (``….PRE``)."""
    head, _, tail = symbol.rpartition("/")
    kind, _, name = head.partition(".")
    quote, dot, beside = tail.partition(".")
    base = name if kind in _PLAIN and "." not in name else head
    return kind, base + dot + beside if base else "", quote
