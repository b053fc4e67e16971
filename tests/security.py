"""What `make check` asks about security: ``python -m tests.security``.

Three questions: whether our code does what is known to be dangerous (bandit), whether a deployment is warned
of anything (``check --deploy``), and whether a locked package has a published advisory (pip-audit). A finding
is a failure. Where the advisories cannot be asked, that is said in one line, and is no failure: else nobody
could test without a network, and a pushed commit would hang on somebody else's server.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests import deployed
from tests.compose import ROOT

SCANNED = ("feeds", "marketdash", "manage.py")
SERVICES = ("pypi", "osv")
"""Who publishes advisories, in the order in which they are asked; one answer is enough."""

WAIT_S, ALL_S = "5", 120


class Advisories(NamedTuple):
    """``unknown``: locked packages that nobody could say anything of; ``why``, when that was asked."""

    found: list[str]
    known: int
    unknown: int
    why: str = ""


def main() -> int:
    problems = [*dangerous(ROOT, SCANNED), *warned()]
    advisories = asked(ROOT / "requirements.txt")
    problems += advisories.found
    for line in (*problems, said(advisories)):
        print(line)
    return 1 if problems else 0


def dangerous(root: Path, scanned: tuple[str, ...]) -> list[str]:
    """What bandit finds. Its log is not shown: it tells of every word beside a `nosec`."""
    command = [sys.executable, "-m", "bandit", "-q", "-c", str(ROOT / "pyproject.toml"), "-r", *scanned]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return [] if ended.returncode == 0 else [ended.stdout or ended.stderr]


def warned() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = deployed.with_secrets(Path(name))
        for chosen in ({}, deployed.domain()):
            ended = deployed.checked(folder, "web", chosen)
            if ended.returncode or ended.stderr:
                yield f"check --deploy: {ended.stdout}{ended.stderr}"


def asked(locked: Path) -> Advisories:
    """The best answer that is to be had."""
    answers = []
    for service in SERVICES:
        answers.append(answer := read(*_audited(locked, service)))
        if answer.found or answer.known and not answer.unknown:
            break
    return max(answers, key=lambda each: (len(each.found), each.known, each.unknown))


def _audited(locked: Path, service: str) -> tuple[str, str]:
    """Output and errors of pip-audit; packages are neither fetched nor installed."""
    options = ["--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    command = [sys.executable, "-m", "pip_audit", "-s", service, "-r", str(locked), *options]
    try:
        ended = subprocess.run(
            [*command, "--timeout", WAIT_S], capture_output=True, text=True, timeout=ALL_S, check=False
        )
    except subprocess.TimeoutExpired:
        return "", f"no answer within {ALL_S} s"
    return ended.stdout, ended.stderr


def read(output: str, errors: str) -> Advisories:
    """pip-audit calls packages that nobody knows "skipped" and ends well: here they are unknown."""
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError):
        return Advisories([], 0, 0, (errors.strip().splitlines() or ["no answer"])[-1][:200])
    skipped = [each["skip_reason"] for each in packages if "skip_reason" in each]
    found = [_named(each, one) for each in packages for one in each.get("vulns", ())]
    return Advisories(found, len(packages) - len(skipped), len(skipped), (skipped or [""])[0])


def _named(package: dict[str, Any], one: dict[str, Any]) -> str:
    fixed = ", ".join(one["fix_versions"]) or "nothing yet"
    return f"{package['name']} {package['version']}: {one['id']}, fixed in {fixed}"


def said(advisories: Advisories) -> str:
    """One line, which never claims more than was asked."""
    if advisories.why or advisories.unknown:
        return (
            f"WARNING: advisories NOT checked for {advisories.unknown or 'any'} of the locked packages, "
            f"{advisories.known} checked: {advisories.why}"
        )
    return f"Advisories: {advisories.known} locked packages checked, {len(advisories.found)} found."


if __name__ == "__main__":
    sys.exit(main())
