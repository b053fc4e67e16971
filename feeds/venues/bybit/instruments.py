"""Bybit's own list of what it trades. https://bybit-exchange.github.io/docs/v5/market/instrument

A thousand rows in one answer, and a cursor to the next ones; spot comes whole. Of options one base at a time.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlsplit

from msgspec import Struct, field

from feeds.codec import INVERSE, LINEAR, InstrumentSpec, RestRequest
from feeds.symbols import is_native, is_number
from feeds.venues.bybit import rest
from feeds.venues.bybit.wire import micros

_PATH, _LIMIT = "/v5/market/instruments-info", 1000
# Whose options there are, as the venue's documentation has it ("Get Fee Rate", baseCoin): it lists no others.
OPTION_BASES = ("BTC", "ETH", "SOL")
_STATUS = {"Trading": "trading", "Closed": "delisted"}
_KINDS = {
    "LinearPerpetual": "perpetual",
    "InversePerpetual": "perpetual",
    "LinearFutures": "future",
    "InverseFutures": "future",
}
# Options are quoted in dollars, and are paid in stablecoins of them.
_PAYS = {"linear": LINEAR, "inverse": INVERSE, "option": LINEAR}
_RIGHTS = {"Call": "call", "Put": "put"}


class _Prices(Struct, gc=False):
    tickSize: str = ""  # noqa: N815


class _Lots(Struct, gc=False):
    basePrecision: str = ""  # noqa: N815
    qtyStep: str = ""  # noqa: N815


class _Row(Struct, gc=False):
    symbol: str
    status: str
    baseCoin: str  # noqa: N815
    quoteCoin: str  # noqa: N815
    priceFilter: _Prices  # noqa: N815
    lotSizeFilter: _Lots  # noqa: N815
    settleCoin: str = ""  # noqa: N815
    contractType: str = ""  # noqa: N815
    optionsType: str = ""  # noqa: N815
    symbolType: str = ""  # noqa: N815
    launchTime: str = ""  # noqa: N815
    deliveryTime: str = ""  # noqa: N815


class _List(Struct, gc=False):
    rows: list[_Row] = field(name="list")
    nextPageCursor: str | None = None  # noqa: N815


def request(category: str, base: str = "", cursor: str = "") -> RestRequest:
    """The cursor comes written as it stands in a URL, and goes back so."""
    if category == "option":
        base = base or OPTION_BASES[0]
    part = (f"&baseCoin={base}" if base else "") + (f"&cursor={quote(cursor, safe='%')}" if cursor else "")
    return RestRequest(f"{_PATH}?category={category}&limit={_LIMIT}{part}")


def more(asked: RestRequest, body: bytes) -> RestRequest | None:
    """The next page, then the next base of options."""
    query = dict(parse_qsl(urlsplit(asked.path).query))
    category, base = query["category"], query.get("baseCoin", "")
    if cursor := rest.result(_List, body).nextPageCursor:
        return request(category, base, cursor)
    left = OPTION_BASES[OPTION_BASES.index(base) + 1 :] if base in OPTION_BASES else ()
    return request(category, left[0]) if left else None


def decode(venue: str, category: str, body: bytes) -> list[InstrumentSpec]:
    """By the venue's order; without options whose strike is not in their symbol: no field has it."""
    found: _List = rest.result(_List, body)
    rows = [row for row in found.rows if is_native(row.symbol)]
    if category == "option":
        rows = [row for row in rows if strike_of(row.symbol) and row.optionsType in _RIGHTS]
    return [_spec(venue, category, row) for row in rows]


def strike_of(symbol: str) -> str:
    """``BTC-27MAR26-70000-P-USDT``: the third part; ``""`` where that is no number."""
    parts = symbol.split("-")
    return parts[2] if len(parts) in (4, 5) and is_number(parts[2]) else ""


def _kind(category: str, row: _Row) -> str:
    """Tokens of stocks are traded on spot as Kraken's are; contracts on stocks are contracts."""
    if category == "option":
        return "option"
    if category == "spot":
        return "equity" if row.symbolType == "xstocks" else "spot"
    return _KINDS.get(row.contractType, "future" if row.deliveryTime.strip("0") else "perpetual")


def _spec(venue: str, category: str, row: _Row) -> InstrumentSpec:
    """A quantity is one of the base, in the inverse market one dollar. The time of delivery of a perpetual is
    that of its end, and is not known before it is near: it is none."""
    kind = _kind(category, row)
    expires = kind in ("future", "option")
    return InstrumentSpec(
        venue=venue,
        native=row.symbol,
        kind=kind,
        base=row.baseCoin,
        quote=row.quoteCoin,
        settle=row.settleCoin or row.quoteCoin,
        tick_size=row.priceFilter.tickSize,
        lot_size=row.lotSizeFilter.qtyStep or row.lotSizeFilter.basePrecision,
        status=_STATUS.get(row.status, "halted"),
        expiry_us=_micros(row.deliveryTime) if expires else 0,
        strike=strike_of(row.symbol) if kind == "option" else "",
        right=_RIGHTS.get(row.optionsType, ""),
        listed_us=_micros(row.launchTime),
        pays=_PAYS.get(category, ""),
    )


def _micros(text: str) -> int:
    """A time that makes no sense is none: it costs no instrument."""
    try:
        return micros(text)
    except ValueError:
        return 0
