"""What this process costs: memory and processor time, for the figures that it publishes."""

from __future__ import annotations

import os
import resource
import sys
import time

_PAGE_BYTES = resource.getpagesize()


def memory_bytes() -> int:
    """Resident now; where the system does not say (it is no Linux), the most there ever was."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError, ValueError):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def cpu_s() -> float:
    return round(time.process_time(), 2)


def process_id() -> int:
    return os.getpid()
