"""A connection whose wire is lines over HTTP: one answer that does not end, each line of it a message.

It has for a link what a WebSocket has. What is wanted stands in its address, so nothing can be sent on it.
Proxy and certificates are those of the environment, as the client of REST has them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import httpx

from feeds.certificates import of_requests

_HEAD = 1024
# Compressed, a line would wait for others before it leaves.
_HEADERS = {"Accept-Encoding": "identity"}


class StreamRefused(Exception):
    """An answer that is no stream. ``status`` is that of HTTP, ``retry_after`` the header of that name."""

    def __init__(self, status: int, retry_after: str, words: str) -> None:
        super().__init__(f"HTTP {status} {words}".rstrip())
        self.status, self.retry_after = status, retry_after


class LineTooLong(ValueError):
    """More bytes without an end of line than we accept."""


class Lines:
    """Whole lines, however they were cut on their way; what has no end yet waits. Blank ones are left out."""

    def __init__(self, most: int, message: Callable[[bytes], None]) -> None:
        self._most, self._message = most, message
        self._rest = bytearray()

    def feed(self, data: bytes) -> None:
        """Raises :class:`LineTooLong`, after which it is of no more use."""
        head, end, tail = data.rpartition(b"\n")
        if end:
            whole, self._rest = bytes(self._rest) + head, bytearray(tail)
            for line in whole.split(b"\n"):
                self._check(len(line))
                if line := line.strip(b" \t\r"):
                    self._message(line)
        else:
            self._rest += data
        self._check(len(self._rest))

    def _check(self, size: int) -> None:
        if size > self._most:
            raise LineTooLong(f"a line of more than {self._most} bytes")

    @property
    def under_way(self) -> int:
        """Bytes of a last line without an end: it is no message."""
        return len(self._rest)


class LineConnection:
    """Reads in a task of its own, from the moment it is made; ``message`` gets whole lines as they arrive."""

    def __init__(
        self, client: httpx.AsyncClient, answer: httpx.Response, most: int, message: Callable[[bytes], None]
    ) -> None:
        self._client, self._answer, self._lines = client, answer, Lines(most, message)
        self._words = ""
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for data in self._answer.aiter_bytes():
                self._lines.feed(data)
            self._words = "the venue ended the stream" + bool(self.under_way) * ", in the middle of a line"
        except LineTooLong as error:
            self._words = str(error)
        except httpx.HTTPError as error:
            self._words = f"the connection broke: {type(error).__name__}"

    @property
    def under_way(self) -> int:
        return self._lines.under_way

    async def send(self, text: str) -> None:
        """Nothing: all that can be asked for is in the address."""

    async def ping(self) -> None:
        """Nothing: only the venue speaks."""

    def abort(self) -> None:
        self._reader.cancel()

    async def wait_closed(self) -> None:
        await asyncio.wait([self._reader])

    async def close(self) -> None:
        self._reader.cancel()
        await asyncio.wait([self._reader])
        await self._answer.aclose()
        await self._client.aclose()

    def words(self) -> str:
        """Why it ended; ``""`` where we ended it."""
        return self._words


async def open_lines(
    url: str, headers: Mapping[str, str], message: Callable[[bytes], None], *, most: int, open_s: float
) -> LineConnection:
    """Raises :class:`StreamRefused`, ``TimeoutError``, and what httpx raises."""
    patience = httpx.Timeout(open_s, read=None)
    client = httpx.AsyncClient(timeout=patience, headers={**_HEADERS, **headers}, verify=of_requests())
    try:
        async with asyncio.timeout(open_s):
            answer = await client.send(client.build_request("GET", http_url(url)), stream=True)
            if answer.status_code != 200:
                raise await _refused(answer)
    except BaseException:
        await client.aclose()
        raise
    return LineConnection(client, answer, most, message)


async def _refused(answer: httpx.Response) -> StreamRefused:
    head = await anext(answer.aiter_bytes(_HEAD), b"")
    words = head[:160].decode("utf-8", "replace")
    return StreamRefused(answer.status_code, answer.headers.get("Retry-After", ""), words)


def http_url(url: str) -> str:
    """Roots of links are set as ``ws://`` and ``wss://``, whatever is spoken there."""
    return f"http{url.removeprefix('ws')}" if url.startswith(("ws://", "wss://")) else url


async def knock_lines(url: str, headers: Mapping[str, str], within_s: float) -> bool:
    """Whether a stream begins at ``url`` in time."""
    try:
        connection = await open_lines(url, headers, lambda line: None, most=1 << 20, open_s=within_s)
    except StreamRefused as refused:
        return refused.status == 400  # what is asked for need not be there: somebody read it
    except (OSError, TimeoutError, ValueError, httpx.HTTPError, httpx.InvalidURL):
        return False
    await connection.close()
    return True
