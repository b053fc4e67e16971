"""A portfolio whose prices move: only lines whose prices came anew are worked out again. Pure.

Sums are exact, so what a line differs by, added to one, gives what adding all of them would: at every moment
:meth:`Moving.summary` is what :func:`.summary.summary` makes of the same book and quotes
from nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from marketdash.portfolios.accounting.exact import ZERO, precisely
from marketdash.portfolios.accounting.lots import Book, Position
from marketdash.portfolios.valuing.lines import Holding, Kept, Open, holding, kept, position
from marketdash.portfolios.valuing.pricing import Earlier, Priced, Pricing
from marketdash.portfolios.valuing.steady import Steady, Step, is_steady, step
from marketdash.portfolios.valuing.summary import Figure, Line, Summary, arranged, by_asset, moves, still_open
from marketdash.portfolios.valuing.told import Told
from marketdash.portfolios.valuing.valuation import Quote

Key: TypeAlias = tuple[str, int]
"""(asset, 0) or (instrument, account)."""


class Change(NamedTuple):
    """One line: as it was when it was last taken, and as it is."""

    before: Line
    now: Line


class Taken(NamedTuple):
    """Lines of which something came anew: those that went on as they did, and the others."""

    steady: Step
    changes: dict[Key, Change]


class Sum:
    """A :class:`Figure` whose parts change."""

    __slots__ = ("value", "unknown", "known")

    def __init__(self) -> None:
        self.value, self.unknown, self.known = ZERO, 0, 0

    def join(self, part: Decimal | None) -> None:
        self.move(ZERO, part)
        self.known += 1

    def move(self, before: Decimal | None, now: Decimal | None) -> None:
        """One part is another now."""
        if before is None:
            self.unknown, self.known = self.unknown - 1, self.known + 1
            before = ZERO
        if now is None:
            self.unknown, self.known = self.unknown + 1, self.known - 1
            now = ZERO
        if now != before:
            self.value += now - before

    def leave(self, part: Decimal | None) -> None:
        self.move(part, ZERO)
        self.known -= 1

    @property
    def figure(self) -> Figure:
        return Figure(self.value, self.unknown, self.known)


class _Contracts(NamedTuple):
    """What a position was made of: the very objects, which are others when they came anew."""

    held: Position
    quote: Quote | None
    priced: Priced | None


class Moving:
    """``pricing``, ``marks`` and ``earlier`` are filled by whoever hears of ticks, for all that follow them:
    what a market was a day ago comes with its quote. The book does not change. ``told`` is for whoever says
    of each line what it is."""

    def __init__(
        self, book: Book, pricing: Pricing, marks: Mapping[str, Quote], earlier: Mapping[str, Earlier]
    ) -> None:
        self.book, self._pricing, self._marks, self._earlier = book, pricing, marks, earlier
        self._total, self._gain, self._day = Sum(), Sum(), Sum()
        with precisely():
            self._kept: dict[Key, Kept] = {(asset, 0): kept(asset, pools) for asset, pools in by_asset(book)}
            self._contracts: dict[Key, _Contracts] = {
                (name, account): self._contracts_now(name, held) for (account, name), held in still_open(book)
            }
            self._steady: dict[Key, Steady] = {}
            self._others: dict[Key, Holding] = {}
            self._open = {key: self._opened(key, of) for key, of in self._contracts.items()}
            self.told = {key: Told(key[0]) for key in (*self._kept, *self._open)}
            for key, of in self._kept.items():
                self._put(key, holding(of, pricing.of(of.asset)))
            for line in self.lines.values():
                self._join(line)

    @property
    def lines(self) -> dict[Key, Line]:
        """As they were last taken, in order."""
        steady, others = self._steady, self._others
        held = {key: steady[key].line() if key in steady else others[key] for key in self._kept}
        return {**held, **self._open}

    def _put(self, key: Key, line: Holding) -> None:
        """Where it belongs from now on."""
        if is_steady(line, self.book.base):
            self._others.pop(key, None)
            self._steady[key] = Steady(line, self.told[key])
        else:
            self._steady.pop(key, None)
            self._others[key] = line

    def take(self) -> Taken:
        """Lines of which something came anew since the last time, whether they are others for it or not."""
        self._pricing.settle()
        now = self._pricing.now
        with precisely():
            found = step(self._steady.values(), now)
            self._total.value += found.value
            self._gain.value += found.value
            self._day.value += found.day
            changes = self._changes(found.left, now)
            if self._contracts:
                changes |= self._take_contracts()
            for before, after in changes.values():
                self._move(before, after)
        return Taken(found, changes)

    def _changes(self, left: list[Steady], now: Mapping[str, Priced | None]) -> dict[Key, Change]:
        """Of holdings that go another way now, or whose way is never that of :mod:`.steady`."""
        before = {(each.asset, 0): each.line() for each in left}
        before |= {key: each for key, each in self._others.items() if each.priced is not now[each.asset]}
        found: dict[Key, Change] = {}
        for key, line in before.items():
            after = holding(line.kept, now[line.asset], line)
            found[key] = Change(line, after)
            self._put(key, after)
        return found

    def _take_contracts(self) -> dict[Key, Change]:
        found: dict[Key, Change] = {}
        for key, before in self._contracts.items():
            now = self._contracts_now(key[0], before.held)
            if now.quote is not before.quote or now.priced is not before.priced:
                self._contracts[key] = now
                found[key] = Change(self._open[key], self._opened(key, now))
                self._open[key] = found[key].now  # type: ignore[assignment]
        return found

    def _contracts_now(self, name: str, held: Position) -> _Contracts:
        return _Contracts(held, self._marks.get(name), self._pricing.of(held.asset))

    def _opened(self, key: Key, of: _Contracts) -> Open:
        return position((key[1], key[0]), of.held, of.priced, of.quote, self._earlier.get(key[0]))

    @property
    def total(self) -> Decimal:
        return self._total.value

    @property
    def unrealised(self) -> Figure:
        return self._gain.figure

    @property
    def day(self) -> Figure:
        return self._day.figure

    def summary(self) -> Summary:
        """All of it, as it was last taken."""
        held = [line for line in self.lines.values() if isinstance(line, Holding)]
        return arranged(self.book, held, self._open.values())

    def _join(self, line: Line) -> None:
        self._total.join(line.value)
        if moves(line, self.book.base):
            self._gain.join(line.gain)
            self._day.join(line.day)

    def _move(self, before: Line, now: Line) -> None:
        self._total.move(before.value, now.value)
        if moves(before, self.book.base) and moves(now, self.book.base):
            self._gain.move(before.gain, now.gain)
            self._day.move(before.day, now.day)
        else:
            self._change_sides(before, now)

    def _change_sides(self, before: Line, now: Line) -> None:
        """The currency's own line counts while it gained something by another name, and else does not."""
        if moves(before, self.book.base):
            self._gain.leave(before.gain)
            self._day.leave(before.day)
        if moves(now, self.book.base):
            self._gain.join(now.gain)
            self._day.join(now.day)
