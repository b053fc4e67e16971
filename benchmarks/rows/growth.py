"""What more instruments, more clients and more distinct views cost: nothing may grow faster than they do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.rig import pipeline, site
from benchmarks.rig.bench import Bench, Samples, attempt
from benchmarks.rig.names import symbols
from benchmarks.rig.report import Row, Table, digits

WATCHED, EACH_PER_S = 50, 2.0
SLACK = 1.25
"""Growth of the cost over growth of the load that still counts as linear: runs differ by a tenth."""


class Load(NamedTuple):
    """``views``: how many different sets of ten symbols the clients watch; 1: all watch the same fifty."""

    instruments: int = 50
    clients: int = 200
    views: int = 1

    @property
    def updates_per_s(self) -> float:
        return self.instruments * EACH_PER_S


SERIES: dict[str, tuple[Load, ...]] = {
    "instruments": (Load(50), Load(500), Load(3000)),
    "clients": (Load(clients=50), Load(clients=200), Load(clients=1000)),
    "views": (Load(views=2), Load(views=20), Load(views=200)),
}
QUICK = {"instruments": (Load(50), Load(500))}


def run(bench: Bench) -> Row:
    row = Row("growth", "As work grows")
    web, worker, frames = Samples(), Samples(), Samples()
    series = QUICK if bench.quick else SERIES
    loads = list(dict.fromkeys(load for line in series.values() for load in line))
    for _, load in bench.interleaved(loads):
        figures = attempt(bench, str(load), measure, bench, load)
        if figures is not None:
            for samples, value in zip((web, worker, frames), figures, strict=True):
                samples.add(load, value)
            bench.say(f"{load}: web {digits(figures[0])} ms/s, worker {digits(figures[1])} ms/s")
    for name, line in series.items():
        _judge(row, name, [load for load in line if web.has(load)], web, worker)
        row.tables.append(_table(line, web, worker, frames))
    row.notes.append(
        f"Every instrument ticks {EACH_PER_S:g} times a second at the exchange, all clients have the default "
        "interval. As instruments grow, each client watches the same fifty: the web process has nothing to "
        "do for the others. As views grow, 200 clients watch ten symbols each, in so many different sets."
    )
    return row


def measure(bench: Bench, load: Load) -> tuple[float, float, float]:
    """Processor time of web and worker in ms per second, and frames per second that all clients got."""
    with bench.stage() as stage:
        running = pipeline.metronome(stage, load.instruments, load.updates_per_s)
        reader = running.web.reader(load.clients, _messages(load))
        before = running.worker.cpu_ns()
        window = bench.window(running.web.process, reader, warm_s=2)
        running.worker.check()
        passed = window.seconds + min(2, bench.window_s)
        worker_ms = (running.worker.cpu_ns() - before) / 1e6 / passed
        return window.cpu_s * 1000 / window.seconds, worker_ms, window.frames_per_s


def _messages(load: Load) -> list[list[str]]:
    """One list of messages per class of client."""
    names = symbols(load.instruments)
    if load.views == 1:
        return [site.tickers(names[:WATCHED])]
    sets = [
        [names[(at * 7 + step * (1 + at // 50)) % WATCHED] for step in range(10)] for at in range(load.views)
    ]
    return [site.tickers(list(dict.fromkeys(one))) for one in sets]


def _judge(row: Row, name: str, line: Sequence[Load], web: Samples, worker: Samples) -> None:
    if len(line) < 2:
        row.absent(f"{name} grow", "nothing worse than linear", "it did not run here")
        return
    first, last = line[0], line[-1]
    grown = getattr(last, name) / getattr(first, name)
    web_grown, worker_grown = web.median(last) / web.median(first), worker.median(last) / worker.median(first)
    shown = f"load × {digits(grown)}: web × {digits(web_grown)}, worker × {digits(worker_grown)}"
    worst = max(web_grown, worker_grown) / grown
    row.at_most(f"{name} grow", worst, SLACK, shown, "nothing worse than linear", "see the table")
    if name == "instruments":
        what = "web's cost of instruments that nobody watches"
        per = (web.median(last) - web.median(first)) * 1000 / (last.updates_per_s - first.updates_per_s)
        row.state(what, f"{digits(max(0.0, per))} µs per update of theirs")


def _table(line: Sequence[Load], web: Samples, worker: Samples, frames: Samples) -> Table:
    heads = (
        "instruments",
        "clients",
        "views",
        "updates/s",
        "web ms/s",
        "worker ms/s",
        "frames/s",
        "web µs per frame",
    )
    table = Table(heads)
    for load in line:
        if web.has(load):
            each = web.median(load) * 1000 / max(1.0, frames.median(load))
            figures = (digits(web.median(load)), digits(worker.median(load)), digits(frames.median(load)))
            table.lines.append((*load, digits(load.updates_per_s), *figures, digits(each)))
    return table
