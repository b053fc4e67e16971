"""Paper accounts: orders placed by hand into the simulator's own books, which trade there like all others.

They are placed through the control door alone: no program that follows an account can place one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from feeds.simulator.market import Market, Tick, TradeRecord
from feeds.simulator.matching import ASK, BID
from feeds.simulator.text import fixed

READ, TRADE, WITHDRAW = "read", "trade", "withdraw"
RIGHTS = (READ, TRADE, WITHDRAW)
_CASH, _COINS = 1_000_000, 1_000
_MONEY = frozenset({"USD", "USDT", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD"})


class Refusal(ValueError):
    """An order that no exchange would take."""


@dataclass(slots=True)
class PaperKey:
    """``kept`` checks its signatures. A revoked key is answered like one that never was."""

    key: str
    kept: str
    rights: frozenset[str]
    account: PaperAccount
    revoked: bool = False
    nonce: int = 0


@dataclass(slots=True)
class PaperOrder:
    """``price`` is 0 for a market order; ``resting`` is its number in the book while it lies there."""

    number: int
    account: PaperAccount
    market: Market
    side: int
    price: int
    qty: int
    placed_ns: int
    client_id: str
    filled: int = 0
    status: str = "new"
    changed_ns: int = 0
    resting: int = 0

    @property
    def bought(self) -> bool:
        return self.side == BID

    @property
    def open(self) -> bool:
        return self.status in ("new", "partially_filled")


class PaperFill(NamedTuple):
    """``number`` is the public trade's. ``fee`` is in ``fee_asset``, already rounded as the venue does."""

    order: PaperOrder
    number: int
    price: int
    qty: int
    maker: bool
    time_ns: int
    fee: Fraction
    fee_asset: str


@dataclass(slots=True)
class PaperAccount:
    """``balances`` start with plenty of everything that is asked for."""

    name: str
    orders: dict[int, PaperOrder] = field(default_factory=dict)
    fills: list[PaperFill] = field(default_factory=list)
    moved: dict[str, Fraction] = field(default_factory=dict)

    def balance(self, asset: str) -> Fraction:
        return (_CASH if asset in _MONEY else _COINS) + self.moved.get(asset, Fraction(0))

    def add(self, asset: str, amount: Fraction) -> None:
        self.moved[asset] = self.moved.get(asset, Fraction(0)) + amount

    def assets(self) -> Iterable[str]:
        return sorted(self.moved)


Fee = Callable[[PaperOrder, Fraction, Fraction, bool], tuple[Fraction, str]]
"""(order, quantity, cost, maker) → fee and its asset."""


class Desk:
    """One exchange's paper accounts. ``fee`` is the exchange's; the two ``tell``s are what its links hear.

    ``publish`` gets the ticks, so that the public tape shows what happened.
    """

    def __init__(
        self,
        fee: Fee,
        tell_order: Callable[[PaperOrder, str], None],
        tell_fill: Callable[[PaperFill], None],
        publish: Callable[[Tick], None],
        now_ns: Callable[[], int],
    ) -> None:
        self.accounts: dict[str, PaperAccount] = {}
        self.keys: dict[str, PaperKey] = {}
        self.counters: Counter[str] = Counter()
        self._fee, self._tell_order, self._tell_fill = fee, tell_order, tell_fill
        self._publish, self._now_ns = publish, now_ns
        self._number = 1_000_000

    # accounts

    def account(self, name: str) -> PaperAccount:
        return self.accounts.setdefault(name, PaperAccount(name))

    def add_key(self, account: str, rights: Iterable[str], text: str, kept: str) -> PaperKey:
        """A key of an account; ``kept`` is what its signatures are checked with."""
        wanted = frozenset(rights)
        if wrong := wanted.difference(RIGHTS):
            raise Refusal(f"rights: expected {', '.join(RIGHTS)}, found {', '.join(sorted(wrong))}")
        self.keys[text] = PaperKey(text, kept, wanted, self.account(account))
        return self.keys[text]

    # orders

    def place(
        self, account: str, market: Market, side: str, qty: int, price: int = 0, client_id: str = ""
    ) -> PaperOrder:
        """Into the book, at once; raises :class:`Refusal`."""
        if side not in ("buy", "sell"):
            raise Refusal(f"side: expected buy or sell, found {side!r:.20}")
        if qty <= 0 or price < 0:
            raise Refusal("order: quantity and price must be above 0")
        if market.status != "trading":
            raise Refusal(f"market: {market.listing.name} is {market.status}")
        self._number += 1
        owner, now_ns = self.account(account), self._now_ns()
        order = PaperOrder(self._number, owner, market, BID if side == "buy" else ASK, price, qty, now_ns,
                           client_id, changed_ns=now_ns)  # fmt: skip
        self._afford(order)
        owner.orders[order.number] = order
        self._tell_order(order, "new")
        self._make_way(order)
        self._match(order)
        return order

    def cancel(self, account: str, number: int) -> PaperOrder:
        order = self.account(account).orders.get(number)
        if order is None or not order.open:
            raise Refusal(f"order: no open order {number} in {account}")
        tick = order.market.withdraw(order.resting, self._now_ns())
        self._over(order, "canceled")
        self._publish(tick)
        return order

    def _afford(self, order: PaperOrder) -> None:
        listing = order.market.listing
        best = order.market.book.sides[ASK if order.bought else BID].best()
        amount, cost = _amounts(order.market, order.price or best, order.qty)
        asset, needed = (listing.quote, cost) if order.bought else (listing.base, amount)
        if order.account.balance(asset) < needed:
            raise Refusal(f"order: {asset} does not suffice")

    def _make_way(self, order: PaperOrder) -> None:
        """Nobody trades with themselves: what one has in the way is canceled, as exchanges do."""
        sign = 1 if order.bought else -1
        for other in list(order.account.orders.values()):
            meets = not order.price or (order.price - other.price) * sign >= 0
            if other.open and other.market is order.market and other.side != order.side and meets:
                self.cancel(order.account.name, other.number)

    def _match(self, order: PaperOrder) -> None:
        resting, _, tick = order.market.place(order.side, order.price, order.qty, order.placed_ns)
        if resting:
            order.resting = resting
            order.market.own(resting, lambda made: self._filled(order, made, maker=True))
        for made in tick.trades:
            self._filled(order, made, maker=False)
        if order.open and not resting:
            # A market order for which the book did not suffice.
            self._over(order, "canceled")
        self._publish(tick)

    def _filled(self, order: PaperOrder, made: TradeRecord, *, maker: bool) -> None:
        qty, cost = _amounts(order.market, made.price, made.qty)
        fee, asset = self._fee(order, qty, cost, maker)
        fill = PaperFill(order, made.trade_id, made.price, made.qty, maker, made.time_ns, fee, asset)
        order.filled += made.qty
        order.status = "filled" if order.filled == order.qty else "partially_filled"
        order.changed_ns = made.time_ns
        self._settle(order, qty, cost, fill)
        order.account.fills.append(fill)
        self._tell_fill(fill)
        if order.status == "filled":
            order.market.disown(order.resting)
            self._tell_order(order, "filled")

    def _settle(self, order: PaperOrder, qty: Fraction, cost: Fraction, fill: PaperFill) -> None:
        listing, sign = order.market.listing, 1 if order.bought else -1
        order.account.add(listing.base, sign * qty)
        order.account.add(listing.quote, -sign * cost)
        order.account.add(fill.fee_asset, -fill.fee)

    def _over(self, order: PaperOrder, status: str) -> None:
        order.status, order.changed_ns = status, self._now_ns()
        self._tell_order(order, status)


def _qty(market: Market, qty: int) -> Fraction:
    return Fraction(qty, 10**market.listing.qty_decimals)


def _amounts(market: Market, price: int, qty: int) -> tuple[Fraction, Fraction]:
    """(quantity, cost) in whole units of their assets."""
    amount = _qty(market, qty)
    return amount, amount * Fraction(price, 10**market.listing.price_decimals)


def rounded(amount: Fraction, decimals: int) -> Fraction:
    """Up, as those do who charge it."""
    return Fraction(-(-amount * 10**decimals // 1), 10**decimals)


def amount_text(amount: Fraction, decimals: int) -> str:
    """With all its decimals; what has more of them than that is cut."""
    return fixed(int(amount * 10**decimals), decimals)
