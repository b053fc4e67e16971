"""The commands that the documents give for backup and restore, as they stand there."""

from __future__ import annotations

import os
import re
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from tests import live_site, servers

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
MANAGE = [sys.executable, str(ROOT / "manage.py")]


def manage(environment: dict[str, str], *words: str) -> str:
    return subprocess.run(
        [*MANAGE, *words], env=environment, check=True, capture_output=True, text=True, timeout=100
    ).stdout


def documented(start: str) -> list[str]:
    """The one command that starts so, in words."""
    (line,) = re.findall(rf"^{re.escape(start)}(.*)$", DOCUMENT, re.MULTILINE)
    return shlex.split(line)


def test_what_make_run_keeps_is_copied_while_it_is_open_and_comes_back(tmp_path: Path) -> None:
    data = tmp_path / "var"
    environment = live_site.environment(data)
    manage(environment, "prepare")
    followed = manage(environment, "instruments", "list")
    with sqlite3.connect(data / "marketdash.sqlite3") as in_use:
        in_use.execute("SELECT count(*) FROM instruments_instrument").fetchone()

        subprocess.run(
            [sys.executable, "-c", *documented(".venv/bin/python -c ")], cwd=tmp_path, check=True, timeout=60
        )
    in_use.close()

    for path in data.glob("marketdash.sqlite3*"):
        path.unlink()
    (tmp_path / "marketdash.backup").rename(data / "marketdash.sqlite3")
    assert followed and manage(environment, "instruments", "list") == followed


@pytest.fixture
def server() -> str:
    """The folder of the socket of a PostgreSQL that knows the user of the compose file."""
    with servers.postgres() as url:
        host = unquote(urlsplit(url).netloc.rpartition("@")[2])
        with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as root:
            root.execute("CREATE ROLE marketdash LOGIN")
            root.execute("CREATE DATABASE marketdash OWNER marketdash")
        yield host


def test_the_dump_of_the_containers_database_comes_back(tmp_path: Path, server: str) -> None:
    there = "@" + server.replace("/", "%2F")
    environment = live_site.environment(
        tmp_path / "var", DATABASE_URL=f"postgres://marketdash{there}/marketdash"
    )
    manage(environment, "prepare")
    followed = manage(environment, "instruments", "list")
    manage(environment, "instruments", "enable", "KRAKEN:BTC/USD")

    in_container(tmp_path, server, "pg_dump")
    manage(environment, "instruments", "disable", "KRAKEN:BTC/USD")
    assert manage(environment, "instruments", "list") != followed
    in_container(tmp_path, server, "pg_restore")

    assert manage(environment, "instruments", "list") == followed


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
