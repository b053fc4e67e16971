"""The second factor: what is kept of it, and what ends when it changes."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from marketdash.accounts.notices import revoke_on_commit
from marketdash.accounts.sessions import SessionStore

_PURPOSE = b"marketdash.accounts.factors:"


class FactorAdapter(DefaultMFAAdapter):
    """Secrets are encrypted under a key made of SECRET_KEY: who has the database alone has no codes."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Under another SECRET_KEY there is no secret: a new one, so that no code is right."""
        try:
            return _fernet().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        held = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {held + 1}"

    def _get_user_identifier(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def _get_site_name(self) -> str:
        return settings.MFA_TOTP_ISSUER


def _fernet() -> Fernet:
    key = hashlib.sha256(_PURPOSE + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


@receiver([authenticator_added, authenticator_removed, authenticator_reset])
def _changed(sender: Any, request: HttpRequest, user: AbstractBaseUser, **_: Any) -> None:
    """As with a new password: this browser goes on, others sign in again, what they left open ends."""
    end_other_sessions(request, user)


@transaction.atomic
def end_other_sessions(request: HttpRequest, user: AbstractBaseUser) -> None:
    """Sessions do not say in a column whose they are, so all are read: some ten thousand in a second."""
    model = SessionStore.get_model_class()
    mine = SessionStore.stored_key(request.session.session_key or "")
    others = model.objects.filter(expire_date__gt=timezone.now()).exclude(pk=mine)
    decoded = ((row.pk, row.get_decoded()) for row in others.iterator())
    ended = [pk for pk, data in decoded if data.get(SESSION_KEY) == str(user.pk)]
    model.objects.filter(pk__in=ended).delete()
    revoke_on_commit(user.pk)
