"""What all links of one venue share, and the waits that are ours and not the venue's."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from feeds.backoff import Uniform
from feeds.clock import Clock
from feeds.codec import Codec
from feeds.ratelimit import RateWindow, Seldom, message_window
from feeds.recorder import Tee
from feeds.state import MarketState


class AuditTiming(NamedTuple):
    """When books are held against REST, in seconds.

    ``watched_s``: the least between two audits of a book that is watched or held, ``others_s`` of the others.
    ``before_s``: what moved so long before the request says nothing, nor what moves ``after_s`` after the
    answer. ``believed_s``: an answer that nothing dates is taken to be no older. ``look_s``: between two
    audits of any books. ``failed_s``: no audit of a book after one that brought no answer.
    ``contested_s``: levels over which a book was fetched again are no reason to do it once more.
    """

    watched_s: float = 20
    others_s: float = 600
    before_s: float = 5
    after_s: float = 5
    believed_s: float = 30
    look_s: float = 1
    failed_s: float = 60
    contested_s: float = 600


class Timing(NamedTuple):
    """All waits of a session, in seconds, that are not the venue's own limits.

    ``ack_s``: asked again when unconfirmed. ``refused_retry_s``: a refused symbol. ``healthy_s``: of data
    until the back-off starts anew. ``prove_s``: for a successor to prove itself, ``roll_retry_s`` until the
    next try. ``halted_s``: between connects during maintenance. ``tick_s``: how often a link is looked at.
    ``audit``: the waits of :mod:`feeds.auditor`.
    """

    ack_s: float = 5
    refused_retry_s: float = 600
    healthy_s: float = 5
    ping_every_s: float = 15
    open_s: float = 10
    close_s: float = 1
    prove_s: float = 15
    roll_retry_s: float = 30
    halted_s: float = 30
    tick_s: float = 0.25
    audit: AuditTiming = AuditTiming()


class AccountTiming(NamedTuple):
    """Waits in seconds. ``overlap_s``: how far back REST is asked beyond what is known to be whole, which is
    more than clocks differ or a venue's history lags. ``audit_s``: between two looks without a reason.
    ``check_s``: how long it is believed what a key may do. ``denied_s``: the least between two attempts after
    the venue refused the key. ``again_s``: the most between two catch-ups for losses that follow one another.
    ``link``: those of a link.
    """

    overlap_s: float = 600
    audit_s: float = 600
    check_s: float = 60
    denied_s: float = 60
    names_s: float = 60
    again_s: float = 5
    link: Timing = Timing()


class Wire(Protocol):
    """What a link can do to its connection. ``under_way``: bytes of a message that is not here whole yet."""

    @property
    def under_way(self) -> int: ...

    async def send(self, text: str) -> None: ...

    async def ping(self) -> object: ...

    def abort(self) -> None: ...


@dataclass(slots=True)
class Venue:
    """``halted``: the venue's words while it is in maintenance. ``connects``: one count for all links, and
    ``banned_ns`` for all of them is until when a refused handshake told us to wait.

    ``pace`` is what all links may send together, None where each has a limit of its own.
    ``seldom`` is for what may be logged once a minute, ``rarely`` for what somebody has to look into.
    """

    codec: Codec
    state: MarketState
    clock: Clock
    ws_url: str
    timing: Timing = Timing()
    tee: Tee | None = None
    uniform: Uniform = random.uniform
    halted: str = ""
    banned_ns: int = 0
    connects: RateWindow = field(init=False)
    pace: RateWindow | None = field(init=False)
    seldom: Seldom = field(init=False)
    rarely: Seldom = field(init=False)

    def __post_init__(self) -> None:
        limits = self.codec.limits
        self.connects = RateWindow(limits.connects, limits.connects_window_s, self.clock)
        self.pace = message_window(limits.messages_per_s, self.clock) if limits.messages_shared else None
        self.seldom, self.rarely = Seldom(60, self.clock), Seldom(600, self.clock)

    @property
    def banned_s(self) -> float:
        return max(0.0, (self.banned_ns - self.clock.mono_ns()) / 1e9)
