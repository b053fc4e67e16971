"""Candles of trades by REST: https://docs.kraken.com/api-reference/candles/market-candles"""

from __future__ import annotations

from urllib.parse import quote

import msgspec
from msgspec import Struct

from feeds.codec import DecodeError, RestRequest, Subscription
from feeds.events import Bar
from feeds.symbols import is_number
from feeds.venues.kraken_futures.shapes import Stamp

_RESOLUTIONS = {1: "1m", 5: "5m", 15: "15m", 30: "30m", 60: "1h", 240: "4h", 720: "12h", 1440: "1d"}
PAGE = 1000
"""Bars of one answer, by what we ask for: the venue says of a longer one that there are ``more_candles``."""


class _Candle(Struct, gc=False):
    """``time``: when it begins, in milliseconds."""

    time: Stamp
    open: str
    high: str
    low: str
    close: str
    volume: str


class _Answer(Struct, gc=False):
    candles: list[_Candle]


def candles_request(
    subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
) -> RestRequest | None:
    """A span in seconds, both ends included."""
    resolution = _RESOLUTIONS.get(interval)
    if resolution is None:
        return None
    length_s = interval * 60
    start_s = since_us // 1_000_000 or max(0, now_us // 1_000_000 - (PAGE - 1) * length_s)
    span = f"from={start_s}&to={start_s + PAGE * length_s - 1}"
    native = quote(subscription.native, safe="")
    return RestRequest(f"/api/charts/v1/trade/{native}/{resolution}?{span}")


def decode_candles(subscription: Subscription, interval: int, body: bytes, now_us: int) -> list[Bar]:
    """Oldest first; times without a trade are left out. Volumes count what trades do; how many there were is
    not said."""
    try:
        rows = msgspec.json.decode(body, type=_Answer).candles
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error
    bars = [_bar(subscription.instrument, interval, row, now_us) for row in rows]
    if not all(is_number(text) for bar in bars for text in bar[3:8]):
        raise DecodeError("candles: expected plain numbers", body)
    return sorted(bar for bar in bars if bar.volume.strip("0."))


def _bar(instrument: str, interval: int, row: _Candle, now_us: int) -> Bar:
    start_us, figures = row.time * 1000, (row.open, row.high, row.low, row.close, row.volume)
    closed = start_us + interval * 60_000_000 <= now_us
    return Bar(instrument, interval, start_us, *figures, 0, closed, False)
