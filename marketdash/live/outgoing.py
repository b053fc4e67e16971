"""One text on its way to many sockets: each form that a server wants is made once."""

from __future__ import annotations

import itertools
import time
from typing import Any

from marketdash.live.credit import Sent
from marketdash.live.shared_frames import text_frame

_numbers = itertools.count(1)


def next_frame() -> int:
    """Frames are numbered per process, so that one text serves all; acknowledgements are cumulative."""
    return next(_numbers)


class Outgoing:
    """``number`` is the frame's, 0 for what is not acknowledged; ``wire`` is what a transport writes."""

    __slots__ = ("number", "payload", "size", "sent", "wire", "_message")

    def __init__(self, payload: bytes, number: int = 0) -> None:
        self.number, self.payload, self.size = number, payload, len(payload)
        self.sent = Sent(number, self.size, time.monotonic())
        self._message: dict[str, Any] | None = None
        self.wire = text_frame(payload)

    @property
    def message(self) -> dict[str, Any]:
        """For ASGI's ``send``."""
        if self._message is None:
            self._message = {"type": "websocket.send", "text": self.payload.decode()}
        return self._message
