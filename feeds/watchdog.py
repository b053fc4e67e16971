"""When a link that looks alive is dead. Pure: told each tick what came since the last one.

A venue with a heartbeat is dead when neither data nor heartbeat came for ``idle_s``, pongs or not. One
without is dead when not even a pong to our ping came for ``idle_s``, or no data for ``data_idle_s``; the
latter waits longer where the markets of the link are quiet (ten times the gap that 99 % of gaps are below,
twice the longest one while there were few). One whose heartbeat is slow (``beats_s``) is held to both: it
waits for that where its markets are quiet, or nobody knows yet that they are not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from feeds.codec import Limits, Subscription

_NS = 1_000_000_000
# A connection whose other end vanished must be found within ten seconds, and our own ping finds it.
_PONG_S = 9.0
# Fewer gaps than this prove nothing: then the longest one seen counts, and less.
_ENOUGH, _OF_P99, _OF_LONGEST = 100, 10, 2


class Gaps:
    """How long the silences between data were, in powers of two milliseconds. Kept over reconnects."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, gap_ns: int) -> None:
        self._counts[(gap_ns // 1_000_000).bit_length()] += 1

    def are_enough(self) -> bool:
        """Whether they prove something."""
        return self._counts.total() >= _ENOUGH

    def usual_s(self) -> float:
        """For how long silence says nothing."""
        return (_OF_P99 if self.are_enough() else _OF_LONGEST) * self.p99_s()

    def p99_s(self) -> float:
        """The gap that 99 % are below, rounded up to a power of two; the longest while there are few."""
        allowed = self._counts.total() // 100 if self.are_enough() else 0
        for bucket in sorted(self._counts, reverse=True):
            allowed -= self._counts[bucket]
            if allowed < 0:
                return (1 << bucket) / 1000
        return 0.0


class Watchdog:
    """One connection's. ``now_ns`` is monotonic throughout."""

    def __init__(self, limits: Limits, gaps: Gaps, now_ns: int) -> None:
        self._limits, self._gaps = limits, gaps
        self.frame_ns = self.data_ns = now_ns
        self._silent = True
        self.frame_s = min(limits.idle_s, _PONG_S) if limits.data_idle_s else limits.idle_s

    def tick(self, now_ns: int, *, frames: bool, data: bool, proven: bool, halted: bool) -> str:
        """Why the link is dead, ``""`` while it is not.

        ``frames``, ``data``: what came since the last tick (any frame, a pong too; market data or heartbeat).
        ``proven``: the venue confirmed a subscription, so that data is due. ``halted``: none is due.
        """
        if frames:
            self.frame_ns = now_ns
        if data:
            if not self._silent:  # until the first of it, a link waits for answers and no market is silent
                self._gaps.add(now_ns - self.data_ns)
            self.data_ns, self._silent = now_ns, False
        frame_s, data_s = (now_ns - self.frame_ns) / _NS, (now_ns - self.data_ns) / _NS
        heartbeat = not self._limits.data_idle_s
        silence_s = data_s if heartbeat and proven and not halted else frame_s
        if silence_s > self.frame_s:
            return f"nothing received for {silence_s:.1f} s"
        if heartbeat or halted or not proven or data_s <= self.patience_s():
            return ""
        self._gaps.add(now_ns - self.data_ns)
        # A venue may agree to what it sends elsewhere alone, and say nothing of it.
        never = "; agreed to and never sent: is this the right path?" if self._silent else ""
        return f"no data for {data_s:.1f} s{never}"

    def patience_s(self) -> float:
        """How long data may be silent on a venue without a heartbeat, or with a slow one."""
        usual_s = self._gaps.usual_s()
        if beats_s := self._limits.beats_s:
            usual_s = min(usual_s, beats_s) if self._gaps.are_enough() else beats_s
        return max(self._limits.data_idle_s, usual_s)

    def wants_ping(self, now_ns: int) -> bool:
        """Whether a pong is needed to know that the link stands: only where the venue has no heartbeat."""
        quiet_s = (now_ns - self.frame_ns) / _NS
        return bool(self._limits.data_idle_s) and quiet_s > self.frame_s / 2


class Doubts:
    """Whether what a venue agrees to counts: not after its link fell silent, until a link brought data again.

    Else a venue that answers, and sends nothing, would look live from each new link's answer until it is
    found to be silent too. Kept over reconnects.
    """

    def __init__(self, confirm: Callable[[list[Subscription]], None]) -> None:
        self.doubting = False
        self._confirm = confirm
        self._agreed: list[Subscription] = []

    def agreed(self, subscriptions: list[Subscription]) -> None:
        if self.doubting:
            self._agreed += subscriptions
        else:
            self._confirm(subscriptions)

    def silent(self) -> None:
        self.doubting = True

    def ended(self) -> None:
        """What the last link agreed to counts no more."""
        self._agreed.clear()

    def spoke(self) -> None:
        self.doubting = False
        agreed, self._agreed = self._agreed, []
        self._confirm(agreed)
