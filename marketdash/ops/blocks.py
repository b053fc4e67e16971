"""What the C library does with large blocks of memory that were freed.

glibc gives one that is larger than any freed before back to the system, and takes the next of that size
from the heap: between small things that stay it is neither given back nor found again. A whole book comes in
a frame of 16 MB, and the second such frame made the worker 10 MB larger than the first.
"""

from __future__ import annotations

import contextlib
import ctypes

M_MMAP_THRESHOLD = -3
"""Of ``mallopt(3)``; once it is set it moves no more."""

LARGE = 1 << 20


def give_back() -> None:
    """Call once, early: each block of a megabyte is the system's again once it is freed. Elsewhere than
    under glibc, whatever the C library does."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)
