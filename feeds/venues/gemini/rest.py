"""What Gemini tells by REST, without a key: its list, candles, and what no stream has.

https://developer.gemini.com/rest/market-data, https://developer.gemini.com/rest/derivatives
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Raw, Struct

from feeds.bare import digits
from feeds.codec import DecodeError, InstrumentSpec, RestRequest, Subscription
from feeds.events import BASE_UNITS, Bar, Event, OpenInterest
from feeds.symbols import MARK, TICKER, is_native, is_number
from feeds.venues.gemini.messages import Figures, Memory
from feeds.venues.gemini.naming import VENUE, is_perpetual

_WORDS = {1: "1m", 5: "5m", 15: "15m", 60: "1hr", 1440: "1day"}
"""Minutes → the venue's word; it has half hours and quarters of a day too, and no four hours."""
# One answer has all that there is: a day of minutes, a week of fives, two weeks of quarters, two months of
# hours (the fewest are the 1344 quarters), and a year of days.
KEPT, KEPT_OF = 1300, {1440: 365}
_STATUS = {"open": "trading", "limit_only": "trading"}
_FIAT = frozenset(("USD", "EUR", "GBP", "SGD", "AUD", "CAD", "CHF", "JPY", "HKD"))
_CENT = Decimal("0.01")

_Candle = tuple[int, Raw, Raw, Raw, Raw, Raw]


class _Symbol(Struct, gc=False):
    """``tick_size`` is the step of a quantity, ``quote_increment`` that of a price."""

    symbol: str
    base_currency: str
    quote_currency: str
    tick_size: Raw
    quote_increment: Raw
    status: str
    product_type: str = "spot"
    contract_type: str = ""


class _Ticker(Struct, gc=False):
    open: str
    high: str
    low: str
    close: str


class _Risk(Struct, gc=False):
    index_price: str
    open_interest: str


def _decoded(kind: Any, body: bytes) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error


def instruments_request() -> RestRequest:
    """All details in one answer, which the venue serves and does not document; it documents one of each
    symbol, which would be hundreds of requests."""
    return RestRequest("/v1/symbols/details/all")


def decode_instruments(body: bytes) -> list[InstrumentSpec]:
    """``[{"symbol":"BTCUSD","base_currency":"BTC","tick_size":1E-8,"quote_increment":0.01,…},…]``, or the
    details of one, as they are documented."""
    found = _decoded(list[_Symbol] | _Symbol, body)
    try:
        return [
            _spec(row) for row in (found if isinstance(found, list) else [found]) if is_native(row.symbol)
        ]
    except ValueError as error:
        raise error if isinstance(error, DecodeError) else DecodeError(f"list: {error}", body) from error


def _spec(row: _Symbol) -> InstrumentSpec:
    """In ``post_only`` nothing trades, and in ``cancel_only`` and ``closed``. A swap is settled in its quote,
    but for an inverse one: ``contract_price_currency`` says GUSD of some that are quoted in USDC."""
    base, quoted = row.base_currency, row.quote_currency
    kind = "perpetual" if row.product_type == "swap" else "forex" if {base, quoted} <= _FIAT else "spot"
    settle = base if row.contract_type == "inverse" else quoted
    steps = _step(row.quote_increment), _step(row.tick_size)
    status, pays = _STATUS.get(row.status, "halted"), row.contract_type if kind == "perpetual" else ""
    return InstrumentSpec(VENUE, row.symbol.upper(), kind, base, quoted, settle, *steps, status, pays=pays)


def _step(raw: Raw) -> str:
    """A bare number, or text of one."""
    text = digits(Raw(bytes(raw).strip(b'"')))
    if not is_number(text) or not text.strip("0."):
        raise ValueError(f"expected a step, found {text!r:.40}")
    return text


def candles_request(
    subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
) -> RestRequest | None:
    """All that the venue keeps, whatever is asked for. Of perpetuals it has minutes alone."""
    native = quote(subscription.native, safe="")
    if is_perpetual(subscription.native):
        return RestRequest(f"/v2/derivatives/candles/{native}/1m") if interval == 1 else None
    word = _WORDS.get(interval)
    return RestRequest(f"/v2/candles/{native}/{word}") if word else None


def decode_candles(subscription: Subscription, interval: int, body: bytes, now_us: int) -> list[Bar]:
    """``[[1559755800000,7781.6,7820.23,7776.56,7819.39,34.76],…]``, newest first: time, open, high, low,
    close, volume. A time without a trade repeats the last price, and is left out.
    """
    rows = _decoded(list[_Candle], body)
    try:
        bars = [_bar(subscription.instrument, interval, row, now_us) for row in rows]
    except ValueError as error:
        raise DecodeError(f"candles: {error}", body) from error
    if not all(0 <= bar.start_us < 10**18 and all(map(is_number, bar[3:8])) for bar in bars):
        raise DecodeError("candles: expected plain numbers", body)
    return sorted((bar for bar in bars if bar.volume.strip("0.")), key=lambda bar: bar.start_us)


def _bar(instrument: str, interval: int, row: _Candle, now_us: int) -> Bar:
    start_us = row[0] * 1000
    closed = start_us + interval * 60_000_000 <= now_us
    return Bar(instrument, interval, start_us, *map(digits, row[1:]), 0, closed, False)


def poll_request(subscription: Subscription) -> RestRequest | None:
    """The figures of a day; of a perpetual its index and open interest."""
    native = quote(subscription.native, safe="")
    if subscription.channel == TICKER:
        return RestRequest(f"/v2/ticker/{native}")
    if subscription.channel == MARK and is_perpetual(subscription.native):
        return RestRequest(f"/v1/riskstats/{native}")
    return None


def decode_poll(subscription: Subscription, body: bytes, received_ns: int, memory: Memory) -> list[Event]:
    """Figures and index wait for a frame of the stream that they belong to."""
    name = subscription.instrument
    if subscription.channel == TICKER:
        memory.figures[name] = _figures(_decoded(_Ticker, body), received_ns)
        return []
    found = _decoded(_Risk, body)
    memory.keep_index(name, found.index_price, received_ns)
    return [OpenInterest(name, found.open_interest, BASE_UNITS, 0, received_ns)]


def _figures(found: _Ticker, received_ns: int) -> Figures:
    """``open`` is the price of 24 hours ago, ``close`` the last one. No volume is told."""
    change = percent = ""
    if is_number(found.close) and is_number(found.open) and found.open.strip("0."):
        difference = Decimal(found.close) - Decimal(found.open)
        share = difference * 100 / Decimal(found.open)
        change = f"{difference:f}"
        percent = f"{share.quantize(_CENT):f}" if abs(share) < 10**18 else ""
    return Figures(found.close, found.high, found.low, change, percent, received_ns)
