"""How long what came was under way at most (``static/js/core/transit.js``)."""

from __future__ import annotations

import math

DRIFT = 1e-4
"""By so much two clocks may run apart."""


class Transit:
    """Of one connection. ``here`` and ``there`` are seconds of the two clocks."""

    def __init__(self) -> None:
        self._apart_s, self._learnt_s = -math.inf, 0.0

    def answered(self, asked: float, there: float, here: float) -> None:
        """The server answered at ``there``, between the two moments here."""
        apart_s = asked - there
        if there + self._apart_s > here or apart_s > self._apart_s - (here - self._learnt_s) * DRIFT:
            self._apart_s, self._learnt_s = apart_s, here

    def took_s(self, there: float, here: float) -> float:
        """Of what was sent at ``there``; nothing while nothing is known."""
        if self._apart_s == -math.inf:
            return 0.0
        return max(0.0, here - (there + self._apart_s))
