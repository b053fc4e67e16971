"""The second factor: what is kept of it, and what ends when it changes."""

from __future__ import annotations

import base64
import secrets
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from marketdash.accounts.notices import revoke_on_commit
from marketdash.accounts.sealing import opened, seal
from marketdash.accounts.sessions import SessionStore


class FactorAdapter(DefaultMFAAdapter):
    """Secrets are kept sealed; sessions do so while they are to be confirmed."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Under another SECRET_KEY there is no secret: a new one, so that no code is right."""
        return opened(encrypted_text) or base64.b32encode(secrets.token_bytes(20)).decode()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        held = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {held + 1}"

    def _get_user_identifier(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def _get_site_name(self) -> str:
        return settings.MFA_TOTP_ISSUER


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
