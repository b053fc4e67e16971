"""What runs in one process, with ``-n``: the tests of a file, and all that share the browser tests' site."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

SHARED = "tests/e2e/"


class Scheduling(LoadFileScheduling):
    """Fixtures of a file are made once; the site, which costs a core, is never there twice."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return SHARED if file.startswith(SHARED) else file
