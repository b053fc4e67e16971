"""Candles by REST: https://docs.deribit.com/api-reference/market-data/public-get_tradingview_chart_data"""

from __future__ import annotations

from urllib.parse import quote

import msgspec
from msgspec import Raw, Struct

from feeds.bare import digits
from feeds.codec import DecodeError, RestRequest, Subscription
from feeds.events import Bar
from feeds.symbols import is_number
from feeds.venues.deribit.channels import is_index, is_inverse
from feeds.venues.deribit.shapes import Stamp

_RESOLUTIONS = {
    1: "1", 3: "3", 5: "5", 10: "10", 15: "15", 30: "30",
    60: "60", 120: "120", 180: "180", 360: "360", 720: "720", 1440: "1D",
}  # fmt: skip
PAGE = 1000
"""Bars of one answer, by what we ask for; the venue names no most."""


class _Chart(Struct, gc=False):
    """A list for each figure. ``volume`` is in the base, ``cost`` in what the contract is priced in."""

    ticks: list[Stamp]
    open: list[Raw]
    high: list[Raw]
    low: list[Raw]
    close: list[Raw]
    volume: list[Raw]
    cost: list[Raw]


class _Answer(Struct, gc=False):
    result: _Chart


def candles_request(
    subscription: Subscription, interval: int, now_us: int = 0, since_us: int = 0
) -> RestRequest | None:
    """A span has to be named; one that reaches beyond the venue's now is cut there. Indexes have none."""
    resolution = _RESOLUTIONS.get(interval)
    if resolution is None or is_index(subscription.native):
        return None
    length_ms = interval * 60_000
    start_ms = since_us // 1000 or max(0, now_us // 1000 - (PAGE - 1) * length_ms)
    end_ms = start_ms + PAGE * length_ms - 1
    span = f"start_timestamp={start_ms}&end_timestamp={end_ms}&resolution={resolution}"
    native = quote(subscription.native, safe="")
    return RestRequest(f"/api/v2/public/get_tradingview_chart_data?instrument_name={native}&{span}")


def decode_candles(subscription: Subscription, interval: int, body: bytes, now_us: int) -> list[Bar]:
    """Oldest first; times without a trade are left out, which the venue fills with the last price.

    Volumes count what trades do: dollars of an inverse contract, else units of the base.
    """
    try:
        chart = msgspec.json.decode(body, type=_Answer).result
        volumes = chart.cost if is_inverse(subscription.native) else chart.volume
        columns = (chart.open, chart.high, chart.low, chart.close, volumes)
        rows = [list(map(digits, row)) for row in zip(*columns, strict=True)]
        found = list(zip(chart.ticks, rows, strict=True))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error
    if not all(is_number(text) for _, row in found for text in row):
        raise DecodeError("candles: expected plain numbers", body)
    traded = [(tick, row) for tick, row in found if row[4].strip("0.")]
    return [_bar(subscription.instrument, interval, tick * 1000, row, now_us) for tick, row in traded]


def _bar(instrument: str, interval: int, start_us: int, row: list[str], now_us: int) -> Bar:
    """The venue does not count the trades of a candle."""
    closed = start_us + interval * 60_000_000 <= now_us
    return Bar(instrument, interval, start_us, *row, 0, closed, False)
