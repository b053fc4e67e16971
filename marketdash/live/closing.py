"""Why the server ends a connection, and whether it is worth coming back."""

from __future__ import annotations

from typing import NamedTuple


class Closing(NamedTuple):
    """A close code and its reason; the reason says whether to come back."""

    code: int
    reason: str


SIGNED_OUT = Closing(4001, "signed out: sign in before coming back")
TOKEN_ENDED = Closing(4001, "token revoked or expired: come back with another")
RIGHTS_CHANGED = Closing(4002, "your rights changed: come back with those of now")
ACKNOWLEDGE = Closing(4008, "acknowledge to continue: come back and send ack")
TOO_MANY = Closing(4009, "too many sockets: close one before coming back")
FLOOD = Closing(4029, "too many messages: come back slower")
"""Codes of our own are 4xxx: autobahn, and so daphne, lets an application send no other but 1000."""
