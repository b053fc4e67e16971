"""What is known of an account's orders. Pure.

Venues say all of an order once and then only what changed, on two ways that overtake one another; here each
update becomes the whole order as it is now.
"""

from __future__ import annotations

from collections import OrderedDict

from msgspec.structs import asdict, replace

from feeds.private import OVER, OrderUpdate

_KEPT = 1000
_SAID = ("instrument", "client_order_id", "side", "kind", "price", "qty", "filled_qty")


class Orders:
    """The last thousand that changed, open or over: what comes late still finds its order."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, OrderUpdate] = OrderedDict()

    def now(self, update: OrderUpdate) -> OrderUpdate | None:
        """The order after ``update``; None while nobody said of what it is, or when it brings nothing."""
        known = self._known.get(update.order_id)
        merged = update if known is None else _merged(known, update)
        self._known[update.order_id] = merged
        self._known.move_to_end(update.order_id)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        unchanged = known is not None and replace(merged, received_ns=known.received_ns) == known
        return None if unchanged or not merged.instrument else merged

    def open(self) -> list[OrderUpdate]:
        return [order for order in self._known.values() if order.status not in OVER]


def _merged(known: OrderUpdate, update: OrderUpdate) -> OrderUpdate:
    """The later one, with what only the earlier one said."""
    earlier, later = known, update
    over = known.status in OVER and update.status not in OVER
    if over or update.exchange_us < known.exchange_us:
        earlier, later = update, known
    said = asdict(earlier)
    return replace(later, **{name: getattr(later, name) or said[name] for name in _SAID})
