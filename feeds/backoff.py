"""How long to wait before the next attempt. Never gives up.

Full jitter (each wait is uniform between 0 and a ceiling that doubles) spreads the clients of a venue that
came back; the ceiling falls back only after healthy data, because a venue that accepts and closes at once
would otherwise be asked thousands of times a second.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import NamedTuple

BASE_S, CAP_S = 0.25, 30.0
REFUSED_REGION_S = 600.0
"""After HTTP 451, 403 or 401: the venue does not serve this place, or this key, and asking more often does
not change it."""
_REFUSED_REGION = (401, 403, 451)
_TOO_MANY = (418, 429)
# A venue that says "too many" without saying until when: a minute is the window that most of them count in.
_TOO_MANY_S = 60.0

Uniform = Callable[[float, float], float]


def full_jitter(
    base_s: float = BASE_S, cap_s: float = CAP_S, uniform: Uniform = random.uniform
) -> Iterator[float]:
    """Seconds to wait, without end: uniform in 0 … 0.25, 0 … 0.5, up to 0 … 30."""
    ceiling_s = base_s
    while True:
        yield uniform(0, ceiling_s)
        ceiling_s = min(cap_s, ceiling_s * 2)


class Backoff:
    """The waits of one link or request. :meth:`reset` belongs after healthy data, not after a handshake."""

    def __init__(
        self, base_s: float = BASE_S, cap_s: float = CAP_S, uniform: Uniform = random.uniform
    ) -> None:
        self._make = lambda: full_jitter(base_s, cap_s, uniform)
        self._delays = self._make()
        self._fresh = True

    def next_s(self, *, status: int = 0, retry_after_s: float = 0) -> float:
        """Seconds until the next attempt, given the HTTP status that refused the last one (0: none)."""
        self._fresh = False
        wait_s = next(self._delays)
        if status in _REFUSED_REGION:
            return REFUSED_REGION_S + wait_s
        return wait_after(status, retry_after_s) + wait_s

    def reset(self) -> None:
        if not self._fresh:
            self._delays, self._fresh = self._make(), True


class _Turns(NamedTuple):
    """What a key has left, when its last turn was due, and how its waits grow without any left."""

    left: float
    due_ns: int
    backoff: Backoff


class Repeats:
    """Something asked again per key: at once while that is needed now and then, else later and later.

    A key has ``spare`` turns at once and earns another in each ``calm_s`` after its turn. With none left its
    waits grow up to ``cap_s``, until it was calm for so long. What fails for ever is so asked for ever more
    rarely, and what is hit by chance, be it twice in a second, does not wait for the others' sake.
    """

    def __init__(
        self, calm_s: float = 10, cap_s: float = 10, spare: int = 1, uniform: Uniform = random.uniform
    ) -> None:
        self._calm_ns, self._spare = round(calm_s * 1e9), spare
        self._make = lambda: Backoff(cap_s=cap_s, uniform=uniform)
        self._last: dict[str, _Turns] = {}

    def wait_s(self, key: str, now_ns: int) -> float:
        """How long to wait with it; ``now_ns`` is monotonic."""
        last = self._last.get(key) or _Turns(self._spare, now_ns, self._make())
        calm = max(0.0, (now_ns - last.due_ns) / self._calm_ns)
        left = min(self._spare, last.left + calm)
        if calm >= 1:
            last.backoff.reset()
        wait_s = 0.0 if left >= 1 else last.backoff.next_s()
        self._last[key] = _Turns(left - (left >= 1), now_ns + round(wait_s * 1e9), last.backoff)
        return wait_s


def wait_after(status: int, named_s: float) -> float:
    """Seconds for which a venue that refused wants to hear nothing: ``named_s``, if it named them."""
    return named_s or (_TOO_MANY_S if status in _TOO_MANY else 0.0)


def limited(wall_ns: int, wait_s: float) -> str:
    """What a page says while a venue lets us wait. A second past a minute, which we wait more because clocks
    differ, is no minute more."""
    until = time.strftime("%H:%M", time.gmtime(math.ceil((wall_ns / 1e9 + wait_s - 1) / 60) * 60))
    return f"the exchange limits us until {until} UTC"


def retry_after_s(header: str, wall_ns: int) -> float:
    """Seconds of a Retry-After header, which is a number of seconds or a date; 0 where it says nothing."""
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - wall_ns / 1e9)
    except (TypeError, ValueError):
        return 0.0
