"""Portfolios that are all watched at once: processor time, lateness, bytes; and valued from nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import NamedTuple

from benchmarks.rig import pipeline, site
from benchmarks.rig.bench import Bench, Samples, attempt
from benchmarks.rig.processes import ROOT, Failed
from benchmarks.rig.report import Row, Table, digits, spread

INSTRUMENTS, HOLDINGS, EACH_PER_S, SECONDS = 500, 50, 10, 20.0
SOON_S, SEED_S = 120, 600


class Load(NamedTuple):
    """``each_per_s``: how often every instrument moves."""

    portfolios: int
    each_per_s: int = EACH_PER_S


LOADS = (Load(100), Load(300), Load(1000), Load(1000, 1))
QUICK = (Load(100),)
TITLE = f"Portfolios of {HOLDINGS} out of {INSTRUMENTS} instruments, all watched"
NAMES = ("cpu_ms", "rows", "lines", "bytes", "newest_us_50", "newest_us_99", "oldest_us_50", "oldest_us_99")

NOTE = (
    "One web process for all. Every portfolio is followed at the default interval of 250 ms, so of a price "
    "that moves ten times a second two in five reach a row; a row carries sums and the lines that changed. "
    "How late: from the feed's receipt of a price in a row to the client's of the row, the newest and the "
    "oldest price of each row; the oldest waits for the interval. From nothing: the same lines, valued and "
    "said by the same code without what it knows of before; the ticks are taken in before either."
)


def run(bench: Bench) -> Row:
    row, samples = Row("portfolios", TITLE), Samples()
    for _, load in bench.interleaved(QUICK if bench.quick else LOADS):
        found = attempt(bench, str(load), measure, bench, load)
        for name, value in (found or {}).items():
            samples.add((load, name), value)
        if found:
            bench.say(f"{load}: {digits(found['cpu_ms'])} ms/s, {digits(found['rows'])} rows/s")
    against = attempt(bench, "from nothing", revalue)
    _tell(row, samples, against)
    row.notes.append(NOTE)
    return row


def measure(bench: Bench, load: Load) -> dict[str, float]:
    """A second of all clients, and milliseconds of the web process for it."""
    seconds = SECONDS / 4 if bench.quick else SECONDS
    with bench.stage() as stage:
        owners, go = stage.folder / "owners", stage.folder / "go"
        environment = site.environment_of(stage, INSTRUMENTS)
        owners.write_text(_program(["seed_portfolios", load.portfolios, HOLDINGS], environment))
        running = pipeline.metronome(stage, INSTRUMENTS, INSTRUMENTS * load.each_per_s)
        web = running.web.process
        words = [running.web.port, seconds, go, owners]
        watch = stage.start("watch", [sys.executable, "-m", "benchmarks.programs.watch", *map(str, words)])
        stage.wait(watch, go.exists, SOON_S, "clients with values")
        used_ns, began = web.cpu_ns(), time.monotonic()
        if watch.popen.wait(seconds + SOON_S):
            raise Failed(watch.tail())
        cpu_ms = (web.cpu_ns() - used_ns) / 1e6 / (time.monotonic() - began)
        return {"cpu_ms": cpu_ms, **json.loads(watch.output.read_text().splitlines()[-1])}


def revalue() -> dict[str, float]:
    return dict(json.loads(_program(["revalue", HOLDINGS, INSTRUMENTS], {})))


def _program(words: list[object], environment: dict[str, str]) -> str:
    """The last line that it printed."""
    command = [sys.executable, "-m", f"benchmarks.programs.{words[0]}", *map(str, words[1:])]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=SEED_S
    )
    if done.returncode:
        raise Failed(f"{words[0]}: {done.stderr.strip()[-600:]}")
    return done.stdout.strip().splitlines()[-1]


def _tell(row: Row, samples: Samples, against: dict[str, float] | None) -> None:
    measured = [load for load in LOADS if samples.has((load, "cpu_ms"))]
    most = Load(1000)
    if most in measured:
        busy, late = samples.median((most, "cpu_ms")), samples.median((most, "newest_us_99")) / 1000
        rows = samples.median((most, "rows")) / most.portfolios
        why = "one process is full at about 300: 1 to 1.5 ms a row of 20 to 45 lines that moved"
        shown = f"{digits(rows)} at {digits(busy / 10)} % of a core"
        row.at_least("1,000 watched: rows a portfolio and second", rows, 3.5, shown, "3.5 of 4", why)
        row.at_most("newest price of a row, p99", late, 100, f"{digits(late)} ms", "100 ms", why)
        row.state("bytes a portfolio and second", digits(samples.median((most, "bytes")) / most.portfolios))
    else:
        row.absent("1,000 watched", "3.5 of 4 rows a second, p99 100 ms", "it did not run here")
    if against is None:
        row.absent("against valuing from nothing", "stated", "it did not run here")
    else:
        times = against["whole"] / against["changed"]
        row.state(
            "one portfolio, every line changed: from nothing takes",
            f"{digits(times)} × ({digits(against['changed'])} : {digits(against['whole'])} µs)",
        )
    row.tables.append(_table(samples, measured))


def _table(samples: Samples, measured: list[Load]) -> Table:
    heads = ("watched", "moves/s", "web ms/s", "rows/s", "lines/s", "bytes/s")
    table = Table((*heads, "newest p50 ms", "p99 ms", "oldest p50 ms", "p99 ms"))
    for load in measured:
        figures = []
        for name in NAMES:
            values = samples.of((load, name))
            figures.append(spread([value / 1000 for value in values] if "_us_" in name else values))
        table.lines.append((load.portfolios, load.each_per_s, *figures))
    return table
