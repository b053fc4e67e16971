"""OKX's list of instruments: spot, perpetuals, futures, and options family by family.

https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments
"""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote, urlsplit

from msgspec import Struct

from feeds.codec import LINEAR, DecodeError, InstrumentSpec, RestRequest
from feeds.symbols import is_native, is_number
from feeds.venues.okx.contracts import status_of
from feeds.venues.okx.messages import micros
from feeds.venues.okx.naming import FUTURES, OPTION, SPOT, SWAP, VENUE
from feeds.venues.okx.rest import RARE, answered, rows

_LIST, _FAMILIES = "/api/v5/public/instruments?instType=", "/api/v5/public/underlying?instType=OPTION"
FIRST = RestRequest(_LIST + SPOT, RARE)
_NEXT = {_LIST + SPOT: _LIST + SWAP, _LIST + SWAP: _LIST + FUTURES, _LIST + FUTURES: _FAMILIES}
_KINDS = {SPOT: "spot", SWAP: "perpetual", FUTURES: "future", OPTION: "option"}
_RIGHTS = {"C": "call", "P": "put"}


class _Instrument(Struct, gc=False):
    instId: str  # noqa: N815
    instType: str  # noqa: N815
    state: str
    tickSz: str  # noqa: N815
    lotSz: str  # noqa: N815
    baseCcy: str = ""  # noqa: N815
    quoteCcy: str = ""  # noqa: N815
    settleCcy: str = ""  # noqa: N815
    uly: str = ""
    ctVal: str = ""  # noqa: N815
    ctMult: str = ""  # noqa: N815
    ctType: str = ""  # noqa: N815
    expTime: str = ""  # noqa: N815
    listTime: str = ""  # noqa: N815
    stk: str = ""
    optType: str = ""  # noqa: N815


# Families are a list in a list; instruments are objects.
_answer = answered(_Instrument | list[str])


def following(request: RestRequest, body: bytes) -> RestRequest | None:
    """Those of options are still to be asked for are said in the fragment of a request, which is not sent."""
    if request.path in _NEXT:
        return RestRequest(_NEXT[request.path], RARE)
    if request.path == _FAMILIES:
        left = [name for row in rows(_answer, body) if isinstance(row, list) for name in row]
    else:
        left = [name for name in urlsplit(request.path).fragment.split(",") if name]
    if not left:
        return None
    then = f"#{','.join(left[1:])}" if left[1:] else ""
    return RestRequest(f"{_LIST}{OPTION}&instFamily={quote(left[0])}{then}", RARE)


def decode(body: bytes) -> list[InstrumentSpec]:
    """Without what is of another type, or has no increments yet."""
    listed = [row for row in rows(_answer, body) if isinstance(row, _Instrument)]
    try:
        return [_spec(row) for row in listed if row.instType in _KINDS and _is_whole(row)]
    except ValueError as error:
        raise DecodeError(str(error), body) from error


def _is_whole(row: _Instrument) -> bool:
    sized = row.instType == SPOT or is_number(row.ctVal)
    return bool(is_native(row.instId) and is_number(row.tickSz) and is_number(row.lotSz) and sized)


def _spec(row: _Instrument) -> InstrumentSpec:
    """``ctType``: "linear", "inverse", of perpetuals and futures alone. Options pay in coin or dollars."""
    base, quoted = (row.baseCcy, row.quoteCcy) if row.instType == SPOT else _underlying(row)
    return InstrumentSpec(
        venue=VENUE,
        native=row.instId,
        kind=_KINDS[row.instType],
        base=base,
        quote=quoted,
        settle=row.settleCcy or quoted,
        tick_size=row.tickSz,
        lot_size=row.lotSz,
        status=status_of(row.state),
        expiry_us=micros(row.expTime) if row.instType in (FUTURES, OPTION) else 0,
        strike=row.stk,
        right=_RIGHTS.get(row.optType, ""),
        contract_size="1" if row.instType == SPOT else _size(row),
        listed_us=micros(row.listTime),
        pays=row.ctType or (LINEAR if quoted != base and row.instType == OPTION else ""),
    )


def _underlying(row: _Instrument) -> tuple[str, str]:
    """An option that pays in coin is priced in coin: ``0.0405`` of a bitcoin."""
    base, _, quoted = row.uly.partition("-")
    return base, base if row.instType == OPTION and row.settleCcy == base else quoted


def _size(row: _Instrument) -> str:
    """``ctVal`` times ``ctMult``: of the quote where it is inverse (100 dollars), else of the base."""
    times = Decimal(row.ctMult) if is_number(row.ctMult) else Decimal(1)
    return f"{(Decimal(row.ctVal) * times).normalize():f}"
