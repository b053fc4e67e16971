"""uvicorn's WebSocket protocol with one shortcut each way, for a frame that goes to hundreds of sockets.

Out: ASGI's ``send`` builds the same WebSocket frame anew for every client. A hub that sends one text to
two hundred of them frames it once (:func:`text_frame`) and hands the bytes to ``write_frame``.
In: an acknowledgement needs no task, queue or read pause of its own; it is handed over where it was
parsed. Both keep to what the parent allows: nothing is written to a closing or paused transport, and
everything that is not an acknowledgement takes the ordinary way.

Selected by ``uvicorn --ws marketdash.live.shared_frames:SharedFrameProtocol``. Any other server works
without it: the hub asks the ASGI ``send`` for its owner, and uses ``send`` when that is not this class.
"""

from __future__ import annotations

from collections.abc import Callable

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

ACK_HEAD = b'{"method":"ack"'
"""How the acknowledgements of our own clients start; others are parsed the ordinary way, at a higher cost."""

MAX_ACK_BYTES = 120


def text_frame(payload: bytes) -> bytes:
    """One unmasked, unfragmented text frame (RFC 6455 §5.2), as a server sends it."""
    size = len(payload)
    if size < 126:
        return b"\x81" + bytes((size,)) + payload
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


class SharedFrameProtocol(WebSocketsSansIOProtocol):
    """See the module. ``on_ack`` is set by the consumer once the socket is accepted."""

    on_ack: Callable[[bytes], None] | None = None

    def write_frame(self, frame: bytes) -> bool:
        """Write a whole frame now; False, with nothing written, when the socket is paused or closing."""
        if self.close_sent or self.disconnected or not self.writable.is_set() or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True

    def handle_text(self, event: Frame) -> None:
        data = event.data
        if (
            self.on_ack is not None
            and event.fin
            and len(data) <= MAX_ACK_BYTES
            and bytes(data[: len(ACK_HEAD)]) == ACK_HEAD
            and not self.close_sent
        ):
            self.on_ack(bytes(data))
            return
        super().handle_text(event)
