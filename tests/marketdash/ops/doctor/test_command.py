"""The command: with bad settings, with secrets about, and on a site where all is well."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from feeds.venues import VENUES
from marketdash.live.management.commands import doctor
from tests import live_site
from tests.marketdash.ops.doctor.making import KEY
from tests.marketdash.test_environment import ROOT, manage

AWAY = {f"VENUE_{name}_{kind}": f"{scheme}://127.0.0.1:1" for name in VENUES
        for kind, scheme in (("WS_URL", "ws"), ("REST_URL", "http"))}  # fmt: skip


def test_bad_settings_are_all_named_at_once(tmp_path: Path) -> None:
    bad = {
        "DATA_DIR": str(tmp_path),
        "BUS_SHARDS": "many",
        "CSRF_TRUSTED_ORIGINS": "markets.example.org",
        "REDIS_URL": "redis://u:geheim@h:x/0",
        "SECRET_KEY_FILE": str(tmp_path / "nothing"),
        "DATABASE_URL": "mysql://u:geheim@h/n",
    }
    ended = manage("doctor", "--json", **bad)

    assert (ended.returncode, ended.stderr) == (2, "")
    found = {each["name"]: each for each in json.loads(ended.stdout)["checks"]}
    assert {name for name, each in found.items() if each["verdict"] == "fail"} == bad.keys() - {"DATA_DIR"}
    assert found["BUS_SHARDS"]["expected"] == "a whole number"
    assert "origins such as https://" in found["CSRF_TRUSTED_ORIGINS"]["expected"]
    assert found["everything else"]["verdict"] == "skipped"
    assert "geheim" not in ended.stdout


def test_a_secret_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    ended = manage("doctor", DATA_DIR=str(tmp_path), METRICS_TOKEN_FILE=str(tmp_path / "nothing"))

    assert ended.returncode == 2
    assert "FAIL    METRICS_TOKEN_FILE:" in ended.stdout and "a readable text file" in ended.stdout


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    ended = manage("doctor", DATA_DIR=str(tmp_path / "file" / "var"))

    assert ended.returncode == 2 and "Traceback" not in ended.stderr
    assert str(tmp_path / "file" / "var") in ended.stdout


def test_a_wrong_option_is_one_line(tmp_path: Path) -> None:
    ended = manage("doctor", "--origin", "markets.example.org", DATA_DIR=str(tmp_path))

    assert ended.returncode == 1
    assert ended.stderr.startswith("CommandError: --origin: expected origins such as")


def test_everything_wrong_is_said_and_no_secret_with_it(tmp_path: Path) -> None:
    secrets = {
        "SECRET_KEY": KEY[::-1],
        "METRICS_TOKEN": "token-of-metrics",
        "DATABASE_URL": "postgres://dora:password-of-postgres@127.0.0.1:1/marketdash",
        "REDIS_URL": "redis://:password-of-redis@127.0.0.1:1/0",
        "HTTPS_PROXY": "http://dora:password-of-proxy@127.0.0.1:1",
    }
    ended = manage("doctor", "--seconds", "0", DATA_DIR=str(tmp_path), **secrets, **AWAY)

    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    for name in ("database", "redis", "proxy", "venue KRAKEN"):
        assert f"FAIL    {name}: " in ended.stdout, ended.stdout
    for name in ("migrations", "redis memory", "workers", "bus", "web"):
        assert f"SKIPPED {name}: " in ended.stdout, ended.stdout
    for secret in (KEY[::-1], "token-of-metrics", "password-of"):
        assert secret not in ended.stdout + ended.stderr


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "all_proxy"])
def test_the_password_of_a_proxy_is_cut_out_of_whatever_quotes_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "http://dora:word-of-proxy@127.0.0.1:1")
    said = io.StringIO()

    doctor.Command(stdout=said)._say(["refused by http://dora:word-of-proxy@127.0.0.1:1"])

    assert said.getvalue() == "refused by http://dora:…@127.0.0.1:1\n"


@pytest.mark.acceptance
def test_a_healthy_site_is_well(tmp_path: Path) -> None:
    """All of it as ``manage.py up`` starts it, looked at from beside, the simulated venues included."""
    live_site.prepare(tmp_path)
    with live_site.running(tmp_path) as running:
        words = [sys.executable, str(ROOT / "manage.py"), "doctor", "--seconds", "10", "--json"]
        environment = live_site.environment(tmp_path)
        ended = subprocess.run(
            [*words, "--origin", running.url],
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    body = json.loads(ended.stdout)
    unwell = [
        f"{each['name']}: {each['found']}" for each in body["checks"] if each["verdict"] in ("warn", "fail")
    ]
    assert unwell == [] and ended.returncode == 0
    skipped = {each["name"] for each in body["checks"] if each["verdict"] == "skipped"}
    assert skipped <= {"clock", "listened to ALPACA"}, "a second link would take the worker's own away"
    assert {each["venue"] for each in body["venues"]} == VENUES.keys()
