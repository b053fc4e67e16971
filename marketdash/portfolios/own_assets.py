"""Assets of which only the code is known, because somebody holds them and no venue here lists them: so many a
person, since everybody's searches and forms read through all that there are."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth import get_user_model

from marketdash.instruments.actions import add_assets
from marketdash.instruments.models import Asset
from marketdash.portfolios.accounting.shapes import Refused

MAX_OWN = 1000


def expected() -> str:
    return f"expected at most {MAX_OWN:,} assets of which a person brings in the code"


def room(owner_id: int) -> int:
    """How many more. Those that came before it was noted whose they are do not count."""
    return max(0, MAX_OWN - Asset.objects.filter(of=owner_id).count())


def lock(owner_id: int) -> None:
    """Until the transaction ends nobody else counts for this person; before any portfolio is locked."""
    get_user_model()._default_manager.select_for_update(no_key=True).get(pk=owner_id)


def add(codes: Iterable[str], owner_id: int, field: str) -> None:
    """All of them that are not there yet, or none. Raises :class:`Refused`."""
    asked = set(codes)
    new = sorted(asked - set(Asset.objects.values_list("code", flat=True))) if asked else []
    if (over := len(new) - room(owner_id)) > 0:
        raise Refused(field, f"{expected()}, found {over:,} more, such as {new[-1]!r:.40}")
    add_assets(new, owner_id)
