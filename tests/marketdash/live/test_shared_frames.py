"""A frame built once reads as the library's own, and what passes the parser by is what it would have read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from marketdash.live.shared_frames import SharedFrameProtocol, frame_size, small_text, text_frame


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

    assert not text or (data[0] == 0x81 and len(data) == len(text) + 6)


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
    protocol._left, at = 0, 0
    while at < len(stream):
        cut = data.draw(st.integers(1, len(stream) - at))
        protocol._follow(stream[at : at + cut])
        at += cut

        assert protocol._left != 0 or at in ends
        assert protocol._left <= 0 or at not in ends
