"""What Bitfinex tells by REST: what is listed, its prices, candles.

https://docs.bitfinex.com/reference/rest-public-conf, …/rest-public-tickers, …/rest-public-candles
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import quote

import msgspec
from msgspec import Raw, Struct

from feeds.bare import NOTHING, digits
from feeds.codec import DecodeError, InstrumentSpec, RestRequest, Subscription
from feeds.events import Bar
from feeds.symbols import is_native, is_number
from feeds.venues.bitfinex.naming import VENUE
from feeds.venues.bitfinex.shapes import Stamp

PAGE = 5000
"""Bars of one answer, of at most 10,000."""
_NEWEST = 1000
_FRAMES = {1: "1m", 5: "5m", 15: "15m", 30: "30m", 60: "1h", 180: "3h", 360: "6h", 720: "12h", 1440: "1D"}
PRICES = RestRequest("/v2/tickers?symbols=ALL")
PAIRS = RestRequest("/v2/conf/pub:list:pair:exchange,pub:list:pair:futures,pub:map:currency:sym")
# "Bitfinex uses five significant digits for the prices of all pairs":
# https://support.bitfinex.com/hc/en-us/articles/115000371105
_DIGITS = 5
_UNPRICED = "0.00001"
_LOT = "0.00000001"
_PERPETUAL = "F0"
# Pairs of paper money.
_PAPER = "TEST"


class _Price(Struct, array_like=True, gc=False):
    symbol: str
    _bid: Raw
    _bid_sum: Raw
    _ask: Raw
    _ask_sum: Raw
    _change: Raw
    _relative: Raw
    last: Raw = NOTHING


class _Candle(Struct, array_like=True, gc=False):
    """The close comes second."""

    mts: Stamp
    open: Raw
    close: Raw
    high: Raw
    low: Raw
    volume: Raw


def decode_prices(body: bytes) -> dict[str, str] | None:
    """The last price of each symbol; None where the answer is another one."""
    try:
        rows = msgspec.json.decode(body, type=list[_Price])
        if not all(row.symbol[:1] in ("t", "f") for row in rows):
            return None
        # Of money that is lent, rows are longer and begin otherwise.
        return {row.symbol: digits(row.last) for row in rows if row.symbol.startswith("t")}
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def decode_instruments(body: bytes, prices: Mapping[str, str]) -> list[InstrumentSpec]:
    """``[["BTCUSD","DUSK:USD",…],["BTCF0:USTF0",…],[["UST","USDt"],…]]``: pairs, and what codes mean."""
    try:
        lists = msgspec.json.decode(body, type=list[list[str | tuple[str, str]]])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error
    rows = [row for each in lists for row in each]
    called = {row[0]: row[1].upper() for row in rows if isinstance(row, tuple)}
    found = [_spec(row, called, prices) for row in rows if isinstance(row, str)]
    return [spec for spec in found if spec is not None and is_native(spec.native)]


def _spec(pair: str, called: Mapping[str, str], prices: Mapping[str, str]) -> InstrumentSpec | None:
    """None of paper money. A perpetual's amounts are of the base, and it is settled in what it is priced in.

    https://docs.bitfinex.com/docs/derivatives
    """
    codes = pair.split(":") if ":" in pair else (pair[:3], pair[3:])
    if len(codes) != 2 or not all(codes) or any(code.startswith(_PAPER) for code in codes):
        return None
    kind = "perpetual" if all(code.endswith(_PERPETUAL) for code in codes) else "spot"
    base, quoted = (_asset(code, called) for code in codes)
    tick = tick_of(prices.get(f"t{pair}", ""))
    return InstrumentSpec(VENUE, f"t{pair}", kind, base, quoted, quoted, tick, _LOT, "trading")


def _asset(code: str, called: Mapping[str, str]) -> str:
    """``UST`` is ``USDt``, ``BTCF0`` what perpetuals call ``BTC``."""
    code = code.removesuffix(_PERPETUAL) or code
    return called.get(code, code)


def tick_of(price: str) -> str:
    """The step of a price of five digits: it grows and shrinks with the price."""
    if not is_number(price) or not price.strip("0."):
        return _UNPRICED
    return f"{Decimal(1).scaleb(Decimal(price).adjusted() - _DIGITS + 1):f}"


def candles_request(
    subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
) -> RestRequest | None:
    """There are none of four hours. A span has both ends included; minutes without a trade are left out."""
    frame = _FRAMES.get(interval)
    if frame is None:
        return None
    path = f"/v2/candles/trade:{frame}:{quote(subscription.native, safe=':')}/hist"
    if not since_us:
        return RestRequest(f"{path}?sort=-1&limit={_NEWEST}")
    start_ms, length_ms = since_us // 1000, interval * 60_000
    return RestRequest(f"{path}?sort=1&limit={PAGE}&start={start_ms}&end={start_ms + PAGE * length_ms - 1}")


def decode_candles(subscription: Subscription, interval: int, body: bytes, now_us: int) -> list[Bar]:
    """Oldest first. How many trades there were is not said."""
    try:
        rows = msgspec.json.decode(body, type=list[_Candle])
        bars = [_bar(subscription.instrument, interval, row, now_us) for row in rows]
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error
    if not all(is_number(text) for bar in bars for text in bar[3:8]):
        raise DecodeError("candles: expected plain numbers", body)
    return sorted(bars)


def _bar(instrument: str, interval: int, row: _Candle, now_us: int) -> Bar:
    start_us = row.mts * 1000
    figures = (digits(each) for each in (row.open, row.high, row.low, row.close, row.volume))
    closed = start_us + interval * 60_000_000 <= now_us
    return Bar(instrument, interval, start_us, *figures, 0, closed, False)
