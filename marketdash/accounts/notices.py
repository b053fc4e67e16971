"""Whoever signs out, changes the password, is deactivated or is staff no more loses the open sockets within a
second; who becomes or ceases to be staff comes back with the rights of now."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, User
from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models.signals import post_delete, post_init, post_save
from django.dispatch import receiver

from marketdash import publish


def revoke_on_commit(user_id: int) -> None:
    transaction.on_commit(lambda: publish.notify("revoke", user_id))


@receiver(user_logged_out)
def _signed_out(sender: Any, user: AbstractBaseUser | None, **_: Any) -> None:
    if user is not None and user.pk is not None:
        revoke_on_commit(user.pk)


@receiver(post_init, sender=User)
def _remember(sender: Any, instance: User, **_: Any) -> None:
    """What the row said when it was read, so that a save can tell what changed."""
    loaded = instance.__dict__
    if {"password", "is_active", "is_staff"} <= loaded.keys():  # none deferred
        instance._rights_when_read = _rights(instance)  # type: ignore[attr-defined]


def _rights(user: User) -> tuple[str, bool, bool]:
    return user.password, user.is_active, user.is_staff


@receiver(post_save, sender=User)
def _saved(sender: Any, instance: User, created: bool, **_: Any) -> None:
    """A new password, a deactivation, other rights end what is open; a sign-in, which saves too, does not."""
    before = getattr(instance, "_rights_when_read", None)
    now = _rights(instance)
    instance._rights_when_read = now  # type: ignore[attr-defined]
    if not created and before != now:
        revoke_on_commit(instance.pk)


@receiver(post_delete, sender=User)
def _deleted(sender: Any, instance: User, **_: Any) -> None:
    revoke_on_commit(instance.pk)
