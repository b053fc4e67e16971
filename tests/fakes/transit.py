"""How long what came was under way at most (``static/js/core/transit.js``)."""

from __future__ import annotations

import math

DRIFT = 1e-4
"""By so much two clocks may run apart."""


class Transit:
    """Of one connection. ``here`` and ``there`` are seconds of the two clocks. While nothing is known all is
    as old as the connection, which began at ``began_s``; for who never asks nothing is."""

    def __init__(self, began_s: float = math.inf) -> None:
        self._began_s = began_s
        self._apart_s, self._learnt_s = -math.inf, 0.0

    def answered(self, asked: float, there: float, here: float) -> None:
        """The server answered at ``there``, between the two moments here."""
        apart_s = asked - there
        if there + self._apart_s > here or apart_s > self._apart_s - (here - self._learnt_s) * DRIFT:
            self._apart_s, self._learnt_s = apart_s, here

    def took_s(self, there: float, here: float) -> float:
        """Of what was sent at ``there``."""
        sent_s = self._began_s if self._apart_s == -math.inf else there + self._apart_s
        return max(0.0, here - sent_s)
