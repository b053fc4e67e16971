"""Kraken's REST answers: pairs and candles, and its two ways to write a symbol.

v2 sockets say ``BTC/USD`` and ``DOGE/USD`` where REST says ``XBT/USD`` and ``XDG/USD``.
https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from feeds.codec import DecodeError, InstrumentSpec
from feeds.events import Bar
from feeds.symbols import InvalidName, instrument_name, is_number

VENUE = "KRAKEN"

_TO_V2 = {"XBT": "BTC", "XDG": "DOGE"}
_FROM_V2 = {new: old for old, new in _TO_V2.items()}
_FIAT = frozenset(("USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "AED", "ARS", "BRL", "MXN", "PLN"))
# In the other states (maintenance, cancel_only, post_only, work_in_progress …) nothing can trade.
_TRADING = frozenset({"online", "limit_only", "reduce_only"})

Candle = tuple[int, str, str, str, str, str, str, int]
"""Start in seconds, open, high, low, close, average, volume, number of trades."""


class _Pair(msgspec.Struct):
    pair_decimals: int
    lot_decimals: int
    wsname: str = ""
    aclass_base: str = "currency"
    tick_size: str = ""
    status: str = "online"


class _Pairs(msgspec.Struct):
    error: list[str]
    result: dict[str, _Pair] = {}


class _Candles(msgspec.Struct):
    error: list[str]
    result: dict[str, list[Candle] | int] = {}


_pairs = msgspec.json.Decoder(_Pairs)
_candles = msgspec.json.Decoder(_Candles)


def rest_pair(native: str) -> str:
    """The name that REST parameters take: ``BTC/USD`` → ``XBTUSD``."""
    return "".join(_FROM_V2.get(part, part) for part in native.split("/"))


def decode_instruments(body: bytes) -> list[InstrumentSpec]:
    """``{"error":[],"result":{"XXBTZUSD":{"wsname":"XBT/USD","pair_decimals":1,…}}}``.

    Pairs without a socket name, or with one that we cannot carry, are left out.
    """
    pairs = _result(_pairs, body).values()
    specs = [_spec(pair) for pair in pairs if pair.wsname.count("/") == 1]
    return [spec for spec in specs if spec is not None]


def _spec(pair: _Pair) -> InstrumentSpec | None:
    base, quote = (_TO_V2.get(part, part) for part in pair.wsname.split("/"))
    native = f"{base}/{quote}"
    try:
        instrument_name(VENUE, native)
    except InvalidName:
        return None
    status = "trading" if pair.status in _TRADING else "halted"
    tick = pair.tick_size if is_number(pair.tick_size) else _increment(pair.pair_decimals)
    lot = _increment(pair.lot_decimals)
    return InstrumentSpec(VENUE, native, _kind(pair, base, quote), base, quote, quote, tick, lot, status)


def _kind(pair: _Pair, base: str, quote: str) -> str:
    if pair.aclass_base == "tokenized_asset":
        return "equity"
    return "forex" if base in _FIAT and quote in _FIAT else "spot"


def _increment(digits: int) -> str:
    return format(Decimal(1).scaleb(-max(0, min(digits, 20))), "f")


def decode_candles(instrument: str, interval: int, body: bytes, now_us: int) -> list[Bar]:
    """``{"error":[],"result":{"XXBTZUSD":[[1762777140,"106038.3",…,12]],"last":1762820160}}``, oldest first.

    Kraken repeats the last price in minutes without trades; those are left out.
    """
    series = [rows for rows in _result(_candles, body).values() if not isinstance(rows, int)]
    bars = [_bar(instrument, interval, row, now_us) for rows in series for row in rows if row[7] > 0]
    if not all(is_number(text) for bar in bars for text in bar[3:8]):
        raise DecodeError("candles: expected plain numbers", body)
    return bars


def _bar(instrument: str, interval: int, row: Candle, now_us: int) -> Bar:
    start_us = row[0] * 1_000_000
    closed = start_us + interval * 60_000_000 <= now_us
    return Bar(instrument, interval, start_us, *row[1:5], row[6], row[7], closed, not closed)


def _result(decoder: msgspec.json.Decoder[_Pairs] | msgspec.json.Decoder[_Candles], body: bytes) -> dict:
    try:
        answer = decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"expected pairs or candles: {error}", body) from error
    if answer.error:
        raise DecodeError(f"the venue answered {', '.join(answer.error):.200}", body)
    return answer.result
