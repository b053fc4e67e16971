"""The same symbols for a minute by WebSocket and by asking for them each second: what either costs."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping

from benchmarks.rig import pipeline
from benchmarks.rig.bench import Bench, Samples, attempt
from benchmarks.rig.names import symbols
from benchmarks.rig.processes import Failed
from benchmarks.rig.report import Row, Table, digits, spread

INSTRUMENTS, UPDATES_EACH_PER_S, CLIENTS = 10, 5, 50
TITLE = f"WebSocket beside polling: {CLIENTS} clients, {INSTRUMENTS} symbols × {UPDATES_EACH_PER_S}/s"
MINUTE_S, QUICK_S = 60.0, 10.0
NOBODY, SOCKET, POLLING = "nobody", "socket", "polling"
TITLES = {SOCKET: "WebSocket", POLLING: "polling each second"}
FIGURES = ("received", "bytes", "sent", "sent_bytes")

NOTE = (
    "The same clients, symbols and prices, one way after the other. Bytes are those of the streams with the "
    "heads of frames, requests and answers, without TCP's and without handshakes; the WebSocket has the "
    "default interval of 50 ms and is acknowledged every eighth frame, polling keeps its connection and has "
    "no session to look up. Age is how long ago the exchange wrote the value that a client shows, weighted "
    "by time, so that half of the time between two updates is in both. Processor time is the web process's, "
    "less what it takes while nobody follows."
)


def run(bench: Bench) -> Row:
    row, samples = Row("polling", TITLE), Samples()
    for _, way in bench.interleaved((NOBODY, SOCKET, POLLING)):
        found = attempt(bench, way, measure, bench, way)
        for name, value in (found or {}).items():
            samples.add((way, name), value)
        if found:
            bench.say(f"{way}: {digits(found['cpu_ms'])} ms/s")
    _tell(row, samples)
    row.notes.append(NOTE)
    return row


def measure(bench: Bench, way: str) -> dict[str, float]:
    """A second of one client: what it received and sent; ages; the server's milliseconds a second of all."""
    seconds = QUICK_S if bench.quick else MINUTE_S
    with bench.stage() as stage:
        running = pipeline.metronome(stage, INSTRUMENTS, INSTRUMENTS * UPDATES_EACH_PER_S)
        web = running.web.process
        if way == NOBODY:
            time.sleep(2)
            used_ns = web.cpu_ns()
            time.sleep(min(seconds, QUICK_S))
            return {"cpu_ms": (web.cpu_ns() - used_ns) / 1e6 / min(seconds, QUICK_S)}
        go = stage.folder / "go"
        words = [way, running.web.port, CLIENTS, seconds, go, *symbols(INSTRUMENTS)]
        follow = stage.start("follow", [sys.executable, "-m", "benchmarks.programs.follow", *map(str, words)])
        stage.wait(follow, go.exists, 30, "clients with values")
        used_ns, began = web.cpu_ns(), time.monotonic()
        if follow.popen.wait(seconds + 30):
            raise Failed(follow.tail())
        cpu_ms = (web.cpu_ns() - used_ns) / 1e6 / (time.monotonic() - began)
        return {"cpu_ms": cpu_ms, **_each(json.loads(follow.output.read_text().splitlines()[-1]), seconds)}


def _each(found: Mapping[str, float], seconds: float) -> dict[str, float]:
    counted = {name: found.get(name, 0) / seconds / CLIENTS for name in FIGURES}
    return {**counted, **{name: found[name] / 1000 for name in ("mean_us", "p50_us", "p99_us")}}


def _tell(row: Row, samples: Samples) -> None:
    missing = [title for way, title in TITLES.items() if not samples.has((way, "cpu_ms"))]
    if missing or not samples.has((NOBODY, "cpu_ms")):
        row.absent(
            "bytes, freshness, processor time", "stated", f"{', '.join(missing) or NOBODY}: did not run here"
        )
        return
    idle = samples.median((NOBODY, "cpu_ms"))
    for what, name, unit in (
        ("bytes received by a client each second", "bytes", "B"),
        ("frames and answers to a client each second", "received", ""),
        ("age of what is shown, p50", "p50_us", "ms"),
        ("age of what is shown, p99", "p99_us", "ms"),
    ):
        ours, theirs = (digits(samples.median((way, name))) for way in (SOCKET, POLLING))
        row.state(what, f"{ours} : {theirs} {unit}".strip())
    costs = [max(0.0, samples.median((way, "cpu_ms")) - idle) for way in (SOCKET, POLLING)]
    row.state("web process each second, for all clients", " : ".join(map(digits, costs)) + " ms")
    row.tables.append(_table(samples, idle))


def _table(samples: Samples, idle: float) -> Table:
    heads = ("way", "received/s", "bytes/s", "sent/s", "bytes sent/s", "age: mean ms", "p50 ms", "p99 ms")
    table = Table((*heads, f"web ms/s (nobody: {digits(idle)})"))
    for way, title in TITLES.items():
        names = (*FIGURES, "mean_us", "p50_us", "p99_us", "cpu_ms")
        table.lines.append((title, *(spread(samples.of((way, name))) for name in names)))
    return table
