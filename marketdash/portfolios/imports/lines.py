"""A row → its piece of an entry, by what its format declares. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from marketdash.portfolios.accounting.exact import precisely
from marketdash.portfolios.imports import cells as written
from marketdash.portfolios.imports import recognising
from marketdash.portfolios.imports.cells import NOTHING, BadCell
from marketdash.portfolios.imports.declared import CARRIED, GROUPED, Contracts, Format, Rule, Skip
from marketdash.portfolios.imports.overlap import second
from marketdash.portfolios.imports.pieces import Known, Left, Piece, Wrong
from marketdash.portfolios.imports.rows import Row
from marketdash.portfolios.imports.sheets import Sheet


class Reading:
    """One sheet by one format. ``zone``: minutes east of UTC by choice, before what the file says."""

    def __init__(
        self, format: Format, sheet: Sheet, known: Known, file_name: str = "", zone: int | None = None
    ) -> None:
        self.format, self.sheet, self.known = format, sheet, known
        self._names = recognising.columns(sheet.header)
        self.places = {
            meaning: recognising.places(self._names, names) for meaning, names in format.columns.items()
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
        return {
            name for take in takes for name in (*take.amount, take.price, take.multiplier, *take.split)
        } - {""}

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
        row = Row(self, line, cells)
        row.cut()
        for skip in self._skips:
            if (row.text(skip.meaning).lower() in skip.values) is not skip.unless:
                return Left(line, skip.why)
        rule = self._rule(row)
        if rule.refuse:
            raise row.wrong(self.format.word[0], rule.why)
        if not rule.kind:
            return Left(line, rule.why)
        row.prepare()
        key = tuple(row.text(meaning) for meaning in self.format.identity)
        at_us = row.read("time", lambda text: written.time_us(text, self.times, self.zone))
        group = self._group(row, rule, at_us)
        parts = tuple(part for take in rule.takes if (part := row.part(take)) is not None)
        note = "; ".join(filter(None, map(row.text, self.format.note)))
        return Piece(line, rule, at_us, parts, key if all(key) else (), group, note)

    def _group(self, row: Row, rule: Rule, at_us: int) -> tuple[str, ...]:
        """Halves of what is carried on stand together by the second, however finely times are written."""
        if rule.kind not in GROUPED:
            return ()
        texts = self._together(row)
        return self._carried(texts, second(at_us)) if rule.kind == CARRIED else texts

    def _together(self, row: Row) -> tuple[str, ...]:
        return tuple(row.text(meaning) for meaning in self.format.together)

    def _carried(self, texts: Sequence[str], at: int) -> tuple[str, ...]:
        named = zip(self.format.together, texts, strict=True)
        return tuple(f"{CARRIED} {at}" if name == "time" else text for name, text in named)

    def groups(self, line: int, cells: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """All that a row may belong to: one that is refused spoils them."""
        row = Row(self, line, cells)
        row.cut()
        texts = self._together(row)
        yield texts
        try:
            at = second(written.time_us(row.text("time"), self.times, self.zone))
        except BadCell:
            return
        yield from (self._carried(texts, each) for each in (at - 1, at, at + 1))

    def _rule(self, row: Row) -> Rule:
        said = tuple(row.text(meaning) for meaning in self.format.word)
        rule = self._rules.get(said)
        if rule is None:
            rule = self._rules[said] = self._named(row, said)
        return rule

    def _named(self, row: Row, said: tuple[str, ...]) -> Rule:
        words = [text.lower().replace("_", " ") for text in said]
        for found in (" ".join(filter(None, words)), words[0], words[0].partition(" (")[0]):
            if found in self.format.words:
                return self.format.words[found]
        if self.format.otherwise is not None:
            return self.format.otherwise
        shown, known = " ".join(filter(None, said)), self.format.words
        near = difflib.get_close_matches(shown.lower(), known, 3, 0.5) or sorted(known)[:6]
        said_so = f"expected a known word such as {', '.join(near)}, found {shown!r:.60}"
        if not shown.isascii():
            said_so += ": export the file in English"
        raise row.wrong(self.format.word[0], said_so)

    # cells

    def cell(self, cells: Sequence[str], meaning: str) -> str:
        return Row(self, 0, cells).text(meaning)

    def title(self, meaning: str) -> str:
        """What the file calls it; of an asset behind a number or in a pair, what it calls that."""
        behind = {asset: cell for cell, asset in self.format.suffixed.items()}
        cut = {asset: cell for asset, (cell, _) in self.format.cuts.items()}
        within = {"base": self.format.pair, "quote": self.format.pair, **behind, **cut}.get(meaning, "")
        at = self.places.get(meaning) or self.places.get(within)
        return self.sheet.header[at[0]] if at else meaning

    def money(self, amount: str, cells: Sequence[str]) -> str:
        """What the column that has this row's amount is of, by its name."""
        there = (at for at in self.places[amount] if at < len(cells) and cells[at].strip() not in NOTHING)
        return next((recognising.money(self._names[at]) for at in there), "")

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
