"""All that a Redis is told, as its own MONITOR writes it down, and all that it keeps."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import redis

AGAIN_S = 0.1


class Tap:
    """Also of the one that is started after it in its place."""

    def __init__(self, url: str) -> None:
        self.url, self._over = url, threading.Event()
        self._pieces: list[bytes] = []

    @property
    def heard(self) -> bytes:
        return b"".join(self._pieces)

    def run(self) -> None:
        """Until ended, in a thread of its own."""
        while not self._over.is_set():
            with contextlib.suppress(OSError):
                self._listen()
            self._over.wait(AGAIN_S)

    def _listen(self) -> None:
        parts = urlsplit(self.url)
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as link:
            link.sendall(f"AUTH {parts.password}\r\nMONITOR\r\n".encode())
            link.settimeout(0.2)
            while not self._over.is_set():
                with contextlib.suppress(TimeoutError):
                    if not (piece := link.recv(1 << 20)):
                        return
                    self._pieces.append(piece)

    def end(self) -> None:
        self._over.set()


@contextlib.contextmanager
def tapped(url: str) -> Iterator[Tap]:
    tap = Tap(url)
    thread = threading.Thread(target=tap.run)
    thread.start()
    try:
        yield tap
    finally:
        tap.end()
        thread.join()


_READ = {
    b"string": ("GET",), b"hash": ("HGETALL",), b"set": ("SMEMBERS",),
    b"list": ("LRANGE", 0, -1), b"zset": ("ZRANGE", 0, -1), b"stream": ("XRANGE", "-", "+"),
}  # fmt: skip


def kept(url: str) -> bytes:
    """Keys and values."""
    with redis.Redis.from_url(url) as client:
        found = []
        for key in client.scan_iter(count=1000):
            if (kind := client.type(key)) in _READ:
                verb, *rest = _READ[kind]
                found.append(key + b" " + repr(client.execute_command(verb, key, *rest)).encode())
        return b"\n".join(found)
