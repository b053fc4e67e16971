"""What is listed: https://docs.kraken.com/api-reference/instrument-details/get-instruments

One answer has all contracts; indexes among them, in older ones, are left out.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec import Raw, Struct

from feeds.bare import NOTHING, digits
from feeds.codec import INVERSE, LINEAR, DecodeError, InstrumentSpec, RestRequest
from feeds.symbols import is_native
from feeds.venues.kraken_futures.naming import VENUE

# As older answers write it, small: what a contract is made of stands in its name alone.
_NAME = re.compile(r"[A-Z]{2}_([A-Z0-9]+)([A-Z]{3})(?:_\d{6})?")
_PAYS = {"futures_inverse": INVERSE, "futures_vanilla": LINEAR, "flexible_futures": LINEAR}


class _Row(Struct, gc=False, rename="camel"):
    """``last_trading_time`` is a future's alone; base and quote were not said in older answers."""

    symbol: str
    type: str
    tradeable: bool
    tick_size: Raw = NOTHING
    contract_size: Raw = NOTHING
    contract_value_trade_precision: int = 0
    last_trading_time: datetime | None = None
    opening_date: datetime | None = None
    post_only: bool = False
    is_expired: bool = False
    base: str = ""
    quote: str = ""
    pair: str = ""


class _Answer(Struct, gc=False):
    instruments: list[Raw]


class _Type(Struct, gc=False):
    type: str


def instruments_request() -> RestRequest:
    return RestRequest("/derivatives/api/v3/instruments")


def decode_instruments(body: bytes) -> list[InstrumentSpec]:
    """``{"result":"success","instruments":[{"symbol":"PF_XBTUSD","type":"flexible_futures",…}]}``"""
    try:
        items = msgspec.json.decode(body, type=_Answer).instruments
        rows = [item for item in items if msgspec.json.decode(item, type=_Type).type in _PAYS]
        found = [_spec(msgspec.json.decode(row, type=_Row)) for row in rows]
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error
    return [spec for spec in found if is_native(spec.native)]


def _spec(row: _Row) -> InstrumentSpec:
    """Multi-collateral contracts are settled in what they are priced in, whatever secures them."""
    base, quote = _assets(row)
    return InstrumentSpec(
        venue=VENUE,
        native=row.symbol.upper() if row.symbol.islower() else row.symbol,
        kind="perpetual" if row.last_trading_time is None else "future",
        base=base,
        quote=quote,
        settle=base if _PAYS[row.type] == INVERSE else quote,
        tick_size=_plain(row.tick_size),
        lot_size=_lot(row.contract_value_trade_precision),
        status=_status(row),
        expiry_us=_micros(row.last_trading_time),
        contract_size=_plain(row.contract_size),
        listed_us=_micros(row.opening_date),
        pays=_PAYS[row.type],
    )


def _assets(row: _Row) -> tuple[str, str]:
    """As it says; else of its pair, else of its name, which ends with a quote of three letters."""
    base, _, quote = row.pair.partition(":")
    base, quote = row.base or base, row.quote or quote
    if not quote and (named := _NAME.fullmatch(row.symbol.upper())):
        base, quote = base or named[1], named[2]
    if not base or not quote:
        raise ValueError(f"{row.symbol:.40}: expected a base and a quote, or a pair BASE:QUOTE")
    return base, quote


def _status(row: _Row) -> str:
    if row.is_expired:
        return "delisted"
    return "trading" if row.tradeable and not row.post_only else "halted"


def _lot(precision: int) -> str:
    """Digits behind the point of a quantity; less than none is a power of ten: -3 is a thousand."""
    if abs(precision) > 18:
        raise ValueError(f"contractValueTradePrecision: expected a few digits, found {precision}")
    return f"{Decimal(1).scaleb(-precision):f}"


def _plain(raw: Raw) -> str:
    """``1e-10`` → ``0.0000000001``."""
    return f"{Decimal(digits(raw)).normalize():f}"


def _micros(moment: datetime | None) -> int:
    return 0 if moment is None else round(moment.timestamp()) * 1_000_000
