"""What OANDA tells by REST: what an account may trade, and candles.

https://developer.oanda.com/rest-live-v20/account-ep/, …/instrument-ep/
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from feeds.codec import DecodeError, InstrumentSpec, RestRequest, Subscription
from feeds.credentials import IN_ADDRESS
from feeds.events import Bar
from feeds.symbols import is_native, is_number
from feeds.venues.oanda.messages import VENUE
from feeds.venues.oanda.shapes import Candle, Candles, Instrument, Instruments, decode, micros

PAGE = 5000
"""The most candles of one answer."""
ACCOUNT = f"/v3/accounts/{IN_ADDRESS}"
_RECENT = 500
_GRANULARITY = {1: "M1", 5: "M5", 15: "M15", 60: "H1", 240: "H4", 1440: "D"}
_ALIGNED = "dailyAlignment=0&alignmentTimezone=UTC"
"""Days begin at 17:00 of New York unless one asks: here as everywhere else, and so do four hours."""
_MONEY = ("CURRENCY", "METAL")
"""Gold and silver are currencies by their codes (ISO 4217). The rest are contracts for difference (CFD): bets
on the price of an index, a bond, a good or a coin, which are none of these."""
_MOST_DIGITS = 12


def instruments_request() -> RestRequest:
    return RestRequest(f"{ACCOUNT}/instruments")


def decode_instruments(body: bytes) -> list[InstrumentSpec]:
    rows = decode(Instruments, body).instruments
    return [spec for row in rows if row.type in _MONEY and (spec := _spec(row)) is not None]


def _spec(row: Instrument) -> InstrumentSpec | None:
    base, _, quoted = row.name.partition("_")
    if not (base and quoted and is_native(row.name) and 0 <= row.precision <= _MOST_DIGITS):
        return None
    tick = f"0.{'1'.zfill(row.precision)}" if row.precision else "1"
    return InstrumentSpec(VENUE, row.name, "forex", base, quoted, quoted, tick, row.least, "trading")


def candles_request(
    subscription: Subscription, interval: int, now_us: int, since_us: int
) -> RestRequest | None:
    """Of the middle between bid and ask. Minutes without a price have none."""
    length = _GRANULARITY.get(interval)
    if length is None:
        return None
    span = f"from={_iso(since_us)}&count={PAGE}" if since_us else f"count={_RECENT}"
    path = f"/v3/instruments/{quote(subscription.native, safe='')}/candles"
    return RestRequest(f"{path}?price=M&granularity={length}&{_ALIGNED}&{span}")


def _iso(us: int) -> str:
    return datetime.fromtimestamp(us // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def decode_candles(subscription: Subscription, interval: int, body: bytes, now_us: int) -> list[Bar]:
    """Oldest first. No quantity was traded: their volume is zero."""
    try:
        bars = [_bar(subscription.instrument, interval, each) for each in decode(Candles, body).candles]
    except ValueError as error:
        raise error if isinstance(error, DecodeError) else DecodeError(str(error), body) from error
    return sorted(bars, key=lambda bar: bar.start_us)


def _bar(instrument: str, interval: int, found: Candle) -> Bar:
    start_us, mid = micros(found.time), found.mid
    prices = mid.open, mid.high, mid.low, mid.close
    if not all(map(is_number, prices)) or start_us % (interval * 60_000_000):
        raise ValueError("candles: expected plain numbers, and the beginnings of bars")
    return Bar(instrument, interval, start_us, *prices, "0", 0, found.complete, False)
