"""A web process that waits for a request's head for a second, in place of ten."""

from __future__ import annotations

import os

from tests.fakes.short_logs import found_by_python

HEAD_S = 1.0
NAME = "TESTS_HEAD_S"


def variables() -> dict[str, str]:
    """What the environment of a site says, so that its web process does."""
    return {**found_by_python(), NAME: str(HEAD_S)}


def shorten() -> None:
    """In this process, for good."""
    from marketdash.live import guarded_http

    guarded_http.HEAD_S = float(os.environ[NAME])
