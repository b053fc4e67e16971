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
from marketdash.portfolios.valuing.lines import (
    Earlier,
    Holding,
    Kept,
    Open,
    Priced,
    Pricing,
    again,
    holding,
    kept,
    position,
)
from marketdash.portfolios.valuing.summary import Figure, Line, Summary, arranged, by_asset, moves, still_open
from marketdash.portfolios.valuing.valuation import Quote

Key: TypeAlias = tuple[str, int]
"""(asset, 0) or (instrument, account)."""


class Change(NamedTuple):
    """One line: as it was when it was last taken, and as it is. ``alike``: by how much its value, its gain
    and its day moved all three; None where they did not move alike."""

    before: Line
    now: Line
    alike: Decimal | None = None


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
    what a market was a day ago comes with its quote. The book does not change."""

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
            self.lines: dict[Key, Line] = {
                **{key: holding(of, pricing.of(of.asset)) for key, of in self._kept.items()},
                **{key: self._opened(key, of) for key, of in self._contracts.items()},
            }
            for line in self.lines.values():
                self._join(line)
        self._simple = {key for key, of in self._kept.items() if of.is_known and of.asset != book.base}

    def take(self) -> dict[Key, Change]:
        """Lines of which something came anew since the last time, whether they are others for it or not."""
        with precisely():
            found = self._take_holdings()
            if self._contracts:
                found |= self._take_contracts()
            for before, now, alike in found.values():
                if alike is None:
                    self._move(before, now)
        return found

    def _take_holdings(self) -> dict[Key, Change]:
        """The hot path: nearly all lines, many times a second."""
        self._pricing.settle()
        found, lines, now_of, sum_alike = {}, self.lines, self._pricing.now, ZERO
        for key in self._kept:
            before, priced = lines[key], now_of[key[0]]
            was = before.priced  # type: ignore[union-attr]
            if was is priced:
                continue
            alike = None
            if key in self._simple and was and priced and was.earlier and was.earlier == priced.earlier:
                now = again(before, priced)  # type: ignore[arg-type]
                alike = now.value - before.value  # type: ignore[operator]
                sum_alike += alike
            else:
                now = holding(self._kept[key], priced, before)  # type: ignore[arg-type]
            lines[key], found[key] = now, Change(before, now, alike)
        for figure in (self._total, self._gain, self._day):
            figure.value += sum_alike
        return found

    def _take_contracts(self) -> dict[Key, Change]:
        found = {}
        for key, before in self._contracts.items():
            now = self._contracts_now(key[0], before.held)
            if now.quote is not before.quote or now.priced is not before.priced:
                self._contracts[key] = now
                found[key] = Change(self.lines[key], self._opened(key, now))
                self.lines[key] = found[key].now
        return found

    def _contracts_now(self, name: str, held: Position) -> _Contracts:
        return _Contracts(held, self._marks.get(name), self._pricing.of(held.asset))

    def _opened(self, key: Key, of: _Contracts) -> Open:
        return position((key[1], key[0]), of.held, self._pricing.market, of.quote, self._earlier.get(key[0]))

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
        lines = self.lines.values()
        held = [line for line in lines if isinstance(line, Holding)]
        return arranged(self.book, held, [line for line in lines if isinstance(line, Open)])

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
