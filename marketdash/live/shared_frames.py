"""uvicorn's WebSocket protocol with one shortcut each way, for a frame that goes to hundreds of sockets.

Out: ASGI's ``send`` builds the same WebSocket frame anew for every client. A hub that sends one text to
two hundred of them frames it once (:func:`text_frame`) and hands the bytes to ``write_frame``, which hands
them to the kernel while nothing waits in the transport, and to the transport where the kernel has no room.
In: an acknowledgement needs no parser, task, queue or read pause of its own; it is taken where it arrives.
Both keep to what the parent allows: nothing is written to a closing or paused transport, and everything that
is not an acknowledgement takes the ordinary way.

Selected by ``uvicorn --ws marketdash.live.shared_frames:SharedFrameProtocol``. Any other server works
without it: the hub asks the ASGI ``send`` for its owner, and uses ``send`` when that is not this class.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from marketdash.live.deflate import FACTORIES, agreed, inflated
from marketdash.live.guarded_http import crowd

ACK_HEAD = b'{"method":"ack"'
"""How the acknowledgements of our own clients start; others are parsed the ordinary way, at a higher cost."""

FRAMES_PER_S, FRAMES_AT_ONCE = 500.0, 500.0
"""Of all kinds, pings and parts of messages included, which no consumer gets to count. Our own clients send
four a second, a bot that acknowledges each frame some hundreds."""

PARTS = 64
"""Of one message. The library bounds their bytes; of empty parts there could be any number."""

OFFER_BYTES = 8 * 1024
"""In a larger request no offer of an extension is looked for: the library parses all of them before anybody
is asked who it is, 120 KB for an eighth of a second."""

TOO_MANY_FRAMES = 4029, "too many messages: come back slower"

_WHY = b"No WebSocket handshake: a header line of at most 8 KiB, at most 128 of them, printable; no body.\n"
NO_HANDSHAKE = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(_WHY), _WHY)
)

_SMALL = 125
"""The longest payload whose length stands in the frame's second byte."""

_TEXT, _COMPRESSED = 0x81, 0x40


_to_kernel = os.write


def descriptor(transport: Any) -> int:
    """What a plain stream may be written to directly; -1 where the transport has to see every byte."""
    if os.name != "posix" or transport.get_extra_info("sslcontext") is not None:
        return -1
    found = transport.get_extra_info("socket")
    return -1 if found is None else found.fileno()


def text_frame(payload: bytes) -> bytes:
    """One unmasked, unfragmented text frame (RFC 6455 §5.2), as a server sends it."""
    size = len(payload)
    if size <= _SMALL:
        return b"\x81" + bytes((size,)) + payload
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def deflated_frame(payload: bytes) -> bytes:
    """The same of what was compressed (RFC 7692 §6), for whoever it was agreed with."""
    return bytes((_TEXT | _COMPRESSED,)) + text_frame(payload)[1:]


def small_text(data: bytes) -> bytes:
    """The payload, if ``data`` is exactly one short masked text frame, compressed or not; else nothing."""
    size = len(data) - 6
    if not 0 < size <= _SMALL or data[0] & ~_COMPRESSED != _TEXT or data[1] != 0x80 | size:
        return b""
    mask = (data[2:6] * 32)[:size]
    plain = int.from_bytes(data[6:], "little") ^ int.from_bytes(mask, "little")
    text = plain.to_bytes(size, "little")
    return inflated(text) if data[0] & _COMPRESSED else text


def frame_size(data: bytes, at: int) -> int:
    """Bytes of the frame that starts at ``at``, header and mask included; 0 if its header is cut."""
    if len(data) - at < 2:
        return 0
    size, header = data[at + 1] & 0x7F, 2 + (4 if data[at + 1] & 0x80 else 0)
    if size > _SMALL:
        wide = 2 if size == 126 else 8
        if len(data) - at < 2 + wide:
            return 0
        size, header = int.from_bytes(data[at + 2 : at + 2 + wide], "big"), header + wide
    return header + size


class SharedFrameProtocol(WebSocketsSansIOProtocol):
    """See the module. ``on_ack`` is set by the consumer once the socket is accepted; what it does not take
    goes the ordinary way, and is answered there.

    ``_left`` is how much of a frame is still to come and ``_cut`` the beginning of a header that is not whole
    yet: only where there is neither may bytes pass the parser by.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.on_ack: Callable[[bytes], bool] | None = None
        self._blocked = False
        self._left, self._cut = 0, b""
        self._tokens, self._spent_s = FRAMES_AT_ONCE, 0.0
        self._fd = -1

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._fd = descriptor(transport)

    @property
    def compresses(self) -> bool:
        """Whether what is compressed is read there."""
        return agreed(self.conn)

    def write_frame(self, frame: bytes) -> bool:
        """Write a whole frame now; False, with nothing written, when the socket is paused or closing."""
        transport = self.transport
        if self._blocked or self.close_sent or transport.is_closing():
            return False
        if self._fd < 0 or transport.get_write_buffer_size():
            transport.write(frame)
            return True
        try:
            written = _to_kernel(self._fd, frame)
        except OSError:  # no room, or nobody there any more: the transport knows what to do
            written = 0
        if written < len(frame):
            transport.write(frame[written:])
        return True

    def pause_writing(self) -> None:
        self._blocked = True
        super().pause_writing()

    def resume_writing(self) -> None:
        self._blocked = False
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        if not self.handshake_initiated:
            self.conn.available_extensions = FACTORIES if len(data) <= OFFER_BYTES else []
            super().data_received(data)  # the request, all of it
            if not self.handshake_initiated:
                self._refuse_request()
            return
        if not self._left and not self._cut and self.on_ack is not None and not self.close_sent:
            text = small_text(data) if data[0] == _TEXT or self.compresses else b""
            if text.startswith(ACK_HEAD) and self.on_ack(text):
                return
        if not self._may(data):
            self._turn_out()
            return
        super().data_received(data)

    def _refuse_request(self) -> None:
        """The library takes no such request, and would neither say so nor hang up."""
        self.blame()
        if self.transport.is_closing():
            return
        self.transport.write(NO_HANDSHAKE)
        self.transport.close()

    def _may(self, data: bytes) -> bool:
        """Whether so many frames may come."""
        now_s = self.loop.time()
        tokens = min(FRAMES_AT_ONCE, self._tokens + (now_s - self._spent_s) * FRAMES_PER_S)
        self._spent_s, self._tokens = now_s, tokens - self._follow(data, tokens)
        return self._tokens >= 0

    def _follow(self, data: bytes, most: float) -> int:
        """How many frames begin in ``data``, or the first number above ``most``.

        Who sends more is turned out, and where the next frame begins matters no more: one read of the socket
        may hold forty thousand frames, and to count them all would hold up everybody else.
        """
        data, self._cut = self._cut + data, b""
        at, begun = self._left, 0
        while at < len(data) and begun <= most:
            size = frame_size(data, at)
            if not size:
                self._cut = data[at:]
                at = len(data)
                break
            at, begun = at + size, begun + 1
        self._left = at - len(data)
        return begun

    def handle_cont(self, event: Any) -> None:
        if len(self.frames) >= PARTS:
            self._turn_out()
        else:
            super().handle_cont(event)

    def _turn_out(self) -> None:
        """It is told why; what it sent is not read, nor anything more."""
        self.frames = []
        self.blame()
        if self.close_sent or self.transport.is_closing() or self.transport.get_write_buffer_size():
            self.transport.abort()  # it does not read, or was told
            return
        self.conn.fail(*TOO_MANY_FRAMES)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.queue.put_nowait({"type": "websocket.disconnect", "code": TOO_MANY_FRAMES[0]})
        self.close_sent = True
        self.transport.close()

    def handle_parser_exception(self) -> None:
        self.blame()
        super().handle_parser_exception()

    def blame(self) -> None:
        """It ends for what it sent."""
        crowd.blames(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The library's parser is a generator that holds what holds it: left so, each connection that ended
        would wait for the collector, which seldom comes (:mod:`marketdash.collector`)."""
        crowd.leaves(self.transport)
        super().connection_lost(exc)
        self.conn.parser.close()
