"""The whole worker: how many messages a second it takes on one core, and what each part of it costs."""

from __future__ import annotations

import json
import struct
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from benchmarks.programs.tape import save
from benchmarks.rig import site, tapes
from benchmarks.rig.bench import Bench, Samples, attempt
from benchmarks.rig.processes import Failed, Process, Stage
from benchmarks.rig.report import Row, Table, digits, spread
from marketdash.ops.preflight import free_port

TARGET_PER_S = 60_000
SHARES = (0.97, 0.9, 0.8, 0.7, 0.6)
"""Of what it takes in a flood: the rates that are tried, until its lag stays where it is."""
GROWTH_S = 0.1
WHOLE, STATE = "whole", "state"
START_S = 60
FLOOD_PER_S = 130_000
"""More than any worker takes: how much is made ready for a flood."""


class Taken(NamedTuple):
    """A window of one run. ``lag_growth_s``: how much further behind the clock it was at the end."""

    per_s: float
    busy: float
    lag_growth_s: float
    samples: Counter[str]

    @property
    def us_each(self) -> float:
        return self.busy * 1e6 / self.per_s if self.per_s else float("inf")


def run(bench: Bench) -> Row:
    row = Row("worker", "Whole worker: exchange's socket → session → state → flush → layer, one core")
    rates, busy, each = Samples(), Samples(), Samples()
    held: tuple[float, Taken] | None = None
    with tempfile.TemporaryDirectory(prefix="marketdash-tape-") as folder:
        save(Path(folder), tapes.binance_mix(True))
        for _, part in bench.interleaved((WHOLE,) if bench.quick else (WHOLE, STATE)):
            taken = attempt(bench, part, measure, bench, folder, 0, part)
            if taken is None:
                continue
            for found, value in ((rates, taken.per_s), (busy, taken.busy), (each, taken.us_each)):
                found.add(part, value)
            bench.say(f"flood, {part}: {digits(taken.per_s)}/s, {taken.busy:.0%} of the core")
        if rates.has(WHOLE):
            held = _held(bench, folder, rates.median(WHOLE))
    _judge(row, rates, held)
    _tables(row, rates, busy, each, held[1] if held else None)
    return row


def measure(bench: Bench, folder: str, rate: float, part: str) -> Taken:
    """``rate`` 0: a flood, as fast as the worker reads."""
    window_s = bench.window_s + 0.5
    frames = int((rate or FLOOD_PER_S) * (window_s + 2.5))
    with bench.stage() as stage:
        port, due_file, taken_file = free_port(), stage.folder / "due", stage.folder / "taken"
        due_file.write_bytes(bytes(16))
        taken_file.write_bytes(bytes(8))
        player = ["-m", "benchmarks.programs.player", str(port), folder, str(rate), str(frames), due_file]
        stage.start("player", [sys.executable, *player], port=port, within_s=START_S)
        symbols = ",".join(tapes.MIX)
        words = ["-m", "benchmarks.programs.whole_worker", f"127.0.0.1:{port}", symbols, taken_file, part]
        settings = site.environment_of(stage)
        worker = stage.start("worker", [sys.executable, *words], measured=True, environment=settings)
        stage.wait(worker, lambda: _read(taken_file, 1)[0] > 1000, 30, "the first messages")
        time.sleep(1)
        return _window(worker, stage, due_file, taken_file, window_s, rate)


def _window(
    worker: Process, stage: Stage, due_file: Path, taken_file: Path, window_s: float, rate: float
) -> Taken:
    told = Path(f"{taken_file}.json")
    before, cpu_ns, started = json.loads(told.read_text()), worker.cpu_ns(), time.monotonic()
    first_due, first = _read(due_file, 2)[0], _read(taken_file, 1)[0]
    time.sleep(window_s)
    last_due, last = _read(due_file, 2)[0], _read(taken_file, 1)[0]
    seconds, used = time.monotonic() - started, worker.cpu_ns() - cpu_ns
    after = json.loads(told.read_text())
    worker.check()
    broken = {name: after["counters"].get(name, 0) for name in ("gaps", "crossed", "sink errors", "refused")}
    if any(broken.values()):
        raise Failed(f"the recording did not pass whole: {broken}")
    growth_s = ((last_due - last) - (first_due - first)) / rate if rate else 0.0
    spent = Counter(after["samples"])
    spent.subtract(before["samples"])
    return Taken((last - first) / seconds, used / 1e9 / seconds, growth_s, +spent)


def _read(file: Path, count: int) -> tuple[int, ...]:
    return struct.unpack(f"{count}Q", file.read_bytes())


def _held(bench: Bench, folder: str, flood_per_s: float) -> tuple[float, Taken] | None:
    """The highest rate at which it did not fall behind; None: it did at all that were tried."""
    for share in SHARES[1::2] if bench.quick else SHARES:
        rate = round(flood_per_s * share, -2)
        taken = attempt(bench, f"{rate:,.0f}/s", measure, bench, folder, rate, WHOLE)
        if taken is not None:
            bench.say(
                f"paced {rate:,.0f}/s: lag grew {taken.lag_growth_s * 1000:.0f} ms, busy {taken.busy:.0%}"
            )
            if taken.lag_growth_s < GROWTH_S:
                return rate, taken
    return None


def _judge(row: Row, rates: Samples, held: tuple[float, Taken] | None) -> None:
    what, target = "messages/s before lag grows", f"≥ {TARGET_PER_S:,}"
    if held is None:
        row.absent(what, target, _missing(rates))
        return
    rate, taken = held
    why = f"at that rate the core is {taken.busy:.0%} busy; what each part takes of a message is in the split"
    row.at_least(what, rate, TARGET_PER_S, f"{digits(rate)}/s", target, why)


def _missing(rates: Samples) -> str:
    return "it fell behind at every rate tried" if rates.has(WHOLE) else "it did not run here"


def _tables(row: Row, rates: Samples, busy: Samples, each: Samples, held: Taken | None) -> None:
    table = Table(("flood", "messages/s", "of one core", "µs per message"))
    for part, name in ((STATE, "to the state"), (WHOLE, "to the layer, all topics in demand")):
        if rates.has(part):
            share = f"{busy.median(part):.0%}"
            table.lines.append((name, spread(rates.of(part)), share, spread(each.of(part))))
    row.tables.append(table)
    if held is not None and (total := sum(held.samples.values())):
        split = Table((f"part, at {digits(held.per_s)}/s", "of the time", "µs per message"))
        for part, count in held.samples.most_common():
            split.lines.append((part, f"{count / total:.0%}", digits(held.us_each * count / total)))
        row.tables.append(split)
    row.notes.append(
        "A recording of the simulator (73 % book tickers, 20 % trades, 7 % depth of 46 levels, three "
        "symbols) is played over a socket, again and again with numbers that go on. A hub's demand for every "
        "ticker, trade, book and running bar is there. Lag is what was due by the clock less what was taken."
    )
