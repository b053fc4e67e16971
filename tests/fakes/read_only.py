"""What Django raises where PostgreSQL takes nothing, as it does on a stand-by."""

from __future__ import annotations

from django.db import InternalError
from psycopg.errors import ReadOnlySqlTransaction


def refusal() -> InternalError:
    problem = InternalError("cannot execute INSERT in a read-only transaction")
    problem.__cause__ = ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction")
    return problem
