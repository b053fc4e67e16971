"""Binance's execution reports, and the account's trades and open orders by REST.

https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from feeds.codec import DecodeError
from feeds.events import BUY, SELL, Unknown
from feeds.fills import number_or_nothing, proven
from feeds.private import (
    CANCELED,
    EXPIRED,
    FILLED,
    MAKER,
    NEW,
    PARTIALLY_FILLED,
    REJECTED,
    REST,
    STREAM,
    TAKER,
    Fill,
    Names,
    OrderUpdate,
    Pair,
    PrivateEvent,
    UnknownSymbol,
)
from feeds.symbols import instrument_name

VENUE = "BINANCE"
_STATUS = {
    "NEW": NEW, "PENDING_NEW": NEW, "PARTIALLY_FILLED": PARTIALLY_FILLED, "FILLED": FILLED,
    "CANCELED": CANCELED, "REJECTED": REJECTED, "EXPIRED": EXPIRED, "EXPIRED_IN_MATCH": EXPIRED,
}  # fmt: skip
_SIDES = {"BUY": BUY, "SELL": SELL}


class Report(Struct):
    """``executionReport``: ``c`` client's id (of a cancel: ``C``), ``l`` and ``L`` what was filled last."""

    s: str
    c: str
    S: str
    o: str
    q: str
    p: str
    x: str
    X: str
    i: int
    T: int
    C: str = ""
    l: str = ""  # noqa: E741
    z: str = ""
    L: str = ""
    n: str | None = None
    N: str | None = None
    t: int = -1
    m: bool = False
    Y: str = ""


class Trade(Struct):
    """One of ``myTrades``."""

    symbol: str
    id: int
    orderId: int  # noqa: N815
    price: str
    qty: str
    quoteQty: str  # noqa: N815
    commission: str
    commissionAsset: str  # noqa: N815
    time: int
    isBuyer: bool  # noqa: N815
    isMaker: bool  # noqa: N815


class Order(Struct):
    """One of ``openOrders``."""

    symbol: str
    orderId: int  # noqa: N815
    clientOrderId: str  # noqa: N815
    price: str
    origQty: str  # noqa: N815
    executedQty: str  # noqa: N815
    status: str
    type: str
    side: str
    time: int
    updateTime: int = 0  # noqa: N815


_trades = msgspec.json.Decoder(list[Trade]).decode
_orders = msgspec.json.Decoder(list[Order]).decode


def trades(body: bytes) -> list[Trade]:
    return _decoded(_trades, body)


def orders(body: bytes) -> list[Order]:
    return _decoded(_orders, body)


def _decoded(decode, body: bytes):
    try:
        return decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DecodeError(f"expected trades or orders: {error}", body) from error


def reported(report: Report, received_ns: int, names: Names) -> list[PrivateEvent]:
    """What became of an order, and what it traded if that is what happened."""
    status = _STATUS.get(report.X)
    if status is None:
        return [Unknown(f"execution {report.X}"[:40])]
    update = _update(
        report.s, report.i, report.C or report.c, report.S, report.o, status,
        (report.p, report.q, report.z), report.T, received_ns,
    )  # fmt: skip
    if report.x != "TRADE":
        return [update]
    pair = names.get(report.s)
    if pair is None:
        raise UnknownSymbol(report.s)
    fees = ((report.N, report.n or ""),) if report.N else ()
    made = _fill(
        pair, report.t, report.i, report.S, report.L, report.l, fees, report.m, report.T, received_ns, STREAM
    )
    return [update, proven(msgspec.structs.replace(made, cost=report.Y))]


def recorded(trade: Trade, pair: Pair, received_ns: int) -> Fill:
    """``{"symbol":"BNBBTC","id":28457,"orderId":100234,"price":"4.00000100","qty":"12.00000000",…}``"""
    side = "BUY" if trade.isBuyer else "SELL"
    fees = ((trade.commissionAsset, trade.commission),)
    made = _fill(
        pair, trade.id, trade.orderId, side, trade.price, trade.qty, fees, trade.isMaker, trade.time,
        received_ns, REST,
    )  # fmt: skip
    return proven(msgspec.structs.replace(made, cost=trade.quoteQty))


def listed(order: Order, received_ns: int) -> OrderUpdate | None:
    status = _STATUS.get(order.status)
    if status is None:
        return None
    numbers = order.price, order.origQty, order.executedQty
    return _update(order.symbol, order.orderId, order.clientOrderId, order.side, order.type, status,
                   numbers, order.updateTime or order.time, received_ns)  # fmt: skip


def _update(
    symbol: str, number: int, client: str, side: str, kind: str, status: str,
    numbers: tuple[str, str, str], ms: int, received_ns: int,
) -> OrderUpdate:  # fmt: skip
    if side not in _SIDES:
        raise ValueError(f"side: expected BUY or SELL, found {side!r:.20}")
    price, qty, filled = map(number_or_nothing, numbers)
    # A market order's price is written as zero.
    price = price if price.strip("0.") else ""
    kind = kind.lower().replace("_", "-")
    return OrderUpdate(instrument_name(VENUE, symbol), str(number), client, _SIDES[side], kind, status,
                       price, qty, filled, ms * 1000, received_ns)  # fmt: skip


def _fill(
    pair: Pair, trade: int, order: int, side: str, price: str, qty: str, fees: tuple[tuple[str, str], ...],
    maker: bool, ms: int, received_ns: int, source: str,
) -> Fill:  # fmt: skip
    liquidity = MAKER if maker else TAKER
    return Fill(instrument_name(VENUE, pair.native), str(trade), str(order), _SIDES.get(side, ""), price, qty,
                fees, pair.base, pair.quote, liquidity, ms * 1000, received_ns, source)  # fmt: skip
