"""What stands behind an ASGI ``send``: whether it waits for a slow reader, and how to cut one off.

uvicorn's ``send`` is a method of its protocol and waits while the socket's buffer is full. daphne's is a
partial of a function that never waits, whatever piles up: it gets a brake, says why it refuses a frame, and
is freed when it ends. Of any other server nothing is assumed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from marketdash.live.shared_frames import SharedFrameProtocol
from marketdash.live.twisted_flow import Brake, say_why, unknot

Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Wire:
    """``write`` takes a whole WebSocket frame, False when it cannot now; None where there is no such way.

    ``flow_control``: ``send`` waits for the reader, and all that piles up for one is seen: where it is not,
    who never acknowledges has a limit. ``abort`` drops the connection without a word. ``compresses``: who is
    at the other end reads frames that are compressed."""

    send: Send
    write: Callable[[bytes], bool] | None
    flow_control: bool
    abort: Callable[[], None]
    compresses: bool = False

    def on_ack(self, take: Callable[[bytes], bool] | None) -> None:
        """Where the server can, acknowledgements come by ``take`` and not by ``receive``, but those that it
        does not take."""
        if (owner := self._owner()) is not None:
            owner.on_ack = take

    def blame(self) -> None:
        """It ends for what it sent; the server remembers whose it was, where it can."""
        if (owner := self._owner()) is not None:
            owner.blame()

    def _owner(self) -> SharedFrameProtocol | None:
        owner = getattr(self.send, "__self__", None)
        return owner if isinstance(owner, SharedFrameProtocol) else None


def wire_of(send: Send) -> Wire:
    owner = getattr(send, "__self__", None)
    if type(owner).__module__.startswith(("uvicorn.", "marketdash.")):
        write = owner.write_frame if isinstance(owner, SharedFrameProtocol) else None
        transport = getattr(owner, "transport", None)
        abort = getattr(transport, "abort", _nothing)
        return Wire(send, write, True, abort, write is not None and owner.compresses)
    partial = getattr(send, "args", ())
    twisted = getattr(partial[0], "transport", None) if partial else None
    if hasattr(twisted, "registerProducer"):
        say_why(partial[0])
        unknot(partial[0])
        send = Brake(twisted, send).send
    return Wire(send, None, False, getattr(twisted, "abortConnection", _nothing))


def _nothing() -> None:
    """A server that offers no way: it ends the connection when the application does."""
