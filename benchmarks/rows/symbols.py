"""Fifty symbols, twenty updates a second each, to 200 clients: processor time per update and client."""

from __future__ import annotations

from benchmarks.rig import pipeline, site
from benchmarks.rig.bench import Bench, Samples, Window, attempt
from benchmarks.rig.report import Row, Table, digits, spread
from benchmarks.rows import fanout

INSTRUMENTS, UPDATES_EACH_PER_S, CLIENTS = 50, 20, 200
SHARES = {0: 150, 50: 400}
"""``interval_ms`` → the least part of the tutorial stack's cost that is asked for."""


def run(bench: Bench) -> Row:
    row = Row("symbols", f"{INSTRUMENTS} symbols × {UPDATES_EACH_PER_S}/s to {CLIENTS} clients")
    cost, busy, frames, rows = Samples(), Samples(), Samples(), Samples()
    for _, case in bench.interleaved((fanout.TUTORIAL, *SHARES)):
        if case == fanout.TUTORIAL:
            known = bench.kept.get(case) if bench.quick else None
            window = known or attempt(bench, case, fanout.measure, bench, case, CLIENTS)
            each = window.us_per_frame if window else None
        else:
            window = attempt(bench, f"interval_ms {case}", measure, bench, case)
            each = us_per_update(window) if window else None
        if window is None or each is None:
            continue
        cost.add(case, each)
        busy.add(case, window.busy)
        frames.add(case, window.frames_per_s / CLIENTS)
        rows.add(case, window.reading.rows_per_frame)
        bench.say(f"{case}: {digits(each)} µs")
    for interval_ms, share in SHARES.items():
        _judge(row, cost, interval_ms, share)
    heads = ("server", "µs per (symbol, client) update", "of one core", "frames/s a client", "rows a frame")
    table = Table(heads)
    for case in (fanout.TUTORIAL, *SHARES):
        if cost.has(case):
            name = case if case == fanout.TUTORIAL else f"Marketdash, interval_ms {case}"
            figures = (f"{busy.median(case):.0%}", digits(frames.median(case)), digits(rows.median(case)))
            table.lines.append((name, spread(cost.of(case)), *figures))
    row.tables.append(table)
    row.notes.append(
        "Updates are those that the exchange sent, times the clients that watch: what is merged on the way "
        "is an update too. The tutorial stack's figure is its cost per delivery when one symbol saturates it."
    )
    return row


def measure(bench: Bench, interval_ms: int) -> Window:
    with bench.stage() as stage:
        running = pipeline.metronome(stage, INSTRUMENTS, INSTRUMENTS * UPDATES_EACH_PER_S)
        reader = running.web.reader(CLIENTS, [site.tickers(INSTRUMENTS, interval_ms)])
        return bench.window(running.web.process, reader, warm_s=2)


def us_per_update(window: Window) -> float:
    updates = INSTRUMENTS * UPDATES_EACH_PER_S * window.seconds * CLIENTS
    return window.cpu_s * 1e6 / updates


def _judge(row: Row, cost: Samples, interval_ms: int, share: int) -> None:
    what = f"CPU per (symbol, client) update, interval_ms {interval_ms}"
    target = f"≤ 1/{share} of the tutorial stack"
    if not cost.has(interval_ms) or not cost.has(fanout.TUTORIAL):
        row.absent(what, target, "one of the two did not run here")
        return
    value, other = cost.median(interval_ms), cost.median(fanout.TUTORIAL)
    shown = f"{digits(value)} µs : {digits(other)} µs = 1/{digits(other / value)}"
    why = "a frame to each client for every worker flush or interval is left, half of it the kernel's send"
    row.at_most(what, value, other / share, shown, target, why)
