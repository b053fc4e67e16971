"""When the settings themselves cannot be read: every bad value at once. Needs no settings of Django's."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

from marketdash.environment import gathered
from marketdash.ops.doctor.findings import EXIT_CODES, FAIL, Finding, as_json, fail, skipped, written

SETTINGS = "marketdash.settings"


def findings() -> list[Finding]:
    """One for each bad value. Values are quoted by the errors themselves, passwords cut."""
    with gathered() as problems:
        sys.modules.pop(SETTINGS, None)
        try:
            importlib.import_module(SETTINGS)
        except ImproperlyConfigured as last:
            problems[str(last)] = None
        sys.modules.pop(SETTINGS, None)
    return [_finding(problem) for problem in problems]


def _finding(problem: str) -> Finding:
    name, colon, rest = problem.partition(": ")
    if not colon:
        return fail(
            problem, "settings that can be read", "docs/configuration.md explains each name", "settings"
        )
    expected, comma, found = rest.removeprefix("expected ").rpartition(", found ")
    todo = f"correct or unset {name}; docs/configuration.md explains it"
    return fail(found, expected, todo, name) if comma else fail(rest, "a usable value", todo, name)


def report(words: Sequence[str], problem: Exception) -> int:
    """Prints, and gives the exit code. ``words`` are those behind ``doctor``; ``problem`` ended it."""
    found = [*(findings() or [_finding(str(problem))]), skipped("settings first", "everything else")]
    print(as_json(found) if "--json" in words else "\n".join(written(found)))
    return EXIT_CODES[FAIL]
