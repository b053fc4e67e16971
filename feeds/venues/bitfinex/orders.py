"""Single orders of a book (R0), and the levels that they make.

https://docs.bitfinex.com/reference/ws-public-raw-books: a row is an order as it is now, and a price of 0
means that it is gone. An order may move to another price under its number.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from feeds.bare import digits
from feeds.events import Level
from feeds.venues.bitfinex.shapes import Order

_Place = tuple[bool, str]
"""Whether it is an ask, and its price."""


class Orders:
    """Of one book, as its channel tells them."""

    def __init__(self) -> None:
        self._orders: dict[int, tuple[_Place, Decimal]] = {}
        self._sums: dict[_Place, Decimal] = {}

    def take(self, rows: Iterable[Order]) -> tuple[list[Level], list[Level]]:
        """Bids and asks that changed, with what is there now; 0 is nothing. Raises ValueError."""
        touched: dict[_Place, None] = {}
        for row in rows:
            price, amount = digits(row.price), Decimal(digits(row.amount))
            if held := self._orders.pop(row.id, None):
                self._add(held[0], -held[1])
                touched[held[0]] = None
            if not is_gone(row):
                place = amount < 0, price
                self._orders[row.id] = place, abs(amount)
                self._add(place, abs(amount))
                touched[place] = None
        return self._levels(touched, asks=False), self._levels(touched, asks=True)

    def _add(self, place: _Place, amount: Decimal) -> None:
        self._sums[place] = self._sums.get(place, Decimal()) + amount
        if not self._sums[place]:
            del self._sums[place]

    def _levels(self, touched: Iterable[_Place], *, asks: bool) -> list[Level]:
        places = [place for place in touched if place[0] == asks]
        return [(place[1], _plain(self._sums.get(place, Decimal()))) for place in places]


def is_gone(row: Order) -> bool:
    return not digits(row.price).strip("0.")


def _plain(amount: Decimal) -> str:
    """Without zeros at its end, as the venue writes amounts: 0.5 and 0.5 are 1."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
