"""A frame built once reads as the frame that a WebSocket library would have built."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode

from marketdash.live.shared_frames import text_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 70000])
def test_a_shared_frame_is_the_librarys_frame(size):
    payload = b"x" * size

    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)
