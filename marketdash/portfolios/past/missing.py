"""Of which entries it is not known what something was worth then, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from marketdash.portfolios.models import MissingRate, Portfolio, Rate
from marketdash.portfolios.past.forecast import ASKED, DEPOSITED, NOBODY

MOST_NAMED = 5
DEPOSITS = "what was deposited cost what only you know"


def of_portfolio(portfolio: Portfolio) -> str:
    """One sentence, or nothing."""
    held = _missing(portfolio)
    entries = held.values("entry").distinct().count()
    if not entries:
        return ""
    coming = held.filter(coming=True).values("entry").distinct().count()
    known = f"Of {_entries(entries)} it is not known what {_named(_codes(held))} was worth then"
    if not coming:
        return f"{known}: nothing stored says it. It is looked for again each day."
    some = "bars of that time are" if coming == entries else f"bars for {_entries(coming)} are"
    return f"{known}: {some} being fetched from the venue."


def of_entry(portfolio: Portfolio, pk: int) -> str:
    """What of it may come by itself, or nothing."""
    codes = _codes(_missing(portfolio).filter(entry=pk, coming=True))
    return f"Bars of that time, which may say what {_named(codes)} was worth" if codes else ""


def _missing(portfolio: Portfolio) -> QuerySet[MissingRate]:
    """But for what somebody stated meanwhile."""
    said = Rate.objects.filter(entry=OuterRef("entry"), asset=OuterRef("asset"), currency=portfolio.base_id)
    return MissingRate.objects.filter(portfolio=portfolio).exclude(Exists(said))


def _codes(held: QuerySet[MissingRate]) -> list[str]:
    return sorted(set(held.values_list("asset__code", flat=True)))


def forecast(told: Mapping[str, Any]) -> list[str]:
    """What :func:`.forecast.uncosted` found: the total, then a sentence for each why."""
    counts = [(why, told.get(why, 0)) for why in (DEPOSITED, ASKED, NOBODY)]
    total = sum(count for _, count in counts)
    if not total:
        return []
    words = {
        DEPOSITED: DEPOSITS,
        ASKED: "no close of that time is stored yet; after the import it is fetched from the venue",
        NOBODY: f"no market that is followed here says anything of {_named(told.get('assets', []))}",
    }
    return [
        f"{_entries(total)} will have an unknown cost, in part or whole.",
        *(f"{count}: {words[why]}." for why, count in counts if count),
    ]


def _entries(count: int) -> str:
    return f"{count} entr{'y' if count == 1 else 'ies'}"


def _named(codes: Iterable[str]) -> str:
    listed = list(codes)
    rest = f" and {len(listed) - MOST_NAMED} more" if len(listed) > MOST_NAMED else ""
    return ", ".join(listed[:MOST_NAMED]) + rest or "it"
