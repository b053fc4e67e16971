"""Secrets of second factors, encrypted under a key of SECRET_KEY: who has the database alone has none."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

_PURPOSE = b"marketdash.accounts.factors:"


def seal(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def opened(sealed: str) -> str | None:
    """None where it was sealed under another key, or not at all."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _fernet() -> Fernet:
    key = hashlib.sha256(_PURPOSE + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
