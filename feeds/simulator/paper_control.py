"""Paper accounts through the control door: the one place from which an order can be placed.

``/control/paper/keys?venue=&account=&rights=``   a new key with its secret
``/control/paper/order?symbol=&side=&qty=&price=`` into the book at once; without a price a market order
``/control/paper/cancel?venue=&order=``  ``orders``  ``fills``  ``balances``
``/control/paper/<fault>?venue=&n=&seconds=&…``    one of :data:`FAULTS`
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from feeds.simulator.faults import LinkFault
from feeds.simulator.market import Market
from feeds.simulator.paper import PaperFill, PaperOrder, amount_text
from feeds.simulator.private import CHANNEL, Private, PrivateTrouble
from feeds.simulator.truth import price_text, qty_text

if TYPE_CHECKING:
    from feeds.simulator.server import Simulator

ACCOUNT = "paper"
"""The account that is meant where none is named."""
_DISTORTIONS = ("gap", "duplicate", "shuffle", "stall")
Query = Mapping[str, str]


def done(simulator: Simulator, action: str, query: Query) -> object:
    """What was asked for; raises ``ValueError`` or ``KeyError`` with what is wrong."""
    venue = (query.get("venue") or query.get("symbol", "").partition(":")[0]).upper()
    if venue not in simulator.privates:
        raise ValueError(f"venue: expected one of {', '.join(simulator.privates)}, found {venue!r:.40}")
    private = simulator.privates[venue]
    if action in _ACTIONS:
        return _ACTIONS[action](simulator, private, query)
    if action in FAULTS:
        return {"fault": action, "touched": FAULTS[action](private, query)}
    raise ValueError(f"paper: expected one of {', '.join([*_ACTIONS, *FAULTS])}, found {action!r:.40}")


# accounts and orders


def _keys(simulator: Simulator, private: Private, query: Query) -> dict[str, str]:
    rights = [right for right in query.get("rights", "read").split(",") if right]
    made = private.made_key(query.get("kind", ""))
    private.desk.add_key(query.get("account", ACCOUNT), rights, made.key, made.kept)
    return {"venue": private.exchange.name, "key": made.key, "secret": made.secret}


def _order(simulator: Simulator, private: Private, query: Query) -> dict[str, Any]:
    market = simulator.market(query["symbol"])
    qty = _units("qty", query["qty"], market.listing.qty_decimals)
    price = query.get("price", "")
    units = _units("price", price, market.listing.price_decimals) if price else 0
    account, client = query.get("account", ACCOUNT), query.get("client", "")
    placed = private.desk.place(account, market, query["side"], qty, units, client)
    simulator.write()
    return shown(private, placed)


def _cancel(simulator: Simulator, private: Private, query: Query) -> dict[str, Any]:
    canceled = private.desk.cancel(query.get("account", ACCOUNT), int(query["order"]))
    simulator.write()
    return shown(private, canceled)


def _orders(simulator: Simulator, private: Private, query: Query) -> list[dict[str, Any]]:
    orders = private.desk.account(query.get("account", ACCOUNT)).orders.values()
    return [shown(private, order) for order in orders]


def _fills(simulator: Simulator, private: Private, query: Query) -> list[dict[str, Any]]:
    return [_fill(private, fill) for fill in private.desk.account(query.get("account", ACCOUNT)).fills]


def _balances(simulator: Simulator, private: Private, query: Query) -> dict[str, str]:
    account = private.desk.account(query.get("account", ACCOUNT))
    return {asset: _short(account.balance(asset)) for asset in account.assets()}


def _short(amount: Fraction) -> str:
    text = amount_text(amount, 20)
    return text.rstrip("0").rstrip(".")


def _units(what: str, text: str, decimals: int) -> int:
    """Whole units of 10^-decimals; what falls between two of them is refused."""
    try:
        units = Decimal(text).scaleb(decimals)
        if units == units.to_integral_value():
            return int(units)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    raise ValueError(f"{what}: expected a number with at most {decimals} decimals, found {text!r:.40}")


def shown(private: Private, order: PaperOrder) -> dict[str, Any]:
    """An order with what it traded, in the venue's digits."""
    market = order.market
    fills = [fill for fill in order.account.fills if fill.order is order]
    return {
        "order": order.number, "symbol": market.listing.name, "side": "buy" if order.bought else "sell",
        "status": order.status, "price": price_text(market, order.price) if order.price else "",
        "qty": qty_text(market, order.qty), "filled": qty_text(market, order.filled),
        "fills": [_fill(private, fill) for fill in fills],
    }  # fmt: skip


def _fill(private: Private, fill: PaperFill) -> dict[str, Any]:
    market: Market = fill.order.market
    return {
        "trade_id": private.trade_id(fill), "public_id": str(fill.number), "order": fill.order.number,
        "symbol": market.listing.name, "side": "buy" if fill.order.bought else "sell",
        "price": price_text(market, fill.price), "qty": qty_text(market, fill.qty),
        "maker": fill.maker, "fee": _short(fill.fee), "fee_asset": fill.fee_asset,
        "time_us": fill.time_ns // 1000,
    }  # fmt: skip


_ACTIONS: dict[str, Callable[[Simulator, Private, Query], object]] = {
    "keys": _keys, "order": _order, "cancel": _cancel, "orders": _orders, "fills": _fills,
    "balances": _balances,
}  # fmt: skip

# faults


def _distort(kind: str) -> Callable[[Private, Query], int]:
    """The next ``n`` messages to each private link: left out, repeated, reordered, or none at all."""

    def apply(private: Private, query: Query) -> int:
        for link in private.links:
            link.faults.append(LinkFault(kind, int(query.get("n", 1)), "", CHANNEL))
        return len(private.links)

    return apply


def _close(private: Private, query: Query) -> int:
    """Cut all links and let nobody in until ``open``: what is traded meanwhile, only REST will tell."""
    private.trouble.closed = True
    return private.drop()


def _open(private: Private, query: Query) -> int:
    private.trouble.closed = False
    return 1


def _revoke(private: Private, query: Query) -> int:
    private.desk.keys[query["key"]].revoked = True
    return 1


def _grant(private: Private, query: Query) -> int:
    """Give a key other rights than it had."""
    private.desk.keys[query["key"]].rights = frozenset(query["rights"].split(","))
    return 1


def _set(name: str, read: Callable[[Query], Any]) -> Callable[[Private, Query], int]:
    def apply(private: Private, query: Query) -> int:
        setattr(private.trouble, name, read(query))
        return 1

    return apply


def _clear(private: Private, query: Query) -> int:
    private.trouble = PrivateTrouble()
    for link in private.links:
        link.faults.clear()
    return 1


FAULTS: dict[str, Callable[[Private, Query], int]] = {
    **{kind: _distort(kind) for kind in _DISTORTIONS},
    "drop": lambda private, query: private.drop(),
    "close": _close,
    "open": _open,
    "revoke": _revoke,
    "grant": _grant,
    "expire": _set("dead_tokens", lambda query: int(query.get("n", 1))),
    "slow": _set("slow_s", lambda query: float(query["seconds"])),
    "lag": _set("lag_s", lambda query: float(query["seconds"])),
    "clear": _clear,
}
