"""Whether what a database said is about itself, and not about what it was asked."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError

READ_ONLY = "25006"
"""PostgreSQL's word where nothing may be written just now: a stand-by that did not take over yet, or an
operator's setting while a disk is full. Django calls that an internal error, as it calls errors of ours."""


def is_away(problem: BaseException | None) -> bool:
    """It does not answer, has no room, or takes nothing for now: to be tried again as it is."""
    if isinstance(problem, OperationalError | InterfaceError):
        return True
    return problem is not None and getattr(problem.__cause__, "sqlstate", None) == READ_ONLY
