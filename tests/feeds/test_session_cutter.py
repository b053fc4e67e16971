"""Messages cut out of a socket's bytes are the same as those the library finds, however the reads fall."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN, Protocol
from websockets.uri import parse_uri

from feeds.cutter import Cutter

HEAD = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


def frame(first: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 1 << 16:
        return bytes((first, 126)) + struct.pack("!H", size) + payload
    return bytes((first, 127)) + struct.pack("!Q", size) + payload


def library_messages(data: bytes) -> list[bytes]:
    """What the library's own parser makes of frames that follow a handshake."""
    protocol = ClientProtocol(parse_uri("ws://venue/"), max_size=1 << 20)
    protocol.state = OPEN
    protocol.reader.feed_data(data)
    next(Protocol.parse(protocol))
    return assembled(protocol.events_received())


def assembled(frames: list[Frame]) -> list[bytes]:
    found, parts = [], []
    for got in frames:
        if got.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            parts.append(bytes(got.data))
            if got.fin:
                found.append(b"".join(parts))
                parts = []
    return found


def cut(chunks: list[bytes], *, agreed: bool = True, max_size: int = 1 << 20) -> tuple[list[bytes], bytes]:
    messages: list[bytes] = []
    others: list[bytes] = []
    cutter = Cutter(max_size, lambda data, is_text: messages.append(data), others.append, lambda: agreed)
    for chunk in chunks:
        cutter.feed(chunk)
    return messages, b"".join(others)


PAYLOADS = st.one_of(st.binary(max_size=200), st.integers(60_000, 70_000).map(lambda n: b"x" * n))
WHOLE = st.tuples(st.sampled_from((0x81, 0x82)), PAYLOADS).map(lambda f: frame(*f))
PARTS = st.lists(st.binary(max_size=150), min_size=2, max_size=4).map(
    lambda parts: b"".join(
        frame((0x01 if at == 0 else 0x00) | (0x80 if at == len(parts) - 1 else 0), part)
        for at, part in enumerate(parts)
    )
)
PING = st.binary(max_size=125).map(lambda payload: frame(0x89, payload))


@given(
    st.lists(st.one_of(WHOLE, WHOLE, PARTS, PING), max_size=12), st.lists(st.integers(1, 5000), max_size=30)
)
def test_every_message_is_found_whole_and_the_rest_goes_to_the_library(frames: list[bytes], reads: list[int]):
    stream = HEAD + b"".join(frames)
    chunks, at = [], 0
    for size in reads:
        chunks.append(stream[at : at + size])
        at += size
    chunks.append(stream[at:])

    messages, other = cut([chunk for chunk in chunks if chunk])

    assert other.startswith(HEAD)
    assert sorted(messages + library_messages(other[len(HEAD) :])) == sorted(
        library_messages(stream[len(HEAD) :])
    )


def test_a_refused_handshake_and_its_body_are_the_librarys():
    assert cut([b"HTTP/1.1 451 No\r\n\r", b"\nbody", b"more"], agreed=False) == (
        [],
        b"HTTP/1.1 451 No\r\n\r\nbodymore",
    )


@pytest.mark.parametrize("bad", [frame(0x81, b"x" * 2000), bytes((0x81, 0x85)) + b"mask" + b"12345"])
def test_a_frame_too_large_or_masked_ends_the_cutting(bad: bytes):
    messages, other = cut([HEAD, frame(0x81, b"good"), bad[:3], bad[3:], frame(0x81, b"late")], max_size=1000)

    assert messages == [b"good"]
    assert other == HEAD + bad + frame(0x81, b"late")


def test_a_large_frame_in_small_reads_is_put_together_once():
    large = frame(0x81, b"x" * 1_000_000)
    reads = [HEAD, *(large[at : at + 16_384] for at in range(0, len(large), 16_384))]

    messages, _ = cut(reads)

    assert messages == [b"x" * 1_000_000]


@pytest.mark.parametrize("at_once", [1 << 16, (2 << 20) + 5, 4 << 20])
def test_a_frame_of_megabytes_is_handed_on_with_all_that_came_behind_it(at_once: int):
    large, parts = frame(0x82, b"y" * (2 << 20)), frame(0x01, b"z" * (2 << 20)) + frame(0x80, b"end")
    between, last = frame(0x89, b"ping"), frame(0x81, b"last")
    stream = HEAD + frame(0x81, b"before") + large + between + large + parts + last
    reads = [stream[at : at + at_once] for at in range(0, len(stream), at_once)]

    messages, other = cut(reads, max_size=4 << 20)

    assert messages == [b"before", b"y" * (2 << 20), b"y" * (2 << 20), b"last"]
    assert other == HEAD + between + parts
