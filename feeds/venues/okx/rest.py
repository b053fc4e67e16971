"""What OKX tells by REST: the book and candles. Errors come with an answer 200 and a ``code``."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from feeds.codec import DecodeError, RestRequest, Subscription
from feeds.events import Bar, BookSnapshot
from feeds.venues.okx import messages, shapes

_BARS = {1: "1m", 3: "3m", 5: "5m", 15: "15m", 30: "30m", 60: "1H", 120: "2H", 240: "4H",
         360: "6Hutc", 720: "12Hutc", 1440: "1Dutc"}  # fmt: skip
PAGE = 300
"""Candles in an answer at most."""
RARE = 2
"""The weight of a request that may be made 20 times in 2 s, where others may 40 times."""
_DEEPEST = 400


class _Book(Struct, gc=False):
    asks: list[shapes.Level]
    bids: list[shapes.Level]
    ts: str
    seqId: shapes.Sequence  # noqa: N815 (without it nothing could be spliced)


def answered(row: Any) -> Any:
    """A decoder of ``{"code":"0","msg":"","data":[row, …]}``."""
    fields: list[Any] = [("data", list[row]), ("code", str, "0"), ("msg", str, "")]
    return msgspec.json.Decoder(msgspec.defstruct("Answer", fields, gc=False)).decode


_books, _candles = answered(_Book), answered(shapes.Candle)


def rows(decode: Any, body: bytes) -> Any:
    """Of an answer; raises :class:`DecodeError`, also for one that says that something is wrong."""
    try:
        answer = decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error
    if answer.code != "0":
        raise DecodeError(f"the venue answered {answer.code:.20} {answer.msg:.160}", body)
    return answer.data


def book_request(subscription: Subscription) -> RestRequest:
    return RestRequest(f"/api/v5/market/books?instId={quote(subscription.native)}&sz={_DEEPEST}")


def decode_book(subscription: Subscription, body: bytes, received_ns: int) -> BookSnapshot:
    """As deep as the stream, which keeps just so many levels a side: nothing of it is beyond.

    https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-order-book
    """
    found: list[_Book] = rows(_books, body)
    if len(found) != 1 or found[0].seqId < 0:
        raise DecodeError("book: expected one, with a number", body)
    book = found[0]
    try:
        us = messages.micros(book.ts)
    except ValueError as error:
        raise DecodeError(str(error), body) from error
    bids, asks = ([(each.px, each.sz) for each in side] for side in (book.bids, book.asks))
    return BookSnapshot(subscription.instrument, bids, asks, 0, book.seqId, None, us, received_ns)


def candles_request(subscription: Subscription, interval: int, since_us: int) -> RestRequest | None:
    """``after`` means earlier than, ``before`` newer than: neither is in the answer.

    https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-candlesticks-history
    """
    word = _BARS.get(interval)
    if word is None:
        return None
    wanted = f"instId={quote(subscription.native)}&bar={word}&limit={PAGE}"
    if not since_us:
        return RestRequest(f"/api/v5/market/candles?{wanted}")
    since_ms = since_us // 1000
    until_ms = since_ms + PAGE * interval * 60_000
    path = f"/api/v5/market/history-candles?{wanted}&before={since_ms - 1}&after={until_ms}"
    return RestRequest(path, RARE)


def decode_candles(subscription: Subscription, interval: int, body: bytes) -> list[Bar]:
    """Sent newest first. Volumes count what trades do; times without a trade are left out."""
    try:
        bars = [messages.bar(row, subscription.instrument, interval) for row in rows(_candles, body)]
    except ValueError as error:
        raise DecodeError(str(error), body) from error
    return sorted(bar for bar in bars if bar.volume.strip("0."))
