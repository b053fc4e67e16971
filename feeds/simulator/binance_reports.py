"""An account's orders and trades as Binance writes them.

https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream
"""

from __future__ import annotations

from typing import Any

from feeds.simulator.paper import PaperFill, PaperOrder, amount_text
from feeds.simulator.text import fixed
from feeds.simulator.truth import price_text, qty_text

AMOUNT_DECIMALS = 8


def ms(ns: int) -> int:
    return ns // 1_000_000


def _quote(order: PaperOrder, price: int, qty: int) -> str:
    listing = order.market.listing
    decimals = listing.price_decimals + listing.qty_decimals
    # What is beyond eight decimals is cut.
    units, shift = price * qty, decimals - AMOUNT_DECIMALS
    return fixed(units // 10**shift if shift > 0 else units * 10**-shift, AMOUNT_DECIMALS)


def report(order: PaperOrder, what: str, fill: PaperFill | None, now_ns: int, number: int) -> dict[str, Any]:
    """``executionReport``; ``what`` is NEW, TRADE, CANCELED."""
    market, zero = order.market, qty_text(order.market, 0)
    last = (fill.price, fill.qty) if fill else (0, 0)
    canceled = what == "CANCELED"
    client = order.client_id or f"paper-{order.number}"
    return {
        "e": "executionReport", "E": ms(now_ns), "s": market.listing.native,
        "c": f"web_{order.number}" if canceled else client, "S": "BUY" if order.bought else "SELL",
        "o": "LIMIT" if order.price else "MARKET", "f": "GTC", "q": qty_text(market, order.qty),
        "p": price_text(market, order.price), "P": price_text(market, 0), "F": zero, "g": -1,
        "C": client if canceled else "", "x": what, "X": order.status.upper(), "r": "NONE",
        "i": order.number, "l": qty_text(market, last[1]), "z": qty_text(market, order.filled),
        "L": price_text(market, last[0]),
        "n": amount_text(fill.fee, AMOUNT_DECIMALS) if fill else "0", "N": fill.fee_asset if fill else None,
        "T": ms(order.changed_ns), "t": fill.number if fill else -1, "I": number, "w": order.open,
        "m": bool(fill and fill.maker), "M": False, "O": ms(order.placed_ns), "Z": zero,
        "Y": _quote(order, *last), "Q": zero, "W": ms(order.placed_ns), "V": "NONE",
    }  # fmt: skip


def trade(fill: PaperFill) -> dict[str, Any]:
    """One of ``myTrades``."""
    market = fill.order.market
    return {
        "symbol": market.listing.native, "id": fill.number, "orderId": fill.order.number, "orderListId": -1,
        "price": price_text(market, fill.price), "qty": qty_text(market, fill.qty),
        "quoteQty": _quote(fill.order, fill.price, fill.qty),
        "commission": amount_text(fill.fee, AMOUNT_DECIMALS), "commissionAsset": fill.fee_asset,
        "time": ms(fill.time_ns), "isBuyer": fill.order.bought, "isMaker": fill.maker, "isBestMatch": True,
    }  # fmt: skip


def open_order(order: PaperOrder) -> dict[str, Any]:
    """One of ``openOrders``."""
    market = order.market
    return {
        "symbol": market.listing.native, "orderId": order.number, "orderListId": -1,
        "clientOrderId": order.client_id or f"paper-{order.number}",
        "price": price_text(market, order.price), "origQty": qty_text(market, order.qty),
        "executedQty": qty_text(market, order.filled), "cummulativeQuoteQty": qty_text(market, 0),
        "status": order.status.upper(), "timeInForce": "GTC", "type": "LIMIT",
        "side": "BUY" if order.bought else "SELL", "stopPrice": price_text(market, 0),
        "icebergQty": qty_text(market, 0), "time": ms(order.placed_ns), "updateTime": ms(order.changed_ns),
        "isWorking": True, "workingTime": ms(order.placed_ns), "origQuoteOrderQty": qty_text(market, 0),
        "selfTradePreventionMode": "NONE",
    }  # fmt: skip
