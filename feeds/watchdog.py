"""When a link that looks alive is dead. Pure: told each tick what came since the last one.

A venue with a heartbeat is dead when neither data nor heartbeat came for ``idle_s``, pongs or not. One
without is dead when not even a pong to our ping came for ``idle_s``, or no data for ``data_idle_s``; the
latter waits longer where the markets of the link are quiet (ten times the gap that 99 % of gaps are below,
twice the longest one while there were few). One whose heartbeat is slow (``beats_s``) is held to both: it
waits for that where its markets are quiet, or nobody knows yet that they are not.

A message may take longer than that to arrive. While it grows, its link is late and not dead: nothing of it is
believed, but it is not begun anew, where the same message would be as slow. A few bytes do not keep it, and
no message keeps it for more than a minute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from feeds.codec import Limits, Subscription

_NS = 1_000_000_000
# A connection whose other end vanished must be found within ten seconds, and our own ping finds it.
_PONG_S = 9.0
# Fewer gaps than this prove nothing: then the longest one seen counts, and less.
_ENOUGH, _OF_P99, _OF_LONGEST = 100, 10, 2
# A link of so many gaps is known well enough to see that a silence is none of them.
_SOME = 10
# So much more of a message is a sign of life, and so long may one take.
_SIGN_BYTES, _WHOLE_S = 4096, 60.0


class Gaps:
    """How long the silences between data were, in powers of two milliseconds. Kept over reconnects."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._fell_silent = False
        self._waited_s = 0.0

    def add(self, gap_ns: int) -> None:
        self._counts[(gap_ns // 1_000_000).bit_length()] += 1

    def ended_by(self, silence_ns: int, own: Gaps, spoke_ns: int) -> None:
        """A silence ended a link whose ``own`` gaps these were, in the time that it spoke.

        It counts if it may have been a quiet market's. It was none if data came closely before; but if it is
        the second such one in a row, and the link was silent for longer than it spoke, then what came closely
        was what each new link brings at first.
        """
        sudden = own._counts.total() >= _SOME and silence_ns / _NS > _OF_P99 * own.longest_s()
        self._fell_silent = sudden and not (self._fell_silent and spoke_ns < silence_ns)
        if not self._fell_silent:
            self.add(silence_ns)

    def waited(self, silence_ns: int) -> None:
        """For the first data of a link, in vain: that says nothing of a market whose data come."""
        self._waited_s = max(self._waited_s, silence_ns / _NS)

    def spoke(self) -> None:
        self._waited_s = 0.0

    def patience_s(self) -> float:
        """For how long the first data of a link may be waited for."""
        return max(self.usual_s(), _OF_LONGEST * self._waited_s)

    def are_enough(self) -> bool:
        """Whether they prove something."""
        return self._counts.total() >= _ENOUGH

    def usual_s(self) -> float:
        """For how long silence says nothing."""
        return (_OF_P99 if self.are_enough() else _OF_LONGEST) * self.p99_s()

    def longest_s(self) -> float:
        return (1 << max(self._counts, default=0)) / 1000

    def p99_s(self) -> float:
        """The gap that 99 % are below, rounded up to a power of two; the longest while there are few."""
        allowed = self._counts.total() // 100 if self.are_enough() else 0
        for bucket in sorted(self._counts, reverse=True):
            allowed -= self._counts[bucket]
            if allowed < 0:
                return (1 << bucket) / 1000
        return 0.0


class Growth:
    """Of the message that is not here whole yet."""

    def __init__(self) -> None:
        self._size = self._seen = self._begun_ns = 0

    def is_sign(self, size: int, now_ns: int, *, another: bool) -> bool:
        """Whether enough of it came since the last time. ``another``: one became whole since."""
        if another or not self._size or size < self._size:
            self._begun_ns, self._seen = now_ns, 0
        self._size = size
        if size - self._seen < _SIGN_BYTES or now_ns - self._begun_ns > _WHOLE_S * _NS:
            return False
        self._seen = size
        return True


class Watchdog:
    """One connection's. ``now_ns`` is monotonic throughout.

    ``late``: why it would be dead, if no message were under way; ``""``: it is on time.
    """

    def __init__(self, limits: Limits, gaps: Gaps, now_ns: int) -> None:
        self._limits, self._gaps, self._growth = limits, gaps, Growth()
        self.frame_ns = self.data_ns = now_ns
        self._own, self._first_ns = Gaps(), now_ns
        self._grown_ns: int | None = None
        self._silent = True
        self.late = ""
        self.frame_s = min(limits.idle_s, _PONG_S) if limits.data_idle_s else limits.idle_s

    def tick(
        self, now_ns: int, *, frames: bool, data: bool, proven: bool, halted: bool, under_way: int = 0
    ) -> str:
        """Why the link is dead, ``""`` while it is not.

        ``frames``, ``data``: what came since the last tick (any frame, a pong too; market data or heartbeat).
        ``proven``: the venue confirmed a subscription, so that data is due. ``halted``: none is due.
        ``under_way``: how many bytes of a message are here that is not whole.
        """
        grew = self._growth.is_sign(under_way, now_ns, another=data)
        if data or grew:
            self._grown_ns = now_ns if grew else None
        if frames or grew:
            self.frame_ns = now_ns
        if data:
            self._heard(now_ns)
        nothing = self._nothing(now_ns, due=proven and not halted)
        silence = nothing or self._no_data(now_ns, due=proven and not halted)
        self.late = silence if self.is_coming(now_ns) else ""
        if silence and not nothing and not self.late:
            self._fell_silent(now_ns - self.data_ns)
        return "" if self.late else silence

    def _fell_silent(self, silence_ns: int) -> None:
        if self._silent:
            self._gaps.waited(silence_ns)
        else:
            self._gaps.ended_by(silence_ns, self._own, self.data_ns - self._first_ns)

    def _heard(self, now_ns: int) -> None:
        """Until the first of it a link waits for answers, and while one is under way: no market is silent."""
        if self._silent:
            self._first_ns, self._silent = now_ns, False
            self._gaps.spoke()
        elif not self.late:
            self._gaps.add(now_ns - self.data_ns)
            self._own.add(now_ns - self.data_ns)
        self.data_ns = now_ns

    def is_coming(self, now_ns: int) -> bool:
        """Whether a message is under way that takes its time: all answers wait behind it."""
        return self._grown_ns is not None and now_ns - self._grown_ns <= self.frame_s * _NS

    def _nothing(self, now_ns: int, *, due: bool) -> str:
        """Why the wire is dead."""
        heartbeat = not self._limits.data_idle_s
        silence_s = (now_ns - (self.data_ns if heartbeat and due else self.frame_ns)) / _NS
        return f"nothing received for {silence_s:.1f} s" if silence_s > self.frame_s else ""

    def _no_data(self, now_ns: int, *, due: bool) -> str:
        """Why the feed is dead, on a wire that lives."""
        data_s = (now_ns - self.data_ns) / _NS
        if not self._limits.data_idle_s or not due or data_s <= self.patience_s():
            return ""
        # A venue may agree to what it sends elsewhere alone, and say nothing of it.
        never = "; agreed to and never sent: is this the right path?" if self._silent else ""
        return f"no data for {data_s:.1f} s{never}"

    def patience_s(self) -> float:
        """How long data may be silent on a venue without a heartbeat, or with a slow one."""
        usual_s = self._gaps.patience_s() if self._silent else self._gaps.usual_s()
        if beats_s := self._limits.beats_s:
            usual_s = min(usual_s, beats_s) if self._gaps.are_enough() else beats_s
        return max(self._limits.data_idle_s, usual_s)

    def wants_ping(self, now_ns: int) -> bool:
        """Whether a pong is needed to know that the link stands: only where the venue has no heartbeat."""
        quiet_s = (now_ns - self.frame_ns) / _NS
        return bool(self._limits.data_idle_s) and quiet_s > self.frame_s / 2


class Shown(Protocol):
    """What readers are told of links: :class:`feeds.state.MarketState`."""

    def confirm(self, subscriptions: Iterable[Subscription]) -> None: ...

    def link_late(self, link: str, reason: str) -> None: ...

    def link_on_time(self, link: str) -> None: ...


class Doubts:
    """Whether what a venue agrees to counts: not after its link fell silent, until a link brought data again.

    Else a venue that answers, and sends nothing, would look live from each new link's answer until it is
    found to be silent too. Kept over reconnects. ``slow``: why nothing of a link that stands looks live.
    """

    def __init__(self, shown: Shown) -> None:
        self.doubting, self.slow = False, ""
        self._shown, self._link = shown, ""
        self._agreed: list[Subscription] = []

    def agreed(self, subscriptions: list[Subscription]) -> None:
        if self.doubting:
            self._agreed += subscriptions
        else:
            self._shown.confirm(subscriptions)

    def silent(self) -> None:
        self.doubting = True

    def late(self, link: str, silence: str) -> None:
        """A message of it takes so long that nothing else comes."""
        if not self.slow:
            self.silent()
            self.slow, self._link = f"{silence}: a long message is on its way", link
            self._shown.link_late(link, self.slow)

    def ended(self) -> None:
        """What the last link agreed to counts no more."""
        self._agreed.clear()
        self.slow = ""

    def spoke(self) -> None:
        self.doubting, self.slow = False, ""
        self._shown.link_on_time(self._link)
        agreed, self._agreed = self._agreed, []
        self._shown.confirm(agreed)
