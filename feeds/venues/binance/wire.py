"""What all of Binance's markets write alike: the envelope of a stream, and numbers.

A combined stream wraps each payload: ``{"stream":"btcusdt@trade","data":{"e":"trade",…}}``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Struct

from feeds.events import Event, Quote

Id: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Levels: TypeAlias = list[tuple[str, str]]
Reader: TypeAlias = Callable[[bytes, str, int], list[Event]]
"""From a whole frame, the instrument's name and our receive time."""

# As text, every plain spelling of zero is at most this and every positive price is above it.
ZERO = "0." + 18 * "0"


class _Error(Struct, gc=False):
    msg: str = ""


class Head(Struct, gc=False):
    """Any JSON object: a stream's frame, a payload without its stream, an answer to a request."""

    stream: str = ""
    e: str = ""
    s: Any = None
    o: Any = None
    u: Any = None
    st: int = 0
    B: Any = None
    data: Any = None
    result: Any = msgspec.UNSET
    id: int | str | None = None
    error: _Error | None = None
    code: int | None = None
    msg: str = ""


head: Callable[[bytes], Head] = msgspec.json.Decoder(Head).decode
payloads: Callable[[bytes], list[msgspec.Raw]] = msgspec.json.Decoder(list[msgspec.Raw]).decode


def decoder(payload: type) -> Callable[[bytes], Any]:
    """Of a stream's whole frame."""
    frame = msgspec.defstruct("Frame", [("data", payload)], gc=False)
    return msgspec.json.Decoder(frame).decode


data_of: Callable[[bytes], Any] = decoder(msgspec.Raw)  # type: ignore[arg-type]
"""Of a frame whose payload is yet to be looked at."""


def best(data: Any, instrument: str, exchange_us: int, received_ns: int) -> Quote:
    """Of a book ticker; a side with the price 0 is empty."""
    bid, bid_qty, ask, ask_qty = data.b, data.B, data.a, data.A
    if bid <= ZERO:
        bid = bid_qty = ""
    if ask <= ZERO:
        ask = ask_qty = ""
    return Quote(instrument, bid, bid_qty, ask, ask_qty, exchange_us, received_ns)


def stream_of(payload: Head, streams: Mapping[str, str]) -> str:
    """The stream that a payload without one must be of (a link of ``/ws``), ``""`` where nothing says it.

    ``streams``: type → suffix, or the name of a stream of no instrument. Spot's book ticker has no type.
    """
    untyped = "bookTicker" if payload.u is not None and payload.B is not None else ""
    suffix = streams.get(payload.e or untyped, "")
    if suffix.startswith("!"):
        return suffix
    symbol = symbol_of({"s": payload.s, "o": payload.o})
    return f"{symbol.lower()}@{suffix}" if suffix and symbol else ""


def symbol_of(payload: Any) -> str:
    """Of a payload as it was parsed; a liquidation has it within its order."""
    inner = payload.get("o")
    symbol = inner.get("s") if isinstance(inner, dict) else payload.get("s")
    return symbol if isinstance(symbol, str) else ""
