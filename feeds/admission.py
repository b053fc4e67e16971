"""Whether a link may ask for anything yet: some venues want to see a key first, and judge it.

The text with the secret is written to the connection alone: no recording, no log line and no error has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from feeds.codec import Codec
from feeds.events import LoggedIn

ANSWER_S = 10.0
"""No answer to a key for so long is none."""


def missing(codec: Codec) -> str:
    """Why a venue cannot be followed at all, in words for whoever can change it; ``""``: it can."""
    if not codec.needs_key or codec.credentials is not None:
        return ""
    return "not configured: set " + " and ".join(f"VENUE_{codec.venue}_{part}" for part in codec.key_parts)


class Opening(NamedTuple):
    """What a link is opened with. ``address``: its URL with all that must not be shown. ``headers`` show a
    key that no message shows. ``lines``: it is no WebSocket, but an HTTP answer without end."""

    address: str
    headers: Mapping[str, str] = MappingProxyType({})
    lines: bool = False


def opening(codec: Codec, url: str) -> Opening:
    credentials = codec.credentials
    if credentials is None:
        return Opening(url, lines=codec.lines)
    headers = {} if codec.login(credentials) else codec.key_headers(credentials)
    return Opening(credentials.filled(url), headers, codec.lines)


class Admission:
    """One connection's. ``open``: requests may be sent. ``retry_s``: how long a venue that refused the key is
    left alone."""

    __slots__ = ("open", "retry_s", "_codec", "_sent")

    def __init__(self, codec: Codec) -> None:
        self._codec, self._sent = codec, False
        self.open = codec.credentials is None or not codec.login(codec.credentials)
        self.retry_s = 0.0

    def text(self) -> str:
        """What has to be sent before everything else, once; ``""``: nothing."""
        credentials = self._codec.credentials
        if self.open or self._sent or credentials is None:
            return ""
        self._sent = True
        return self._codec.login(credentials)

    def answered(self, event: LoggedIn) -> str:
        """Why the link has to end, ``""`` where it was let in."""
        if event.ok:
            self.open = True
            return ""
        self.retry_s = event.retry_s
        return f"the venue refused the key: {event.words}"

    def late(self, waited_s: float) -> str:
        """Why a link that was opened so long ago is given up; ``""``: it is not."""
        return "" if self.open or waited_s < ANSWER_S else f"no answer to the key in {ANSWER_S:.0f} s"
