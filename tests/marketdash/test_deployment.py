"""``check --deploy`` in the environment of the compose file: as shipped, and with the documents' domain."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import compose
from tests.compose import ROOT
from tests.deployed import checked, domain, with_secrets

OURS = ("migrate", "web", "ingest", "engines")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return with_secrets(tmp_path)


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


CARELESS = {"HTTPS": "false", "PUBLIC_MARKETS": "true", "ALLOWED_HOSTS": "*"}


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (CARELESS, ("security.W012", "marketdash.W001", "marketdash.E004")),
        ({"BEHIND_PROXY": "false"}, ("marketdash.W002",)),
    ],
)
def test_a_careless_choice_is_a_warning(folder: Path, chosen: dict[str, str], said: tuple[str, ...]) -> None:
    """Some at once, as a process costs more than each; without them there is nothing to be warned of."""
    ended = checked(folder, "web", {**domain(), **chosen})

    assert ended.returncode == 1
    assert [each for each in said if each not in ended.stderr] == []
