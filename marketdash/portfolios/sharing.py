"""Who else may look at a portfolio: people by their user name, and whoever has a link. Through ``actions``.

What ends is said on commit, so that open sockets end with it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.utils import timezone

from marketdash import publish
from marketdash.access import Grant
from marketdash.portfolios.accounting.shapes import Refused
from marketdash.portfolios.models import NAME_LENGTH, Portfolio, Share, ShareLink
from marketdash.portfolios.recording import locked

MAX_SHARES, MAX_LINKS = 50, 20
DAYS = {1: "In a day", 7: "In a week", 30: "In 30 days", 90: "In 90 days", 365: "In a year"}
_NAME_LENGTH = 150
_BATCH = 200
"""SQLite bounds the number of parameters."""


@transaction.atomic
def share(portfolio: Portfolio, name: str) -> Share:
    """With whoever has this user name; the same is written and said where nobody has."""
    kept = " ".join(name.split())
    if not 0 < len(kept) <= _NAME_LENGTH or not kept.isprintable():
        raise Refused("viewer", f"expected a user name, found {name!r:.80}")
    if kept.lower() == portfolio.owner.get_username().lower():
        raise Refused("viewer", "expected somebody else: it is yours already")
    held = Share.objects.filter(portfolio=locked(portfolio))
    if held.alias(low=Lower("name")).filter(low=Lower(Value(kept))).exists():  # as its constraint compares
        raise Refused("viewer", f"expected one that it is not shared with yet, found {kept!r:.80}")
    if held.count() >= MAX_SHARES:
        raise Refused("viewer", f"expected at most {MAX_SHARES} people; end one first")
    return Share.objects.create(portfolio=portfolio, name=kept, viewer=_called(kept))


def _called(name: str) -> Any:
    """As at sign-in, whatever the case; of two that differ in nothing else the one that is meant, or none."""
    found = list(get_user_model()._default_manager.filter(username__iexact=name)[:9])
    exactly = [user for user in found if user.get_username() == name]
    return next(iter(exactly or found), None) if len(exactly or found) == 1 else None


@transaction.atomic
def end_share(portfolio: Portfolio, pk: int) -> None:
    """At once. One that is gone already is no error: it was pressed twice."""
    Share.objects.filter(portfolio=portfolio, pk=pk).delete()
    ended_on_commit(portfolio.pk)


@transaction.atomic
def leave(portfolio: Portfolio, viewer: Any) -> None:
    """A viewer wants to see it no more. To its owner it looks as before: who has an account is not said."""
    Share.objects.filter(portfolio=portfolio, viewer=viewer).update(viewer=None)
    ended_on_commit(portfolio.pk)


@transaction.atomic
def make_link(portfolio: Portfolio, name: str, days: int, amounts: bool) -> tuple[ShareLink, str]:
    """The link and its secret, which is never seen again. Those that expired are cleared away."""
    kept = " ".join(name.split())
    if not 0 < len(kept) <= NAME_LENGTH or not kept.isprintable():
        raise Refused("link", f"expected 1 to {NAME_LENGTH} printable characters, found {name!r:.80}")
    if days not in DAYS:
        raise Refused("days", f"expected one of {', '.join(map(str, DAYS))} days, found {days}")
    now, held = timezone.now(), ShareLink.objects.filter(portfolio=locked(portfolio))
    held.filter(expires_at__lte=now).delete()
    if held.count() >= MAX_LINKS:
        raise Refused("link", f"expected at most {MAX_LINKS} links; end one first")
    secret = secrets.token_urlsafe(32)
    values = {"digest": _digest(secret), "amounts": amounts, "expires_at": now + timedelta(days=days)}
    return ShareLink.objects.create(portfolio=portfolio, name=kept, **values), secret


@transaction.atomic
def end_link(portfolio: Portfolio, pk: int) -> None:
    """At once, like :func:`end_share`."""
    ShareLink.objects.filter(portfolio=portfolio, pk=pk).delete()
    ended_on_commit(portfolio.pk)


def _digest(secret: str) -> str:
    """Plain SHA-256: 256 random bits need no slow hash, and each request would pay for one."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def ended_on_commit(portfolio_id: int) -> None:
    """Some may look at it no more: sockets that follow it are looked through."""
    transaction.on_commit(lambda: publish.notify("unshare", portfolio_id))


class Kept:
    """What :mod:`marketdash.access` asks. What somebody shares ends while the account is closed."""

    def seen_by(self, user_id: int) -> QuerySet:
        return Share.objects.filter(viewer=user_id, portfolio__owner__is_active=True).values("portfolio")

    def by_link(self, secret: str) -> Grant | None:
        found = _open_links().filter(digest=_digest(secret)).first()
        return None if found is None else Grant(found.portfolio_id, None, found.pk, found.amounts)

    def ended(self, grants: Iterable[Grant]) -> set[Grant]:
        asked = set(grants)
        return asked - {grant for batch in _batches(asked) for grant in _holding(batch)}


def _holding(grants: list[Grant]) -> Iterator[Grant]:
    keys = {grant.portfolio_id for grant in grants}
    owned = Portfolio.objects.filter(pk__in=keys, owner__is_active=True)
    pairs = set(owned.values_list("pk", "owner"))
    shown = Share.objects.filter(portfolio__in=owned, viewer__is_active=True)
    pairs.update(shown.values_list("portfolio", "viewer"))
    yield from (each for each in grants if each.user_id and (each.portfolio_id, each.user_id) in pairs)
    links = _open_links().filter(pk__in={each.link_id for each in grants if each.link_id})
    found = {Grant(link.portfolio_id, None, link.pk, link.amounts) for link in links}
    yield from (each for each in grants if each.link_id and each in found)


def _open_links() -> QuerySet[ShareLink]:
    return ShareLink.objects.filter(expires_at__gt=timezone.now(), portfolio__owner__is_active=True)


def _batches(grants: Iterable[Grant]) -> Iterator[list[Grant]]:
    ordered = list(grants)
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]
