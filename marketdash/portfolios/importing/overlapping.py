"""What an account knows of the seconds of a file from another source, that tells of them in another way.

A file of fills and a statement that sums them up, or fills that the exchange pushed: whichever came first
stands, and :mod:`imports.overlap` says of the other what is told already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from django.db.models import Q

from marketdash.portfolios.accounting.drafts import Draft
from marketdash.portfolios.accounting.ledger import EXCHANGE
from marketdash.portfolios.import_models import Import
from marketdash.portfolios.imports import overlap
from marketdash.portfolios.imports.formats import BY_NAME, FORMATS
from marketdash.portfolios.imports.overlap import SECOND_US, Sums, Verdict
from marketdash.portfolios.models import Leg

NOTHING = Verdict(set(), {})


Groups: TypeAlias = Mapping[int, Sequence[int]]


def verdict(
    account: int, format: str, made: Sequence[Draft], groups: Groups, known: Collection[int] = ()
) -> Verdict:
    """``groups``: those of :func:`overlap.by_second` that are asked about; ``known``: places of duplicates by
    themselves."""
    of = BY_NAME.get(format)
    names = [] if of is None else overlap.others(of, FORMATS)
    if of is None or not names:
        return NOTHING
    if not groups:
        return NOTHING
    by = Q(entry__imported__format__in=names)
    recorded = _recorded(account, by | Q(entry__source=EXCHANGE) if of.merged else by, groups)
    if not recorded:
        return NOTHING
    return overlap.judged(made, groups, of.merged, recorded, known)


def _recorded(account: int, by: Q, seconds: Collection[int]) -> Mapping[int, Sequence[Sums]]:
    """What was corrected or reversed by hand counts as it came, as duplicates do; a whole import that was
    undone does not."""
    span = ((min(seconds) - 1) * SECOND_US, (max(seconds) + 2) * SECOND_US)
    rows = Leg.objects.filter(
        by,
        entry__account=account,
        entry__kind__in=overlap.KINDS,
        entry__at_us__gte=span[0],
        entry__at_us__lt=span[1],
    )
    rows = rows.exclude(entry__imported__state=Import.UNDONE)
    legs: dict[tuple[int, int], list[tuple[str, str, Decimal]]] = defaultdict(list)
    columns = ("entry__at_us", "entry_id", "asset__code", "role", "amount")
    for at_us, entry, *leg in rows.values_list(*columns).iterator(chunk_size=5000):
        legs[overlap.second(at_us), entry].append((leg[0], leg[1], leg[2]))
    found: dict[int, list[Sums]] = defaultdict(list)
    for (at, _), each in sorted(legs.items()):
        found[at].append(overlap.sums(each))
    return found
