"""The fate of each row, in words. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from marketdash.portfolios.accounting.drafts import Draft, DraftLeg
from marketdash.portfolios.accounting.exact import plain
from marketdash.portfolios.accounting.ledger import KINDS, PRINCIPAL
from marketdash.portfolios.imports.entries import Found

NEW, DUPLICATE, REFUSED, LEFT = "new", "duplicate", "refused", "left"
FATES = {NEW: "New", DUPLICATE: "Duplicate", REFUSED: "Refused", LEFT: "Left out"}


class FoundLeg(NamedTuple):
    """``amount`` as the file has it, signed; ``what`` it is of."""

    role: str
    amount: str
    what: str


class Fate(NamedTuple):
    """``words``: what is wrong, why it is left out, or when an entry was and of which kind; its ``legs`` say
    the rest. ``field`` is the column that a refusal is about; ``code`` an asset that is not known."""

    line: int
    fate: str
    words: str
    field: str = ""
    code: str = ""
    legs: tuple[FoundLeg, ...] = ()

    @property
    def sentence(self) -> str:
        """``2024-03-19 19:43:31, Buy: 0.002 BTC, -100 EUR, fee -0.18 EUR``."""
        legs = (f"{role} {amount} {what}".strip() for role, amount, what in self.legs)
        return ": ".join(filter(None, [self.words, ", ".join(legs)]))


def fates(found: Found, taken: Collection[str]) -> list[Fate]:
    """In the file's order."""
    told = [Fate(each.line, REFUSED, each.words, each.field, each.code) for each in found.wrong]
    told += [Fate(each.line, LEFT, each.why) for each in found.left]
    for draft, lines in zip(found.drafts, found.lines, strict=True):
        fate = DUPLICATE if draft.fingerprint in taken else NEW
        told.append(Fate(lines[0], fate, _head(draft), legs=tuple(map(_leg, draft.legs))))
        told += [Fate(line, fate, f"belongs to line {lines[0]}") for line in lines[1:]]
    return sorted(told)


def _head(draft: Draft) -> str:
    at = datetime.fromtimestamp(draft.at_us // 1_000_000, UTC)
    return f"{at:%Y-%m-%d %H:%M:%S}, {KINDS[draft.kind]}"


def _leg(leg: DraftLeg) -> FoundLeg:
    role = "" if leg.role == PRINCIPAL else leg.role
    of = f" of {leg.instrument}" if leg.instrument else ""
    return FoundLeg(role, plain(Decimal(leg.amount)), f"{leg.asset}{of}")
