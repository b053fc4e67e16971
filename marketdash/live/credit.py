"""How much a client may be sent before it acknowledges: what its link carries in a moment. Pure.

A fast link is never held back: its window is the whole one. On a slow one everything that is sent beyond what
it carries waits in the buffers of the network, grows old there, and nothing newer can pass it by. So who
acknowledges late is sent less, as much as it took in lately, and the rest is merged here, where merging costs
nothing. What was under way when the link slowed down has to arrive first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

LEAST_BYTES, MOST_BYTES = 2048, 256 * 1024

OF_ONE_ACK = 8
"""Frames for which clients may wait before they acknowledge. Who does so would never acknowledge a smaller
window: only who was seen to be more prompt is given one, and while it is."""

LATE_S = 0.75
"""From sending a frame to hearing of it: a quarter of a second that a client may wait, and the way there and
back. What takes longer stood in a queue."""

AIM_S = 0.4
GROWTH = 1.25
"""By so much with each answer that was in time: by more, and every other one would be late."""


class Sent(NamedTuple):
    """What is remembered of a frame until it is acknowledged: not its text, which is large."""

    number: int
    size: int
    at_s: float


class Credit:
    """Of one client. ``bytes`` is the window."""

    __slots__ = ("bytes", "_prompt", "heard_s", "_changed_s")

    def __init__(self) -> None:
        self.bytes, self._prompt = MOST_BYTES, False
        self.heard_s = self._changed_s = 0.0

    def heard(self, got: Sequence[Sent], under_way: int, now_s: float) -> None:
        """It has these frames, of ``under_way`` bytes that it did not have."""
        first, last, size = got[0], got[-1], sum(each.size for each in got)
        self._prompt |= len(got) < OF_ONE_ACK
        busy_s = now_s - max(first.at_s, self.heard_s)
        self.heard_s = now_s
        if now_s - last.at_s > LATE_S and self._prompt:
            carried = size / max(busy_s, 0.001) * AIM_S
            self.bytes, self._changed_s = int(max(LEAST_BYTES, min(self.bytes, carried))), now_s
        elif under_way >= self.bytes // 2 and last.at_s > self._changed_s:
            # It had its fill, in the window of now: there may be room for more.
            self._changed_s = now_s
            self.bytes = int(min(MOST_BYTES, self.bytes * GROWTH))

    @property
    def is_slow(self) -> bool:
        return self.bytes < MOST_BYTES

    def stuck(self) -> None:
        """It waits for more before it acknowledges, after all."""
        self.bytes, self._prompt = MOST_BYTES, False
