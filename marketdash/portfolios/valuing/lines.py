"""The lines of a portfolio at the prices of one moment: what is held, and which contracts are open. Pure.

All functions run under :func:`marketdash.portfolios.accounting.exact.precisely`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from feeds.frames import LIVE
from marketdash.portfolios.accounting.basis import cost_of
from marketdash.portfolios.accounting.basis import price_of as opened_at
from marketdash.portfolios.accounting.exact import ONE, ZERO, precisely, share
from marketdash.portfolios.accounting.lots import Position, unrealised
from marketdash.portfolios.accounting.pools import Pool
from marketdash.portfolios.valuing.pricing import Earlier, Priced
from marketdash.portfolios.valuing.valuation import Quote, Rate, price_of

HUNDRED = Decimal(100)


class Held(NamedTuple):
    account: int
    quantity: Decimal


class Kept(NamedTuple):
    """What no price changes of one asset in all accounts. ``cost`` is that of what has one, which is
    ``known`` of it; ``unknown`` is how much has none, what is owed counted like what is there.

    ``average`` is of what has a cost; ``is_known``: all of it has one. Where one account owes what another
    has (not ``is_one_way``), costs cancel out: what is left of them has no average and no per cent.
    """

    asset: str
    quantity: Decimal
    accounts: tuple[Held, ...]
    cost: Decimal
    known: Decimal
    unknown: Decimal
    average: Decimal | None
    has_cost: bool
    is_one_way: bool
    is_known: bool


class Holding(NamedTuple):
    """``value`` and what it gained, ``gain`` of what has a cost and ``day`` in a day; ``then`` is what it was
    worth a day ago. All in the currency."""

    kept: Kept
    priced: Priced | None
    value: Decimal | None
    gain: Decimal | None
    day: Decimal | None
    then: Decimal | None = None
    weight: Decimal | None = None

    @property
    def asset(self) -> str:
        return self.kept.asset

    @property
    def name(self) -> str:
        return self.kept.asset

    @property
    def quantity(self) -> Decimal:
        return self.kept.quantity

    @property
    def accounts(self) -> tuple[Held, ...]:
        return self.kept.accounts

    @property
    def cost(self) -> Decimal:
        return self.kept.cost

    @property
    def unknown(self) -> Decimal:
        return self.kept.unknown

    @property
    def average(self) -> Decimal | None:
        return self.kept.average

    @property
    def rate(self) -> Rate | None:
        return None if self.priced is None else self.priced.rate

    @property
    def price(self) -> Decimal | None:
        return None if self.priced is None else self.priced.price

    @property
    def percent(self) -> Decimal | None:
        """What it gained of its cost."""
        if self.gain is None or not self.kept.cost or not self.kept.is_one_way:
            return None
        with precisely():
            return share(self.gain, HUNDRED, abs(self.kept.cost))

    @property
    def age_us(self) -> int | None:
        return None if self.priced is None else self.priced.age_us

    @property
    def is_stale(self) -> bool:
        return self.priced is not None and not self.priced.is_live


class Open(NamedTuple):
    """Contracts of one instrument in one account. ``opened`` and ``mark`` are prices of the instrument.

    ``value`` is all that is still to come, ``gain`` what of it is unrealised; both in the currency.
    ``live``: its price, and the rate of what it settles in.
    """

    name: str
    account: int
    asset: str
    quantity: Decimal
    opened: Decimal | None
    mark: Decimal | None
    age_us: int | None
    live: bool
    gain: Decimal | None
    value: Decimal | None
    day: Decimal | None
    weight: Decimal | None = None

    @property
    def is_stale(self) -> bool:
        return self.value is not None and not self.live


def kept(asset: str, held: Sequence[tuple[int, Pool]]) -> Kept:
    """``held``: account and pool, of one asset."""
    pools = [pool for _, pool in held]
    cost = sum((pool.cost for pool in pools), ZERO)
    known = sum((pool.quantity - pool.unknown for pool in pools), ZERO)
    is_one_way = len({pool.quantity > 0 for pool in pools}) == 1
    quantity = sum((pool.quantity for pool in pools), ZERO)
    has_cost = any(pool.quantity != pool.unknown for pool in pools)
    return Kept(
        asset,
        quantity,
        tuple(Held(account, pool.quantity) for account, pool in held),
        cost,
        known,
        sum((abs(pool.unknown) for pool in pools), ZERO),
        share(cost, ONE, known) if known and is_one_way else None,
        has_cost,
        is_one_way,
        has_cost and known == quantity,
    )


def holding(of: Kept, priced: Priced | None, before: Holding | None = None) -> Holding:
    """``before`` is the same line at other prices: what it was worth a day ago is mostly the same then."""
    if priced is None:
        return Holding(of, None, None, None, None)
    rate, quantity = priced.rate, of.quantity
    value = share(quantity, rate.over, rate.under)
    gain = day = then = None
    if of.has_cost:
        gain = (value if of.is_known else rate.of(of.known)) - of.cost
    if priced.earlier is not None:
        is_same = before is not None and before.priced is not None and before.priced.earlier == priced.earlier
        then = before.then if is_same else share(quantity, *priced.earlier)  # type: ignore[union-attr]
        day = value - then  # type: ignore[operator]
    return Holding(of, priced, value, gain, day, then)


def position(
    key: tuple[int, str],
    held: Position,
    priced: Priced | None,
    quote: Quote | None,
    earlier: Earlier | None,
) -> Open:
    """``key``: account and instrument, whose market ``quote`` is; ``priced``: one of what it settles in."""
    rate, mark = None if priced is None else priced.rate, None if quote is None else price_of(quote)
    gain = _gain_at(held, mark)
    to_come = None if gain is None else held.gained - held.paid + gain
    unrealised, value = [None if part is None or rate is None else rate.of(part) for part in (gain, to_come)]
    live = not held.pool.quantity or (quote is not None and quote.state == LIVE)
    then = _a_day_ago(held, priced, earlier) if live else None
    return Open(
        key[1],
        key[0],
        held.asset,
        held.pool.quantity,
        opened_at(held.pool.quantity, held.pool.cost, held.contract),
        mark,
        None if mark is None or quote is None else quote.age_us,
        live and (rate is None or rate.is_live),
        unrealised,
        value,
        None if value is None or then is None else value - then,
    )


def _a_day_ago(held: Position, priced: Priced | None, earlier: Earlier | None) -> Decimal | None:
    """All that is still to come, at the prices of then: of the contracts, and of what they settle in."""
    gain = _gain_at(held, earlier.price if earlier is not None else None)
    if gain is None or priced is None or priced.earlier is None:
        return None
    return share(held.gained - held.paid + gain, *priced.earlier)


def _gain_at(held: Position, price: Decimal | None) -> Decimal | None:
    """What is unrealised at a price, in what the contracts settle in."""
    if not held.pool.quantity:
        return ZERO
    if price is None or held.contract is None:
        return None
    value = cost_of(held.pool.quantity, held.contract._replace(price=price))
    return unrealised(held.pool, value)[0]
