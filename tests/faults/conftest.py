"""Fault runs measure: each notes its figures, and the table stands at the end of the run's output."""

from __future__ import annotations

from collections.abc import Callable

import pytest

_FIGURES = pytest.StashKey[list[tuple[str, str]]]()


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[..., None]:
    """``report(what, figure, unit="s")``: a line of the table."""
    figures = request.config.stash.setdefault(_FIGURES, [])

    def note(what: str, figure: float, unit: str = "s") -> None:
        figures.append((what, f"{figure:.2f} {unit}" if isinstance(figure, float) else f"{figure} {unit}"))

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    figures = config.stash.get(_FIGURES, [])
    if not figures:
        return
    terminalreporter.section("measured")
    wide = max(len(what) for what, _ in figures)
    for what, figure in figures:
        terminalreporter.write_line(f"{what:<{wide}}  {figure:>10}")
