"""The cells of one row → its legs, by what its format declares. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from marketdash.portfolios.accounting.exact import ONE, plain, share
from marketdash.portfolios.accounting.ledger import POSITION
from marketdash.portfolios.imports import cells as written
from marketdash.portfolios.imports.cells import NOTHING, BadCell
from marketdash.portfolios.imports.declared import Contracts, Take
from marketdash.portfolios.imports.pieces import Part, Wrong

if TYPE_CHECKING:
    from marketdash.portfolios.imports.lines import Reading

_HUNDREDTH = Decimal("0.01")


class Row:
    """One row while it is read; ``_more`` is what no column carries."""

    def __init__(self, reading: Reading, line: int, cells: Sequence[str]) -> None:
        self.of, self.line, self.cells = reading, line, cells
        self._more: dict[str, str] = {}

    def text(self, meaning: str) -> str:
        """``=USD`` is that very text, of any row. Asked a dozen times a row, so it calls nothing."""
        if found := self._more.get(meaning):
            return found
        places, cells = self.of.places.get(meaning), self.cells
        if places is None:
            return meaning[1:] if meaning[:1] == "=" else ""
        for at in places:
            if at < len(cells) and (text := cells[at].strip()) not in NOTHING:
                return text
        return ""

    def wrong(self, meaning: str, words: str) -> Wrong:
        return Wrong(self.line, self.of.title(meaning), words)

    def read(self, meaning: str, how: Callable[[str], int]) -> int:
        text = self.text(meaning)
        try:
            if not text:
                raise BadCell("expected something, found nothing")
            return how(text)
        except BadCell as problem:
            raise self.wrong(meaning, problem.words) from None

    def cut(self) -> None:
        """What stands within another cell, or somewhere else in the file."""
        for meaning, (source, pattern) in (*self.of.format.cuts.items(), *self.of.format.fills.items()):
            if not self.text(meaning):
                found = written.within(self.text(source), pattern)
                self._more[meaning] = found or self.of._fills.get(meaning, "")
        for amount, asset in self.of.format.in_header.items():
            if (found := self.of.money(amount, self.cells)) and not self.text(asset):
                self._more[asset] = found

    def prepare(self) -> None:
        """Assets that stand in a pair or behind numbers."""
        whole = self.text(self.of.format.pair) if self.of.format.pair else ""
        for meaning, asset in self.of.format.suffixed.items():
            if cell := self.text(meaning):
                likely = [*written.ends(cell, whole), self._more.get("base", ""), self._more.get("quote", "")]
                self._more[meaning], self._more[asset] = written.suffixed(cell, likely)
        if whole and not (self.text("base") and self.text("quote")):
            try:
                self._more["base"], self._more["quote"] = written.pair(whole, self.of.code)
            except BadCell as problem:
                title = self.of.title(self.of.format.pair)
                words = self.of.known.over.get(problem.code, problem.words)
                raise Wrong(self.line, title, words, problem.code) from None

    def number(self, meaning: str) -> Decimal:
        sign = self.of.sign_within if meaning in self.of.format.cuts else self.of.sign
        try:
            return written.number(self.text(meaning), sign)
        except BadCell as problem:
            raise self.wrong(meaning, problem.words) from None

    def part(self, take: Take) -> Part | None:
        """None: nothing moves, it is told elsewhere, or the cell may be empty and is."""
        if (take.optional and not self.text(take.amount[0])) or self._is_elsewhere(take):
            return None
        amount = self._amount(take)
        for inner in take.less:
            if self.text(inner.amount[0]) and self._is_same(take.asset, inner.asset):
                amount -= self._amount(inner)
        if not amount:
            return None
        return self._contract(take, amount) if take.instrument else self._plain(take, amount)

    def _amount(self, take: Take) -> Decimal:
        amount = ONE
        for meaning in take.amount:
            amount *= self._signed(meaning, take)
        if take.split:
            new, old = map(self.number, take.split)
            if not new or not old or new == old:
                raise self.wrong(take.split[0], f"expected other numbers, found {new} for {old}")
            amount = share(amount, old if take.sign < 0 else new, abs(new - old))
        return amount * (take.sign or 1)

    def _is_elsewhere(self, take: Take) -> bool:
        asked = bool(take.within and (self.text(take.asset) or not self.of.places.get(take.asset)))
        return asked and not any(self._is_same(take.asset, each) for each in take.within)

    def _is_same(self, one: str, other: str) -> bool:
        """Of two meanings of assets."""
        first, second = self.text(one), self.text(other)
        return first == second or self._unit(first) == self._unit(second) != (None, ONE)

    def _signed(self, meaning: str, take: Take) -> Decimal:
        found = self.number(meaning)
        if take.size:
            return abs(found)
        if found < 0 and take.sign:
            raise self.wrong(meaning, f"expected 0 or more, found {self.text(meaning)!r:.60}")
        return found

    def _plain(self, take: Take, amount: Decimal) -> Part:
        code = self.text(take.asset)
        asset, unit = self._unit(code)
        if asset is None:
            words = (
                f"expected a known asset, found {code!r:.40}" if code else "expected an asset, found nothing"
            )
            raise Wrong(self.line, self.of.title(take.asset), self.of.known.over.get(code, words), code)
        found = Part(code, asset, amount * unit, take.role)
        if not (take.worth and self.text(take.worth) and self.text(take.in_)):
            return found
        currency, unit = self._unit(self.text(take.in_))
        worth = abs(self.number(take.worth)) * unit  # 0 is what is written where no price is known
        return found._replace(worth=worth, currency=currency) if currency and worth else found

    def _unit(self, code: str) -> tuple[str | None, Decimal]:
        """The asset, and what one of the file's is of it: a penny is a hundredth of a pound."""
        whole = written.HUNDREDTHS.get(code)
        return (self.of.code(whole or code) if code else None), _HUNDREDTH if whole else ONE

    def _contract(self, take: Take, amount: Decimal) -> Part:
        """A leg of a derivative: its position, or money that it paid."""
        native, leg = "-".join(self.text(take.instrument).split()), self._plain(take, amount)
        terms = self.of.contract(native)
        if terms is None:
            raise self.wrong(take.instrument, f"expected the name of a derivative, found {native!r:.40}")
        name = f"{terms.venue}:{native}"
        if take.role != POSITION:
            return leg._replace(instrument=name)
        if not (multiplier := self._multiplier(take, terms, name)):
            raise self.wrong(take.instrument, f"expected a contract of known size, found {native!r:.40}")
        return leg._replace(
            instrument=name, price=self.number(take.price), multiplier=multiplier, inverse=terms.inverse
        )

    def _multiplier(self, take: Take, terms: Contracts, name: str) -> str | None:
        if not take.multiplier:
            return terms.multiplier or self.of.known.size(name)
        if not self.text(take.multiplier):
            words = "expected how much one contract is of, found nothing: add this column to the export"
            raise self.wrong(take.multiplier, words)
        return plain(self.number(take.multiplier))
