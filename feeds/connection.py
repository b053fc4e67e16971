"""One connection for one link: a WebSocket, or lines over HTTP. The only client of ``websockets``.

Frames are handed on inside ``data_received``, where they arrive, and not through a queue and a task of their
own: one read of the socket carries many frames, each costs no wake-up, the receive time is that of the read,
and a reader that is behind makes TCP slow the venue down instead of growing a queue. Between two reads the
event loop runs everybody else.

A proxy and certificates are those of the environment, as the library reads it.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import Protocol

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.protocol import Event as WireEvent

from feeds.admission import Opening
from feeds.backoff import limited, retry_after_s, wait_after
from feeds.certificates import of_socket
from feeds.clock import Clock
from feeds.cutter import Cutter
from feeds.lines import LineConnection, StreamRefused, open_lines
from feeds.recorder import Tee
from feeds.shared import Timing, Wire

logger = logging.getLogger(__name__)

_FAILURES = (
    *(OSError, TimeoutError, InvalidHandshake, ConnectionClosed, ValueError),
    *(StreamRefused, httpx.HTTPError, httpx.InvalidURL),
)
# The narrow before the wide. What everybody may read names no host of ours.
_WORDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    ((TimeoutError, httpx.TimeoutException), "no answer in time"),
    (ConnectionRefusedError, "nobody listens at its address"),
    (socket.gaierror, "its host's name was not found"),
    (ssl.SSLCertVerificationError, "its certificate is not trusted"),
    ((ConnectionResetError, BrokenPipeError, ConnectionClosed), "it was cut"),
)
# A wait that is worth naming its end, of which only minutes are said.
_LIMITED_S = 30.0


class Served(Protocol):
    """What a connection needs of its link: :class:`feeds.link.Link`, or one that carries something else.

    Headers of its ``opening`` may show a key: the library sends them to no other host. ``ended`` holds why,
    once it is over. ``refused`` and ``retry_after_s`` are filled in when the handshake was answered with an
    HTTP status, ``limited`` where that means to wait for longer, ``error`` with the whole of what went wrong.
    """

    name: str
    conn: str
    url: str
    opening: Opening
    clock: Clock
    timing: Timing
    tee: Tee | None
    max_frame_bytes: int
    ended: asyncio.Future[str]
    refused: int
    retry_after_s: float
    limited: bool
    error: str

    def receive(self, data: bytes) -> None: ...

    def control_frame(self, *, ping: bool) -> None: ...

    def opened(self, wire: Wire) -> None: ...

    def end(self, reason: str) -> None: ...

    async def send_requests(self) -> None: ...

    async def watch(self) -> None: ...


class FeedConnection(ClientConnection):
    """Hands whole messages to ``link`` as they arrive, and tells it of pings and pongs."""

    def __init__(self, *args: object, link: Served, max_size: int, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._link, self._parts, self._is_text = link, [], False
        library = super().data_received
        self._cutter = Cutter(max_size, self._message, library, lambda: self.protocol.state is OPEN)
        self.data_received = self._cutter.feed

    def process_event(self, event: WireEvent) -> None:
        if not isinstance(event, Frame):
            super().process_event(event)
        elif event.opcode is Opcode.PING or event.opcode is Opcode.PONG:
            self._link.control_frame(ping=event.opcode is Opcode.PING)
            super().process_event(event)
        elif event.opcode is not Opcode.CLOSE:
            if not self._parts:
                self._is_text = event.opcode is Opcode.TEXT
            self._parts.append(bytes(event.data))
            if event.fin:
                parts, self._parts = self._parts, []
                self._message(b"".join(parts), self._is_text)

    def _message(self, data: bytes, is_text: bool) -> None:
        """Text that is none was altered on its way, and nothing says what it was: the connection has to fail
        (RFC 6455, section 8.1)."""
        if is_text and not _is_utf8(data):
            self._link.end("1007: a text of the venue is not UTF-8")
        elif not self._link.ended.done():
            hand_over(self._link, data)

    @property
    def under_way(self) -> int:
        """Parts, and a frame that is not complete: of a control frame that is a few bytes."""
        return sum(map(len, self._parts)) + self._cutter.waiting

    def words(self) -> str:
        return last_words(self.protocol)

    def abort(self) -> None:
        self.transport.abort()


def _is_utf8(text: bytes) -> bool:
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def hand_over(link: Served, data: bytes) -> None:
    """One whole message."""
    try:
        link.receive(data)
    except Exception as error:  # a fault of ours: this link starts anew, the others do not notice
        logger.exception("%s: frame not taken", link.name)
        link.end(f"internal error: {type(error).__name__}: {error}"[:300])


async def serve(link: Served) -> None:
    """Open, serve and close one connection. Whatever happens to it ends as ``link.ended``."""
    reason = "cancelled"
    try:
        reason = await _serve(link)
    except _FAILURES as error:
        reason = _failed(link, error)
    finally:
        link.end(reason)


def _failed(link: Served, error: Exception) -> str:
    if (said := _status(error)) is not None:
        link.refused, header = said
        link.retry_after_s = retry_after_s(header, link.clock.wall_ns())
    wait_s = wait_after(link.refused, link.retry_after_s)
    link.limited = wait_s >= _LIMITED_S
    if link.limited:
        return limited(link.clock.wall_ns(), wait_s)
    shown = link.opening.headers
    if link.refused == 401 or (link.refused == 403 and shown):
        return f"refused {'the' if shown else 'without a'} key (HTTP {link.refused})"
    if link.refused in (403, 451):
        return f"refused in this region (HTTP {link.refused})"
    link.error = f"{type(error).__name__}: {error}"[:300]
    return f"no connection: {words_of(error)}"


def words_of(error: BaseException) -> str:
    """Why there is no connection; by the name of its class where it is none of the usual."""
    return next((words for kinds, words in _WORDS if isinstance(error, kinds)), type(error).__name__)


def _status(error: Exception) -> tuple[int, str] | None:
    """HTTP's, and until when the venue wants to hear nothing."""
    if isinstance(error, InvalidStatus):
        return error.response.status_code, error.response.headers.get("Retry-After", "")
    return (error.status, error.retry_after) if isinstance(error, StreamRefused) else None


async def _opened(link: Served) -> FeedConnection | LineConnection:
    timing, most = link.timing, link.max_frame_bytes
    address, headers, lines = link.opening
    if lines:
        message = partial(hand_over, link)
        return await open_lines(address, headers, message, most=most, open_s=timing.open_s)
    return await connect(
        address,
        create_connection=partial(FeedConnection, link=link, max_size=most),
        additional_headers=headers,
        ssl=of_socket(address),
        compression=None,
        max_size=most,
        open_timeout=timing.open_s,
        close_timeout=timing.close_s,
        ping_interval=None,
    )


async def _serve(link: Served) -> str:
    if link.tee is not None:
        link.tee.opened(link.conn, link.clock.wall_ns(), link.url)
    connection = await _opened(link)
    try:
        link.opened(connection)
        await _until_ended(link, connection)
    finally:
        await connection.close()
    return link.ended.result()


async def _until_ended(link: Served, connection: FeedConnection | LineConnection) -> None:
    async with asyncio.TaskGroup() as group:
        work = (link.send_requests, link.watch, connection.wait_closed)
        tasks = [group.create_task(_quietly(job)) for job in work]
        await asyncio.wait([link.ended, tasks[-1]], return_when=asyncio.FIRST_COMPLETED)
        link.end(connection.words() or "the connection broke")
        for task in tasks:
            task.cancel()


async def _quietly(task: Callable[[], object]) -> None:
    """The end of the connection is seen by who waits for it, not by who was about to send."""
    try:
        await task()
    except ConnectionClosed:
        return


def last_words(protocol: ClientProtocol) -> str:
    """Why a WebSocket closed, as its last words say; ``""`` where it had none."""
    sent, received = protocol.close_sent, protocol.close_rcvd
    if received is not None:
        return f"the venue closed the link: {received.code} {received.reason}".rstrip()
    if sent is not None:
        return f"closed by us: {sent.code} {sent.reason}".rstrip()
    return ""


async def knock(url: str, within_s: float) -> bool:
    """Whether a WebSocket handshake with ``url`` succeeds in time, by the way that a link would take."""
    try:
        async with (
            asyncio.timeout(within_s),
            connect(
                url,
                ssl=of_socket(url),
                compression=None,
                open_timeout=within_s,
                close_timeout=0.5,
                ping_interval=None,
            ),
        ):
            return True
    except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed, ValueError):
        return False
