"""What memory a process has, as far as it can grow."""

from __future__ import annotations

import psutil


def held_mb(process: psutil.Process) -> float:
    """All but files, with what it shares still with the process that it was forked from. Of that a page
    becomes its own when the count of references of something in it is written: what it has alone grows by
    tens of megabytes so, and nothing was taken."""
    found = process.memory_info()
    return float(found.rss - getattr(found, "shared", 0)) / 2**20
