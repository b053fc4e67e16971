"""Which instruments a rule follows now, and what it switches so that they are followed.

Whoever applies a rule says what the spot is worth: nothing here waits for a price."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from marketdash.instruments import history
from marketdash.instruments.actions import notify_on_commit
from marketdash.instruments.models import Instrument, Status, Venue
from marketdash.instruments.rule_models import Rule

AGAIN = timedelta(seconds=60)
"""How often a rule looks again, as prices move and days pass."""
KEPT_BEYOND = Decimal("1.25")
"""What is followed is let go of when it is a quarter further away than what is taken: a price that wavers at
the edge of a band must not switch strikes on and off."""
_CHANNELS = ("ticker", "trades", "bars", "book_depth")
_BATCH = 500


class Chosen(NamedTuple):
    """``near``: what fits, nearest first, as many as the rule may have; ``kept``: what may stay if it is
    followed; ``left_out``: how many fit beyond the most."""

    near: list[Instrument]
    kept: set[int]
    left_out: int


class Applied(NamedTuple):
    on: int
    off: int


def due(now: datetime) -> QuerySet[Rule]:
    """Rules that were changed since they were applied, and those that have to look again."""
    again = Q(enabled=True, applied_at__lt=now - AGAIN)
    never = Q(applied_at=None) | Q(changed_at__gt=F("applied_at"))
    return Rule.objects.filter(again | never).select_related("venue", "spot")


def look_again(venue: Venue) -> None:
    """It lists something new: its rules are due at once."""
    Rule.objects.filter(venue=venue, enabled=True).update(applied_at=None)


def choose(rule: Rule, rows: Iterable[Instrument], spot: Decimal | None, now: datetime) -> Chosen:
    """Of ``rows``, which are of the rule's venue and kind. Without a ``spot`` a band takes nothing new and
    keeps what does not expire."""
    fitting = [row for row in rows if _fits(rule, row, now)]
    if rule.band is None:
        near, kept = fitting, fitting
    elif spot is None or spot <= 0:
        near, kept = [], fitting
    else:
        width = spot * rule.band / 100
        near = [row for row in fitting if _away(row, spot) <= width]
        kept = [row for row in fitting if _away(row, spot) <= width * KEPT_BEYOND]
    near.sort(key=lambda row: (row.expiry is None, row.expiry or now, _away(row, spot), row.symbol))
    return Chosen(near[: rule.most], {row.pk for row in kept}, len(near) - len(near[: rule.most]))


def _fits(rule: Rule, row: Instrument, now: datetime) -> bool:
    if (row.venue_id, row.kind) != (rule.venue_id, rule.kind) or row.status == Status.DELISTED:
        return False
    if row.expiry is not None and row.expiry <= now:
        return False
    if rule.within_days and (row.expiry is None or row.expiry > now + timedelta(days=rule.within_days)):
        return False
    said = ((rule.base, row.base), (rule.quote, row.quote), (rule.right, row.right))
    return all(wanted in ("", found) for wanted, found in said)


def _away(row: Instrument, spot: Decimal | None) -> Decimal:
    """How far its strike is from the spot; 0 where it has none, infinite where that is no number."""
    if spot is None or not row.strike:
        return Decimal(0)
    try:
        return abs(Decimal(row.strike) - spot)
    except InvalidOperation:
        return Decimal("Infinity")


@transaction.atomic
def apply(rule: Rule, spot: Decimal | None, now: datetime | None = None) -> Applied:
    """Switch what has to be switched, and note when and why not. A rule that is off lets go of everything."""
    now = now or timezone.now()
    rows = _rows_of(rule)
    chosen = choose(rule, rows, spot, now) if rule.enabled else Chosen([], set(), 0)
    taken = [row for row in chosen.near if row.rule_id is None and not row.enabled]
    room = {row.pk for row in chosen.near} | chosen.kept
    over = _over(rule, rows, chosen)
    left = [row for row in rows if row.rule_id == rule.pk and (row.pk not in room or row.pk in over)]
    _switch(rule, taken, {"enabled": True, **{name: getattr(rule, name) for name in _CHANNELS}}, rule.pk)
    _switch(rule, left, {"enabled": False}, None)
    told = {"fits": len(chosen.near) + chosen.left_out, "problem": _problem(rule, spot, chosen)}
    # Without a price it is not applied: it is asked again as soon as there may be one.
    told |= {} if _blind(rule, spot) else {"applied_at": now}
    Rule.objects.filter(pk=rule.pk).update(**told)
    return Applied(len(taken), len(left))


def _rows_of(rule: Rule) -> list[Instrument]:
    mine = Q(venue_id=rule.venue_id, kind=rule.kind) | Q(rule=rule)
    return list(Instrument.objects.select_for_update(of=("self",)).filter(mine).order_by("symbol"))


def _over(rule: Rule, rows: Iterable[Instrument], chosen: Chosen) -> set[int]:
    """What is followed beyond the most, the farthest first: what is kept takes no room of what is near."""
    near = {row.pk for row in chosen.near}
    kept = [row.pk for row in rows if row.rule_id == rule.pk and row.pk in chosen.kept - near]
    return set(kept[max(0, rule.most - len(near)) :])


def _switch(rule: Rule, rows: list[Instrument], values: dict[str, object], follower: int | None) -> None:
    """With the history of each; one that was off by hand changes nothing but whose it is."""
    changes = [(row, changed) for row in rows if (changed := history.differences(row, values))]
    for start in range(0, len(rows), _BATCH):
        ids = [row.pk for row in rows[start : start + _BATCH]]
        Instrument.objects.filter(pk__in=ids).update(**values, rule_id=follower)
    history.record(history.by_rule(str(rule)), changes)
    if changes:
        notify_on_commit()


def _blind(rule: Rule, spot: Decimal | None) -> bool:
    return bool(rule.enabled and rule.band and spot is None)


def _problem(rule: Rule, spot: Decimal | None, chosen: Chosen) -> str:
    if _blind(rule, spot):
        return f"{rule.spot} has no live price: no strike is taken, and none let go of, until it has"
    if chosen.left_out:
        return f"{chosen.left_out:,} more fit than the {rule.most:,} that it may follow"
    return ""


@transaction.atomic
def set_channels(rule: Rule) -> None:
    """What it follows gets the channels that it says now."""
    values = {name: getattr(rule, name) for name in _CHANNELS}
    rows = list(Instrument.objects.filter(rule=rule, enabled=True))
    _switch(rule, rows, values, rule.pk)


@transaction.atomic
def withdraw(rule: Rule) -> None:
    """Before it is deleted: what it switched on is switched off."""
    _switch(rule, list(Instrument.objects.filter(rule=rule)), {"enabled": False}, None)
