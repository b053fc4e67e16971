"""Every write to the screens of a person: validated whole, and never over what the writer has not seen."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import transaction

from marketdash import access
from marketdash.dashboards.actions import Refused, line_of, lock, unknown
from marketdash.dashboards.models import KeptScreen
from marketdash.dashboards.screens import Invalid, Screen, read, text
from marketdash.instruments.catalogue import catalogue

MAX_SAVED = 30


class Held(NamedTuple):
    """What is kept as a person's current screen. ``version`` 0 and no screen: nothing yet.

    ``problem``: why what is kept cannot be shown; whoever writes over it has lost nothing readable.
    """

    version: int
    screen: Screen | None
    problem: str = ""


class Conflict(Exception):
    """Another page of the same person wrote in between."""

    def __init__(self, held: Held) -> None:
        super().__init__(f"version: expected {held.version}, the one that is kept")
        self.held = held


def read_now(kept: str) -> Screen:
    """What was kept before a venue gave an instrument another name is of that instrument still."""
    return read(kept).renamed(catalogue.renamed)


def held(user: Any) -> Held:
    row = access.changeable(KeptScreen.objects.filter(name=""), user).first()
    return _held(row)


def saved(user: Any) -> list[dict[str, Any]]:
    """What a person gave names to, by name; what cannot be read any more is left out."""
    rows = access.changeable(KeptScreen.objects.exclude(name=""), user).order_by("name")
    found = ((row.name, _held(row).screen) for row in rows)
    return [{"name": name, "screen": text(screen)} for name, screen in found if screen is not None]


def _held(row: KeptScreen | None) -> Held:
    if row is None:
        return Held(0, None)
    try:
        return Held(row.version, read_now(row.body))
    except Invalid as problem:
        return Held(row.version, None, str(problem))


@transaction.atomic
def keep(owner: Any, version: int, body: str) -> int:
    """The new version of the current screen. Raises :class:`Conflict` where it is not ``version``."""
    screen = _valid(body)
    lock(owner)
    row = KeptScreen.objects.filter(owner=owner, name="").first() or KeptScreen(owner=owner, version=0)
    if row.version != version:
        raise Conflict(_held(row))
    row.version, row.body = version + 1, text(screen)
    row.save()
    return row.version


@transaction.atomic
def save_as(owner: Any, name: str, body: str, *, replace: bool = False) -> None:
    """Under a name; over another of that name only where the person said so."""
    screen, kept = _valid(body), line_of(name)
    lock(owner)
    others = KeptScreen.objects.filter(owner=owner).exclude(name="")
    row = others.filter(name=kept).first()
    if row is not None and not replace:
        raise Refused("name", f"expected one that is not in use, found {kept!r}")
    if row is None and others.count() >= MAX_SAVED:
        raise Refused("name", f"expected at most {MAX_SAVED} saved screens; delete one first")
    row = row or KeptScreen(owner=owner, name=kept, version=0)
    row.version, row.body = row.version + 1, text(screen)
    row.save()


def delete(owner: Any, name: str) -> None:
    KeptScreen.objects.filter(owner=owner, name=name).exclude(name="").delete()


def _valid(body: str) -> Screen:
    """Also that its instruments are listed here; one that is not followed any more may stay."""
    try:
        screen = read_now(body)
    except Invalid as problem:
        raise Refused(problem.field, problem.words) from None
    for name in unknown(screen.names()):
        places = [f"groups.{group}" for group, symbol in screen.groups.items() if symbol == name]
        places += [f"panels[{at}].follows" for at, panel in enumerate(screen.panels) if panel.follows == name]
        raise Refused(places[0], f"expected an instrument that is listed here, found {name!r:.80}")
    return screen
