"""Portfolios that are all watched at once: processor time, lateness, bytes; and valued from nothing."""

from __future__ import annotations

import atexit
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.rig import pipeline, site
from benchmarks.rig.bench import Bench, Samples, attempt
from benchmarks.rig.cores import Cores
from benchmarks.rig.processes import ROOT, Failed, Stage
from benchmarks.rig.report import Row, Table, digits, spread

INSTRUMENTS, HOLDINGS, EACH_PER_S, SECONDS = 500, 50, 10, 20.0
SOON_S, SEED_S = 120, 600


class Load(NamedTuple):
    """``each_per_s``: how often every instrument moves. ``processes``: of the web, that share the viewers."""

    portfolios: int
    each_per_s: int = EACH_PER_S
    processes: int = 1


MOST = Load(1000)
SHARED = Load(1000, processes=2)
LOADS = (Load(100), Load(300), MOST, Load(1000, 1), SHARED)
QUICK = (Load(100),)
TITLE = f"Portfolios of {HOLDINGS} out of {INSTRUMENTS} instruments, all watched"
NAMES = (
    *("cpu_ms", "rows", "least", "lines", "bytes"),
    *("newest_us_50", "newest_us_99", "oldest_us_50", "oldest_us_99"),
)

NOTE = (
    "Every portfolio is followed on a socket of its own, as by somebody who looks at its page, at the "
    "default interval of 250 ms: so of a price that moves ten times a second two in five reach a row; a row "
    "carries sums and the lines that changed. One web process has a core for itself, and all else shares the "
    "other: exchange, worker, Redis, all clients. Two of them have half of the viewers each, hear all ticks "
    "both, and nothing is pinned: all of it runs on both cores. Least: the rows a second of the portfolio "
    "that got the fewest. How late: from the feed's receipt of a price in a row to the client's of the row, "
    "the newest and the oldest price of each row; the oldest waits for the interval. From nothing: the same "
    "lines, valued and said by the same code without what it knows of before; the ticks are taken in before "
    "either."
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
    """A second of all clients, and milliseconds of the web processes for it."""
    seconds = SECONDS / 4 if bench.quick else SECONDS
    cores = bench.cores if load.processes == 1 else Cores([])
    with Stage(cores) as stage:
        database, owners = seeded(QUICK[0].portfolios if bench.quick else MOST.portfolios)
        shutil.copy(database, stage.folder / "marketdash.sqlite3")
        running = pipeline.metronome(stage, INSTRUMENTS, INSTRUMENTS * load.each_per_s)
        more = [site.web(stage, INSTRUMENTS, running.environment) for _ in range(1, load.processes)]
        webs = [running.web, *more]
        go, ports = stage.folder / "go", ",".join(str(web.port) for web in webs)
        words = [ports, seconds, go, owners, load.portfolios]
        watch = stage.start("watch", [sys.executable, "-m", "benchmarks.programs.watch", *map(str, words)])
        stage.wait(watch, go.exists, SOON_S, "clients with values")
        used_ns, began = sum(web.process.cpu_ns() for web in webs), time.monotonic()
        if watch.popen.wait(seconds + SOON_S):
            raise Failed(watch.tail())
        used_ns = sum(web.process.cpu_ns() for web in webs) - used_ns
        cpu_ms = used_ns / 1e6 / (time.monotonic() - began)
        return {"cpu_ms": cpu_ms, **json.loads(watch.output.read_text().splitlines()[-1])}


@functools.cache
def seeded(portfolios: int) -> tuple[Path, Path]:
    """A database with so many of them, and the file that says whose they are; made once per run."""
    folder = Path(tempfile.mkdtemp(prefix="marketdash-bench-portfolios-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    database, owners = folder / "marketdash.sqlite3", folder / "owners"
    shutil.copy(site.database_with(INSTRUMENTS), database)
    environment = site.settings_of(folder, database)
    owners.write_text(_program(["seed_portfolios", portfolios, HOLDINGS], environment))
    site.close_log(database)
    return database, owners


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
    for load, words in ((MOST, "1,000 watched"), (SHARED, "by two processes")):
        if load in measured:
            _judge(row, samples, load, words)
        else:
            row.absent(words, "3.5 of 4 rows a second, p99 100 ms", "it did not run here")
    if against is None:
        row.absent("against valuing from nothing", "stated", "it did not run here")
    else:
        times = against["whole"] / against["changed"]
        row.state(
            "one portfolio, every line changed: from nothing takes",
            f"{digits(times)} × ({digits(against['changed'])} : {digits(against['whole'])} µs)",
        )
    row.tables.append(_table(samples, measured))


def _judge(row: Row, samples: Samples, load: Load, words: str) -> None:
    busy, late = samples.median((load, "cpu_ms")), samples.median((load, "newest_us_99")) / 1000
    rows = samples.median((load, "rows")) / load.portfolios
    us = busy * 1000 / samples.median((load, "rows"))
    why = f"{digits(us)} µs of the web for a row, all it does counted in"
    shown = f"{digits(rows)} at {digits(busy / 10)} % of a core"
    row.at_least(f"{words}: rows a portfolio and second", rows, 3.5, shown, "3.5 of 4", why)
    row.at_most(f"{words}: newest price of a row, p99", late, 100, f"{digits(late)} ms", "100 ms", why)
    size = samples.median((load, "bytes")) / load.portfolios
    row.state(f"{words}: bytes a portfolio and second", digits(size))


def _table(samples: Samples, measured: list[Load]) -> Table:
    heads = ("watched", "moves/s", "processes", "web ms/s", "rows/s", "least", "lines/s", "bytes/s")
    table = Table((*heads, "newest p50 ms", "p99 ms", "oldest p50 ms", "p99 ms"))
    for load in measured:
        figures = []
        for name in NAMES:
            values = samples.of((load, name))
            figures.append(spread([value / 1000 for value in values] if "_us_" in name else values))
        table.lines.append((*load, *figures))
    return table
