"""What Deribit lists: instruments, and the indexes that they are priced off.

https://docs.deribit.com/api-reference/market-data/public-get_instruments: one request a second, which has all
currencies and kinds. Names of indexes are another answer; combinations of instruments are left out.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Raw, Struct

from feeds.bare import NOTHING, digits
from feeds.codec import INVERSE, LINEAR, DecodeError, InstrumentSpec, RestRequest
from feeds.symbols import is_native
from feeds.venues.deribit.channels import DVOL, VENUE
from feeds.venues.deribit.shapes import Stamp
from feeds.venues.deribit.tickers import status_of

_LIST, _NAMES = "/api/v2/public/get_instruments", "/api/v2/public/get_index_price_names"
# All that is allowed in a second: 10,000 credits, where others are 500.
_LIST_WEIGHT = 10
# Of what never expires the venue says that it does in the year 3000.
_NEVER_MS = 4_100_000_000_000
# The venue does not say how finely an index is told.
_FINE, _FINER = "0.01", "0.000001"
_VOLATILITY = "dvol"


_PAYS = {"linear": LINEAR, "reversed": INVERSE}


class _Row(Struct, gc=False):
    instrument_name: str
    kind: str
    base_currency: str
    quote_currency: str
    tick_size: Raw
    min_trade_amount: Raw
    is_active: bool
    creation_timestamp: Stamp = 0
    expiration_timestamp: int = 0
    settlement_currency: str = ""
    settlement_period: str = ""
    state: str = ""
    strike: Raw = NOTHING
    option_type: str = ""
    instrument_type: str = ""


class _Name(Struct, gc=False):
    name: str


class _Answer(Struct, gc=False):
    result: list[Raw]


def instruments_request() -> RestRequest:
    return RestRequest(f"{_LIST}?currency=any&expired=false", _LIST_WEIGHT)


def more_instruments(request: RestRequest, body: bytes) -> RestRequest | None:
    return RestRequest(_NAMES) if request.path.startswith(_LIST) else None


def decode_instruments(body: bytes) -> list[InstrumentSpec]:
    """Of either answer: rows of instruments, or names of indexes, as text or in ``{"name":…}``."""
    try:
        items = list(map(bytes, msgspec.json.decode(body, type=_Answer).result))
        rows = [item for item in items if b'"instrument_name"' in item]
        names = [_name(item) for item in items if b'"instrument_name"' not in item]
        found = [_spec(msgspec.json.decode(row, type=_Row)) for row in rows]
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", body) from error
    return [spec for spec in (*found, *_indexes(names)) if spec is not None and is_native(spec.native)]


def _name(item: bytes) -> str:
    found: Any = msgspec.json.decode(item, type=str | _Name)
    return found if isinstance(found, str) else found.name


def _spec(row: _Row) -> InstrumentSpec | None:
    """Amounts are dollars of an inverse future and units of the base of all else, never contracts, so one of
    them stands for one. An option that is settled in its coin is priced in it as well."""
    kind = _kind(row)
    if not kind:
        return None
    settle = row.settlement_currency or (row.quote_currency if kind == "spot" else row.base_currency)
    in_coin = kind == "option" and settle == row.base_currency
    return InstrumentSpec(
        venue=VENUE,
        native=row.instrument_name,
        kind=kind,
        base=row.base_currency,
        quote=settle if in_coin else row.quote_currency,
        settle=settle,
        tick_size=_plain(row.tick_size),
        lot_size=_plain(row.min_trade_amount),
        status=status_of(row.state) if row.state else ("trading" if row.is_active else "halted"),
        expiry_us=row.expiration_timestamp * 1000 if row.expiration_timestamp < _NEVER_MS else 0,
        strike=_plain(row.strike) if kind == "option" else "",
        right=row.option_type if kind == "option" else "",
        listed_us=row.creation_timestamp * 1000,
        pays=_PAYS.get(row.instrument_type, "") if kind != "spot" else "",
    )


def _kind(row: _Row) -> str:
    if row.kind == "future":
        return "perpetual" if row.settlement_period == "perpetual" else "future"
    return row.kind if row.kind in ("option", "spot") else ""


def _plain(raw: Raw) -> str:
    """``100000.0`` → ``100000``, ``1e-4`` → ``0.0001``."""
    return f"{Decimal(digits(raw)).normalize():f}"


def _indexes(names: list[str]) -> list[InstrumentSpec]:
    """With each that futures on a volatility are priced off (``btcdvol_usdc``) the volatility's own index."""
    found = [_index(name) for name in names if "_" in name and name.islower()]
    coins = [name.partition("_")[0].removesuffix(_VOLATILITY) for name in names if f"{_VOLATILITY}_" in name]
    told = [f"{coin}_usd" for coin in dict.fromkeys(coins) if f"{coin}_usd" in names]
    return found + [_volatility(name) for name in told]


def _index(name: str) -> InstrumentSpec:
    base, _, quote = name.upper().rpartition("_")
    tick = _FINE if quote == "USD" else _FINER
    return InstrumentSpec(VENUE, name, "index", base, quote, quote, tick, "1", "trading")


def _volatility(name: str) -> InstrumentSpec:
    """In per cent a year; its base is what futures on it have for one."""
    base = f"{name.partition('_')[0]}{_VOLATILITY}".upper()
    return InstrumentSpec(VENUE, DVOL + name, "index", base, "%", "%", _FINE, "1", "trading")
