"""The commands that the documents give for backup and restore, as they stand there."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from tests import live_site, servers
from tests.django_shell import Shell

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")


@contextlib.contextmanager
def shell(environment: dict[str, str]) -> Iterator[Shell]:
    made = Shell(environment)
    try:
        yield made
    finally:
        made.end()


def documented(start: str) -> list[str]:
    """The one command that starts so, in words."""
    (line,) = re.findall(rf"^{re.escape(start)}(.*)$", DOCUMENT, re.MULTILINE)
    return shlex.split(line)


def test_what_make_run_keeps_is_copied_while_it_is_open_and_comes_back(tmp_path: Path) -> None:
    data = tmp_path / "var"
    live_site.prepare(data, live_site.LIVE)
    environment = live_site.environment(data)
    with shell(environment) as before:
        followed = before.command("instruments", "list")
    with sqlite3.connect(data / "marketdash.sqlite3") as in_use:
        in_use.execute("SELECT count(*) FROM instruments_instrument").fetchone()

        subprocess.run(
            [sys.executable, "-c", *documented(".venv/bin/python -c ")], cwd=tmp_path, check=True, timeout=60
        )
    in_use.close()

    for path in data.glob("marketdash.sqlite3*"):
        path.unlink()
    (tmp_path / "marketdash.backup").rename(data / "marketdash.sqlite3")
    with shell(environment) as after:
        assert followed and after.command("instruments", "list") == followed


@pytest.fixture
def server() -> str:
    """The folder of the socket of a PostgreSQL that knows the user of the compose file."""
    with servers.postgres() as url:
        host = unquote(urlsplit(url).netloc.rpartition("@")[2])
        with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as root:
            root.execute("CREATE ROLE marketdash LOGIN")
            root.execute("CREATE DATABASE marketdash OWNER marketdash")
        yield host


@pytest.mark.acceptance
def test_the_dump_of_the_containers_database_comes_back(tmp_path: Path, server: str) -> None:
    there = "@" + server.replace("/", "%2F")
    environment = live_site.environment(
        tmp_path / "var", DATABASE_URL=f"postgres://marketdash{there}/marketdash"
    )
    with shell(environment) as beside:
        beside.command("prepare")
        followed = beside.command("instruments", "list")
        beside.command("instruments", "enable", "KRAKEN:BTC/USD")

        in_container(tmp_path, server, "pg_dump")
        beside.command("instruments", "disable", "KRAKEN:BTC/USD")
        assert beside.command("instruments", "list") != followed
        in_container(tmp_path, server, "pg_restore")

        assert beside.command("instruments", "list") == followed


def in_container(folder: Path, host: str, program: str) -> None:
    """``docker compose exec -T postgres PROGRAM … > file``, against the server of this machine."""
    *words, sign, file = documented(f"docker compose exec -T postgres {program} ")
    programs = servers._postgres_programs(folder, copied=False)
    with open(folder / file, "rb" if sign == "<" else "wb") as opened:
        subprocess.run(
            [programs / program, *words],
            env={**os.environ, "PGHOST": host},
            stdin=opened if sign == "<" else None,
            stdout=opened if sign == ">" else None,
            check=True,
            timeout=60,
        )
