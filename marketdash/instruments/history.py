"""Who changed what, and when: the admin's own history, for every way in which an instrument can change."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from marketdash.instruments.writing import insert_each

Differences = Mapping[str, tuple[Any, Any]]
"""Field → (old, new)."""

COMMAND_LINE, VENUE_LISTS, RULES = "command line", "venue lists", "rules"
"""Entries that no person made by hand. The blank is in no name that somebody can sign up with."""


class By(NamedTuple):
    """``how`` is said beside the change: ``CSV import``, or nothing for a form."""

    user_id: int
    how: str = ""


def command_line() -> By:
    """Whoever has a shell here needs no account here, so the account and the machine are named."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        account = "an account without a name"
    return By(_system(COMMAND_LINE), f"by {account} on {socket.gethostname()}")


def by_rule(words: str) -> By:
    return By(_system(RULES), f"rule: {words}")


def venue_list(title: str) -> By:
    return By(_system(VENUE_LISTS), f"as {title} lists it")


def _system(name: str) -> int:
    """A user that cannot sign in: inactive, without a password."""
    users = get_user_model()._default_manager
    nobody = {"is_active": False, "password": make_password(None)}
    user, _ = users.get_or_create(username=name, defaults=nobody)
    return int(user.pk)


def differences(row: Model, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What ``values`` would change."""
    return {name: (old, new) for name, new in values.items() if (old := getattr(row, name)) != new}


def words(row: Model, changed: Differences, how: str = "") -> str:
    """``Enabled: no → yes; book depth: 100 → 500 (CSV import)``"""
    meta = type(row)._meta
    parts = [
        f"{meta.get_field(name).verbose_name}: {said(old)} → {said(new)}"
        for name, (old, new) in changed.items()
    ]
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}{f' ({how})' if how else ''}"


def said(value: Any) -> str:
    """As people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value not in (None, "") else "nothing"


def record(by: By, changes: Iterable[tuple[Model, Differences]], flag: int = CHANGE) -> None:
    """One entry for each row; with an empty ``changed`` only ``by.how`` is said."""
    insert_each(
        LogEntry(
            user_id=by.user_id,
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=str(row)[:200],
            action_flag=flag,
            change_message=words(row, changed, by.how) if changed else by.how,
        )
        for row, changed in changes
    )
