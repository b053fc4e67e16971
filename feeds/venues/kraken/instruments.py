"""Kraken's REST answers: pairs, candles and books, and its two ways to write a symbol.

v2 sockets say ``BTC/USD`` and ``DOGE/USD`` where REST says ``XBT/USD`` and ``XDG/USD``.
https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from feeds.codec import DecodeError, InstrumentSpec, RestRequest, Subscription
from feeds.events import Bar, BookSnapshot
from feeds.private import Pair
from feeds.symbols import InvalidName, instrument_name, is_number

VENUE = "KRAKEN"

# More are not given: https://docs.kraken.com/api/docs/rest-api/get-order-book
_MOST_LEVELS = 500

# The most recent ones, whatever is asked for.
CANDLES = 720
_INTERVALS = frozenset({1, 5, 15, 30, 60, 240, 1440})

_TO_V2 = {"XBT": "BTC", "XDG": "DOGE"}
_FROM_V2 = {new: old for old, new in _TO_V2.items()}
_FIAT = frozenset(("USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "AED", "ARS", "BRL", "MXN", "PLN"))
# In the other states (maintenance, cancel_only, post_only, work_in_progress …) nothing can trade.
_TRADING = frozenset({"online", "limit_only", "reduce_only"})

Candle = tuple[int, str, str, str, str, str, str, int]
"""Start in seconds, open, high, low, close, average, volume, number of trades."""
Row = tuple[str, str, float]
"""Price, quantity, when the level changed last in seconds."""


class _Pair(msgspec.Struct):
    pair_decimals: int
    lot_decimals: int
    wsname: str = ""
    altname: str = ""
    aclass_base: str = "currency"
    tick_size: str = ""
    status: str = "online"


class _Pairs(msgspec.Struct):
    error: list[str]
    result: dict[str, _Pair] = {}


class _Candles(msgspec.Struct):
    error: list[str]
    result: dict[str, list[Candle] | int] = {}


class _Sides(msgspec.Struct):
    bids: list[Row]
    asks: list[Row]


class _Books(msgspec.Struct):
    error: list[str]
    result: dict[str, _Sides] = {}


_pairs = msgspec.json.Decoder(_Pairs)
_candles = msgspec.json.Decoder(_Candles)
_books = msgspec.json.Decoder(_Books)


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


def decode_names(body: bytes) -> dict[str, Pair]:
    """Trades and orders name a pair as the key of this answer does (``XXBTZUSD``), or as ``altname``."""
    names: dict[str, Pair] = {}
    for key, listed in _result(_pairs, body).items():
        if listed.wsname.count("/") == 1:
            base, quote = (_TO_V2.get(part, part) for part in listed.wsname.split("/"))
            named = Pair(f"{base}/{quote}", base, quote)
            names.update({key: named, listed.altname or key: named, named.native: named})
    return names


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


def candles_request(native: str, interval: int, since_us: int) -> RestRequest | None:
    """``since`` is the last second before the first bar."""
    if interval not in _INTERVALS:
        return None
    since = f"&since={since_us // 1_000_000 - 1}" if since_us else ""
    return RestRequest(f"/0/public/OHLC?pair={rest_pair(native)}&interval={interval}{since}")


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


def depth_request(subscription: Subscription, depth: int) -> RestRequest:
    """More levels than a book of ``depth`` has: levels that are wrongly in it push others out."""
    pair = rest_pair(subscription.native)
    return RestRequest(f"/0/public/Depth?pair={pair}&count={_levels(depth)}")


def _levels(depth: int) -> int:
    return min(2 * depth, _MOST_LEVELS)


def decode_depth(subscription: Subscription, depth: int, body: bytes, received_ns: int) -> BookSnapshot:
    """``{"error":[],"result":{"XXBTZUSD":{"asks":[["30384.10000","2.059",1688671659]],"bids":[…]}}}``

    Prices have at least five decimals there and quantities three, whatever the socket writes.
    """
    books = list(_result(_books, body).values())
    if len(books) != 1:
        raise DecodeError(f"expected one book, found {len(books)}", body)
    rows = [*books[0].bids, *books[0].asks]
    if not all(is_number(text) for row in rows for text in row[:2]):
        raise DecodeError("book: expected plain numbers", body)
    newest_us = int(max((row[2] for row in rows), default=0) * 1_000_000)
    bids, asks = ([row[:2] for row in side] for side in (books[0].bids, books[0].asks))
    return BookSnapshot(subscription.instrument, bids, asks, _levels(depth), 0, None, newest_us, received_ns)


def _result(decoder: msgspec.json.Decoder, body: bytes) -> dict:
    try:
        answer = decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"expected pairs, candles or a book: {error}", body) from error
    if answer.error:
        raise DecodeError(f"the venue answered {', '.join(answer.error):.200}", body)
    return answer.result
