"""The settings as a whole: ready to deploy, and with the limits that the design asks for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.marketdash.test_environment import manage


@pytest.mark.parametrize(
    ("bind", "public"), [("127.0.0.1:8000", True), ("[::1]:8000", True), ("0.0.0.0:80", False)]
)
def test_visitors_read_markets_on_loopback_alone(tmp_path: Path, bind: str, public: bool) -> None:
    shown = manage("diffsettings", "--all", DATA_DIR=str(tmp_path), BIND=bind)

    assert f"PUBLIC_MARKETS = {public}" in shown.stdout


def test_unix_sockets_and_limits_reach_the_channel_layer(tmp_path: Path) -> None:
    shown = manage("diffsettings", "--all", DATA_DIR=str(tmp_path), REDIS_URL="unix:///run/redis.sock")

    layer = next(line for line in shown.stdout.splitlines() if line.startswith("CHANNEL_LAYERS"))
    assert "'address': 'unix:///run/redis.sock'" in layer
    assert "'socket_timeout': 2" in layer
    assert "'socket_connect_timeout': 1" in layer
    assert "'health_check_interval': 1" in layer


def test_log_lines_are_json_where_nobody_watches(tmp_path: Path) -> None:
    code = "import logging; logging.getLogger('feeds.session').warning('link %s is down', 'a')"

    said = manage("shell", "--no-imports", "-c", code, DATA_DIR=str(tmp_path))

    line = json.loads(said.stderr.splitlines()[-1])
    assert (line["event"], line["logger"], line["level"]) == ("link a is down", "feeds.session", "warning")


@pytest.mark.django_db
def test_sqlite_runs_as_it_should() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the tests run on another database")
    with connection.cursor() as cursor:
        found = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    assert found == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1}
    assert settings.DATABASES["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
