"""A TCP proxy that fails as networks do: late, in small pieces, altered, silent, half closed, reset, gone."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, TypeAlias

from tests.fakes.wire_faults import Slices, corrupted, doubled, sliced

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes a close a reset."""
_ON_THEIR_WAY = 64
"""Reads that may wait for their time: whoever sends more is slowed down."""
Towards: TypeAlias = Literal["client", "target"]
BOTH: tuple[Towards, ...] = ("client", "target")
_Damage: TypeAlias = Callable[[bytes, random.Random], bytes]


async def _arrived() -> None:
    """Or the next piece would be in the same read: in one turn of the loop it is seen that something came, in
    the next it is read, where the reader is of this process."""
    for _ in range(2):
        await asyncio.sleep(0)


@dataclass
class _Conditions:
    """``latency_s`` is each way's, of what is read from now on; ``slices`` are the pieces it is written in.
    ``done`` counts what was done to bytes, by name; of slices the pieces."""

    chance: random.Random
    latency_s: float = 0.0
    slices: Slices | None = None
    done: Counter[str] = field(default_factory=Counter)


class _Way:
    """One direction of a connection: what is read is written when its time has come."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, conditions: _Conditions
    ) -> None:
        self._reader, self.writer, self._conditions = reader, writer, conditions
        self.flows = asyncio.Event()
        self.flows.set()
        self.moved_s = asyncio.get_running_loop().time()
        self.damages: list[_Damage] = []
        self.bytes = 0
        self._ended = False
        self._due: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_ON_THEIR_WAY)

    async def carry(self) -> None:
        reading = asyncio.ensure_future(self._read())
        try:
            while data := await self._next():
                await self._write(data)
        except OSError:
            pass
        finally:
            reading.cancel()
            if self.flows.is_set():
                self.writer.close()

    async def _read(self) -> None:
        loop, data = asyncio.get_running_loop(), b"any"
        while data:
            try:
                data = await self._reader.read(65536)
            except OSError:
                data = b""
            self.moved_s = loop.time() if data else self.moved_s
            self.bytes += len(data)
            await self._due.put((loop.time() + self._conditions.latency_s, data))

    async def _next(self) -> bytes:
        at_s, data = await self._due.get()
        if (early_s := at_s - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(early_s)
        await self.flows.wait()
        return data

    async def _write(self, data: bytes) -> None:
        chance, slices = self._conditions.chance, self._conditions.slices
        if slices and slices.of_each and not self._due.empty():  # else who is behind stays behind
            slices = None
        while self.damages:
            damage = self.damages.pop(0)
            data = damage(data, chance)
            self._conditions.done[damage.__name__] += 1
        for piece in sliced(data, slices, chance) if slices else [data]:
            if self._ended:
                return
            self.writer.write(piece)
            await self.writer.drain()
            if slices:
                self._conditions.done["sliced"] += 1
                await _arrived()

    def end(self) -> None:
        """Say that this was all; what still comes this way is lost."""
        if not self._ended and self.writer.can_write_eof() and not self.writer.is_closing():
            self._ended = True
            self.writer.write_eof()
            self._conditions.done["half closed"] += 1


class _Pipe:
    """One client's connection and ours to the target."""

    def __init__(self, ways: dict[Towards, _Way]) -> None:
        self.ways = ways

    @property
    def flows(self) -> bool:
        return all(way.flows.is_set() for way in self.ways.values())

    async def carry(self) -> None:
        await asyncio.gather(*(way.carry() for way in self.ways.values()))

    async def cut_when_idle(self, idle_s: float) -> None:
        """As proxies do with what neither side said anything on for so long."""
        now_s = asyncio.get_running_loop().time
        while (left_s := max(way.moved_s for way in self.ways.values()) + idle_s - now_s()) > 0:  # noqa: ASYNC110 (a time is waited for)
            await asyncio.sleep(left_s)
        self.reset()

    def reset(self) -> None:
        for way in self.ways.values():
            way.flows.set()
            linger_socket = way.writer.get_extra_info("socket")
            if linger_socket.fileno() >= 0:  # else its peer closed it meanwhile
                linger_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            way.writer.transport.abort()


class TcpProxy:
    """On loopback, to a port of it. ``dark``: a new connection is reset at once. ``accepted`` counts them;
    one on which nothing moved for ``idle_s`` is cut.

    ``conditions`` are of all its connections. What is done once is done to what comes next on each of those
    that are open.
    """

    def __init__(self, target: int, idle_s: float = 0.0, seed: int = 1) -> None:
        self._target, self._idle_s = target, idle_s
        self._pipes: set[_Pipe] = set()
        self.conditions = _Conditions(random.Random(seed))
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
        up, down = (reader, target, self.conditions), (target_reader, writer, self.conditions)
        pipe = _Pipe({"target": _Way(*up), "client": _Way(*down)})
        self._pipes.add(pipe)
        watching = asyncio.ensure_future(pipe.cut_when_idle(self._idle_s)) if self._idle_s else None
        try:
            await pipe.carry()
        finally:
            if pipe.flows:  # else its ends are ours to close, and nobody is to hear of it before
                self._pipes.discard(pipe)
            if watching is not None:
                watching.cancel()

    def fall_silent(self) -> int:
        """What is open forwards nothing any more, and is not closed; how many that are."""
        for way in self._ways(BOTH):
            way.flows.clear()
        return len(self._pipes)

    def corrupt(self, towards: Iterable[Towards] = BOTH) -> None:
        """One of the next bytes, that way."""
        for way in self._ways(towards):
            way.damages.append(corrupted)

    def double(self, towards: Iterable[Towards] = BOTH) -> None:
        """Some of the next bytes."""
        for way in self._ways(towards):
            way.damages.append(doubled)

    def half_close(self, towards: Iterable[Towards]) -> None:
        """That way nothing comes any more, and it is said so; the other goes on."""
        for way in self._ways(towards):
            way.end()

    def bytes_of(self, towards: Towards) -> int:
        """What came that way so far, of what is open."""
        return sum(way.bytes for way in self._ways([towards]))

    def relent(self) -> None:
        """From now on bytes come as they were sent, at once."""
        self.conditions.latency_s, self.conditions.slices = 0.0, None
        for way in self._ways(BOTH):
            way.damages.clear()

    def _ways(self, towards: Iterable[Towards]) -> list[_Way]:
        return [pipe.ways[each] for each in towards for pipe in self._pipes]

    def reset(self) -> int:
        """Reset all that are open; how many that were."""
        return self._reset(set(self._pipes))

    def reset_silent(self) -> int:
        """Reset those that fell silent, as either end does that finds out; how many that were."""
        return self._reset({pipe for pipe in self._pipes if not pipe.flows})

    def _reset(self, pipes: set[_Pipe]) -> int:
        for pipe in pipes:
            pipe.reset()
        self._pipes -= pipes
        return len(pipes)
