"""Coinbase's orders, as its channel ``user`` tells them, and the account's fills by REST.

https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels (User)
https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders/list-fills
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

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
    TAKER,
    Ask,
    Fill,
    OrderUpdate,
    PrivateEvent,
    Query,
)
from feeds.symbols import instrument_name, is_number
from feeds.venues.coinbase.messages import VENUE
from feeds.venues.coinbase.shapes import micros

FILLS = "/api/v3/brokerage/orders/historical/fills"
PAGE = "250"
_STATUS = {
    "PENDING": NEW, "QUEUED": NEW, "OPEN": NEW, "CANCEL_QUEUED": NEW, "EDIT_QUEUED": NEW, "FILLED": FILLED,
    "CANCELLED": CANCELED, "EXPIRED": EXPIRED, "FAILED": REJECTED,
}  # fmt: skip
_SIDES = {"BUY": BUY, "SELL": SELL}
_LIQUIDITY = {"MAKER": MAKER, "TAKER": TAKER}
# A size in what is paid is divided by the price to so many decimals: no amount of the venue has more.
_DECIMALS = Decimal("1E-8")


class Order(Struct):
    """One of an event: ``cumulative_quantity`` is filled by now, ``leaves_quantity`` is not."""

    order_id: str
    product_id: str
    order_side: str
    status: str
    client_order_id: str = ""
    cumulative_quantity: str = ""
    leaves_quantity: str = ""
    limit_price: str = ""
    order_type: str = ""


class Trade(Struct):
    """One of the list of fills. ``size_in_quote``: ``size`` is of what was paid, not of what was bought."""

    trade_id: str
    order_id: str
    trade_time: str
    price: str
    size: str
    commission: str
    product_id: str
    side: str
    trade_type: str = "FILL"
    liquidity_indicator: str = ""
    size_in_quote: bool = False


class Fills(Struct):
    fills: list[Trade]
    cursor: str = ""


def told(order: Order, us: int, received_ns: int, *, snapshot: bool) -> list[PrivateEvent]:
    """The order as it is now. That something was filled is all that the channel says: REST says what."""
    status = _STATUS.get(order.status)
    if status is None:
        return [Unknown(f"order {order.status}"[:40])]
    filled = number_or_nothing(order.cumulative_quantity)
    some = bool(filled.strip("0."))
    if order.order_side not in _SIDES:
        raise ValueError(f"order_side: expected BUY or SELL, found {order.order_side!r:.20}")
    update = OrderUpdate(
        instrument_name(VENUE, order.product_id),
        order.order_id,
        order.client_order_id,
        _SIDES[order.order_side],
        order.order_type.lower().replace("_", "-"),
        PARTIALLY_FILLED if some and status == NEW else status,
        _price(order.limit_price),
        _sum(filled, number_or_nothing(order.leaves_quantity)),
        filled,
        us,
        received_ns,
    )
    return [update, Ask(fills_of(order.order_id), filled)] if some and not snapshot else [update]


def fills_of(order_id: str) -> Query:
    return Query("GET", FILLS, (("order_ids", order_id), ("limit", PAGE)))


def _price(text: str) -> str:
    price = number_or_nothing(text)
    return price if price.strip("0.") else ""


def _sum(filled: str, left: str) -> str:
    return format(Decimal(filled) + Decimal(left), "f") if filled and left else ""


def recorded(trade: Trade, received_ns: int) -> Fill:
    """``{"trade_id":"1111-11111-111111","price":"10000.00","size":"0.001","commission":"1.25",…}``"""
    base, _, quote = trade.product_id.rpartition("-")
    size_is_cost = trade.size_in_quote
    return proven(
        Fill(
            instrument_name(VENUE, trade.product_id),
            trade.trade_id,
            trade.order_id,
            _SIDES.get(trade.side, ""),
            trade.price,
            _divided(trade.size, trade.price) if size_is_cost else trade.size,
            ((quote, trade.commission),),
            base,
            quote,
            _LIQUIDITY.get(trade.liquidity_indicator, ""),
            micros(trade.trade_time),
            received_ns,
            REST,
            trade.size if size_is_cost else "",
        )
    )


def _divided(paid: str, price: str) -> str:
    if not (is_number(paid) and is_number(price) and price.strip("0.")):
        raise ValueError(f"size: expected numbers above 0, found {paid!r:.40} at {price!r:.40}")
    text = format((Decimal(paid) / Decimal(price)).quantize(_DECIMALS), "f")
    return text.rstrip("0").rstrip(".") or "0"
