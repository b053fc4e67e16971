"""Kraken's executions: rows of its private socket, and of the account's history by REST.

A trade has two numbers: ``exec_id``, by which REST and Kraken's files know it, and ``trade_id``, which counts
a pair's trades in public. Here it goes by the first.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec import Raw, Struct

from feeds.bare import digits
from feeds.events import Unknown
from feeds.fills import number_or_nothing, proven
from feeds.private import (
    MAKER,
    NEW,
    REST,
    STATUSES,
    STREAM,
    TAKER,
    Fill,
    OrderUpdate,
    Pair,
    PrivateEvent,
)
from feeds.symbols import instrument_name
from feeds.venues.kraken.messages import micros
from feeds.venues.kraken.shapes import NOTHING

VENUE = "KRAKEN"
_STATUS = {"pending_new": NEW} | {status: status for status in STATUSES}
_LIQUIDITY = {"m": MAKER, "t": TAKER, True: MAKER, False: TAKER}


class _Fee(Struct):
    asset: str
    qty: Raw


class _Execution(Struct):
    exec_type: str
    order_id: str
    timestamp: str
    order_status: str = ""
    symbol: str = ""
    side: str = ""
    order_type: str = ""
    cl_ord_id: str = ""
    exec_id: str = ""
    liquidity_ind: str = ""
    order_qty: Raw = NOTHING
    limit_price: Raw = NOTHING
    cum_qty: Raw = NOTHING
    last_qty: Raw = NOTHING
    last_price: Raw = NOTHING
    cost: Raw = NOTHING
    fees: list[_Fee] = []


class Trade(Struct):
    ordertxid: str
    pair: str
    time: Raw
    type: str
    price: str
    vol: str
    fee: str
    cost: str = ""
    maker: bool | None = None


class History(Struct):
    trades: dict[str, Trade]
    count: int = 0


_rows = msgspec.json.Decoder(list[_Execution]).decode


def streamed(data: Raw, received_ns: int) -> list[PrivateEvent]:
    """``[{"exec_type":"trade","exec_id":"TGBB7L-…","order_id":"OK4GJX-…","last_qty":0.005,…}]``"""
    return [event for row in _rows(data) for event in _events(row, received_ns)]


def _events(row: _Execution, received_ns: int) -> list[PrivateEvent]:
    status = _STATUS.get(row.order_status)
    if status is None:
        return [Unknown(f"execution {row.order_status}"[:40])]
    update = _update(row, status, received_ns)
    return [update, _filled(row, received_ns)] if row.exec_type == "trade" else [update]


def _update(row: _Execution, status: str, received_ns: int) -> OrderUpdate:
    """Only the first event of an order says what it is of."""
    return OrderUpdate(
        instrument_name(VENUE, row.symbol) if row.symbol else "",
        row.order_id,
        row.cl_ord_id,
        row.side,
        row.order_type,
        status,
        *(number_or_nothing(digits(raw)) for raw in (row.limit_price, row.order_qty, row.cum_qty)),
        micros(row.timestamp),
        received_ns,
    )


def _filled(row: _Execution, received_ns: int) -> Fill:
    base, _, quote = row.symbol.partition("/")
    return proven(
        Fill(
            instrument_name(VENUE, row.symbol),
            row.exec_id,
            row.order_id,
            row.side,
            digits(row.last_price),
            digits(row.last_qty),
            tuple((fee.asset, digits(fee.qty)) for fee in row.fees),
            base,
            quote,
            _LIQUIDITY.get(row.liquidity_ind, ""),
            micros(row.timestamp),
            received_ns,
            STREAM,
            digits(row.cost),
        )
    )


def recorded(trade_id: str, trade: Trade, pair: Pair, received_ns: int) -> Fill:
    """``"TCCCTY-…":{"ordertxid":"OQCLML-…","pair":"XXBTZUSD","time":1688667796.8802,"vol":"0.02",…}``

    Kraken writes what a trade cost in fees in the currency it was paid in.
    """
    return proven(
        Fill(
            instrument_name(VENUE, pair.native),
            trade_id,
            trade.ordertxid,
            trade.type,
            trade.price,
            trade.vol,
            ((pair.quote, trade.fee),),
            pair.base,
            pair.quote,
            _LIQUIDITY.get(trade.maker, ""),
            int(Decimal(digits(trade.time)) * 1_000_000),
            received_ns,
            REST,
            trade.cost,
        )
    )
