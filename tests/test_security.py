"""`make check` finds what it is there to find, and never says more than was asked."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests import security
from tests.scoreboard import Score

DONE = "`make check` of the project as it is: bandit, check --deploy as in the compose file, pip-audit"


def answer(*packages: dict[str, object]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


FINE = {"name": "django", "version": "5.2.9", "vulns": []}
BAD = {
    "name": "daphne",
    "version": "4.2.1",
    "vulns": [{"id": "CVE-2026-44545", "fix_versions": ["4.2.2"], "aliases": [], "description": ""}],
}
SKIPPED = {"name": "uvloop", "skip_reason": "Dependency not found on PyPI and could not be audited"}


@pytest.mark.parametrize(
    ("output", "errors", "line"),
    [
        (answer(FINE), "No known vulnerabilities found", "Advisories: 1 locked packages checked, 0 found."),
        (answer(FINE, BAD), "", "Advisories: 2 locked packages checked, 1 found."),
        (answer(FINE, SKIPPED), "No known vulnerabilities found", "WARNING: advisories NOT checked for 1 of"),
        (answer(SKIPPED), "No known vulnerabilities found", "WARNING: advisories NOT checked for 1 of"),
        ("", "Traceback\nrequests.ConnectionError: no route", "WARNING: advisories NOT checked for any of"),
        ("{}", "", "WARNING: advisories NOT checked for any of"),
    ],
)
def test_what_was_not_asked_is_not_called_checked(output: str, errors: str, line: str) -> None:
    said = security.said(security.read(output, errors))

    assert said.startswith(line) and "\n" not in said


@pytest.mark.parametrize("first", [answer(SKIPPED), ""])
def test_the_second_is_asked_what_the_first_does_not_know(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, first: str
) -> None:
    answers = {"pypi": (first, "not here"), "osv": (answer(BAD), "")}
    monkeypatch.setattr(security, "_audited", lambda locked, service: answers[service])

    assert security.asked(tmp_path).found == ["daphne 4.2.1: CVE-2026-44545, fixed in 4.2.2"]


def outcome(
    monkeypatch: pytest.MonkeyPatch,
    advisories: security.Advisories,
    *,
    code: tuple[str, ...] = (),
    deploy: tuple[str, ...] = (),
) -> int:
    monkeypatch.setattr(security, "dangerous", lambda root, scanned: list(code))
    monkeypatch.setattr(security, "warned", lambda: iter(deploy))
    monkeypatch.setattr(security, "asked", lambda locked: advisories)
    return security.main()


def test_a_finding_is_a_failure_and_silence_a_warning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fine, away = security.read(answer(FINE), ""), security.read("", "no route to host")
    assert outcome(monkeypatch, fine) == 0
    assert outcome(monkeypatch, away) == 0
    assert "WARNING: advisories NOT checked" in capsys.readouterr().out
    assert outcome(monkeypatch, security.read(answer(BAD), "")) == 1
    assert outcome(monkeypatch, fine, code=("a finding",)) == 1
    assert outcome(monkeypatch, fine, deploy=("a warning",)) == 1


@pytest.mark.fault("F53", "dangerous code is added to what `make check` reads", goal="found")
def test_dangerous_code_is_found(tmp_path: Path, score: Score) -> None:
    for number, text in enumerate(
        ("import os\nos.system(input())\n", "import pickle\npickle.loads(b'')\n", "eval(input())\n")
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "added.py").write_text(text, encoding="utf-8")
        began_s = time.monotonic()
        assert security.dangerous(folder, ("added.py",)), text
        score.took(time.monotonic() - began_s)


@pytest.mark.faults
@pytest.mark.fault("F53", DONE, goal="nothing found; what could not be asked is said")
def test_the_project_as_it_is(score: Score) -> None:
    began_s = time.monotonic()
    assert security.dangerous(security.ROOT, security.SCANNED) == []
    assert list(security.warned()) == []
    advisories = security.asked(security.ROOT / "requirements.txt")
    assert advisories.found == []
    score.took(time.monotonic() - began_s)
    score.note("locked packages with advisories asked", advisories.known, "")
    score.note("not to be asked from this machine", advisories.unknown, "")
