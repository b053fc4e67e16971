"""A row → its piece of an entry, by what its format declares. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from marketdash.portfolios.accounting.exact import ONE, precisely
from marketdash.portfolios.accounting.ledger import POSITION
from marketdash.portfolios.imports import cells as written
from marketdash.portfolios.imports import recognising
from marketdash.portfolios.imports.cells import NOTHING, BadCell
from marketdash.portfolios.imports.declared import TRADED, Contracts, Format, Rule, Skip, Take
from marketdash.portfolios.imports.pieces import Known, Left, Part, Piece, Wrong
from marketdash.portfolios.imports.sheets import Sheet

_HUNDREDTH = Decimal("0.01")


class Reading:
    """One sheet by one format. ``zone``: minutes east of UTC by choice, before what the file says."""

    def __init__(
        self, format: Format, sheet: Sheet, known: Known, file_name: str = "", zone: int | None = None
    ) -> None:
        self.format, self.sheet, self.known = format, sheet, known
        self._names = recognising.columns(sheet.header)
        self.places = {
            meaning: [self._names.index(name) for name in names if name in self._names]
            for meaning, names in format.columns.items()
        }
        self.zone, self.zone_by = self._zone(file_name, zone)
        self.times = written.in_order(format.times, self._cells("time"))
        self.sign = written.decimal_sign(self._numbers())
        self.sign_within = self._sign_within() if format.cuts else ""
        self._skips = [skip for skip in format.skips if self._is_skipped(skip)]
        self._codes: dict[str, str | None] = {}
        self.kept: set[str] = set()  # assets that nobody knows yet: their code is all that is known
        self._rules: dict[tuple[str, ...], Rule] = {}
        self._fills = {meaning: self._filled(meaning, file_name) for meaning in format.fills}

    def _zone(self, file_name: str, chosen: int | None) -> tuple[int, str]:
        """The first that says one, and who: asked are a choice, the column, what stands above, the name."""
        columns = [self.sheet.header[at] for at in self.places.get("time", ())]
        said = [("the column's name", each) for each in columns]
        said += [("the lines above the header", self.sheet.above), ("the file's name", file_name)]
        if chosen is not None:
            return chosen, "your choice"
        for by, text in said:
            found = recognising.zone(text)
            if found is not None:
                return found, by
        return 0, "the format" if self.format.zone else ""

    def _amounts(self) -> set[str]:
        """Meanings whose cells are to be numbers."""
        rules = [*self.format.words.values(), *([self.format.otherwise] if self.format.otherwise else [])]
        takes = [take for rule in rules for take in rule.takes]
        return {name for take in takes for name in (*take.amount, take.price)}

    def _numbers(self) -> Iterator[str]:
        meanings = self._amounts()
        coded = meanings & self.format.suffixed.keys()
        yield from self._cells(*meanings - coded)
        yield from (written.suffixed(cell)[0] for cell in self._cells(*coded))

    def _sign_within(self) -> str:
        """Of numbers in notes, which a program that writes all cells anew leaves as they were."""
        cuts = [self.format.cuts[meaning] for meaning in self._amounts() & self.format.cuts.keys()]
        texts = (written.within(cell, pattern) for source, pattern in cuts for cell in self._cells(source))
        return written.decimal_sign(texts) or self.sign.replace(",", "")

    def _cells(self, *meanings: str) -> Iterator[str]:
        for at in {at for meaning in meanings for at in self.places.get(meaning, ())}:
            yield from (cells[at] for _, cells in self.sheet.rows if at < len(cells))

    def _is_skipped(self, skip: Skip) -> bool:
        if not self.places.get(skip.meaning):
            return False
        there = (text.strip().lower() for text in self._cells(skip.meaning) if text.strip() not in NOTHING)
        return not skip.beside or any(re.fullmatch(skip.beside, text) for text in there)

    def _filled(self, meaning: str, file_name: str) -> str:
        """What rows that do not say it take from the file."""
        source, pattern = self.format.fills[meaning]
        texts = [file_name, *(self.cell(cells, source) for _, cells in self.sheet.rows)]
        return next(filter(None, (written.within(text, pattern) for text in texts)), "")

    # rows

    def pieces(self) -> Iterator[Piece | Left | Wrong]:
        with precisely():
            for line, cells in self.sheet.rows:
                try:
                    yield self._piece(line, cells)
                except Wrong as wrong:
                    yield wrong

    def _piece(self, line: int, cells: Sequence[str]) -> Piece | Left:
        row = _Row(self, line, cells)
        row.cut()
        for skip in self._skips:
            if (row.text(skip.meaning).lower() in skip.values) is not skip.unless:
                return Left(line, skip.why)
        rule = self._rule(row)
        if not rule.kind:
            return Left(line, rule.why)
        row.prepare()
        group = ()
        if self.format.together and rule.kind in TRADED:
            group = tuple(row.text(meaning) for meaning in self.format.together)
        key = tuple(row.text(meaning) for meaning in self.format.identity)
        at_us = row.read("time", lambda text: written.time_us(text, self.times, self.zone))
        parts = tuple(part for take in rule.takes if (part := row.part(take)) is not None)
        note = "; ".join(filter(None, map(row.text, self.format.note)))
        return Piece(line, rule, at_us, parts, key if all(key) else (), group, note)

    def _rule(self, row: _Row) -> Rule:
        said = tuple(row.text(meaning) for meaning in self.format.word)
        rule = self._rules.get(said)
        if rule is None:
            rule = self._rules[said] = self._named(row, said)
        return rule

    def _named(self, row: _Row, said: tuple[str, ...]) -> Rule:
        words = [text.lower().replace("_", " ") for text in said]
        for found in (" ".join(filter(None, words)), words[0], words[0].partition(" (")[0]):
            if found in self.format.words:
                return self.format.words[found]
        if self.format.otherwise is not None:
            return self.format.otherwise
        shown, known = " ".join(filter(None, said)), self.format.words
        near = difflib.get_close_matches(shown.lower(), known, 3, 0.5) or sorted(known)[:6]
        said_so = f"expected a known word such as {', '.join(near)}, found {shown!r:.60}"
        raise row.wrong(self.format.word[0], said_so)

    # cells

    def cell(self, cells: Sequence[str], meaning: str) -> str:
        return _Row(self, 0, cells).text(meaning)

    def title(self, meaning: str) -> str:
        """What the file calls it; of an asset behind a number or in a pair, what it calls that."""
        behind = {asset: cell for cell, asset in self.format.suffixed.items()}
        cut = {asset: cell for asset, (cell, _) in self.format.cuts.items()}
        within = {"base": self.format.pair, "quote": self.format.pair, **behind, **cut}.get(meaning, "")
        at = self.places.get(meaning) or self.places.get(within)
        return self.sheet.header[at[0]] if at else meaning

    def code(self, code: str) -> str | None:
        """Ours for the file's."""
        if code not in self._codes:
            cut = re.sub(self.format.code, "", code) if self.format.code else code
            found = self.known.asset(code) or (self.known.asset(cut) if cut != code else None)
            if found is None and code in self.known.kept:
                found = cut.upper()
                self.kept.add(found)
            self._codes[code] = found
        return self._codes[code]

    def contract(self, native: str) -> Contracts | None:
        return next((each for each in self.format.contracts if re.search(each.pattern, native)), None)


class _Row:
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
                raise Wrong(self.line, title, problem.words, problem.code) from None

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
        return amount * (take.sign or 1)

    def _is_elsewhere(self, take: Take) -> bool:
        asked = bool(take.within and self.text(take.asset))
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
            found = (
                f"expected a known asset, found {code!r:.40}" if code else "expected an asset, found nothing"
            )
            raise Wrong(self.line, self.of.title(take.asset), found, code)
        found = Part(code, asset, amount * unit, take.role)
        if not (take.worth and self.text(take.worth) and self.text(take.in_)):
            return found
        currency, unit = self._unit(self.text(take.in_))
        worth = abs(self.number(take.worth)) * unit
        return found._replace(worth=worth, currency=currency) if currency else found

    def _unit(self, code: str) -> tuple[str | None, Decimal]:
        """The asset, and what one of the file's is of it: a penny is a hundredth of a pound."""
        whole = written.HUNDREDTHS.get(code)
        return (self.of.code(whole or code) if code else None), _HUNDREDTH if whole else ONE

    def _contract(self, take: Take, amount: Decimal) -> Part:
        """A leg of a derivative: its position, or money that it paid."""
        native, plain = self.text(take.instrument), self._plain(take, amount)
        terms = self.of.contract(native)
        if terms is None:
            raise self.wrong(take.instrument, f"expected the name of a derivative, found {native!r:.40}")
        name = f"{terms.venue}:{native}"
        if take.role != POSITION:
            return plain._replace(instrument=name)
        multiplier = terms.multiplier or self.of.known.size(name)
        if not multiplier:
            raise self.wrong(take.instrument, f"expected a contract of known size, found {native!r:.40}")
        return plain._replace(
            instrument=name, price=self.number(take.price), multiplier=multiplier, inverse=terms.inverse
        )
