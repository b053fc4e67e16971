"""Raw traffic with its receive times, to a compressed file of JSON lines, off the hot path.

One record a line, in order: ``{"k":"open","ns":…,"conn":…,"url":…}``, ``send`` (also ``raw``), ``recv``
(``raw``, or ``b64`` where the frame is not UTF-8) and ``http`` (``url``, ``raw``). ``ns`` is the receive time
in nanoseconds UTC. A recorder that the disk cannot follow drops frames and says so, with a ``lost`` record.
"""

from __future__ import annotations

import gzip
import io
import logging
import threading
import zlib
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import msgspec

logger = logging.getLogger(__name__)

QUEUE_BYTES = 64 * 1024 * 1024
"""What may wait for the disk. The largest single frame of a venue is a quarter of it."""
# A short nap of the writer: batches compress well, and nobody waits for it.
_NAP_S = 0.1

Record = dict[str, str | int]


class Tee(Protocol):
    """What a session and a REST client tell of: ``ns`` is wall time."""

    def opened(self, conn: str, ns: int, url: str) -> None: ...

    def sent(self, conn: str, ns: int, url: str, text: str) -> None: ...

    def received(self, conn: str, ns: int, data: bytes) -> None: ...

    def fetched(self, conn: str, ns: int, url: str, body: bytes) -> None: ...


def _payload(data: bytes) -> Record:
    try:
        return {"raw": data.decode()}
    except UnicodeDecodeError:
        return {"b64": b64encode(data).decode()}


def payload(record: Record) -> bytes:
    """The bytes of a ``recv`` or ``http`` record."""
    if "b64" in record:
        return b64decode(record["b64"])
    return str(record["raw"]).encode()


def encode(record: Record) -> bytes:
    """One line. The order of the fields is that of the record, so what was read is written the same."""
    return msgspec.json.encode(record) + b"\n"


def read(path: Path) -> Iterator[Record]:
    """The records of a file, compressed or not. A file of plain frames, one a line, is read as such: received
    at -1, on no connection. Raises :class:`ValueError` that names file and line of what is no record, and
    where a compressed file breaks off; :class:`OSError` for one that cannot be opened."""
    number, plain = 0, False
    with (gzip.open if _is_compressed(path) else open)(path, "rb") as lines:
        try:
            for line in lines:
                number += 1
                plain = plain or number == 1 and _is_plain(line)
                yield {"k": "recv", "ns": -1, **_payload(line.rstrip(b"\r\n"))} if plain else _record(line)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise ValueError(f"{path.name} line {number + 1}: expected gzip: {error!s:.200}") from error
        except (msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
            raise ValueError(f"{path.name} line {number}: expected a record: {error!r:.200}") from error


def _is_compressed(path: Path) -> bool:
    """By what it begins with, for whatever it is called; by its name, where the beginning is damaged."""
    with open(path, "rb") as file:
        return path.suffix == ".gz" or file.read(2) == b"\x1f\x8b"


def _is_plain(line: bytes) -> bool:
    """Whether it is a frame as a venue sends it and no record of one: an object without a kind."""
    found = msgspec.json.decode(line)
    return isinstance(found, dict) and not found.keys() & {"k", "ns", "conn"}


def _record(line: bytes) -> Record:
    record: Record = msgspec.json.decode(line, type=dict[str, str | int])
    if not isinstance(record["k"], str) or not isinstance(record["ns"], int) or record["ns"] < 0:
        raise TypeError("k is text, ns a number")
    if not isinstance(record.get("conn", ""), str) or not isinstance(record.get("url", ""), str):
        raise TypeError("conn and url are text")
    if record["k"] == "http" and "url" not in record:
        raise TypeError("an answer has a url")
    if record["k"] in ("recv", "http"):
        payload(record)
    return record


class Recorder:
    """Takes records on the event loop, writes them in a thread. Use it as a context.

    The file has no time of its own in its header, so equal records make equal bytes.
    """

    def __init__(self, path: Path, *, queue_bytes: int = QUEUE_BYTES) -> None:
        self.path, self._queue_bytes = path, queue_bytes
        self._queue: deque[tuple[str, str, int, str, bytes]] = deque()
        # Each is counted by one thread alone, so neither needs a lock.
        self._taken_bytes = self._written_bytes = self._lost = 0
        self.written = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write_all, name="recorder", daemon=True)

    def __enter__(self) -> Recorder:
        self._raw = open(self.path, "wb")  # noqa: SIM115 (closed by __exit__)
        self._file = gzip.GzipFile(filename="", fileobj=self._raw, mode="wb", compresslevel=6, mtime=0)
        self._out = io.BufferedWriter(self._file, 1 << 20)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.set()
        self._thread.join()
        self._out.close()
        self._raw.close()

    # taken on the event loop

    def opened(self, conn: str, ns: int, url: str) -> None:
        self._put(("open", conn, ns, url, b""))

    def sent(self, conn: str, ns: int, url: str, text: str) -> None:
        self._put(("send", conn, ns, url, text.encode()))

    def received(self, conn: str, ns: int, data: bytes) -> None:
        self._put(("recv", conn, ns, "", data))

    def fetched(self, conn: str, ns: int, url: str, body: bytes) -> None:
        self._put(("http", conn, ns, url, body))

    def again(self, record: Record) -> None:
        """A record that was read from another recording, as it stood there. May wait for the disk."""
        self._out_record(record)

    def _put(self, item: tuple[str, str, int, str, bytes]) -> None:
        if self._taken_bytes - self._written_bytes + len(item[4]) > self._queue_bytes:
            self._lost += 1
            return
        if self._lost:
            lost, self._lost = self._lost, 0
            self._queue.append(("lost", item[1], item[2], "", str(lost).encode()))
        self._taken_bytes += len(item[4])
        self._queue.append(item)

    # written in the thread

    def _write_all(self) -> None:
        stopped = False
        while not stopped:
            stopped = self._stop.wait(_NAP_S)
            try:
                while self._queue:
                    self._write(self._queue.popleft())
            except OSError as error:
                logger.error("recording to %s stopped: %s", self.path, error)
                self._queue_bytes = -1
                self._queue.clear()
                return

    def _write(self, item: tuple[str, str, int, str, bytes]) -> None:
        kind, conn, ns, url, data = item
        self._written_bytes += len(data)
        record: Record = {"k": kind, "ns": ns, "conn": conn}
        if url:
            record["url"] = url
        if kind == "lost":
            record["frames"] = int(data)
        elif kind != "open":
            record |= _payload(data)
        self._out_record(record)

    def _out_record(self, record: Record) -> None:
        self._out.write(encode(record))
        self.written += 1
