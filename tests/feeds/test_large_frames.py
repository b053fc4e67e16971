"""Frames as large as a venue's largest book, and larger: what they cost and how they are refused."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.fakes import book_reader

MEGABYTE = 1 << 20
LARGE, OVER = 16 * MEGABYTE, 33 * MEGABYTE
GROWN_MB, BACK_S = 64.0, 5.0
LEVEL = '{{"side":"{}","event_time":"1970-01-01T00:00Z","price_level":"{}.25","new_quantity":"0.06317902"}}'
HEAD = '{"channel":"l2_data","client_id":"","timestamp":"2026-08-09T21:05:48.12Z","sequence_num":0,"events":['
BOOK = HEAD + '{"type":"snapshot","product_id":"BTC-USD","updates":['


def whole_book(size: int) -> bytes:
    """A snapshot of that many bytes, both sides alike."""
    count = (size - len(BOOK)) // (len(LEVEL.format("offer", 1_000_000)) + 1)
    levels = [LEVEL.format("offer", 2_000_000 + at) for at in range(count // 2)]
    levels += [LEVEL.format("bid", 1_999_999 - at) for at in range(count // 2)]
    return f"{BOOK}{','.join(levels)}]}}]}}".encode()


class Coinbase:
    """Answers whoever asks for a book with the same one."""

    def __init__(self, book: bytes) -> None:
        self.book = book
        self.links: list[ServerConnection] = []

    async def serve(self, link: ServerConnection) -> None:
        self.links.append(link)
        async for text in link:
            if json.loads(text)["channel"] == "level2":
                await link.send(self.book, text=True)


@pytest.mark.faults
@pytest.mark.fault(
    "F18",
    "COINBASE: a book of 16 MB, and then a frame of 33 MB, which is above the limit",
    goal="the book is taken; the frame is refused with its name, live again in 5 s; RSS ≤ +64 MB",
)
async def test_the_largest_book_is_taken_and_what_is_larger_is_refused(score):
    venue = Coinbase(whole_book(LARGE))
    async with serve(
        venue.serve, "127.0.0.1", 0, compression=None, max_size=None, ping_interval=None
    ) as server:
        port = server.sockets[0].getsockname()[1]
        async with book_reader.reading("COINBASE:BTC-USD", f"ws://127.0.0.1:{port}") as reader:
            first = await reader.live()
            sending = asyncio.create_task(venue.links[0].send(b"x" * OVER, text=True))
            again = await reader.live()
            await asyncio.gather(sending, return_exceptions=True)

    score.took(again["took_s"])
    score.note("levels", first["levels"], "")
    score.note("peak of memory", again["grown_mb"], "MB more than before")
    assert first["levels"] == again["levels"] > 100_000
    assert "1009" in again["error"]
    assert again["took_s"] <= BACK_S
    assert 0 < again["grown_mb"] <= GROWN_MB
