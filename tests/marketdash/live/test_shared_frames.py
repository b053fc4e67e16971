"""A frame built once reads as the library's own, and what passes the parser by is what it would have read."""

from __future__ import annotations

import asyncio
import gc
import socket
import weakref
from types import SimpleNamespace

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from marketdash.live.shared_frames import SharedFrameProtocol, descriptor, frame_size, small_text, text_frame
from tests.fakes.raw_socket import RawSocket, frame, upgrade


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 70000])
def test_a_shared_frame_is_the_librarys_frame(size):
    payload = b"x" * size

    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)


@given(st.binary(min_size=1, max_size=125))
def test_a_short_frame_is_read_as_the_library_wrote_it(payload):
    assert small_text(Frame(Opcode.TEXT, payload).serialize(mask=True)) == payload


@given(st.binary(max_size=140))
def test_whatever_is_no_short_text_frame_is_left_to_the_parser(data):
    text = small_text(data)

    assert not text or data[0] == 0xC1 or (data[0] == 0x81 and len(data) == len(text) + 6)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
@pytest.mark.parametrize("mask", [True, False])
def test_a_frames_size_is_known_from_its_header(size, mask):
    frame = Frame(Opcode.TEXT, b"x" * size).serialize(mask=mask)

    assert frame_size(b"??" + frame + b"more", 2) == len(frame)
    assert frame_size(frame[:1], 0) == 0


@given(st.lists(st.integers(0, 300), min_size=1, max_size=8), st.data())
def test_between_frames_is_known_however_the_stream_is_cut(sizes, data):
    frames = [Frame(Opcode.TEXT, b"x" * size).serialize(mask=True) for size in sizes]
    stream = b"".join(frames)
    ends = {sum(map(len, frames[:n])) for n in range(len(frames) + 1)}
    protocol = object.__new__(SharedFrameProtocol)
    protocol._left, protocol._cut, at, begun = 0, b"", 0, 0
    while at < len(stream):
        cut = data.draw(st.integers(1, len(stream) - at))
        begun += protocol._follow(stream[at : at + cut], 500)
        at += cut

        assert (protocol._left == 0 and not protocol._cut) == (at in ends)
    assert begun == len(frames)


def test_no_more_frames_are_counted_than_somebody_may_send():
    protocol = object.__new__(SharedFrameProtocol)
    protocol._left, protocol._cut = 0, b""

    assert protocol._follow(Frame(Opcode.TEXT, b"x").serialize(mask=True) * 40_000, 500) == 501


async def _mixed(count: int) -> bytes:
    """Frames of our own and the transport's writes by turns, more than a socket's buffer holds."""
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setblocking(False)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, ours)
    protocol = object.__new__(SharedFrameProtocol)
    protocol.transport, protocol.close_sent, protocol._blocked = transport, False, False
    protocol._fd = descriptor(transport)
    assert protocol._fd >= 0
    for n in range(count):
        if n % 3:
            assert protocol.write_frame(b"%05d" % n * 20)
        else:
            transport.write(b"%05d" % n * 20)
    transport.close()
    found = b""
    while part := await loop.sock_recv(theirs, 65536):
        found += part
    assert not protocol.write_frame(b"nobody is there")
    theirs.close()
    return found


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
@pytest.mark.parametrize("count", [2, 3000])
def test_what_passes_the_transport_by_keeps_its_place(loop, count):
    with asyncio.Runner(loop_factory=loop) as runner:
        found = runner.run(_mixed(count))

    assert found == b"".join(b"%05d" % n * 20 for n in range(count))


@pytest.mark.parametrize("known", [{"sslcontext": object(), "socket": socket}, {}])
def test_an_encrypted_or_unknown_transport_sees_every_byte(known):
    assert descriptor(SimpleNamespace(get_extra_info=known.get)) == -1


async def _ended(how: bytes) -> weakref.ref:
    """Of a socket that said one thing and ``how`` before it was cut: the library's side of it."""
    ended = asyncio.Event()

    async def application(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        ended.set()

    loop, (ours, theirs) = asyncio.get_running_loop(), socket.socketpair()
    config = Config(application, ws="none", lifespan="off", log_config=None, ws_per_message_deflate=False)
    config.load()
    protocol = SharedFrameProtocol(config, ServerState(), {})
    await loop.connect_accepted_socket(lambda: protocol, ours)
    client = RawSocket(*await asyncio.open_connection(sock=theirs))
    await client.shake(upgrade("localhost"))
    await client.send(frame(b"something") + how)
    client.writer.close()
    await ended.wait()
    return weakref.ref(protocol.conn)


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
@pytest.mark.parametrize(
    "how",
    [b"", frame(b"\x03\xe8", Opcode.CLOSE), frame(b"cut")[:-1]],
    ids=["cut", "closed", "cut in a frame"],
)
def test_no_socket_that_ended_is_left_for_the_collector(loop, how):
    """Thousands an hour would wait there."""
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=loop) as runner:
            left = runner.run(_ended(how))
        assert left() is None
    finally:
        gc.enable()
