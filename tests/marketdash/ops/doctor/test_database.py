"""Databases that do not let us in, or are not as they should be: real ones."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from marketdash.ops.doctor.findings import FAIL, OK, Finding
from tests import databases
from tests.marketdash.ops.doctor.making import only, site

pytestmark = pytest.mark.django_db


def at(folder: Path, configured: dict[str, Any], check: str = "database") -> Finding:
    with databases.in_place_of_default(configured):
        return asyncio.run(only(site(folder), check))


@pytest.fixture(scope="module")
def strict(postgres_url: str) -> dict[str, Any]:
    """A server that asks one role for a password, and believes everybody else."""
    settings = databases.settings_of(postgres_url)
    with psycopg.connect(host=settings["HOST"], user="postgres", dbname="postgres", autocommit=True) as root:
        root.execute("CREATE ROLE dora LOGIN PASSWORD 'the right one'")
        hba = Path(root.execute("SHOW hba_file").fetchone()[0])
        hba.write_text("local all dora scram-sha-256\n" + hba.read_text())
        root.execute("SELECT pg_reload_conf()")
    _wait_until_asked(settings["HOST"])
    return settings


def _wait_until_asked(host: str) -> None:
    """The server reads the file again when it comes to it."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            psycopg.connect(host=host, user="dora", dbname="postgres").close()
        except psycopg.OperationalError:
            return
    raise AssertionError("the server does not ask for a password")


def test_a_database_that_is_well(tmp_path: Path, postgres_settings: dict[str, Any]):
    assert (at(tmp_path, postgres_settings)).found.startswith("PostgreSQL 1")
    assert (at(tmp_path, postgres_settings, "migrations")).verdict == OK


@pytest.mark.parametrize(
    ("changed", "said", "todo"),
    [
        (
            {"USER": "dora", "PASSWORD": "a wrong one"},
            "password authentication failed",
            "correct user and password",
        ),
        ({"USER": "dora"}, "no password supplied", "write the password"),
        ({"NAME": "nowhere"}, "does not exist", "createdb"),
        ({"USER": "nobody_here"}, "does not exist", "createuser"),
        ({"HOST": "127.0.0.1", "PORT": "1"}, "refused", "start PostgreSQL"),
        ({"HOST": "/nowhere"}, "No such file", "start PostgreSQL"),
        ({"HOST": "no-such-host.invalid"}, "no-such-host.invalid", "correct the host"),
    ],
)
def test_a_postgresql_that_does_not_let_us_in(
    tmp_path: Path, strict: dict[str, Any], changed: dict[str, str], said: str, todo: str
):
    found = at(tmp_path, {**strict, **changed}, "database")

    assert found.verdict == FAIL
    assert said in found.found and todo in found.todo


def test_a_postgresql_without_tables(tmp_path: Path, postgres_url: str):
    settings = databases.settings_of(postgres_url)
    host = settings["HOST"]
    with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as root:
        root.execute("DROP DATABASE IF EXISTS empty_one")
        root.execute("CREATE DATABASE empty_one")

    found = at(tmp_path, {**settings, "NAME": "empty_one"}, "migrations")

    assert (found.verdict, found.found) == (FAIL, "none applied")
    assert "manage.py prepare" in found.todo


def test_a_release_newer_than_its_database(tmp_path: Path, postgres_settings: dict[str, Any]):
    own = "DELETE FROM django_migrations WHERE app = 'ops'"
    with psycopg.connect(host=postgres_settings["HOST"], user="postgres", dbname="postgres") as held:
        rows = held.execute("SELECT app, name, applied FROM django_migrations WHERE app = 'ops'").fetchall()
        held.execute(own)
        held.commit()
        try:
            found = at(tmp_path, postgres_settings, "migrations")
        finally:
            held.cursor().executemany(
                "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", rows
            )
            held.commit()

    assert (found.verdict, found.found) == (FAIL, f"{len(rows)} not applied")


def sqlite(path: Path) -> dict[str, Any]:
    return databases.settings_of(f"sqlite:///{path}")


def test_an_sqlite_that_was_never_made_is_not_made_now(tmp_path: Path):
    path = tmp_path / "marketdash.sqlite3"

    found = at(tmp_path, sqlite(path), "database")

    assert found.verdict == FAIL and "manage.py prepare" in found.todo
    assert not path.exists()


def test_an_sqlite_file_that_is_something_else(tmp_path: Path):
    path = tmp_path / "marketdash.sqlite3"
    path.write_bytes(b"a letter to grandmother" * 100)

    found = at(tmp_path, sqlite(path), "database")

    assert found.verdict == FAIL
    assert "not a database" in found.found and "restore a backup" in found.todo


def test_an_sqlite_that_is_well_and_empty(tmp_path: Path):
    path = tmp_path / "marketdash.sqlite3"
    path.touch()

    assert (at(tmp_path, sqlite(path), "database")).found.startswith("SQLite 3")
    assert (at(tmp_path, sqlite(path), "migrations")).found == "none applied"
