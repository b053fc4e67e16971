"""What the C library does with memory that was freed.

glibc gives a block that is larger than any freed before back to the system, and takes the next of that size
from the heap: between small things that stay it is neither given back nor found again. A whole book comes in
a frame of 16 MB, and the second such frame made the worker 10 MB larger than the first.

What is freed between things that stay it keeps for itself, in a heap for each of many threads: of a fresh
``engines``' 94 MB 13 went back at the first trim. Fewer heaps (``M_ARENA_MAX`` of 2) are no cure: 12 threads
that come and go held 43 MB in place of 56, and once trimmed 22 in place of 24; but a loop beside busy threads
waited for their lock, where it asks for memory: 1.6 ms for the slowest thousandth of that in place of 0.5.
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


def trim() -> None:
    """Each whole page that is free is the system's, wherever it lies; nothing elsewhere than under glibc.

    In a process of 150 MB the first time takes 3 to 20 ms, by how much is free, and each after it 0.2 to 10.
    By ``CDLL``, so without the GIL: other threads go on until they want a block of the heap that is walked
    just then; one that asked all the time waited 7 to 16 ms at most. What is taken again is paid for, page by
    page: 24 MB took 60 ms in place of 10, so this is for twice a minute and not for each job."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
