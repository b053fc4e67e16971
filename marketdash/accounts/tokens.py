"""Tokens of bots: made, found by their secret, revoked. Only a digest is kept: nobody can read one again."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from marketdash import access
from marketdash.accounts.models import Token
from marketdash.accounts.notices import revoke_on_commit

MARK = "md_"
"""Tells people, and programs that look for leaked secrets, what it is."""

SHOWN = len(MARK) + 6
MAX_TOKENS = 50
USED_EVERY = timedelta(minutes=10)
"""How coarse ``last_used_at`` is: a write for each request would cost more than the request."""


class TooMany(ValueError):
    """Somebody has as many tokens as one may have."""


def make(user: Any, name: str, scopes: Iterable[str], *, days: int | None = None) -> tuple[Token, str]:
    """The token and its secret, which is never seen again. ``days`` None: it does not expire."""
    if Token.objects.filter(user=user, revoked_at=None).count() >= MAX_TOKENS:
        raise TooMany(f"name: at most {MAX_TOKENS} tokens; revoke one first")
    secret = MARK + secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=user,
        name=name,
        prefix=secret[:SHOWN],
        digest=_digest(secret),
        scopes=" ".join(sorted(scopes)),
        expires_at=timezone.now() + timedelta(days=days) if days else None,
    )
    return token, secret


@transaction.atomic
def revoke(tokens: Iterable[Token]) -> None:
    """At once: the sockets that they opened are closed within a second."""
    for token in tokens:
        if token.revoked_at is None:
            token.revoked_at = timezone.now()
            token.save(update_fields=["revoked_at"])
            revoke_on_commit(token.user_id)


class Kept:
    """What :mod:`marketdash.access` asks."""

    def identify(self, secret: str) -> access.Bearer:
        token = Token.objects.select_related("user").filter(digest=_digest(secret)).first()
        if token is None:
            raise access.BadToken("token: not known here")
        if said := _why_not(token):
            raise access.BadToken(said)
        self._used(token)
        return access.Bearer(token.pk, token.user, token.scope_set & access.SCOPES.keys())

    def ended(self, token_ids: Iterable[int]) -> set[int]:
        ids = set(token_ids)
        held = Token.objects.select_related("user").in_bulk(ids)
        return {key for key in ids if key not in held or _why_not(held[key])}

    def _used(self, token: Token) -> None:
        now = timezone.now()
        if token.last_used_at is None or token.last_used_at < now - USED_EVERY:
            before = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
            Token.objects.filter(before, pk=token.pk).update(last_used_at=now)


def _why_not(token: Token) -> str:
    if token.revoked_at is not None:
        return f"token: revoked on {token.revoked_at:%Y-%m-%d %H:%M} UTC"
    if token.expires_at is not None and token.expires_at <= timezone.now():
        return f"token: expired on {token.expires_at:%Y-%m-%d %H:%M} UTC"
    return "" if token.user.is_active else "token: its account is closed"


def _digest(secret: str) -> str:
    """Plain SHA-256: 256 random bits need no slow hash, and each request would pay for one."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
