"""The rooms and who may enter which: ARCHITECTURE.md says it, this holds the source to it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("feeds", "marketdash")
COMMANDS = "marketdash.*.management.commands.*"
LARGEST = {"feeds/venues": 200, "feeds": 300, "marketdash": 300, "tests": 300, "benchmarks": 300}
LARGEST_JS = 200
FORBIDDEN_STEMS = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "common"}
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
QUOTED = re.compile(r"`([^`]+)`")


class Rule(NamedTuple):
    """One row: patterns of modules, what they may import of ours, what they must not import at all."""

    patterns: tuple[str, ...]
    allowed: tuple[str, ...]
    never: tuple[str, ...]


def rules() -> list[Rule]:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    section = text.split("## Who may import whom")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return [Rule(*(_patterns(cell) for cell in row)) for row in rows]


def _patterns(cell: str) -> tuple[str, ...]:
    quoted = tuple(QUOTED.findall(cell))
    return quoted or {"anything": ("*",), "nothing": ()}[cell.strip()]


def sources(*folders: str) -> list[Path]:
    """Python files of ours; folders that start with a dot hold what was installed."""
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(
        path for path in paths if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    )


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """(line, module) of each import, also inside functions; ``from a import b`` may mean ``a.b``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            yield from ((node.lineno, _deepest(node.module or "", alias.name)) for alias in node.names)


def _deepest(module: str, name: str) -> str:
    base = ROOT / module.replace(".", "/") / name
    return f"{module}.{name}" if base.with_suffix(".py").exists() or base.is_dir() else module


def rule_for(module: str, table: list[Rule]) -> tuple[Rule, str] | None:
    """The row with the most specific pattern, and that pattern; commands come before their app."""
    matching = [(rule, pattern) for rule in table for pattern in rule.patterns if belongs(module, pattern)]
    return max(matching, key=lambda match: (match[1] in (COMMANDS, module), len(match[1])), default=None)


def belongs(module: str, pattern: str) -> bool:
    """``a.*`` names everything below ``a``, and ``a`` itself."""
    return fnmatchcase(module, pattern) or module == pattern.removesuffix(".*")


def under(module: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(module, pattern) for pattern in patterns)


def own_package(module: str, pattern: str) -> str:
    """``feeds.venues.kraken`` for a module of ``feeds.venues.*``: the piece that ``*`` begins with."""
    if not pattern.endswith(".*"):
        return module
    head = pattern.removesuffix(".*")
    own = module.split(".")[: head.count(".") + 2] if head == "feeds.venues" else head.split(".")
    return ".".join(own)


def problems_of(path: Path, table: list[Rule]) -> list[str]:
    module = module_of(path)
    match = rule_for(module, table)
    if match is None:
        return [f"{module}: no row of the table names it"]
    rule, pattern = match
    own = own_package(module, pattern)
    found = []
    for line, imported in imports_of(path):
        ours = imported.split(".")[0] in PACKAGES
        inside = imported == own or imported.startswith(f"{own}.")
        banned = any(imported == name or imported.startswith(f"{name}.") for name in rule.never)
        if (ours and not inside and not under(imported, rule.allowed)) or (banned and not inside):
            found.append(f"{path.relative_to(ROOT)}:{line}: {module} may not import {imported}")
        if under(imported, (COMMANDS,)):
            found.append(f"{path.relative_to(ROOT)}:{line}: nobody imports the command {imported}")
    return found


def test_every_import_is_allowed() -> None:
    table = rules()

    modules = [path for path in sources(*PACKAGES) if module_of(path) not in PACKAGES]
    found = [problem for path in modules for problem in problems_of(path, table)]

    assert not found, "\n".join(found)


def test_the_table_is_read_whole() -> None:
    table = rules()

    assert len(table) > 12
    assert all(rule.patterns for rule in table)


@pytest.mark.parametrize(
    ("source", "module", "caught"),
    [
        ("import asyncio\n", "feeds/venues/kraken/public.py", True),
        ("from feeds.venues.binance import public\n", "feeds/venues/kraken/public.py", True),
        ("from feeds.venues.kraken import text\n", "feeds/venues/kraken/public.py", False),
        ("import django.conf\n", "feeds/session.py", True),
        ("def f():\n    from marketdash.live import hub\n", "marketdash/instruments/views.py", True),
        ("from marketdash import publish\n", "marketdash/instruments/views.py", False),
    ],
)
def test_the_rule_catches_what_it_should(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, module: str, caught: bool
) -> None:
    table = rules()
    path = tmp_path / module
    path.parent.mkdir(parents=True)
    path.write_text(source)
    (tmp_path / "marketdash/live").mkdir(parents=True, exist_ok=True)
    (tmp_path / "marketdash/publish.py").parent.mkdir(exist_ok=True)
    (tmp_path / "marketdash/publish.py").touch()
    monkeypatch.setattr("tests.test_architecture.ROOT", tmp_path)

    assert bool(problems_of(path, table)) is caught


def test_no_shared_code_asks_which_venue_it_is() -> None:
    """What differs between venues is data. ``venue == "KRAKEN"`` outside a venue's folder is a defect."""
    shared = [
        path for path in sources(*PACKAGES) if "venues" not in path.parts and "simulator" not in path.parts
    ]

    found = [f"{path.relative_to(ROOT)}:{line}" for path in shared for line in _venue_comparisons(path)]

    assert not found, "\n".join(found)


def _venue_comparisons(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare) and any(
            isinstance(op, ast.Eq | ast.NotEq | ast.In) for op in node.ops
        ):
            sides = [node.left, *node.comparators]
            asks = any("venue" in ast.unparse(side).lower() for side in sides)
            if asks and any(_names_a_venue(side) for side in sides):
                yield node.lineno


def _names_a_venue(node: ast.expr) -> bool:
    texts = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    return any(isinstance(text, str) and re.fullmatch(r"[A-Z][A-Z0-9_]{2,31}", text) for text in texts)


def test_files_stay_small() -> None:
    found = []
    for path in sources(*PACKAGES, "tests", "benchmarks"):
        relative = path.relative_to(ROOT).as_posix()
        limit = next(limit for folder, limit in LARGEST.items() if relative.startswith(f"{folder}/"))
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > limit and "migrations" not in path.parts:
            found.append(f"{relative}: {lines} lines, at most {limit}")
    found += [
        f"{path.relative_to(ROOT)}: more than {LARGEST_JS} lines"
        for path in (ROOT / "static" / "js").rglob("*.js")
        if len(path.read_text(encoding="utf-8").splitlines()) > LARGEST_JS
    ]

    assert not found, "\n".join(found)


def test_no_file_is_a_drawer_for_everything() -> None:
    found = [path for path in sources(*PACKAGES, "tests", "benchmarks") if path.stem in FORBIDDEN_STEMS]

    assert not found


def test_nothing_is_left_unfinished() -> None:
    suffixes = {".py", ".js", ".html", ".css", ".md", ".yml", ".toml"}
    folders = [
        ROOT / name
        for name in (*PACKAGES, "tests", "templates", "docs", "benchmarks", "static/js", "static/css")
    ]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in suffixes]

    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in files
        if ".peers" not in path.parts and (match := UNFINISHED.search(path.read_text(encoding="utf-8")))
    ]

    assert not found, "\n".join(found)


def test_modules_of_feeds_put_annotations_off() -> None:
    """``from __future__ import annotations`` everywhere that has code."""
    found = [
        str(path.relative_to(ROOT))
        for path in sources(*PACKAGES)
        if "migrations" not in path.parts
        and "\ndef " in (text := path.read_text(encoding="utf-8"))
        and "from __future__ import annotations" not in text
    ]

    assert not found, "\n".join(found)
