"""Every venue at once: one worker that follows thousands of instruments, on one core."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.programs.ahead import Plan
from benchmarks.rig import site
from benchmarks.rig.bench import Bench, Samples, attempt
from benchmarks.rig.processes import Failed, Process, Stage, until
from benchmarks.rig.report import Row, Table, digits, spread
from feeds.venues import VENUES
from marketdash.ops.preflight import free_port

INSTRUMENTS, TARGET_PER_S = 3000, 20_000
START_S, LIVE_S = 120, 240
"""Thousands of books are made, and asked for within what each venue allows."""
LIVE_SHARE = 0.98
"""What is quiet is live with its first message."""
ORDERS_PER_S = 2000.0
WARM_S, WINDOW_S = 3.0, 10.0
PLAN = Plan(calm_s=45.0, calm=1500.0, busy_s=WARM_S + WINDOW_S + 4.0, busy=1.05 * TARGET_PER_S)
"""Calm for as long as it takes to work out what is said when they are busy."""
GROWTH_S = 0.1
BROKEN = ("gaps", "crossed", "sink errors", "refused")
PAGE_ROWS = 200
DEMANDS = {"all of it": 0, f"a page of {PAGE_ROWS} rows": PAGE_ROWS}
"""What is watched: what nobody watches is kept, and not published."""
FIGURES = {
    "sent": "messages/s sent",
    "taken": "messages/s taken",
    "busy": "of one core, %",
    "us": "µs of the core per message",
    "growth_ms": "lag grew, ms",
    "live": "topics live, %",
    "links": "links",
    "broken": "gaps, crossed books, errors",
}


@dataclass(slots=True)
class Running:
    exchanges: Process
    worker: Process
    port: int
    progress: Path

    def control(self, words: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/control/{words}", timeout=30) as answer:
            return json.loads(answer.read() or b"{}")

    def told(self) -> dict[str, Any]:
        self.worker.check()
        return json.loads(self.progress.read_text())

    def share_live(self) -> float:
        told = self.told() if self.progress.exists() else {"wanted": 1, "live": 0}
        return told["live"] / told["wanted"]

    def begin(self) -> None:
        """Let the exchanges play; back once they send as much as the target asks."""
        os.kill(self.exchanges.pid, signal.SIGUSR1)
        until(lambda: self.stage() == "busy", within_s=2 * PLAN.calm_s, what="the exchanges being busy")

    def stage(self) -> str:
        return self.control("stats")["stage"]

    def count(self) -> tuple[float, int, int, int]:
        """When; messages sent, and taken, at the moment at which the worker tells; its processor time."""
        last = self.progress.stat().st_ino
        until(lambda: self.progress.stat().st_ino != last, within_s=10, what="the worker telling")
        sent = self.control("stats")["messages"]
        return time.monotonic(), sent, self.told()["taken"], self.worker.cpu_ns()


def run(bench: Bench) -> Row:
    title = f"All {len(VENUES)} venues together: {INSTRUMENTS:,} instruments, one worker, one core"
    row, found = Row("together", title), Samples()
    for _, demand in bench.interleaved(tuple(DEMANDS)):
        figures = attempt(bench, f"together, {demand} watched", measure, bench, DEMANDS[demand])
        for figure, value in (figures or {}).items():
            found.add((demand, figure), value)
    for demand in DEMANDS:
        _judge(row, demand, found)
    row.tables.append(_table(found))
    row.notes.append(
        "All simulated exchanges in one process, each in its own protocol over its links; every channel of "
        "every instrument but candles, and books of 100 levels. A hub asks for all of it, or for the prices "
        f"of {PAGE_ROWS} instruments as a page of markets does. The worker has a core for itself; exchanges "
        "and Redis share the other, and that core thinks of about half as much as is asked of it: what is "
        "said is worked out up to half a minute before, and each frame carries the time at which it is "
        "sent. Lag is what was sent less what was taken, and grows where the worker falls behind."
    )
    return row


def measure(bench: Bench, rows: int) -> dict[str, float]:
    with bench.stage() as stage:
        running = _started(stage, rows)
        stage.wait(running.worker, lambda: running.share_live() >= LIVE_SHARE, LIVE_S, "most topics live")
        running.begin()
        time.sleep(WARM_S)
        before, counted = running.told()["counters"], running.count()
        time.sleep(WINDOW_S)
        after, last = running.told(), running.count()
        if running.stage() != "busy":
            raise Failed("the exchanges had said all before it was measured")
        return _figures(before, after, counted, last)


def _started(stage: Stage, rows: int) -> Running:
    port, progress = free_port(), stage.folder / "progress.json"
    words = ["-m", "benchmarks.programs.exchanges", *map(str, (port, INSTRUMENTS, ORDERS_PER_S, *PLAN))]
    exchanges = stage.start("exchanges", [sys.executable, *words], port=port, within_s=START_S)
    words = ["-m", "benchmarks.programs.every_worker", str(port), str(INSTRUMENTS), str(progress), str(rows)]
    environment = site.environment_of(stage)
    worker = stage.start("worker", [sys.executable, *words], measured=True, environment=environment)
    return Running(exchanges, worker, port, progress)


def _figures(
    before: dict[str, int],
    after: dict[str, Any],
    first: tuple[float, int, int, int],
    last: tuple[float, int, int, int],
) -> dict[str, float]:
    seconds = last[0] - first[0]
    sent, taken, used_ns = (late - early for late, early in zip(last[1:], first[1:], strict=True))
    if not sent:
        raise Failed("the exchanges sent nothing")
    return {
        "sent": sent / seconds,
        "taken": taken / seconds,
        "busy": used_ns / 1e7 / seconds,
        "us": used_ns / 1e3 / max(1, taken),
        "growth_ms": 1000 * (sent - taken) / (sent / seconds),
        "live": 100 * after["live"] / after["wanted"],
        "links": after["links"],
        "broken": sum(after["counters"].get(name, 0) - before.get(name, 0) for name in BROKEN),
    }


def _judge(row: Row, demand: str, found: Samples) -> None:
    what = f"messages/s in, without falling behind; {demand} watched"
    target = f"≥ {TARGET_PER_S:,}, lag grows < 100 ms"
    if not found.has((demand, "sent")):
        row.absent(what, target, "it did not run here")
        return
    rate, growth_ms, busy, us = (
        found.median((demand, name)) for name in ("taken", "growth_ms", "busy", "us")
    )
    held = rate if growth_ms < GROWTH_S * 1000 else 0.0
    shown = f"{digits(rate)}/s, {digits(busy)} % of the core, lag {growth_ms:+.0f} ms"
    why = "the exchanges sent no more" if held else "the worker fell behind"
    least = f"; at {digits(us)} µs a message its core takes {digits(1e6 / us)}/s at most"
    row.at_least(what, held, 0.99 * TARGET_PER_S, shown, target, why + least)


def _table(found: Samples) -> Table:
    table = Table(("figure", *(f"{demand} watched" for demand in DEMANDS)))
    for name, words in FIGURES.items():
        each = [spread(found.of(key)) if found.has(key := (demand, name)) else "" for demand in DEMANDS]
        table.lines.append((words, *each))
    return table
