"""A ledger of 100,000 entries: how soon its page opens, before it was folded, after, and one entry on."""

from __future__ import annotations

import contextlib
import http.client
import json
import statistics
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from typing import Any, NamedTuple

from benchmarks.rig import pipeline, site
from benchmarks.rig.bench import Bench, Samples, attempt
from benchmarks.rig.processes import ROOT, Failed, Stage
from benchmarks.rig.report import Row, Table, digits, spread

ENTRIES, QUICK_ENTRIES, INSTRUMENTS = 100_000, 10_000, 50
OPENS, PRICED_S, FOLDED_S = 30, 30.0, 120.0
TITLE = "A ledger of 100,000 entries is opened"
DATABASES = ("SQLite", "PostgreSQL")
STEPS = ("first", "later", "one more", "unknown", "review")
TOKEN = "b" * 32
PAGES = {"unknown": "unknown/", "review": "entries/review/"}

NOTE = (
    "Whole pages over HTTP, from connecting to the last byte, with 50 holdings at live prices; the web "
    "process has a core for itself, and all else shares the other. First: the ledger is recorded and "
    "nobody folded it yet, as it is right after an import; the page is there with its entries and says "
    "that the sums are being worked out. Until its numbers are there: from the start of `engines`, which "
    "folds it. One more: right after one more entry was recorded. Unknown: its page of what nobody knows. "
    "Review: what a correction of its oldest entry would do. "
    "From nothing: reading and folding all entries, which is what every opening would take without a "
    "saved book."
)


class Ledger(NamedTuple):
    """A running program: see :mod:`benchmarks.programs.long_ledger`."""

    popen: subprocess.Popen[str]
    path: str
    cookies: str
    correction: dict[str, str]

    def asked(self, word: str) -> Any:
        assert self.popen.stdin is not None
        self.popen.stdin.write(f"{word}\n")
        self.popen.stdin.flush()
        return _line(self.popen)


def run(bench: Bench) -> Row:
    row, samples = Row("opening", TITLE), Samples()
    for _, database in bench.interleaved(DATABASES):
        found = attempt(bench, database, measure, bench, database)
        for name, values in (found or {}).items():
            for value in values:
                samples.add((database, name), value)
    measured = [database for database in DATABASES if samples.has((database, "nothing"))]
    for database in DATABASES:
        if database in measured:
            _tell(row, samples, database)
        else:
            row.absent(f"{database}: p99 of every opening", "1 s", "it did not run here")
    row.tables.append(_table(samples, measured))
    row.notes.append(NOTE)
    return row


def measure(bench: Bench, database: str) -> dict[str, list[float]]:
    """Seconds, of each step."""
    with _database(database) as url, bench.stage() as stage:
        environment = site.environment_of(stage, INSTRUMENTS) | site.migrated(url, INSTRUMENTS)
        entries = QUICK_ENTRIES if bench.quick else ENTRIES
        with _ledger(entries, environment) as ledger:
            running = pipeline.metronome(stage, INSTRUMENTS, INSTRUMENTS, environment=environment)
            page = Page(running.web.port, ledger)
            page.warm()
            found = {"first": [page.opened(202) for _ in range(OPENS)]}
            found["numbers"] = [_until_numbers(stage, page, running.web.environment)]
            found["later"] = [page.opened() for _ in range(OPENS)]
            found["unknown"] = [page.opened(further=PAGES["unknown"]) for _ in range(OPENS)]
            found["review"] = [page.reviewed() for _ in range(OPENS)]
            found["one more"] = []
            for _ in range(OPENS):
                ledger.asked("add")
                found["one more"].append(page.opened())
            found["nothing"] = [ledger.asked("fold")]
            bench.say(f"{database}: later {digits(max(found['later']))} s at most")
            return found


class Page:
    def __init__(self, port: int, ledger: Ledger) -> None:
        self._port, self._ledger = port, ledger

    def opened(self, expected: int = 200, further: str = "") -> float:
        return self._timed(further, expected)

    def reviewed(self) -> float:
        return self._timed(PAGES["review"], 200, urllib.parse.urlencode(self._ledger.correction))

    def _timed(self, further: str, expected: int, form: str = "") -> float:
        started_s = time.perf_counter()
        status, body = self._got(f"{self._ledger.path}{further}", form)
        took_s = time.perf_counter() - started_s
        if status != expected or b"</html>" not in body:
            raise Failed(f"{self._ledger.path}{further}: expected {expected}, found {status}")
        return took_s

    def status(self) -> int:
        return self._got(self._ledger.path)[0]

    def warm(self) -> None:
        """Templates are read, and prices are there."""
        ended_s = time.monotonic() + PRICED_S
        while b'"state":"live"' not in self._got("/api/v1/tickers")[1]:
            if time.monotonic() > ended_s:
                raise Failed("expected a live price, found none")
            time.sleep(0.2)
        self.status()

    def _got(self, path: str, form: str = "") -> tuple[int, bytes]:
        """A page, or what the server says to a form."""
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"Cookie": f"{self._ledger.cookies}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
        with contextlib.closing(link):
            if form:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            link.request("POST" if form else "GET", path, form or None, headers)
            answer = link.getresponse()
            return answer.status, answer.read()


def _until_numbers(stage: Stage, page: Page, environment: dict[str, str]) -> float:
    started_s = time.perf_counter()
    engines = stage.start("engines", [*site.MANAGE, "engines"], environment=environment)
    stage.wait(engines, lambda: page.status() == 200, FOLDED_S, "the numbers")
    return time.perf_counter() - started_s


@contextlib.contextmanager
def _database(name: str) -> Iterator[str]:
    """The URL of an empty one; nothing for a file of the stage."""
    if name == DATABASES[0]:
        yield ""
        return
    from tests import servers

    with servers.postgres() as url:
        yield url


@contextlib.contextmanager
def _ledger(entries: int, environment: dict[str, str]) -> Iterator[Ledger]:
    words = [sys.executable, "-m", "benchmarks.programs.long_ledger", str(entries)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    popen = subprocess.Popen(words, cwd=ROOT, env=site.with_ours(environment), text=True, **pipes)
    try:
        yield Ledger(popen, **_line(popen))
    finally:
        popen.kill()
        popen.communicate()


def _line(popen: subprocess.Popen[str]) -> Any:
    assert popen.stdout is not None
    line = popen.stdout.readline()
    if not line:
        raise Failed(f"long_ledger ended with code {popen.wait()}")
    return json.loads(line)


def _tell(row: Row, samples: Samples, database: str) -> None:
    for step in STEPS:
        values = samples.of((database, step))
        worst = _p99(values)
        shown = f"{digits(worst * 1000)} ms (median {digits(statistics.median(values) * 1000)} ms)"
        row.at_most(f"{database}, {step}: p99", worst, 1.0, shown, "1 s", "")
    numbers, nothing = samples.median((database, "numbers")), samples.median((database, "nothing"))
    row.state(f"{database}: until its numbers are there, the first time", f"{digits(numbers)} s")
    later = samples.median((database, "later"))
    row.state(f"{database}: from nothing takes", f"{digits(nothing / later)} × ({digits(nothing)} s)")


def _p99(values: list[float]) -> float:
    """The worst of fewer than a hundred."""
    return sorted(values)[min(len(values) - 1, round(len(values) * 0.99))]


def _table(samples: Samples, measured: list[str]) -> Table:
    table = Table(("database", "step", "openings", "p50 ms", "p99 ms", "all ms"))
    for database in measured:
        for step in (*STEPS, "numbers", "nothing"):
            values = [value * 1000 for value in samples.of((database, step))]
            figures = digits(statistics.median(values)), digits(_p99(values)), spread(values)
            table.lines.append((database, step, len(values), *figures))
    return table
