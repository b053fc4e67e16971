"""From the exchange's socket write to the client's socket read, through worker, Redis and hub."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.rig import pipeline, site
from benchmarks.rig.bench import Bench, Samples, Window, attempt
from benchmarks.rig.names import symbols
from benchmarks.rig.reader import Reader, Spread
from benchmarks.rig.report import Row, Table, digits
from benchmarks.rig.servers import tutorial

INSTRUMENTS, UPDATES_PER_S = 50, 300
STAMP = '"bid_qty":"'
LEADING_MS = 60
"""A frame this long after the last one was not held back by the default interval of 50 ms."""

NOTE = (
    "An exchange that speaks Kraken's protocol at an exact rate writes the time into each update right "
    "before its socket write, and 25 of the clients read it: the latency is of those updates that were still "
    "the newest when a row left. The web process has its core for itself; exchange, worker, Redis and all "
    "clients share the other. Leading rows came more than 60 ms after the client's last frame: nothing held "
    "them back."
)


class Case(NamedTuple):
    title: str
    clients: int
    measure: Callable[[Bench, int], Window]
    limits_ms: tuple[float, float] | None = None


def run(bench: Bench) -> Row:
    row = Row("latency", f"Latency, {UPDATES_PER_S} updates/s over {INSTRUMENTS} symbols")
    table = Table(("load", "clients", "rows", "p50 ms", "p99 ms", "max ms", "rows measured", "of one core"))
    found: dict[str, list[Window]] = {}
    for _, case in bench.interleaved(QUICK_CASES if bench.quick else CASES):
        window = attempt(bench, case.title, case.measure, bench, case.clients)
        if window is not None:
            found.setdefault(case.title, []).append(window)
            bench.say(f"{case.title}: {_ms(window.reading.latency_us)}")
    for case in CASES:
        _tell(row, table, case, found.get(case.title, []))
    row.tables.append(table)
    row.notes.append(NOTE)
    return row


def _all_symbols(interval_ms: int | None) -> Callable[[Bench, int], Window]:
    return lambda bench, clients: _measured(bench, clients, [site.tickers(INSTRUMENTS, interval_ms)])


def _one_symbol_each(bench: Bench, clients: int) -> Window:
    return _measured(bench, clients, [site.tickers([name]) for name in symbols(INSTRUMENTS)])


def _measured(bench: Bench, clients: int, messages: list[list[str]]) -> Window:
    with bench.stage() as stage:
        running = pipeline.metronome(stage, INSTRUMENTS, UPDATES_PER_S)
        reader = running.web.reader(clients, messages, stamp_key=STAMP, leading_ms=LEADING_MS)
        window = bench.window(running.web.process, reader, warm_s=2)
        running.worker.check()
        return window


def _tutorial(every_s: float) -> Callable[[Bench, int], Window]:
    def measure(bench: Bench, clients: int) -> Window:
        with bench.stage() as stage:
            server = tutorial(stage)
            reader = Reader(stage, server.port, server.path, clients, stamp_key='"bid_qty": "')
            reader.wait_ready()
            server.feed(stage, reader.progress_file, clients, every_s)
            return bench.window(server.process, reader)

    return measure


CASES = (
    Case("interval_ms 0, all symbols", 200, _all_symbols(0), (3, 10)),
    Case("interval_ms 0, all symbols, 1,000 clients", 1000, _all_symbols(0), (10, 30)),
    Case("default interval, all symbols", 200, _all_symbols(None)),
    Case("default interval, one symbol each", 200, _one_symbol_each),
    Case("tutorial stack, 10 updates/s", 200, _tutorial(0.1)),
    Case("tutorial stack, 2 updates/s", 1000, _tutorial(0.5)),
)
QUICK_CASES = (CASES[0], CASES[1], CASES[3])


def _tell(row: Row, table: Table, case: Case, windows: list[Window]) -> None:
    if not windows:
        if case.limits_ms:
            row.absent(f"{case.title}, p50 / p99", _target(case.limits_ms), "it did not run here")
        return
    every = _middle([window.reading.latency_us for window in windows])
    leading = _middle([window.reading.leading_us for window in windows])
    server = Samples()
    for window in windows:
        server.add("web", window.busy)
        server.add("flush ms", window.us_per_frame * case.clients / 1000)
    if case.limits_ms:
        worst = max(every.p50 / 1000 / case.limits_ms[0], every.p99 / 1000 / case.limits_ms[1])
        why = (
            f"a flush to all {case.clients:,} clients takes {digits(server.median('flush ms'))} ms, half of "
            "it the kernel's sends, and a row that just missed one waits for its end; the web process was "
            f"busy {server.median('web'):.0%} of its core"
        )
        row.at_most(f"{case.title}, p50 / p99", worst, 1, _ms(every), _target(case.limits_ms), why)
    elif "default" in case.title:
        shown = f"all rows {_ms(every)}" + (f"; leading rows {_ms(leading)}" if leading.n else "")
        row.state(f"{case.title}, p50 / p99", shown)
    for name, spread in (("all", every), ("leading", leading)):
        if spread.n and (name == "all" or "default" in case.title):
            shown = [digits(value / 1000) for value in (spread.p50, spread.p99, spread.max)]
            line = (case.title, case.clients, name, *shown, f"{spread.n:,}", f"{server.median('web'):.0%}")
            table.lines.append(line)


def _middle(spreads: list[Spread]) -> Spread:
    """The round whose p99 is the median one."""
    return sorted(spreads, key=lambda spread: spread.p99)[len(spreads) // 2]


def _target(limits_ms: tuple[float, float]) -> str:
    return f"≤ {limits_ms[0]:g} / ≤ {limits_ms[1]:g} ms"


def _ms(spread: Spread) -> str:
    return f"{digits(spread.p50 / 1000)} / {digits(spread.p99 / 1000)} ms"
