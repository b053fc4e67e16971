"""A key at an exchange: what must never be seen, and the little of it that may be."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

_SHOWN = 4
IN_ADDRESS = "{secret}"
"""Where a venue wants the secret in the address of a request. What is shown or recorded has it like this."""


class Credentials(NamedTuple):
    """An exchange key. ``secret`` is what the venue gave with it: see each codec for its forms."""

    key: str
    secret: str

    @property
    def last(self) -> str:
        """All of the key that is ever shown: its last four characters, none of a very short one."""
        return self.key[-_SHOWN:] if len(self.key) > 2 * _SHOWN else ""

    def filled(self, address: str) -> str:
        """The address as it is sent."""
        return address.replace(IN_ADDRESS, quote(self.secret, safe=""))

    def __repr__(self) -> str:
        return f"Credentials(…{self.last})"

    __str__ = __repr__


class KeyAdvice(NamedTuple):
    """What a page says to whoever makes a key at the venue, in the venue's own words.

    ``needs`` are the permissions that it has to have, ``never`` those with which it is refused, ``how`` is
    where they are chosen.
    """

    key_label: str
    secret_label: str
    needs: str
    never: str
    how: str
