"""allauth's forms of passkeys, made safe: what a browser sends is read by a library that trusts its shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms as allauth
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django import forms
from django.core.exceptions import ValidationError

from marketdash.accounts.forms import Labelled

LONGEST = 32_768
_UNUSABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)
_FORGED = (InvalidSignature, UnsupportedAlgorithm)
Found = TypeVar("Found")


def refused() -> ValidationError:
    """Whatever is wrong with a credential, its sender is told the same."""
    return get_adapter().validation_error("incorrect_code")


def soundly(read: Callable[[], Found]) -> Found:
    try:
        return read()
    except (*_UNUSABLE, *_FORGED):
        raise refused() from None


class CredentialField(forms.JSONField):
    """An object of a size that a credential can have, without the character that PostgreSQL cannot keep."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str) or len(value) > LONGEST or "\\u0000" in value:
            raise refused()
        found = soundly(lambda: super(CredentialField, self).to_python(value))
        if not isinstance(found, dict):
            raise refused()
        return found

    def bound_data(self, data: Any, initial: Any) -> None:
        """What was sent is not written into the page again: the browser is asked anew."""
        return None

    def prepare_value(self, value: Any) -> str:
        return ""


class AddForm(Labelled, allauth.AddWebAuthnForm):
    name = forms.CharField(required=False, max_length=64)
    credential = CredentialField()
    passwordless = forms.BooleanField(
        label="It is enough on its own, without a password", required=False, initial=True
    )

    def clean(self) -> dict[str, Any]:
        return soundly(super().clean)


class RenameForm(Labelled, allauth.EditWebAuthnForm):
    name = forms.CharField(max_length=64)


class AuthenticateForm(allauth.AuthenticateWebAuthnForm):
    credential = CredentialField()

    def clean_credential(self) -> Any:
        return soundly(super().clean_credential)


class LoginForm(allauth.LoginWebAuthnForm):
    credential = CredentialField()

    def clean_credential(self) -> Any:
        return soundly(super().clean_credential)


class ReauthenticateForm(allauth.ReauthenticateWebAuthnForm):
    credential = CredentialField()

    def clean_credential(self) -> Any:
        return soundly(super().clean_credential)
