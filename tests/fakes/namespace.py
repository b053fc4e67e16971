"""A machine of its own on this one: a network namespace behind a cable that can be cut without a word."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator

_PREFIX = "10.213.7"
_NOBODY = "02:00:00:00:00:01"


def possible() -> bool:
    """It takes root and a kernel that allows it."""
    return (
        os.geteuid() == 0
        and ip("netns", "add", "marketdash-probe")
        and ip("netns", "del", "marketdash-probe")
    )


def ip(*words: str) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return subprocess.run(["ip", *words], capture_output=True, check=False).returncode == 0
    return False


class Elsewhere:
    """``address`` is where what runs ``inside`` listens."""

    address = f"{_PREFIX}.2"

    def __init__(self) -> None:
        self._name, self._cable = f"marketdash-{os.getpid()}", f"md{os.getpid() % 100_000}"
        self._make()

    @property
    def inside(self) -> list[str]:
        return ["ip", "netns", "exec", self._name]

    def _make(self) -> None:
        name, here, there = self._name, self._cable, f"{self._cable}x"
        for words in (
            ("netns", "add", name),
            ("link", "add", here, "type", "veth", "peer", "name", there),
            ("link", "set", there, "netns", name),
            ("addr", "add", f"{_PREFIX}.1/30", "dev", here),
            ("link", "set", here, "up"),
            ("-n", name, "addr", "add", f"{self.address}/30", "dev", there),
            ("-n", name, "link", "set", there, "up"),
            ("-n", name, "link", "set", "lo", "up"),
        ):
            assert ip(*words), f"expected that `ip {' '.join(words)}` works"

    def cut(self) -> None:
        """What either side sends goes nowhere, and nobody says so."""
        there = (self.address, "dev", self._cable), (f"{_PREFIX}.1", "dev", f"{self._cable}x")
        for namespace, (address, *device) in zip(((), ("-n", self._name)), there, strict=True):
            nobody = ("lladdr", _NOBODY, *device, "nud", "permanent")
            assert ip(*namespace, "neigh", "replace", address, *nobody)

    def mend(self) -> None:
        for namespace, address, device in (
            ((), self.address, self._cable),
            (("-n", self._name), f"{_PREFIX}.1", f"{self._cable}x"),
        ):
            assert ip(*namespace, "neigh", "del", address, "dev", device)

    def replace(self) -> None:
        """Another machine at the same address, which knows nothing of the connections to the old one."""
        self.end()
        self._make()

    def end(self) -> None:
        ip("link", "del", self._cable)
        ip("netns", "del", self._name)


@contextlib.contextmanager
def running() -> Iterator[Elsewhere]:
    made = Elsewhere()
    try:
        yield made
    finally:
        made.end()
