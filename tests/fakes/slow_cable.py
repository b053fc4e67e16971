"""A cable that carries little and loses some: another machine behind it, which is a network namespace of this
one.

The machine has its own address and its own TCP; what lies between is a pair of TUN devices and a thread that
carries packets from one to the other at so many bits a second, late, and loses some of them at random,
seeded."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import os
import random
import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from tests.fakes import namespace

_PREFIX = "10.213.8"
_TUN, _NO_HEADER, _SET_NAME = 0x0001, 0x1000, 0x400454CA
_NETWORK = 0x40000000
QUEUE_S = 1.0
"""What the modem keeps before it loses the rest."""


def possible() -> bool:
    return namespace.possible() and os.access("/dev/net/tun", os.R_OK | os.W_OK)


def _device(name: str) -> int:
    found = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(found, _SET_NAME, struct.pack("16sH", name.encode(), _TUN | _NO_HEADER))
    return found


class _Way:
    """One direction: packets taken, lost, and given at the pace of the line."""

    def __init__(
        self, taken: int, given: int, bytes_per_s: float, loss: float, delay_s: float, seed: str
    ) -> None:
        self.taken, self._given = taken, given
        self._bytes_per_s, self._loss, self._delay_s = bytes_per_s, loss, delay_s
        self._chance, self._free_s = random.Random(seed), 0.0
        self.queue: deque[tuple[float, bytes]] = deque()
        self.carried = self.lost = 0

    def take(self) -> None:
        now_s = time.monotonic()
        with contextlib.suppress(BlockingIOError):
            while packet := os.read(self.taken, 65536):
                if self._free_s - now_s > QUEUE_S:
                    self.lost += 1
                    continue
                # A packet that is lost on the air took its time there all the same.
                self._free_s = max(self._free_s, now_s) + len(packet) / self._bytes_per_s
                if self._chance.random() < self._loss:
                    self.lost += 1
                else:
                    self.queue.append((self._free_s + self._delay_s, packet))

    def give(self) -> None:
        while self.queue and self.queue[0][0] <= time.monotonic():
            self.carried += 1
            with contextlib.suppress(OSError):
                os.write(self._given, self.queue.popleft()[1])


class SlowCable:
    """``address`` is this machine's at the cable: what listens there is reached by :meth:`connect` alone."""

    address = f"{_PREFIX}.1"

    def __init__(self, bits_per_s: float, loss: float, delay_s: float, seed: int) -> None:
        self._name, devices = (
            f"marketdash-far-{os.getpid()}",
            (f"mdn{os.getpid() % 10**6}", f"mdf{os.getpid() % 10**6}"),
        )
        here, there = self._ends = [_device(each) for each in devices]
        ways = ((here, there), (there, here))
        self.ways = [_Way(*way, bits_per_s / 8, loss, delay_s, f"{seed}/{n}") for n, way in enumerate(ways)]
        self._place(*devices)
        self._over = threading.Event()
        self._carrier = threading.Thread(target=self._carry, daemon=True)
        self._carrier.start()

    def _place(self, here: str, there: str) -> None:
        for words in (
            ("netns", "add", self._name),
            ("link", "set", there, "netns", self._name),
            ("addr", "add", f"{self.address}/30", "dev", here),
            ("link", "set", here, "up"),
            ("-n", self._name, "addr", "add", f"{_PREFIX}.2/30", "dev", there),
            ("-n", self._name, "link", "set", there, "up"),
        ):
            assert namespace.ip(*words), f"expected that `ip {' '.join(words)}` works"

    def _carry(self) -> None:
        while not self._over.is_set():
            due = [way.queue[0][0] for way in self.ways if way.queue]
            wait_s = min([0.1, *(each - time.monotonic() for each in due)])
            ready, _, _ = select.select([way.taken for way in self.ways], [], [], max(0.0, wait_s))
            for way in self.ways:
                if way.taken in ready:
                    way.take()
                way.give()

    async def connect(self, port: int) -> socket.socket:
        """A connection from the machine at the other end."""
        found = await asyncio.to_thread(self._socket_there)
        found.setblocking(False)
        try:
            async with asyncio.timeout(30):
                await asyncio.get_running_loop().sock_connect(found, (self.address, port))
        except BaseException:
            found.close()
            raise
        return found

    def _socket_there(self) -> socket.socket:
        """A socket belongs where it was made: in a thread that goes there, and ends there."""
        made: list[socket.socket] = []

        def go() -> None:
            with (Path("/run/netns") / self._name).open() as place:
                if ctypes.CDLL(None, use_errno=True).setns(place.fileno(), _NETWORK):
                    raise OSError(ctypes.get_errno(), f"no way into {self._name}")
            made.append(socket.socket())

        going = threading.Thread(target=go)
        going.start()
        going.join()
        assert made, "expected a socket of the other machine"
        return made[0]

    def end(self) -> None:
        self._over.set()
        self._carrier.join()
        for end in self._ends:
            os.close(end)
        namespace.ip("netns", "del", self._name)


@contextlib.contextmanager
def laid(bits_per_s: float, loss: float, delay_s: float, seed: int) -> Iterator[SlowCable]:
    made = SlowCable(bits_per_s, loss, delay_s, seed)
    try:
        yield made
    finally:
        made.end()
