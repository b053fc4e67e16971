"""One text on its way to many sockets: each form that a server wants is made once."""

from __future__ import annotations

import itertools
import time
from copy import copy
from typing import Any

from marketdash.live.credit import Sent
from marketdash.live.deflate import deflated
from marketdash.live.shared_frames import deflated_frame, text_frame

_numbers = itertools.count(1)

SMALLER = 3
"""So many times smaller is what is compressed, more or less."""

SHORT_BYTES = 128
"""What is no longer than this takes a packet of its own either way."""


def next_frame() -> int:
    """Frames are numbered per process, so that one text serves all; acknowledgements are cumulative."""
    return next(_numbers)


class Outgoing:
    """``number`` is the frame's, 0 for what is not acknowledged; ``wire`` is what a transport writes."""

    __slots__ = ("number", "payload", "size", "sent", "wire", "_message", "_compressed")

    def __init__(self, payload: bytes, number: int = 0) -> None:
        self.number, self.payload, self.size = number, payload, len(payload)
        self.sent = Sent(number, self.size, time.monotonic())
        self._message: dict[str, Any] | None = None
        self.wire = text_frame(payload)
        self._compressed: Outgoing | None = None

    @property
    def compressed(self) -> Outgoing:
        """The same for who is behind a slow link; itself where it is short. ``message`` is the plain text."""
        if self.size <= SHORT_BYTES:
            return self
        if self._compressed is None:
            self._compressed = self._made_smaller()
        return self._compressed

    def _made_smaller(self) -> Outgoing:
        packed, made = deflated(self.payload), copy(self)
        made.size, made.wire = len(packed), deflated_frame(packed)
        made.sent = self.sent._replace(size=made.size)
        return made

    @property
    def message(self) -> dict[str, Any]:
        """For ASGI's ``send``."""
        if self._message is None:
            self._message = {"type": "websocket.send", "text": self.payload.decode()}
        return self._message
