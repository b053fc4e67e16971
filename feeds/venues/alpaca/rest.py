"""What Alpaca tells by REST: stocks, candles, figures of a day.

https://docs.alpaca.markets/reference/stockbarsingle, …/stocksnapshotsingle, …/get-v2-assets-1; the last one
is on the host of the account that the key is of.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import quote

from msgspec import Raw, Struct, field

from feeds.bare import digits
from feeds.codec import DecodeError, InstrumentSpec, RestRequest, Subscription
from feeds.credentials import Credentials
from feeds.events import Bar, Event, Stats
from feeds.symbols import is_native, is_number
from feeds.venues.alpaca.messages import VENUE
from feeds.venues.alpaca.shapes import decode, micros

TEST_SYMBOL = "FAKEPACA"
PAGE = 10_000
_TIMEFRAMES = {1: "1Min", 5: "5Min", 15: "15Min", 60: "1Hour"}
"""Longer ones begin by the hour of New York, ours by that of UTC: they are made of these."""
_RECENT = 500
_COINS = frozenset(
    ("ADA", "BNB", "BTC", "DOT", "ETC", "ETH", "LINK", "LTC", "SOL", "SUI", "UNI", "XRP", "ZEC")
)
"""Some funds and companies are listed under the name of a coin, and are not that coin."""


class _Asset(Struct, gc=False):
    symbol: str
    status: str
    tradable: bool = False


class _Candle(Struct, gc=False):
    time: str = field(name="t")
    open: Raw = field(name="o")
    high: Raw = field(name="h")
    low: Raw = field(name="l")
    close: Raw = field(name="c")
    volume: Raw = field(name="v")
    trades: int = field(name="n", default=0)


class _Candles(Struct, gc=False):
    bars: list[_Candle] | None = None


class _Last(Struct, gc=False):
    time: str = field(name="t")
    price: Raw = field(name="p")


class _Snapshot(Struct, gc=False):
    last: _Last | None = field(name="latestTrade", default=None)
    day: _Candle | None = field(name="dailyBar", default=None)
    before: _Candle | None = field(name="prevDailyBar", default=None)


def account_root(credentials: Credentials | None) -> str:
    """Keys of paper accounts begin with PK, and only their own host knows them."""
    live = credentials is not None and not credentials.key.startswith("PK")
    return "https://api.alpaca.markets" if live else "https://paper-api.alpaca.markets"


def instruments_request(credentials: Credentials | None) -> RestRequest:
    return RestRequest("/v2/assets?status=active&asset_class=us_equity", root=account_root(credentials))


def decode_instruments(body: bytes, *, test: bool) -> list[InstrumentSpec]:
    """``test``: the feed that always runs has one symbol, which is no asset."""
    rows = [row for row in decode(list[_Asset], body) if row.status == "active" and is_native(row.symbol)]
    found = [_spec(row.symbol, "trading" if row.tradable else "halted") for row in rows]
    return [_spec(TEST_SYMBOL, "trading"), *found] if test else found


def _spec(symbol: str, status: str) -> InstrumentSpec:
    base = f"{symbol}.US" if symbol in _COINS else symbol
    return InstrumentSpec(VENUE, symbol, "equity", base, "USD", "USD", "0.01", "1", status)


def candles_request(
    subscription: Subscription, interval: int, now_us: int, since_us: int, feed: str
) -> RestRequest | None:
    frame = _TIMEFRAMES.get(interval)
    if frame is None:
        return None
    length_us = interval * 60_000_000
    start_us = since_us or max(0, now_us - now_us % length_us - _RECENT * length_us)
    span = f"&start={_iso(start_us)}" if start_us else ""
    if since_us:
        span += f"&end={_iso(since_us + PAGE * length_us - 1_000_000)}"
    path = f"/v2/stocks/{quote(subscription.native, safe='')}/bars?timeframe={frame}&limit={PAGE}&sort=asc"
    return RestRequest(f"{path}&adjustment=raw&feed={feed}{span}")


def _iso(us: int) -> str:
    return datetime.fromtimestamp(us // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def decode_candles(subscription: Subscription, interval: int, body: bytes, now_us: int) -> list[Bar]:
    """Oldest first, as asked for. Minutes without a trade have none."""
    try:
        bars = [
            _bar(subscription.instrument, interval, each, now_us)
            for each in decode(_Candles, body).bars or ()
        ]
    except ValueError as error:
        raise error if isinstance(error, DecodeError) else DecodeError(str(error), body) from error
    return sorted(bars, key=lambda bar: bar.start_us)


def _bar(instrument: str, interval: int, found: _Candle, now_us: int) -> Bar:
    start_us = micros(found.time)
    figures = [digits(raw) for raw in (found.open, found.high, found.low, found.close, found.volume)]
    if not all(map(is_number, figures)) or start_us % (interval * 60_000_000):
        raise ValueError("candles: expected plain numbers, and the beginnings of bars")
    closed = start_us + interval * 60_000_000 <= now_us
    return Bar(instrument, interval, start_us, *figures, max(0, found.trades), closed, False)


def snapshot_request(subscription: Subscription, feed: str) -> RestRequest:
    return RestRequest(f"/v2/stocks/{quote(subscription.native, safe='')}/snapshot?feed={feed}")


def decode_snapshot(subscription: Subscription, body: bytes, received_ns: int) -> list[Event]:
    """The figures of the day, its change against the close of the day before, which no stream tells."""
    found = decode(_Snapshot, body)
    try:
        last = digits(found.last.price) if found.last else ""
        us = micros(found.last.time) if found.last else 0
        day = (
            [digits(raw) for raw in (found.day.volume, found.day.high, found.day.low)]
            if found.day
            else [""] * 3
        )
        change = _change(last, digits(found.before.close)) if found.before and last else ("", "")
    except (ValueError, ArithmeticError) as error:
        raise DecodeError(str(error), body) from error
    return [Stats(subscription.instrument, last, *day, *change, us, received_ns)]


def _change(last: str, before: str) -> tuple[str, str]:
    if not (is_number(last) and is_number(before) and before.strip("0.")):
        return "", ""
    change = Decimal(last) - Decimal(before)
    return f"{change:f}", f"{change * 100 / Decimal(before):.2f}"
