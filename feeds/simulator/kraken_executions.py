"""An account's orders and fills as Kraken writes them: bare numbers on the socket, strings by REST.

https://docs.kraken.com/api/docs/websocket-v2/executions
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from feeds.simulator.kraken_text import pair_key
from feeds.simulator.paper import PaperFill, PaperOrder, amount_text
from feeds.simulator.text import fixed, iso_us

FEE_DECIMALS = COST_DECIMALS = 5
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def txid(letter: str, number: int) -> str:
    """``TCCCTY-WE2O6-P3NB37``: six, five and six signs."""
    digest = hashlib.sha256(f"{letter}{number}".encode()).digest()
    signs = letter + "".join(_ALPHABET[byte % 32] for byte in digest[:16])
    return f"{signs[:6]}-{signs[6:11]}-{signs[11:17]}"


def frame(kind: str, rows: Iterable[str], number: int) -> bytes:
    """``kind`` is snapshot or update; ``number`` counts the frames of a subscription."""
    data = ",".join(rows)
    return f'{{"channel":"executions","type":"{kind}","data":[{data}],"sequence":{number}}}'.encode()


def trade_id(fill: PaperFill) -> str:
    return txid("T", fill.number * 2 + fill.maker)


def _kind(order: PaperOrder) -> str:
    return "limit" if order.price else "market"


def _side(order: PaperOrder) -> str:
    return "buy" if order.bought else "sell"


def _numbers(order: PaperOrder) -> tuple[str, str, str]:
    listing = order.market.listing
    lots = [fixed(units, listing.qty_decimals) for units in (order.qty, order.filled)]
    return fixed(order.price, listing.price_decimals), *lots


def whole(order: PaperOrder, what: str) -> str:
    price, qty, filled = _numbers(order)
    status = what if what == "pending_new" else order.status
    client = f'"cl_ord_id":"{order.client_id}",' if order.client_id else ""
    limit = f'"limit_price":{price},"limit_price_type":"static",' if order.price else ""
    return (
        f'{{"order_id":"{txid("O", order.number)}","order_userref":0,{client}'
        f'"symbol":"{order.market.listing.native}","order_qty":{qty},"cum_qty":{filled},"cum_cost":0.0,'
        f'"time_in_force":"GTC","exec_type":"{what}","side":"{_side(order)}","order_type":"{_kind(order)}",'
        f'{limit}"stop_price":0.0,"order_status":"{status}","fee_usd_equiv":0.0,"fee_ccy_pref":"fciq",'
        f'"timestamp":"{iso_us(order.changed_ns)}"}}'
    )


def brief(order: PaperOrder, what: str) -> str:
    """Of an order that was told whole: only how it stands now."""
    filled = _numbers(order)[2]
    return (
        f'{{"timestamp":"{iso_us(order.changed_ns)}","order_status":"{order.status}","exec_type":"{what}",'
        f'"order_userref":0,"cum_qty":{filled},"order_id":"{txid("O", order.number)}"}}'
    )


def execution(fill: PaperFill) -> str:
    order, listing = fill.order, fill.order.market.listing
    price, qty = fixed(fill.price, listing.price_decimals), fixed(fill.qty, listing.qty_decimals)
    fee = amount_text(fill.fee, FEE_DECIMALS)
    return (
        f'{{"order_id":"{txid("O", order.number)}","order_userref":0,"exec_id":"{trade_id(fill)}",'
        f'"exec_type":"trade","trade_id":{fill.number},"symbol":"{listing.native}","side":"{_side(order)}",'
        f'"last_qty":{qty},"last_price":{price},"liquidity_ind":"{"m" if fill.maker else "t"}",'
        f'"cost":{_cost(fill)},"order_type":"{_kind(order)}","timestamp":"{iso_us(fill.time_ns)}",'
        f'"order_status":"partially_filled","cum_qty":{_numbers(order)[2]},'
        f'"fees":[{{"asset":"{fill.fee_asset}","qty":{fee}}}]}}'
    )


def _cost(fill: PaperFill) -> str:
    """To the venue's five decimals, which is also what its ledger moves."""
    listing = fill.order.market.listing
    cost = Fraction(fill.price * fill.qty, 10 ** (listing.price_decimals + listing.qty_decimals))
    return amount_text(Fraction(round(cost * 10**COST_DECIMALS), 10**COST_DECIMALS), COST_DECIMALS)


def trade(fill: PaperFill) -> dict[str, Any]:
    order, listing = fill.order, fill.order.market.listing
    return {
        "ordertxid": txid("O", order.number), "postxid": "TKH2SE-M7IF5-CFI7LT",
        "pair": pair_key(listing.base, listing.quote),
        # A float has the digits of a microsecond until the year 2112.
        "time": fill.time_ns // 1000 / 1e6, "type": _side(order), "ordertype": _kind(order),
        "price": fixed(fill.price, listing.price_decimals), "cost": _cost(fill),
        "fee": amount_text(fill.fee, FEE_DECIMALS), "vol": fixed(fill.qty, listing.qty_decimals),
        "margin": "0.00000", "leverage": "0", "misc": "", "trade_id": fill.number, "maker": fill.maker,
    }  # fmt: skip


def open_order(order: PaperOrder) -> dict[str, Any]:
    price, qty, filled = _numbers(order)
    return {
        "refid": None, "userref": 0, "status": "open", "opentm": order.placed_ns // 1000 / 1e6,
        "descr": {"pair": order.market.listing.native.replace("/", ""), "type": _side(order),
                  "ordertype": _kind(order), "price": price},
        "vol": qty, "vol_exec": filled, "oflags": "fciq",
    }  # fmt: skip
