"""What the documents say exists, and what exists is in the documents."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from feeds.venues import VENUES, codec
from marketdash.ops.doctor import everything

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
COMMAND_FOLDERS = sorted((ROOT / "marketdash").glob("*/management/commands"))
READERS = {
    "text",
    "flag",
    "number",
    "choice",
    "items",
    "hosts",
    "origins",
    "url",
    "secret",
    "address",
    "database",
    "field_keys",
    "parsed",
}


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def settings_read() -> set[str]:
    """Every variable that our code asks the environment for by name."""
    found = set()
    for path in [ROOT / "marketdash/settings.py", *(ROOT / "marketdash/ops").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in READERS
            ):
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and re.fullmatch(r"[A-Z][A-Z_]+", str(first.value)):
                    found.add(str(first.value))
    return found


def commands() -> set[str]:
    paths = (path for folder in COMMAND_FOLDERS for path in folder.glob("*.py"))
    return {path.stem for path in paths if path.stem != "__init__"}


def test_every_setting_is_explained() -> None:
    explained = set(re.findall(r"^\| `([A-Z_]+)` ", text_of("docs/configuration.md"), re.MULTILINE))

    assert explained == settings_read()


def test_every_setting_stands_in_the_example() -> None:
    example = set(re.findall(r"^# ([A-Z_]+)=", text_of(".env.example"), re.MULTILINE))

    assert settings_read() <= example


def test_every_target_of_make_stands_in_the_readme() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", text_of("Makefile"), re.MULTILINE)

    assert targets is not None
    for target in targets.group(1).split():
        assert f"make {target}" in text_of("README.md"), target


def test_every_command_is_named_somewhere() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)

    missing = [name for name in sorted(commands()) if f"manage.py {name}" not in texts]

    assert not missing


def test_every_command_that_is_named_exists() -> None:
    built_in = {
        "check",
        "migrate",
        "makemigrations",
        "createsuperuser",
        "changepassword",
        "runserver",
        "shell",
    }

    for path in DOCUMENTS:
        for name in re.findall(r"manage\.py ([a-z_]+)", path.read_text(encoding="utf-8")):
            assert name in commands() | built_in, f"{path.name}: manage.py {name}"


def test_every_check_of_the_doctor_is_explained() -> None:
    rows = re.findall(r"^\| (`.*?) \|", text_of("docs/doctor.md"), re.MULTILINE)
    explained = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}

    assert explained == everything.CHECKS.keys() | {"listened to"}


@pytest.mark.parametrize("name", sorted(VENUES))
def test_every_venue_is_in_the_readme(name: str) -> None:
    assert codec(name).title.split(" ")[0] in text_of("README.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_files_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_compose_file_follows_its_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]

    checked = subprocess.run(
        [*command, ROOT / "docker-compose.yml"], capture_output=True, text=True, timeout=50, check=False
    )

    assert checked.returncode == 0, checked.stdout


def test_the_compose_file_publishes_the_web_and_its_proxy_alone() -> None:
    text = text_of("docker-compose.yml")

    assert text.count("ports:") == 2  # the proxy and the web on loopback: tests/e2e/test_compose.py
    for command in re.findall(r"command: \[([a-z_]+)[\],]", text):
        assert command in commands(), command


def test_requirements_carry_hashes_and_no_index() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        pins = re.findall(r"^[a-z0-9].*$", text_of(name), re.MULTILINE | re.IGNORECASE)
        assert pins and all("==" in pin and pin.endswith("\\") for pin in pins), name
        assert "://" not in text_of(name)


def test_the_version_is_in_the_changelog() -> None:
    assert f"## {tomllib.loads(text_of('pyproject.toml'))['project']['version']}" in text_of("CHANGELOG.md")
