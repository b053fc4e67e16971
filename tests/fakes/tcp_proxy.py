"""A TCP proxy that fails as networks do: falls silent without closing, resets, refuses."""

from __future__ import annotations

import asyncio
import socket
import struct
from types import TracebackType

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes a close a reset."""


class _Pipe:
    """One client's connection and ours to the target."""

    def __init__(self, client: asyncio.StreamWriter, target: asyncio.StreamWriter) -> None:
        self.writers = (client, target)
        self.flows = asyncio.Event()
        self.flows.set()
        self.moved_s = asyncio.get_running_loop().time()

    async def cut_when_idle(self, idle_s: float) -> None:
        """As proxies do with what neither side said anything on for so long."""
        loop = asyncio.get_running_loop()
        while (left_s := self.moved_s + idle_s - loop.time()) > 0:  # noqa: ASYNC110 (a time is waited for)
            await asyncio.sleep(left_s)
        self.reset()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                self.moved_s = asyncio.get_running_loop().time()
                await self.flows.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            if self.flows.is_set():
                writer.close()

    def reset(self) -> None:
        for writer in self.writers:
            linger_socket = writer.get_extra_info("socket")
            if linger_socket.fileno() >= 0:  # else its peer closed it meanwhile
                linger_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()


class TcpProxy:
    """On loopback, to a port of it. ``dark``: a new connection is reset at once. ``accepted`` counts them;
    one on which nothing moved for ``idle_s`` is cut."""

    def __init__(self, target: int, idle_s: float = 0.0) -> None:
        self._target, self._idle_s = target, idle_s
        self._pipes: set[_Pipe] = set()
        self.dark = False
        self.accepted = 0

    async def __aenter__(self) -> TcpProxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.reset()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self.dark:
            writer.transport.abort()
            return
        try:
            target_reader, target = await asyncio.open_connection("127.0.0.1", self._target)
        except BaseException:  # nobody answers there, or the test is over: no pipe closes it
            writer.transport.abort()
            raise
        pipe = _Pipe(writer, target)
        self._pipes.add(pipe)
        watching = asyncio.ensure_future(pipe.cut_when_idle(self._idle_s)) if self._idle_s else None
        try:
            await asyncio.gather(pipe.carry(reader, target), pipe.carry(target_reader, writer))
        finally:
            if pipe.flows.is_set():  # else its ends are ours to close, and nobody is to hear of it before
                self._pipes.discard(pipe)
            if watching is not None:
                watching.cancel()

    def fall_silent(self) -> int:
        """What is open forwards nothing any more, and is not closed; how many that are."""
        for pipe in self._pipes:
            pipe.flows.clear()
        return len(self._pipes)

    def reset(self) -> int:
        """Reset all that are open; how many that were."""
        return self._reset(set(self._pipes))

    def reset_silent(self) -> int:
        """Reset those that fell silent, as either end does that finds out; how many that were."""
        return self._reset({pipe for pipe in self._pipes if not pipe.flows.is_set()})

    def _reset(self, pipes: set[_Pipe]) -> int:
        for pipe in pipes:
            pipe.flows.set()
            pipe.reset()
        self._pipes -= pipes
        return len(pipes)
