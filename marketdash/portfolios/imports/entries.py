"""Pieces of rows → drafts of entries, and what became of each row. Pure.

A draft's fingerprint is made of what identifies it where it comes from, or of all that it does where nothing
does; then the second of two equal ones is another, because two equal fills in one second are two.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from marketdash.portfolios.accounting import drafts
from marketdash.portfolios.accounting.drafts import Draft, DraftLeg, fingerprint
from marketdash.portfolios.accounting.exact import plain, precisely
from marketdash.portfolios.accounting.ledger import (
    BUY,
    FEE,
    FEES,
    FUNDING,
    IMPORTED,
    PRINCIPAL,
    RENAME,
    SELL,
    SETTLEMENT,
    SPLIT,
    SWAP,
)
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.imports import meeting
from marketdash.portfolios.imports.declared import CARRIED, MONEY, TRADE, TRADED, Format, Rule
from marketdash.portfolios.imports.lines import Reading
from marketdash.portfolios.imports.overlap import SECOND_US, second
from marketdash.portfolios.imports.pieces import Left, Part, Piece, Wrong, order, summed

REFERENCE_NAME = 150
_BECOMES = frozenset({SPLIT, RENAME})


class Found(NamedTuple):
    """``lines[n]`` are those that ``drafts[n]`` was made of."""

    drafts: list[Draft]
    lines: list[tuple[int, ...]]
    left: list[Left]
    wrong: list[Wrong]


def found(reading: Reading, account: int, file_name: str, now_us: int) -> Found:
    """All of a sheet. An entry of which one row is refused is refused whole."""
    pieces, left, wrong = _parted(reading)
    made, lines, seen = [], [], Counter[str]()
    spoilt = _spoilt(reading, wrong)
    with precisely():
        for group in meeting.met(_grouped(pieces), reading.format.together):
            if group[0].group and group[0].group in spoilt:
                words = f"expected all rows that belong together, found line {spoilt[group[0].group]} refused"
                wrong += [Wrong(piece.line, "row", words) for piece in group]
                continue
            try:
                draft = drafted(
                    reading.format, group, account, f"{file_name[:REFERENCE_NAME]}:{group[0].line}", seen
                )
                if draft is None:
                    left += [
                        Left(piece.line, "nothing is left of it: what goes out comes in") for piece in group
                    ]
                    continue
                drafts.checked(draft, now_us)
            except Refused as refused:
                wrong += [_refused(reading, piece, refused) for piece in group]
                continue
            made.append(draft)
            lines.append(tuple(piece.line for piece in group))
    return Found(made, lines, sorted(left), sorted(wrong, key=lambda each: each.line))


def without(found: Found, refused: Mapping[int, str]) -> Found:
    """``refused``: places of drafts, and why."""
    stay = [at for at in range(len(found.drafts)) if at not in refused]
    wrong = [Wrong(line, "row", words) for at, words in refused.items() for line in found.lines[at]]
    return Found(
        [found.drafts[at] for at in stay],
        [found.lines[at] for at in stay],
        found.left,
        sorted([*found.wrong, *wrong], key=lambda each: each.line),
    )


def _parted(reading: Reading) -> tuple[list[Piece], list[Left], list[Wrong]]:
    """A row that stands twice counts once; two with one number that differ have none."""
    pieces, left, wrong = [], [], []
    seen: dict[tuple[str, ...], Piece] = {}
    for each in reading.pieces():
        if isinstance(each, Left):
            left.append(each)
        elif isinstance(each, Wrong):
            wrong.append(each)
        elif not each.key or (first := seen.setdefault(each.key, each)) is each:
            pieces.append(each)
        elif each[2:] == first[2:]:
            left.append(Left(each.line, f"the same row as line {first.line}"))
        else:
            words = f"expected a number of its own, found that of line {first.line}"
            wrong.append(Wrong(each.line, reading.title(reading.format.identity[0]), words))
    return pieces, left, wrong


def _spoilt(reading: Reading, wrong: Iterable[Wrong]) -> dict[tuple[str, ...], int]:
    """Groups that a refused row belongs to."""
    if not reading.format.together:
        return {}
    lines = {each.line for each in wrong}
    rows = ((line, cells) for line, cells in reading.sheet.rows if line in lines)
    return {group: line for line, cells in rows for group in reading.groups(line, cells)}


def _grouped(pieces: Iterable[Piece]) -> Iterable[list[Piece]]:
    """In the order of their first rows."""
    groups: dict[object, list[Piece]] = defaultdict(list)
    for piece in pieces:
        groups[piece.group or piece.line].append(piece)
    return groups.values()


def drafted(
    format: Format, group: Sequence[Piece], account: int, reference: str, seen: Counter[str]
) -> Draft | None:
    """The entry that rows are together; None where nothing is left of them."""
    parts, kind = _told(group)
    if not parts:
        return None
    at_us = min(piece.at_us for piece in group)
    mark = _mark(format, group, kind, at_us, parts, seen)
    joined = parts if kind in _BECOMES else _joined(parts)
    legs = tuple(_leg(part, account) for part in joined)
    note = "; ".join(dict.fromkeys(piece.note for piece in group if piece.note))[: drafts.NOTE_LENGTH]
    return Draft(kind, at_us, account, legs, (), IMPORTED, reference, note, mark)


def _told(group: Sequence[Piece]) -> tuple[list[Part], str]:
    """Legs, and of which kind they are."""
    whole = [part for piece in group for part in piece.parts]
    rule = group[0].rule
    if rule.kind == CARRIED and len(group) > 1 and any(len(piece.parts) > 1 for piece in group):
        raise Refused("row", "expected one row of a split, found several: type it in")
    given, got = ([part for part in whole if (part.amount > 0) is came] for came in (False, True))
    if rule.kind == CARRIED and not (rule.alone and not (given and got)):
        return _carried(summed(given), summed(got))
    parts = summed(whole)
    return parts, _kind(group, parts) if parts else ""


def _carried(given: list[Part], got: list[Part]) -> tuple[list[Part], str]:
    """What it was, and then what it became."""
    if not len(given) == len(got) == 1:
        found = ", ".join(f"{plain(part.amount)} {part.code}" for part in [*given, *got]) or "nothing"
        words = f"expected what it was and what it became in one file, a second apart at most, found {found}"
        raise Refused("row", f"{words}: export both days at once, or type it in")
    if given[0].asset == got[0].asset and given[0].amount == -got[0].amount:
        return [], ""
    return [*given, *got], SPLIT if given[0].asset == got[0].asset else RENAME


def _kind(group: Sequence[Piece], parts: Sequence[Part]) -> str:
    """A trade by what is given and got, something else by its rows' word; a fee alone is a fee."""
    if all(part.role == FEE for part in parts):
        return FEES
    rule = group[0].rule
    if rule.kind in (TRADE, CARRIED):
        return _trade(parts, rule)
    principal = [part.amount for part in parts if part.role == PRINCIPAL]
    if rule.kind == FUNDING and not principal:
        return SETTLEMENT
    return rule.debit if rule.debit and principal and max(principal) < 0 else rule.kind


def _trade(parts: Sequence[Part], rule: Rule) -> str:
    got, given = (
        {part.asset for part in parts if part.role == PRINCIPAL and (part.amount > 0) is came}
        for came in (True, False)
    )
    if rule.alone and not (got and given):
        return rule.alone[not got]
    if not got or not given:
        there = ", ".join(sorted(got | given)) or "nothing"
        raise Refused("row", f"expected what was given and what was got for it, found {there} alone")
    if (given <= MONEY) is (got <= MONEY):
        return SWAP
    return BUY if given <= MONEY else SELL


def _mark(
    format: Format,
    group: Sequence[Piece],
    kind: str,
    at_us: int,
    parts: Sequence[Part],
    seen: Counter[str],
) -> str:
    mark = format.mark or format.name
    if kind in _BECOMES:  # by what it does in its second, as the swap that it was read as before
        return _alike((mark, "trade", SWAP, str(second(at_us) * SECOND_US)), sorted(parts, key=order), seen)
    first, family = group[0], "trade" if kind in TRADED else "row"
    known_by = (first.group if format.identity else ()) if first.group else first.key
    if known_by:
        return fingerprint(mark, family, *known_by)
    return _alike((mark, family, kind, str(at_us)), parts, seen)


def _alike(head: Sequence[str], parts: Sequence[Part], seen: Counter[str]) -> str:
    said = (text for part in parts for text in (part.code, part.role, plain(part.amount), part.instrument))
    alike = fingerprint(*head, *said)
    seen[alike] += 1
    return nth(alike, seen[alike])


def nth(alike: str, number: int) -> str:
    """The fingerprint of one of several that nothing tells apart."""
    return alike if number == 1 else fingerprint(alike, str(number))


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Codes of one asset (``DOT`` and ``DOT.S``) are one leg."""
    return sorted(summed(part._replace(code=part.asset) for part in parts), key=order)


def _leg(part: Part, account: int) -> DraftLeg:
    return DraftLeg(
        account,
        part.asset,
        part.amount,
        part.role,
        part.worth,
        part.currency,
        "said by the file" if part.currency else "",
        instrument=part.instrument,
        price=part.price,
        multiplier=part.multiplier,
        inverse=part.inverse,
    )


def _refused(reading: Reading, piece: Piece, refused: Refused) -> Wrong:
    """What the ledger refuses beyond what was asked of the cells."""
    if refused.field == "time":
        found = datetime.fromtimestamp(piece.at_us / 1_000_000, UTC)
        return Wrong(
            piece.line,
            reading.title("time"),
            f"expected a time that is past, found {found:%Y-%m-%d %H:%M:%S}",
        )
    return Wrong(piece.line, "row", refused.words)
