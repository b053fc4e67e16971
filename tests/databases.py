"""The same test on SQLite and on PostgreSQL: for tests that touch SQL, and for no others."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import connections, transaction
from django.db.utils import ConnectionHandler

from marketdash.environment import Environment


def settings_of(url: str) -> dict[str, object]:
    """Django's complete settings of one database."""
    parsed = Environment({"DATABASE_URL": url}).database("DATABASE_URL", "")
    return dict(ConnectionHandler({"default": parsed}).settings["default"])


@contextlib.contextmanager
def in_place_of_default(settings: dict[str, object]) -> Iterator[None]:
    """``default`` means another database, in every thread that connects from now on."""
    kept_settings, kept = connections.settings["default"], connections["default"]
    connections.settings["default"] = settings
    del connections["default"]
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = kept_settings
        connections["default"] = kept


@contextlib.contextmanager
def rolled_back() -> Iterator[None]:
    """What the test writes is gone afterwards."""
    atomic = transaction.Atomic(using="default", savepoint=True, durable=False)
    atomic._from_testcase = True  # as Django's own TestCase: a durable block inside is none of our business
    with atomic:
        yield
        transaction.set_rollback(True)


KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission"})
"""What ``migrate`` makes and no test changes: ``flush`` makes it anew, at more than what most tests cost."""


def emptied() -> None:
    """What a test committed to ``default`` is gone, and with it what migrations put into other tables."""
    connection = connections["default"]
    tables = sorted(set(connection.introspection.django_table_names()) - KEPT)
    names = [connection.ops.quote_name(table) for table in tables]
    asked = (f"SELECT {at} WHERE EXISTS (SELECT 1 FROM {name})" for at, name in enumerate(names))
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        filled = [at for (at,) in cursor.fetchall()]
        with transaction.atomic():  # keys are looked at when it ends, so any order will do
            for at in filled:
                cursor.execute(f"DELETE FROM {names[at]}")
