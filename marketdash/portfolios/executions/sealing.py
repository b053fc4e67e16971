"""Keys and secrets of exchanges, encrypted: sealed where they are put in, opened in ``engines`` alone.

The first key of ``FIELD_ENCRYPTION_KEYS`` seals, all of them open; :func:`resealed` has the first seal what
another one did. What is sealed is bound to its account: a row that was copied to another opens nothing.
"""

from __future__ import annotations

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from feeds.private import Credentials


class Unreadable(Exception):
    """It was sealed with a key that is not among ``FIELD_ENCRYPTION_KEYS``, or for another account."""


class _Sealed(msgspec.Struct, array_like=True):
    account: int
    key: str
    secret: str


def seal(account: int, credentials: Credentials) -> str:
    body = msgspec.msgpack.encode(_Sealed(account, credentials.key, credentials.secret))
    return _fernet().encrypt(body).decode()


def opened(account: int, sealed: str) -> Credentials:
    """Raises :class:`Unreadable`."""
    try:
        found = msgspec.msgpack.decode(_fernet().decrypt(sealed.encode()), type=_Sealed)
    except (InvalidToken, msgspec.DecodeError):
        raise Unreadable from None
    if found.account != account:
        raise Unreadable
    return Credentials(found.key, found.secret)


def resealed(sealed: str) -> str:
    """Raises :class:`Unreadable`."""
    try:
        return _fernet().rotate(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])
