"""What ``/ws/v1/`` replies to a request. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

_encoder = msgspec.json.Encoder()


class Result(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What was subscribed or unsubscribed."""

    channel: str
    symbol: str | UnsetType = UNSET
    depth: int | UnsetType = UNSET
    interval: int | UnsetType = UNSET
    id: int | UnsetType = UNSET


class Success(Struct, forbid_unknown_fields=True):
    """One for each symbol, or id."""

    method: Literal["subscribe", "unsubscribe"]
    success: Literal[True]
    result: Result
    req_id: int | UnsetType = UNSET


class Failure(Struct, forbid_unknown_fields=True):
    """``error`` names the field and what was expected. The connection lives on."""

    method: str
    success: Literal[False]
    error: str
    symbol: str | UnsetType = UNSET
    req_id: int | UnsetType = UNSET
    id: int | UnsetType = UNSET


class Pong(Struct, forbid_unknown_fields=True):
    """``ts`` is the server's wall time in microseconds, ``clock_us`` its own clock, as in heartbeats."""

    method: Literal["pong"]
    ts: int
    clock_us: int
    req_id: int | UnsetType = UNSET


def success(method: str, result: Result, req_id: int | UnsetType) -> bytes:
    return _encoder.encode(Success(method, True, result, req_id))  # type: ignore[arg-type]


def failure(
    error: str,
    *,
    method: str = "",
    symbol: str | UnsetType = UNSET,
    id: int | UnsetType = UNSET,
    req_id: int | UnsetType | None = UNSET,
) -> bytes:
    known = UNSET if req_id is None else req_id
    shown = symbol if symbol is UNSET else str(symbol)[:100]
    return _encoder.encode(Failure(method, False, error, shown, known, id))


def pong(ts_us: int, clock_us: int, req_id: int | UnsetType) -> bytes:
    return _encoder.encode(Pong("pong", ts_us, clock_us, req_id))
