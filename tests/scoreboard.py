"""The scoreboard of faults and attacks: what each run of `make faults` did and measured, in one table.

A test with the mark ``fault("F21", "Redis is killed", goal="fresh in 2 s")`` is a row of it. One that has the
mark ``faults`` too is too long for the suite; the others run there as well, with few counts.
"""

from __future__ import annotations

import math
import platform
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.other_work import OtherWork

HEAD = """# Faults and attacks

What was done to Marketdash, and what came of it. `make faults` runs all of it and writes this table;
`make faults ID=F21` runs and renews one fault's rows. `N` scales the counts of runs: 1 is what each goal
asks, 0.1 if not given. `SEED` picks the schedule. A row says when, on which machine and with what it was last
run; figures depend on the machine, passing does not. Where others took more than a third of a core meanwhile
it says "beside other work", and its figures are worse than the machine's. How each is done: `tests/faults/`.

Each fault from F01 to F53 has a row, and a short run with one seed in `make test`. What a fault has besides
and is not in the table was not run to its end so far.

Under daphne F45 is run for the frames of RFC 6455 alone and F46 not at all: it holds nobody back, and
`docs/deploy.md` says that a proxy which does has to stand before it.

| Fault | What was done | Goal | Runs | Measured | Result | Run | Again with |
|---|---|---|---|---|---|---|---|
"""
SUITE_SEED, FULL = 1, 1.0
# Of fewer runs the worst is the p99.
_ENOUGH = 100
_SCORE = pytest.StashKey["Score"]()
_ROWS = pytest.StashKey["dict[tuple[str, str], str]"]()
_OTHERS = pytest.StashKey[OtherWork]()


@dataclass
class Score:
    """One test's row. ``share`` of the full counts is run; None in the suite, which runs few."""

    fault: str
    done: str
    goal: str
    seed: int
    share: float | None
    runs: int = 0
    took_s: list[float] = field(default_factory=list)
    figures: dict[tuple[str, str], float] = field(default_factory=dict)
    again: str = ""
    """The command that does it again, where it is not `make faults`."""
    beside: bool = False
    """Whether others took much of the machine meanwhile."""

    def times(self, full: int, few: int = 1) -> int:
        """How often to do it, of ``full`` times that the goal asks; ``few`` in the suite."""
        return few if self.share is None else max(few, math.ceil(full * self.share))

    def took(self, seconds: float) -> None:
        """One more run, and what it took to heal or to be noticed."""
        self.runs += 1
        self.took_s.append(seconds)

    def note(self, what: str, figure: float, unit: str = "s") -> None:
        """A figure beside the seconds; of several by one name the largest is shown."""
        self.figures[what, unit] = max(figure, self.figures.get((what, unit), figure))

    def measured(self) -> str:
        figures = [_figure(what, unit, figure) for (what, unit), figure in self.figures.items()]
        if not self.took_s:
            return "; ".join(figures)
        seconds = f"{self.took_s[0]:.2f} s"
        if len(self.took_s) > 1:
            seconds = f"median {statistics.median(self.took_s):.2f} s, "
            if len(self.took_s) >= _ENOUGH:
                seconds += f"p99 {quantile(self.took_s, 0.99):.2f} s, "
            seconds += f"worst {max(self.took_s):.2f} s"
        return "; ".join([seconds, *figures])

    def row(self, result: str) -> str:
        again = self.again or f"make faults ID={self.fault} N={self.share:g} SEED={self.seed}"
        when = f"{time.strftime('%Y-%m-%d', time.gmtime())}, {_machine()}"
        when += ", beside other work" * self.beside
        cells = [
            self.fault,
            self.done,
            self.goal,
            f"{max(1, self.runs):,}",
            self.measured(),
            result,
            when,
            f"`{again}`",
        ]
        return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def _figure(what: str, unit: str, figure: float) -> str:
    said = f"{figure:.2f}" if isinstance(figure, float) else f"{figure:,}"
    return f"{what} {said} {unit}".rstrip()


def quantile(values: Sequence[float], share: float) -> float:
    """The value that so large a share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _machine() -> str:
    import psutil

    gigabytes = round(psutil.virtual_memory().total / 2**30)
    return f"{platform.machine()}, {psutil.cpu_count()} cores, {gigabytes} GB"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults")
    group.addoption(
        "--scoreboard", type=Path, help="the table of faults to renew; full counts, not the suite's"
    )
    group.addoption("--counts", type=float, default=0.1, help="this share of the full counts (N)")
    group.addoption("--seed", type=int, default=SUITE_SEED, help="of the schedule of faults (SEED)")
    group.addoption("--fault", default="", help="only the faults with these ids, by commas (ID)")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_ROWS] = {}
    if config.option.scoreboard:
        config.stash[_OTHERS] = OtherWork()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = set(filter(None, config.getoption("fault").split(",")))
    if not wanted:
        return
    marks = {item: item.get_closest_marker("fault") for item in items}
    kept = [item for item, mark in marks.items() if mark and mark.args[0] in wanted]
    if not kept:
        raise pytest.UsageError(
            f"expected ids of faults such as F21, found none of {', '.join(sorted(wanted))}"
        )
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _score_of(item: pytest.Item) -> Score | None:
    mark = item.get_closest_marker("fault")
    if mark is None:
        return None
    if _SCORE not in item.stash:
        options = item.config.option
        fault, done = mark.args
        callspec = getattr(item, "callspec", None)
        done = done.format(**(callspec.params if callspec else {}))
        share = options.counts if options.scoreboard else None
        item.stash[_SCORE] = Score(fault, done, mark.kwargs["goal"], options.seed, share)
    return item.stash[_SCORE]


@pytest.fixture
def score(request: pytest.FixtureRequest) -> Score:
    """This test's row of the scoreboard."""
    found = _score_of(request.node)
    assert found is not None, "expected the mark fault(id, what was done, goal=…) on this test, found none"
    return found


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    others, score = item.config.stash.get(_OTHERS, None), _score_of(item)
    if others is not None:
        others.begin()
    yield
    if others is not None and score is not None:
        score.beside = others.was_much()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    score = _score_of(item)
    if score is None or not item.config.option.scoreboard or report.skipped:
        return
    if report.when == "call" or report.failed:
        row = score.row("pass" if report.passed else "**fail**")
        item.config.stash[_ROWS][score.fault, score.done] = row


def pytest_sessionfinish(session: pytest.Session) -> None:
    table: Path | None = session.config.option.scoreboard
    rows = session.config.stash.get(_ROWS, {})
    if table and rows:
        table.write_text(renewed(table.read_text() if table.exists() else "", rows))


def renewed(before: str, rows: dict[tuple[str, str], str]) -> str:
    """The table with these rows in place of those of the same fault and deed."""
    kept = {}
    for line in before.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and cells[0] != "Fault":
            kept[cells[0], cells[1]] = line
    kept |= {(fault, done.replace("|", "/")): row for (fault, done), row in rows.items()}
    return HEAD + "".join(f"{kept[key]}\n" for key in sorted(kept))
