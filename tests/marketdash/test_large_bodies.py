"""A body that nobody takes is not received: it fills neither memory nor the disk, whoever sends it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path

import psutil
import pytest

from marketdash.asgi import LARGEST_BODY_BYTES
from tests import socket_site
from tests.scoreboard import Score

CHUNK = b"a,b,c\n=1,2,3\n" * 5000
MOST_MIB = 100


def written(pid: int) -> int:
    """Bytes of files that it holds open and that have no name: Django's for what it receives."""
    held = Path(f"/proc/{pid}/fd")
    sizes = [path.stat().st_size for path in held.iterdir() if "(deleted)" in str(path.readlink())]
    return sum(sizes)


@pytest.mark.faults
@pytest.mark.parametrize("way", ["its length told", "in chunks"])
@pytest.mark.fault(
    "F48", "a file of 200 MB is sent by whoever is not signed in, {way}", goal="refused, RSS ≤ +100 MB"
)
async def test_a_file_that_never_ends(tmp_path: Path, way: str, score: Score) -> None:
    size, told = score.times(2_000, few=200) * 2**20, way == "its length told"
    with socket_site.running(tmp_path, "uvicorn") as site:
        process = psutil.Process(site.process.pid)
        before, most, disk, sent = process.memory_info().rss, 0, 0, 0
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        length = f"Content-Length: {size}" if told else "Transfer-Encoding: chunked"
        head = f"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n{length}\r\n"
        writer.write(f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode())
        with contextlib.suppress(ConnectionError):
            while sent < size and not reader.at_eof():
                writer.write(CHUNK if told else f"{len(CHUNK):x}\r\n".encode() + CHUNK + b"\r\n")
                await writer.drain()
                sent += len(CHUNK)
                with contextlib.suppress(OSError):
                    disk = max(disk, written(process.pid))
                most = max(most, process.memory_info().rss)
        answer = b""
        with contextlib.suppress(ConnectionError):  # a reset takes what was not read yet along
            answer = await reader.read(200)
        writer.transport.abort()
    score.note("taken before it was refused", sent // 2**20, "MB")
    score.note("RSS grew by", (most - before) / 2**20, "MB")
    score.note("on the disk", disk / 2**20, "MB")
    assert answer == b"" or b" 413 " in answer.splitlines()[0]
    assert (most - before) / 2**20 <= MOST_MIB and disk <= LARGEST_BODY_BYTES
    assert sent < size


FOUND = {b"": "more than 40 MiB", b"41943041": "41 MiB", b"209715200": "200 MiB"}


@pytest.mark.parametrize("path", ["/portfolios/1/imports/", "/api/v1/portfolios/1/imports"])
@pytest.mark.parametrize("said", FOUND)
async def test_what_is_too_large_is_answered_413_with_what_was_expected_and_found(
    said: bytes, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from marketdash import asgi

    received: list[int] = []

    async def page(scope: object, receive: object, send: object) -> None:
        while True:
            message = await receive()  # type: ignore[operator]
            received.append(len(message["body"]))

    async def more() -> dict[str, object]:
        return {"type": "http.request", "body": b"x" * 2**20, "more_body": True}

    answers: list[dict[str, object]] = []

    async def answer(message: dict[str, object]) -> None:
        answers.append(message)

    monkeypatch.setattr(asgi, "pages", page)
    headers = [(b"accept", b"text/html,*/*"), *([(b"content-length", said)] if said else [])]
    await asgi.application({"type": "http", "path": path, "headers": headers}, more, answer)

    assert answers[0]["status"] == 413
    body = bytes(answers[1]["body"])  # type: ignore[call-overload]
    if path.startswith("/api/"):
        wrong = {"field": "body", "expected": "at most 40 MiB at once", "found": FOUND[said]}
        assert json.loads(body) == {"errors": [wrong]}
    else:
        assert f"Expected at most 40 MiB at once, found {FOUND[said]}. Nothing" in body.decode()
    assert sum(received) <= LARGEST_BODY_BYTES and (not said or not received)
