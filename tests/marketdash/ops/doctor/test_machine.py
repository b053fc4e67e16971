"""What a machine may lack."""

from __future__ import annotations

import resource
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.staticfiles import finders

from marketdash.ops.doctor import machine
from marketdash.ops.doctor.findings import FAIL, OK, SKIPPED, WARN
from tests.marketdash.ops.doctor.making import only, site


@pytest.mark.parametrize(("mib", "verdict"), [(3, FAIL), (200, WARN), (5000, OK)])
async def test_a_disk_that_fills_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mib: int, verdict: str):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=mib * 2**20))

    assert (await only(site(tmp_path), "data folder")).verdict == verdict


async def test_a_data_folder_that_cannot_be_written(tmp_path: Path):
    (tmp_path / "file").touch()

    found = await only(site(tmp_path / "file" / "var"), "data folder")

    assert found.verdict == FAIL and "cannot write" in found.found and "DATA_DIR" in found.todo


async def test_a_journal_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Whoever runs the tests may be root, who may write everything: the system's answer is stood in for."""
    folder = tmp_path / "history" / "live"
    folder.mkdir(parents=True)
    (folder / "bars.1").touch()
    assert (await only(site(tmp_path), "journal")).verdict == OK

    monkeypatch.setattr(machine.os, "access", lambda path, _: path.name != "bars.1")
    found = await only(site(tmp_path), "journal")
    assert found.verdict == FAIL and "bars.1" in found.found

    folder.joinpath("bars.1").unlink()
    folder.rmdir()
    folder.touch()
    assert (await only(site(tmp_path), "journal")).verdict == FAIL


async def test_a_secret_that_everybody_may_replace(tmp_path: Path):
    path = tmp_path / "redis_url"
    path.touch()
    variables = {"REDIS_URL_FILE": str(path)}

    path.chmod(0o444)
    assert (await only(site(tmp_path, variables=variables), "secret files")).verdict == OK
    path.chmod(0o666)
    found = await only(site(tmp_path, variables=variables), "secret files")
    assert found.verdict == WARN and f"chmod 600 {path}" == found.todo


@pytest.mark.parametrize(("limit", "verdict"), [(100, FAIL), (512, WARN), (1024, OK)])
async def test_too_few_open_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, verdict: str):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, 4096))

    assert (await only(site(tmp_path), "open files")).verdict == verdict


async def test_no_time_zones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert (await only(site(tmp_path), "time zones")).verdict == OK

    monkeypatch.setattr(machine, "_ZONES", ("Europe/Atlantis",))
    found = await only(site(tmp_path), "time zones")
    assert found.verdict == FAIL and "tzdata" in found.todo


async def test_no_static_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any):
    assert (await only(site(tmp_path), "static files")).verdict == OK

    settings.STATICFILES_DIRS = [tmp_path]
    finders.get_finder.cache_clear()
    try:
        found = await only(site(tmp_path), "static files")
    finally:
        finders.get_finder.cache_clear()
    assert found.verdict == FAIL and "js/main.js" in found.found


@pytest.mark.parametrize(
    ("ahead_s", "verdict", "said"),
    [
        ([0.4, -0.3], OK, "within a second"),
        ([3600, 3601, 3599], FAIL, "3600 s ahead of"),
        ([-5, -4.5, -5.5], WARN, "5 s behind"),
        ([0.1, 0.2, 9000], OK, "within"),
        ([], SKIPPED, "no venue said"),
    ],
)
async def test_a_clock_that_is_off(tmp_path: Path, ahead_s: list[float], verdict: str, said: str):
    looked_at = site(tmp_path)
    looked_at.clocks.update({f"V{number}": each for number, each in enumerate(ahead_s)})

    found = await only(looked_at, "clock")

    assert found.verdict == verdict and said in found.found
