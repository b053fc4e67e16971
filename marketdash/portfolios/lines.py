"""The lines of a portfolio at the prices of one moment: what is held, and which contracts are open. Pure.

All functions run under :func:`marketdash.portfolios.exact.precisely`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from feeds.frames import LIVE
from marketdash.portfolios.exact import ONE, ZERO, share
from marketdash.portfolios.lots import Position, cost_of, unrealised
from marketdash.portfolios.pools import Pool
from marketdash.portfolios.valuation import Market, Quote, Rate, price_of

HUNDRED = Decimal(100)


class Earlier(NamedTuple):
    """What a market's ``base`` cost a day ago, in its quote."""

    base: str
    price: Decimal


class Held(NamedTuple):
    account: int
    quantity: Decimal


class Holding(NamedTuple):
    """One asset in all accounts. ``cost`` is that of what has one; ``unknown`` is how much has none, what is
    owed counted like what is there.

    ``average`` and ``gain`` are of what has a cost, ``price`` is of one; all in the currency. Where one
    account owes what another has, costs cancel out: what is left of them has no average and no per cent.
    """

    asset: str
    quantity: Decimal
    accounts: tuple[Held, ...]
    cost: Decimal
    unknown: Decimal
    average: Decimal | None
    rate: Rate | None
    price: Decimal | None
    value: Decimal | None
    gain: Decimal | None
    percent: Decimal | None
    day: Decimal | None
    weight: Decimal | None = None

    @property
    def name(self) -> str:
        return self.asset

    @property
    def age_us(self) -> int | None:
        """None where no market is asked: the currency is worth itself."""
        return self.rate.age_us if self.rate is not None and self.rate.steps else None

    @property
    def is_stale(self) -> bool:
        return self.rate is not None and not self.rate.is_live


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


def holding(
    asset: str, held: Sequence[tuple[int, Pool]], market: Market, earlier: Mapping[str, Earlier]
) -> Holding:
    """``held``: account and pool, of one asset."""
    pools, rate = [pool for _, pool in held], market.rate(asset)
    quantity = sum((pool.quantity for pool in pools), ZERO)
    cost = sum((pool.cost for pool in pools), ZERO)
    known = sum((pool.quantity - pool.unknown for pool in pools), ZERO)
    has_cost = any(pool.quantity != pool.unknown for pool in pools)
    gain = rate.of(known) - cost if rate is not None and has_cost else None
    is_one_way = len({pool.quantity > 0 for pool in pools}) == 1
    return Holding(
        asset,
        quantity,
        tuple(Held(account, pool.quantity) for account, pool in held),
        cost,
        sum((abs(pool.unknown) for pool in pools), ZERO),
        share(cost, ONE, known) if known and is_one_way else None,
        rate,
        None if rate is None else rate.of(ONE),
        None if rate is None else rate.of(quantity),
        gain,
        share(gain, HUNDRED, abs(cost)) if gain is not None and cost and is_one_way else None,
        _day(quantity, rate, earlier),
    )


def _day(quantity: Decimal, rate: Rate | None, earlier: Mapping[str, Earlier]) -> Decimal | None:
    """What is held now, along the same path a day ago. A stale price says nothing of a day."""
    if rate is None or not rate.is_live:
        return None
    over = under = ONE
    for step in rate.steps:
        then = earlier.get(step.symbol)
        if then is None or not then.price:
            return None
        if then.base == step.source:
            over *= then.price
        else:
            under *= then.price
    return rate.of(quantity) - share(quantity, over, under)


def position(
    key: tuple[int, str], held: Position, market: Market, quote: Quote | None, earlier: Earlier | None
) -> Open:
    """``key``: account and instrument, whose market ``quote`` is."""
    rate, mark = market.rate(held.asset), None if quote is None else price_of(quote)
    gain, before = _gain_at(held, mark), _gain_at(held, earlier.price if earlier is not None else None)
    live = not held.pool.quantity or (quote is not None and quote.state == LIVE)
    moved = gain - before if live and gain is not None and before is not None else None
    to_come = None if gain is None else held.gained - held.paid + gain
    worths = [None if part is None or rate is None else rate.of(part) for part in (gain, to_come, moved)]
    return Open(
        key[1],
        key[0],
        held.asset,
        held.pool.quantity,
        _opened_at(held),
        mark,
        None if mark is None or quote is None else quote.age_us,
        live and (rate is None or rate.is_live),
        *worths,
    )


def _gain_at(held: Position, price: Decimal | None) -> Decimal | None:
    """What is unrealised at a price, in what the contracts settle in."""
    if not held.pool.quantity:
        return ZERO
    if price is None or held.contract is None:
        return None
    value = cost_of(held.pool.quantity, held.contract._replace(price=price))
    return unrealised(held.pool, value)[0]


def _opened_at(held: Position) -> Decimal | None:
    """The average price of what is open: of an inverse one the harmonic mean, as its cost is made."""
    pool, terms = held.pool, held.contract
    if terms is None or not pool.quantity or not pool.cost:
        return None
    size = pool.quantity * terms.multiplier
    return share(size, -ONE, pool.cost) if terms.inverse else share(pool.cost, ONE, size)
