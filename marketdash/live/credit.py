"""How much a client may be sent before it acknowledges: what its link carries in a moment. Pure.

A fast link is never held back: its window is the whole one. On a slow one everything that is sent beyond what
it carries waits in the buffers of the network, grows old there, and nothing newer can pass it by. So who
acknowledges late is sent less, as much as it took in lately, and the rest is merged here, where merging costs
nothing. What was under way when the link slowed down has to arrive first.

Of a new link nothing is known. By 64 kbit/s that lose each tenth packet, 80 KB at once are ten seconds, if
the connection lives so long: it is sent little until it answered in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

LEAST_BYTES, FIRST_BYTES, MOST_BYTES = 2048, 16 * 1024, 256 * 1024

OF_ONE_ACK = 8
"""Frames for which clients may wait before they acknowledge. Who does so would never acknowledge a smaller
window: only who was seen to be more prompt is given one, and while it is."""

LATE_S = 0.75
"""From sending a frame to hearing of it: a quarter of a second that a client may wait, and the way there and
back. What takes longer stood in a queue."""

NEAR_S = 0.1
"""Who answers within this has a link that needs no further proof; else its first bytes have to be in time."""

AIM_S = 0.4
GROWTH = 1.25
"""By so much with each answer that was in time: by more, and every other one would be late."""

LATELY_S = 60.0
"""Who was late so long ago is late no more, though what it follows is too little to widen its window: one bad
second of a link near by would be for ever."""


class Sent(NamedTuple):
    """What is remembered of a frame until it is acknowledged: not its text, which is large."""

    number: int
    size: int
    at_s: float


class Credit:
    """Of one client. ``bytes`` is the window; ``known``: by what was heard of its link."""

    __slots__ = ("bytes", "known", "_prompt", "_taken_bytes", "heard_s", "_changed_s", "_late_s")

    def __init__(self) -> None:
        self.bytes, self.known, self._prompt = FIRST_BYTES, False, False
        self._taken_bytes = 0
        self.heard_s = self._changed_s = self._late_s = 0.0

    def heard(self, got: Sequence[Sent], under_way: int, now_s: float) -> None:
        """It has these frames, of ``under_way`` bytes that it did not have."""
        first, last, size = got[0], got[-1], sum(each.size for each in got)
        self._prompt |= len(got) < OF_ONE_ACK
        busy_s = now_s - max(first.at_s, self.heard_s)
        self.heard_s = now_s
        if now_s - last.at_s > LATE_S and self._prompt:
            carried = size / max(busy_s, 0.001) * AIM_S
            self.bytes, self._changed_s = int(max(LEAST_BYTES, min(self.bytes, carried))), now_s
            self.known, self._late_s = True, now_s
        elif not self.known:
            self._prove(size, now_s - last.at_s)
        elif under_way >= self.bytes // 2 and last.at_s > self._changed_s:
            # It had its fill, in the window of now: there may be room for more.
            self._changed_s = now_s
            self.bytes = int(min(MOST_BYTES, self.bytes * GROWTH))

    def _prove(self, size: int, took_s: float) -> None:
        self._taken_bytes += size
        if took_s <= NEAR_S or self._taken_bytes >= FIRST_BYTES:
            self.bytes, self.known = MOST_BYTES, True

    @property
    def knows_nothing(self) -> bool:
        return not self.known and not self.heard_s

    @property
    def is_slow(self) -> bool:
        return self.bytes < MOST_BYTES

    def is_narrow(self, now_s: float) -> bool:
        """Slow, and lately seen to be, or not known."""
        return self.is_slow and (not self.known or now_s - self._late_s < LATELY_S)

    def stuck(self) -> None:
        """It waits for more before it acknowledges, after all."""
        self.bytes, self.known, self._prompt = MOST_BYTES, True, False
