"""A portfolio as it is shown: a folded book at the prices of one moment. Pure.

One function for the page, the API and whoever follows it live, so all say the same, digit by digit. What is
not known is None, or counted beside what is; it is never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from marketdash.portfolios.accounting.exact import ONE, ZERO, precisely, share
from marketdash.portfolios.accounting.lots import (
    EARNED,
    FEE_PAID,
    FUNDED,
    GAIN,
    POSITION_GAIN,
    Book,
    Position,
)
from marketdash.portfolios.accounting.pools import Pool
from marketdash.portfolios.valuing.lines import (
    HUNDRED,
    Holding,
    Open,
    holding,
    kept,
    position,
)
from marketdash.portfolios.valuing.pricing import Earlier, Pricing
from marketdash.portfolios.valuing.valuation import Market, Quote

Line: TypeAlias = Holding | Open


class Figure(NamedTuple):
    """A sum of the ``known`` parts; of the ``unknown`` ones nobody can say."""

    value: Decimal
    unknown: int
    known: int

    @property
    def is_unknown(self) -> bool:
        """Altogether: there is something, and none of it is known."""
        return bool(self.unknown) and not self.known


class Summary(NamedTuple):
    """``total`` is the sum of all values that are known; ``age_us`` the age of the oldest price in it.

    ``day``: what is held now, against the prices of a day ago. ``missing`` has no value, ``stale`` has an
    old one, of ``uncosted`` a part has no known cost.
    """

    base: str
    method: str
    total: Decimal
    unrealised: Figure
    realised: Figure
    income: Figure
    fees: Figure
    funding: Figure
    day: Figure
    holdings: tuple[Holding, ...]
    positions: tuple[Open, ...]
    missing: tuple[str, ...]
    stale: tuple[str, ...]
    uncosted: tuple[str, ...]
    age_us: int

    @property
    def is_partial(self) -> bool:
        return bool(self.missing or self.stale)

    @property
    def day_percent(self) -> Decimal | None:
        """Of what all of it was worth a day ago."""
        with precisely():
            before = self.total - self.day.value
            return None if self.day.unknown or before <= 0 else share(self.day.value, HUNDRED, before)


FIGURES = ("unrealised", "realised", "income", "fees", "funding", "day")
"""Those of :class:`Summary`, by name."""
_NAMES = ("missing", "stale", "uncosted")


def summary(
    book: Book,
    market: Market,
    marks: Mapping[str, Quote] | None = None,
    earlier: Mapping[str, Earlier] | None = None,
) -> Summary:
    """``marks`` are markets of derivatives by full name, ``earlier`` prices of a day ago by market.

    The largest holding comes first, positions by name.
    """
    marks, earlier = marks or {}, earlier or {}
    with precisely():
        pricing = Pricing(market, earlier)
        held = [holding(kept(asset, pools), pricing.of(asset)) for asset, pools in by_asset(book)]
        opened = [
            position(key, each, pricing.of(each.asset), marks.get(key[1]), earlier.get(key[1]))
            for key, each in still_open(book)
        ]
    return arranged(book, held, opened)


def arranged(book: Book, held: Iterable[Holding], opened: Iterable[Open]) -> Summary:
    """Lines that are at hand, in order and with their weights, and what they come to."""
    with precisely():
        held = sorted(held, key=lambda each: (each.value is None, -(each.value or ZERO), each.asset))
        opened = list(opened)
        values = [each.value for each in (*held, *opened)]
        total = sum((value for value in values if value is not None), ZERO)
        weights = _weights(values, total)
        holdings = tuple(each._replace(weight=weights[at]) for at, each in enumerate(held))
        positions = tuple(each._replace(weight=weights[len(held) + at]) for at, each in enumerate(opened))
    return _summed(book, total, holdings, positions)


def together(found: Sequence[Summary]) -> Summary:
    """Sums of several in one currency; lines are left out. What is not the whole of one is not of all."""
    with precisely():
        total = sum((each.total for each in found), ZERO)
    return found[0]._replace(
        total=total,
        **{name: _added(getattr(each, name) for each in found) for name in FIGURES},
        holdings=(),
        positions=(),
        **{name: tuple(sorted({of for each in found for of in getattr(each, name)})) for name in _NAMES},
        age_us=max(each.age_us for each in found),
    )


def _added(figures: Iterable[Figure]) -> Figure:
    found = list(figures)
    with precisely():
        value = sum((each.value for each in found), ZERO)
    return Figure(value, sum(each.unknown for each in found), sum(each.known for each in found))


def by_asset(book: Book) -> list[tuple[str, list[tuple[int, Pool]]]]:
    """What is there, by code and account; what was all given away is left out."""
    found: dict[str, list[tuple[int, Pool]]] = {}
    for (account, asset), pool in sorted(book.pools.items(), key=lambda item: item[0]):
        if pool.quantity:
            found.setdefault(asset, []).append((account, pool))
    return sorted(found.items(), key=lambda item: item[0])


def still_open(book: Book) -> list[tuple[tuple[int, str], Position]]:
    """By account and instrument, in the order of the latter: with contracts, or with something to come."""
    found = (
        (key, each) for key, each in book.positions.items() if each.pool.quantity or each.gained != each.paid
    )
    return sorted(found, key=lambda item: item[0][::-1])


def _weights(values: Sequence[Decimal | None], total: Decimal) -> list[Decimal | None]:
    """Of what is known, 1 altogether: the last has what is left. Of nothing, or of debts, there are none."""
    found = [None if value is None or total <= 0 else share(ONE, value, total) for value in values]
    last = max((at for at, weight in enumerate(found) if weight is not None), default=None)
    if last is not None:
        found[last] = ONE - sum((each for each in found[:last] if each is not None), ZERO)
    return found


def _summed(
    book: Book, total: Decimal, holdings: tuple[Holding, ...], positions: tuple[Open, ...]
) -> Summary:
    rows: list[Line] = [*holdings, *positions]
    return Summary(
        base=book.base,
        method=book.method,
        total=total,
        unrealised=_figure(each.gain for each in rows if moves(each, book.base)),
        realised=tallied(book, GAIN, POSITION_GAIN),
        income=tallied(book, EARNED),
        fees=tallied(book, FEE_PAID),
        funding=tallied(book, FUNDED),
        day=_figure(each.day for each in rows if moves(each, book.base)),
        holdings=holdings,
        positions=positions,
        **names(rows),
        age_us=max((each.age_us for each in rows if each.age_us is not None), default=0),
    )


def moves(line: Line, base: str) -> bool:
    """The currency gains nothing against itself, unless it came by another name or number."""
    return line.name != base or bool(line.gain)


_STANDINGS: dict[str, Callable[[Line], bool]] = {
    "missing": lambda each: each.value is None,
    "stale": lambda each: each.is_stale,
    "uncosted": lambda each: isinstance(each, Holding) and bool(each.unknown),
}


def names(lines: Collection[Line]) -> dict[str, tuple[str, ...]]:
    """Of what is missing, stale, uncosted."""
    return {
        what: tuple(sorted({each.name for each in lines if test(each)})) for what, test in _STANDINGS.items()
    }


def stands(line: Line) -> tuple[bool, ...]:
    """In which of the lists of :func:`names` it is."""
    return tuple(test(line) for test in _STANDINGS.values())


def _figure(parts: Iterable[Decimal | None]) -> Figure:
    found = list(parts)
    known = [part for part in found if part is not None]
    with precisely():
        return Figure(sum(known, ZERO), len(found) - len(known), len(known))


def tallied(book: Book, *kinds: str) -> Figure:
    tallies = [tally for (kind, _, _), tally in book.tallies.items() if kind in kinds]
    with precisely():
        value = sum((each.value for each in tallies), ZERO)
    unknown = sum(each.unknown for each in tallies)
    known = sum(1 for each in tallies if each.value or not each.unknown)
    return Figure(value, unknown, known)
