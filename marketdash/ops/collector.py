"""When Python looks for cycles in a process that lives long and has a thousand sockets.

A full collection walks every object there is: 70 ms with a thousand sockets, during which no price leaves. By
its usual measure they come while people come and go, and find nothing: sockets, frames and
rows die by their reference counts. What does make cycles is a page now and then, and that is found young.
"""

from __future__ import annotations

import gc

THRESHOLDS = (20_000, 20, 20)
"""New containers before the youngest are looked through, which takes half a millisecond; and how often the
older ones, all of them after eight million. The usual ones are 700, 10 and 10."""


def settle() -> None:
    """Call once, when what the process keeps for its whole life is made: it is never walked again."""
    gc.collect()
    gc.set_threshold(*THRESHOLDS)
    gc.freeze()
