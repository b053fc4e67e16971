"""How much is under way to a client: all that a fast link takes, and on a slow one what it carries in a
moment."""

from __future__ import annotations

import random
from collections import deque

import pytest

from marketdash.live.credit import LATE_S, LEAST_BYTES, MOST_BYTES, OF_ONE_ACK, Credit, Sent


class Line:
    """A link in time of its own that carries so many bytes a second, to a client that acknowledges each frame
    ``after_s`` later. It is sent whatever its window allows, at once."""

    def __init__(self, bytes_per_s: float, after_s: float = 0.25, frame_bytes: int = 1000) -> None:
        self.credit, self.now_s, self.lags = Credit(), 100.0, []
        self.bytes_per_s, self.after_s, self.frame_bytes = bytes_per_s, after_s, frame_bytes
        self._sent: deque[tuple[Sent, float]] = deque()
        self._free_s = self._under_way = 0

    def run(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            while self._under_way < self.credit.bytes:
                self._send()
            sent, heard_s = self._sent.popleft()
            self.now_s = max(self.now_s, heard_s)
            self.lags.append(self.now_s - sent.at_s)
            self.credit.heard([sent], self._under_way, self.now_s)
            self._under_way -= sent.size

    def _send(self) -> None:
        self._free_s = max(self._free_s, self.now_s) + self.frame_bytes / self.bytes_per_s
        self._sent.append((Sent(0, self.frame_bytes, self.now_s), self._free_s + self.after_s))
        self._under_way += self.frame_bytes


def test_a_fast_link_has_the_whole_window():
    line = Line(10_000_000)
    line.run(30)

    assert line.credit.bytes == MOST_BYTES and max(line.lags) < LATE_S


@pytest.mark.parametrize("bytes_per_s", [4_000, 8_000, 30_000, 100_000])
@pytest.mark.fault(
    "F34",
    "As much as somebody may be sent is sent by a link of {bytes_per_s} bytes a second, in time of its own",
    goal="nothing is under way for 1.5 s, and the link is used",
)
def test_what_is_under_way_is_young_whatever_the_link_carries(bytes_per_s, score):
    line = Line(bytes_per_s)
    line.run(60 + MOST_BYTES / bytes_per_s)  # what was sent before anything was known has to arrive first
    line.lags.clear()
    line.run(60)

    score.took(max(line.lags))
    assert max(line.lags) < 2 * LATE_S
    assert len(line.lags) * line.frame_bytes > 60 * bytes_per_s * 0.6  # and it is not left idle


def test_a_link_that_recovers_is_used_again():
    line = Line(8_000)
    line.run(120)
    assert line.credit.bytes < 20_000
    line.bytes_per_s = 10_000_000
    line.run(20)

    assert line.credit.bytes == MOST_BYTES


def test_a_link_that_carries_next_to_nothing_gets_a_little_all_the_same():
    line = Line(50)
    line.run(10_000)

    assert line.credit.bytes == LEAST_BYTES


def test_a_quiet_client_says_nothing_of_its_link():
    """It acknowledges at once what little it is sent: that more would fit is not known."""
    credit, now_s = Credit(), 100.0
    credit.heard([Sent(1, 1000, now_s - 2)], 1000, now_s)
    shrunk = credit.bytes
    for n in range(100):
        now_s += random.Random(n).random()
        credit.heard([Sent(1, 10, now_s - 0.3)], 10, now_s)

    assert credit.bytes == shrunk < MOST_BYTES


def test_who_waits_for_eight_frames_is_never_sent_less_than_eight():
    credit, now_s = Credit(), 100.0
    for _ in range(20):
        now_s += 10
        credit.heard([Sent(n, 1000, now_s - 5) for n in range(OF_ONE_ACK)], 8000, now_s)

    assert credit.bytes == MOST_BYTES
