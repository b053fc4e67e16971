"""Sessions in the database under a digest of their key: who reads a dump of it cannot sign in as anybody.

What they hold is signed and can be read, but for the secret of codes that are being set up: that is sealed.
"""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone
from django.utils.crypto import salted_hmac

from marketdash.accounts.sealing import opened, seal

PENDING = "mfa.totp.secret"
"""Under which allauth keeps the secret of codes, from when it is shown until the first code is typed."""
DIGITS = 40
"""What the column takes, 160 bits; keys as Django makes them have 32 signs, and so are told apart."""


def digest(key: str) -> str:
    """Of no use without SECRET_KEY, not even to see whether a key that was guessed is one."""
    written = key.encode("utf-8", "surrogatepass")
    return salted_hmac(__name__, written, algorithm="sha256").hexdigest()[:DIGITS]


class SessionStore(db.SessionStore):
    """The name is Django's, since what it signs is signed for the name: sessions of before can be read.

    ``session_key`` is what the cookie holds, here as there; only rows hold something else.
    """

    @classmethod
    def stored_key(cls, key: str) -> str:
        """The primary key of the row of that session."""
        return digest(key)

    def encode(self, session_dict: dict[str, Any]) -> str:
        held = session_dict.get(PENDING)
        return super().encode(session_dict | {PENDING: seal(held)} if held else session_dict)

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """What cannot be opened is left out: another secret is shown then."""
        found = super().decode(session_data)
        if sealed := found.pop(PENDING, None):
            found |= {PENDING: held} if (held := opened(sealed)) else {}
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(digest(session_key))

    async def aexists(self, session_key: str) -> bool:
        return await super().aexists(digest(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        return _hidden(super().create_model_instance(data))

    async def acreate_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        return _hidden(await super().acreate_model_instance(data))

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(digest(key))

    async def adelete(self, session_key: str | None = None) -> None:
        await sync_to_async(self.delete)(session_key)

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        stored = digest(self.session_key or "")
        row = self.model.objects.filter(pk=stored, expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
        return row

    async def _aget_session_from_db(self) -> AbstractBaseSession | None:
        return await sync_to_async(self._get_session_from_db)()


def _hidden(row: AbstractBaseSession) -> AbstractBaseSession:
    row.session_key = digest(row.session_key)
    return row
