"""Where a process runs and how much processor time it took."""

from __future__ import annotations

import contextlib
import os
import platform
from pathlib import Path

PROC = Path("/proc")


def available() -> list[int]:
    """The cores that we may use, lowest first; empty where the system does not pin processes."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def pin(pid: int, cores: frozenset[int]) -> None:
    """Keeps every thread of a process, and what it starts from now on, on these cores (none: anywhere)."""
    if not cores:
        return
    for task in (PROC / str(pid) / "task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), cores)


class Cores:
    """``measured`` is one core for the process under test alone; everything else shares ``rest``."""

    def __init__(self, cores: list[int] | None = None) -> None:
        found = available() if cores is None else cores
        self.pinned = len(found) > 1
        self.measured = frozenset(found[:1] if self.pinned else ())
        self.rest = frozenset(found[1:] if self.pinned else ())

    def stay(self) -> None:
        """Keeps the calling process on the measured core: for a child, before it runs its program."""
        if self.measured:
            os.sched_setaffinity(0, self.measured)

    def __str__(self) -> str:
        if self.pinned:
            alone, rest = (", ".join(map(str, sorted(cores))) for cores in (self.measured, self.rest))
            return f"the process under test alone on core {alone}, everything else on {rest}"
        return "nothing was pinned: fewer than two cores, or a system that cannot (figures are rougher)"


def tree(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    for parent in found:
        for task in _listed(PROC / str(parent) / "task"):
            with contextlib.suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return found


def cpu_ns(pid: int) -> int:
    """Processor time of a process tree so far: time on a core from the scheduler itself, finer than ticks."""
    if not PROC.exists():
        return _cpu_ns_elsewhere(pid)
    return sum(_thread_ns(task) for process in tree(pid) for task in _listed(PROC / str(process) / "task"))


def rss_kib(pid: int) -> int:
    """Resident memory of a process tree in KiB (0 where it cannot be read)."""
    return sum(_rss_kib(process) for process in tree(pid))


def _rss_kib(pid: int) -> int:
    try:
        text = (PROC / str(pid) / "status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS:")), 0)


def _thread_ns(task: Path) -> int:
    try:
        return int((task / "schedstat").read_text().split()[0])
    except (OSError, ValueError, IndexError):  # the thread has just ended, or the kernel keeps no account
        return 0


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _cpu_ns_elsewhere(pid: int) -> int:
    import psutil

    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return int(sum(one.user + one.system for one in times) * 1e9)


def machine() -> str:
    """One line about the machine: processor, cores, memory, system."""
    cores = len(available()) or os.cpu_count()
    return f"{_processor()}, {cores} cores, {_memory_gib()} GiB, {platform.platform()}"


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in (PROC / "cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
