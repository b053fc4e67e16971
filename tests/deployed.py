"""``check --deploy`` in the environment of the compose file: as shipped, or with what an operator chose."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests import compose
from tests.compose import ROOT, Deployment

ENOUGH = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
IMAGE = {"BIND": "0.0.0.0:8000", "PYTHONDONTWRITEBYTECODE": "1"}
"""What the Dockerfile sets."""


def domain() -> dict[str, str]:
    """The lines that docs/deploy.md asks for."""
    text = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
    found = re.search(r"^## A domain$.*?^```$(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return compose.dotenv(found.group(1))


def with_secrets(folder: Path) -> Path:
    """``folder``, with what the service ``secrets`` makes at first start."""
    (folder / "secrets").mkdir()
    command = [sys.executable, str(ROOT / "manage.py"), "make_secrets", str(folder / "secrets")]
    environment = {**ENOUGH, "DATA_DIR": str(folder / "data")}
    subprocess.run(command, env=environment, capture_output=True, timeout=50, check=True)
    return folder


def checked(folder: Path, service: str, chosen: dict[str, str]) -> subprocess.CompletedProcess[str]:
    more = {**IMAGE, "DATA_DIR": str(folder / "data")}
    deployment = Deployment(folder, {"/secrets": str(folder / "secrets")}, more, chosen)
    command = [*deployment.command(service)[:2], "check", "--deploy", "--fail-level", "WARNING"]
    environment = deployment.environment(service, ENOUGH)
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=50, check=False)
