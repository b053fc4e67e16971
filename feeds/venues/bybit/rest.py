"""What Bybit answers by REST: an envelope, and candles. https://bybit-exchange.github.io/docs/v5/market/kline"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from feeds.codec import DecodeError, RestRequest, Subscription
from feeds.events import Bar
from feeds.symbols import is_number
from feeds.venues.bybit.wire import micros

KLINES = 1000
"""Of any length, in one answer."""
_RECENT = 500
_INTERVALS = {
    **{minutes: str(minutes) for minutes in (1, 3, 5, 15, 30, 60, 120, 240, 360, 720)},
    1440: "D",
}


class _Candles(Struct, gc=False):
    rows: list[tuple[str, str, str, str, str, str, str]] = msgspec.field(name="list")


class _Answer(Struct, gc=False):
    retCode: int  # noqa: N815
    retMsg: str = ""  # noqa: N815
    result: msgspec.Raw = msgspec.Raw(b"{}")


def result(kind: Any, body: bytes) -> Any:
    """``{"retCode":0,"retMsg":"OK","result":{…}}``; raises :class:`DecodeError` with the venue's words."""
    try:
        found = msgspec.json.decode(body, type=_Answer)
        if found.retCode:
            raise DecodeError(f"refused with {found.retCode}: {found.retMsg:.120}", body)
        return msgspec.json.decode(found.result, type=kind)
    except (msgspec.MsgspecError, ArithmeticError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error


def candles_request(
    category: str, subscription: Subscription, interval: int, since_us: int
) -> RestRequest | None:
    """With an end, because nothing says which ones a start alone would bring."""
    name = _INTERVALS.get(interval)
    if name is None:
        return None
    part = f"limit={_RECENT}"
    if since_us:
        end_us = since_us + KLINES * interval * 60_000_000
        part = f"start={since_us // 1000}&end={end_us // 1000 - 1}&limit={KLINES}"
    symbol = quote(subscription.native, safe="")
    return RestRequest(f"/v5/market/kline?category={category}&symbol={symbol}&interval={name}&{part}")


def candles(subscription: Subscription, interval: int, body: bytes, now_us: int) -> list[Bar]:
    """Newest first as they come: ``[start, open, high, low, close, volume, turnover]``, all text. Volumes
    count what trades do; times without a trade are left out, of others it is not said how many there were."""
    found: _Candles = result(_Candles, body)
    try:
        bars = [_bar(subscription.instrument, interval, row, now_us) for row in reversed(found.rows)]
    except ValueError as error:
        raise DecodeError(f"candles: {error}", body) from error
    return [bar for bar in bars if bar.volume.strip("0.")]


def _bar(instrument: str, interval: int, row: tuple[str, ...], now_us: int) -> Bar:
    start_us, figures = micros(row[0]), row[1:6]
    if not all(map(is_number, figures)):
        raise ValueError(f"expected plain numbers, found {figures!r:.120}")
    closed = start_us + interval * 60_000_000 <= now_us
    return Bar(instrument, interval, start_us, *figures, 0, closed, False)
