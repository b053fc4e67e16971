"""What a row found, and the table that tells it."""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Finding:
    """One target: what was measured beside what was asked. ``met`` None: stated, no target."""

    what: str
    measured: str
    target: str = "stated"
    met: bool | None = None
    why: str = ""


@dataclass(slots=True)
class Table:
    """Figures behind a finding."""

    heads: Sequence[str]
    lines: list[Sequence[object]] = field(default_factory=list)


@dataclass(slots=True)
class Row:
    """One row of the bench: its findings, the figures behind them and what must be said with them."""

    name: str
    title: str
    findings: list[Finding] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def at_most(self, what: str, value: float, limit: float, shown: str, target: str, why: str = "") -> None:
        met = value <= limit
        self.findings.append(Finding(what, shown, target, met, "" if met else why))

    def at_least(self, what: str, value: float, limit: float, shown: str, target: str, why: str = "") -> None:
        met = value >= limit
        self.findings.append(Finding(what, shown, target, met, "" if met else why))

    def state(self, what: str, shown: str) -> None:
        self.findings.append(Finding(what, shown))

    def absent(self, what: str, target: str, why: str) -> None:
        """A figure that could not be had: never silently left out."""
        self.findings.append(Finding(what, "not measured", target, False, why))


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    """``median (lowest … highest)`` to three digits; the median alone of one value."""
    middle = digits(median(values))
    return middle if len(values) == 1 else f"{middle} ({digits(min(values))} … {digits(max(values))})"


def digits(value: float) -> str:
    """Three significant digits, with thousands parted: ``0.312``, ``6.91``, ``188``, ``213,000``."""
    if value >= 1000:
        size = 10 ** (len(str(int(value))) - 3)
        return f"{round(value / size) * size:,}"
    return f"{value:.3g}"


def verdict(finding: Finding) -> str:
    if finding.met is None:
        return "stated"
    return "met" if finding.met else "**not met**"


def markdown(heads: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """A table; a bar inside a cell is escaped."""
    rows = [heads, ["---"] * len(heads), *lines]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows)


def summary(rows: Sequence[Row]) -> str:
    lines = [
        (row.title, finding.what, finding.measured, finding.target, verdict(finding), finding.why)
        for row in rows
        for finding in row.findings
    ]
    return markdown(("row", "figure", "measured", "target", "", "why not"), lines)


def details(row: Row) -> str:
    parts = [f"## {row.title}", *row.notes, *(markdown(table.heads, table.lines) for table in row.tables)]
    return "\n\n".join(parts)


def document(rows: Sequence[Row], about: Sequence[str], *, today: datetime.date) -> str:
    """The whole of RESULTS.md."""
    head = [
        "# Benchmark results",
        f"Measured {today.isoformat()} by `make bench`; how: `docs/benchmarks.md`.",
    ]
    listed = "\n".join(f"- {line}" for line in about)
    return "\n\n".join([*head, listed, summary(rows), *(details(row) for row in rows)]) + "\n"


def write(path: Path, text: str) -> None:
    """Whole or not at all: a bench that was interrupted leaves the last result."""
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
