"""The database: whether it lets us in, and whether it is as this release needs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from marketdash.ops.doctor.findings import Finding, fail, ok
from marketdash.ops.doctor.registry import Site, check

T = TypeVar("T")
_PREPARE = "manage.py prepare, or the service migrate of the compose file"
_PROBLEMS = (
    (
        "password authentication failed",
        "correct user and password in DATABASE_URL; %-encode what is special in them",
    ),
    ("no password supplied", "write the password into DATABASE_URL: postgres://user:password@host:5432/name"),
    ("does not exist", "create it (createuser, createdb), or correct the name in DATABASE_URL"),
    ("no pg_hba.conf entry", "let this host in, in pg_hba.conf of the server"),
    ("too many connections", "raise max_connections of the server, or run fewer processes"),
    ("remaining connection slots", "raise max_connections of the server, or run fewer processes"),
    ("refused", "start PostgreSQL, or correct host and port in DATABASE_URL"),
    ("no such file", "start PostgreSQL: nobody listens on that socket; or correct DATABASE_URL"),
    ("resolve host", "correct the host in DATABASE_URL, or the name server"),
    ("not known", "correct the host in DATABASE_URL, or the name server"),
    ("file is not a database", "DATABASE_URL names another kind of file: correct it, or restore a backup"),
    ("readonly", "chown the file and its folder to the user of the processes"),
    ("unable to open", "chown the file and its folder to the user of the processes"),
)
_ELSE = "read what the database says, and correct DATABASE_URL"


@check("database", within_s=10)
def database(site: Site) -> Finding:
    configured = connection.settings_dict
    where = f"{configured.get('HOST') or 'this machine'} {configured['NAME']}"
    if _is_missing_file(configured):
        return fail(f"no file {configured['NAME']}", "a database that was prepared", _PREPARE)
    try:
        version = _closed(_asked)
    except Error as problem:
        words = " ".join(str(problem).split()) or type(problem).__name__
        todo = next((todo for sign, todo in _PROBLEMS if sign in words.lower()), _ELSE)
        return fail(words[:300], "a database that can be read and written", todo)
    return ok(f"{version} at {where}")


def _is_missing_file(configured: dict[str, Any]) -> bool:
    """Looking at it would make an empty one."""
    return configured["ENGINE"].endswith("sqlite3") and not Path(str(configured["NAME"])).exists()


def _asked() -> str:
    """Writes as well: a disk that is full, or a file of another user, can still be read."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE doctor_was_here (id integer)")
        cursor.execute("DROP TABLE doctor_was_here")
    if connection.vendor == "sqlite":
        _write_nothing()
    version = ".".join(map(str, connection.get_database_version()))
    return f"{connection.display_name} {version}"


def _write_nothing() -> None:
    """Temporary tables of SQLite are elsewhere; a write transaction needs the file itself."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("ROLLBACK")


@check("migrations", needs=["database"], within_s=10)
def migrations(site: Site) -> Finding:
    waiting, all_of_them = _closed(_unapplied)
    if waiting == all_of_them:
        return fail("none applied", f"all {all_of_them}", _PREPARE)
    if waiting:
        return fail(
            f"{waiting} not applied", f"all {all_of_them}", f"{_PREPARE}; then start the processes again"
        )
    return ok(f"all {all_of_them} applied")


def _unapplied() -> tuple[int, int]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return len(plan), len(executor.loader.graph.nodes)


def _closed(work: Callable[[], T]) -> T:
    """This thread's own connection, and afterwards none."""
    try:
        return work()
    finally:
        connection.close()
