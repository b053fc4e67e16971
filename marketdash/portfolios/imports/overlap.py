"""What two files of one exchange tell of the same seconds: each fill, or what all of them came to. Pure.

A second of which both tell the same is told already. One of which they do not cannot be decided, and is
refused: nothing is recorded twice because nobody could say whether it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from marketdash.portfolios.accounting.drafts import Draft
from marketdash.portfolios.accounting.exact import ZERO, plain, precisely
from marketdash.portfolios.accounting.ledger import FEES, PRINCIPAL, TRADES
from marketdash.portfolios.imports.declared import Format

SECOND_US = 1_000_000
KINDS = TRADES | {FEES}

Sums: TypeAlias = dict[tuple[str, str], Decimal]
"""Of an entry, or of several: by asset and role, without what comes to nothing."""


class Verdict(NamedTuple):
    """Places of drafts: those that are told already, and those of which nobody can say, with words."""

    same: set[int]
    unclear: dict[int, str]


def others(format: Format, formats: Iterable[Format]) -> list[str]:
    """Names of those that tell of the same trades in the other way."""
    alike = (each for each in formats if each.mark and each.mark == format.mark)
    return [each.name for each in alike if each.merged is not format.merged]


def second(at_us: int) -> int:
    return at_us // SECOND_US


def sums(legs: Iterable[tuple[str, str, Decimal]]) -> Sums:
    """Of (asset, role, amount)."""
    found: Sums = defaultdict(Decimal)
    for asset, role, amount in legs:
        found[asset, role] += amount
    return {key: amount for key, amount in found.items() if amount}


def by_second(made: Sequence[Draft]) -> dict[int, list[int]]:
    """Places of all that trades, fees that stand alone included."""
    found: dict[int, list[int]] = defaultdict(list)
    for at, draft in enumerate(made):
        if draft.kind in KINDS:
            found[second(draft.at_us)].append(at)
    return found


def judged(
    made: Sequence[Draft],
    groups: Mapping[int, Sequence[int]],
    merged: bool,
    recorded: Mapping[int, Sequence[Sums]],
    known: Collection[int] = (),
) -> Verdict:
    """``groups`` of ``made`` against what is ``recorded`` in the other way, of those seconds and the ones
    beside them. ``known`` are duplicates by themselves."""
    same: set[int] = set()
    unclear: dict[int, str] = {}
    with precisely():
        for at, places in groups.items():
            ours = [_of(made[place]) for place in places]
            if (there := recorded.get(at)) is None:
                matched: Collection[int] | None = () if not _is_beside(made, at, groups, recorded) else None
                there = [each for beside in (at - 1, at + 1) for each in recorded.get(beside, ())]
            else:
                matched = _matched(ours, there, merged)
            if matched is None:
                words = _words(there, ours)
                unclear |= {place: words for place in places if place not in known}
            else:
                same |= {places[each] for each in matched}
    return Verdict(same, unclear)


def _of(draft: Draft) -> Sums:
    return sums((leg.asset, leg.role, Decimal(leg.amount)) for leg in draft.legs)


def _matched(ours: Sequence[Sums], there: Sequence[Sums], merged: bool) -> Collection[int] | None:
    """Which of ``ours`` are told already. Beside the fills there may be what another part of the account
    traded, so one sum of several may be all of them."""
    merges, fills = (ours, there) if merged else (there, ours)
    whole = _total(fills)
    if _total(merges) == whole:
        return range(len(ours))
    only = next((at for at, each in enumerate(merges) if each == whole), None)
    if only is None:
        return None
    return [only] if merged else range(len(ours))


def _is_beside(
    made: Sequence[Draft],
    at: int,
    groups: Mapping[int, Sequence[int]],
    recorded: Mapping[int, Sequence[Sums]],
) -> bool:
    """The same, or its fee alone, a second apart: exchanges write a trade's parts down one after another."""
    drafts = [made[place] for place in groups[at]]
    whole = _total([_of(draft) for draft in drafts])
    beside = [recorded[each] for each in (at - 1, at + 1) if each in recorded and each not in groups]
    if any(_total(each) == whole for each in beside):
        return True
    is_fee = all(draft.kind == FEES for draft in drafts)
    return is_fee and any(each in recorded for each in (at - 1, at + 1))


def _total(several: Iterable[Sums]) -> Sums:
    return sums((asset, role, amount) for each in several for (asset, role), amount in each.items())


def _words(there: Sequence[Sums], ours: Sequence[Sums]) -> str:
    return (
        f"expected what is recorded of that second from another source, {_said(_total(there))}, "
        f"found {_said(_total(ours))}: take it from one of them"
    )


def _said(of: Sums, most: int = 6) -> str:
    parts = [
        f"{'' if role == PRINCIPAL else f'{role} '}{plain(amount or ZERO)} {asset}"
        for (asset, role), amount in sorted(of.items(), key=lambda item: (item[0][1] != PRINCIPAL, item[0]))
    ]
    return ", ".join(parts[:most]) + (f" and {len(parts) - most} more" if parts[most:] else "") or "nothing"
