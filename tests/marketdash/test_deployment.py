"""``check --deploy`` in the environment of the compose file: as shipped, and with the documents' domain."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command

from tests import compose
from tests.compose import ROOT, Deployment
from tests.marketdash.test_environment import ENOUGH

OURS = ("migrate", "web", "ingest", "engines")
IMAGE = {"BIND": "0.0.0.0:8000", "PYTHONDONTWRITEBYTECODE": "1"}
"""What the Dockerfile sets."""


def domain() -> dict[str, str]:
    """The lines that docs/deploy.md asks for."""
    text = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
    found = re.search(r"^## A domain$.*?^```$(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return compose.dotenv(found.group(1))


def checked(folder: Path, service: str, chosen: dict[str, str]) -> subprocess.CompletedProcess[str]:
    more = {**IMAGE, "DATA_DIR": str(folder / "data")}
    deployment = Deployment(folder, {"/secrets": str(folder / "secrets")}, more, chosen)
    command = [*deployment.command(service)[:2], "check", "--deploy", "--fail-level", "WARNING"]
    environment = deployment.environment(service, ENOUGH)
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=50, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    call_command("make_secrets", str(tmp_path / "secrets"))
    return tmp_path


def test_the_example_sets_nothing() -> None:
    assert compose.dotenv((ROOT / ".env.example").read_text(encoding="utf-8")) == {}
    assert domain()["BEHIND_PROXY"] == "true"


def test_all_of_ours_have_one_environment() -> None:
    services = compose.read()["services"]
    web = services["web"]["environment"]

    for name in OURS:
        named = services[name]["environment"]
        assert {key: value for key, value in named.items() if not key.startswith("DJANGO_")} == web, name


@pytest.mark.parametrize("chosen", [{}, domain()], ids=["as shipped", "with a domain"])
def test_a_deployment_has_nothing_to_be_warned_of(folder: Path, chosen: dict[str, str]) -> None:
    ended = checked(folder, "web", chosen)

    assert ended.returncode == 0, ended.stderr
    assert "no issues" in ended.stdout and not ended.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HTTPS", "false", "security.W012"),
        ("BEHIND_PROXY", "false", "marketdash.W002"),
        ("PUBLIC_MARKETS", "true", "marketdash.W001"),
        ("ALLOWED_HOSTS", "*", "marketdash.E004"),
    ],
)
def test_a_careless_choice_is_a_warning(folder: Path, name: str, value: str, said: str) -> None:
    ended = checked(folder, "web", {**domain(), name: value})

    assert ended.returncode == 1
    assert said in ended.stderr
