"""A whole option chain: from the exchange's socket through worker and web process into a browser."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass

from benchmarks.rig import site
from benchmarks.rig.bench import Bench, Samples, Window, attempt
from benchmarks.rig.chain import natives
from benchmarks.rig.processes import Failed, Process, Stage
from benchmarks.rig.report import Row, Table, digits, spread
from benchmarks.rows.browser import FIGURES
from benchmarks.rows.latency import STAMP
from marketdash.ops.preflight import free_port

OPTIONS, TICKS_PER_S, INTERVAL_MS = 2000, 10.0, 250
PAGE = "/options/deribit-btc/?expiry=all"
ASKED_S = 12.0
"""In so long the venue's limits let all of them be asked for, with some to spare."""
ROWS_IN_VIEW = 20
"""The page has those in view; more than it, and fewer than all."""


@dataclass(slots=True)
class Running:
    web: site.Site
    worker: Process


def run(bench: Bench) -> Row:
    title = f"Chain: {OPTIONS:,} options, each told {TICKS_PER_S:g} times a second, from wire to browser"
    row, page, told = Row("chain", title), Samples(), Samples()
    for _, part in bench.interleaved(("worker", "browser")):
        if part == "worker":
            window = attempt(bench, "one client of all", _all_lines, bench)
            if window is not None:
                told.add("busy", window.busy * 100)
                told.add("p50", window.reading.latency_us.p50 / 1000)
                told.add("p99", window.reading.latency_us.p99 / 1000)
                told.add("rows", window.reading.all_rows / window.reading.seconds)
            continue
        found = attempt(bench, "page", _page, bench)
        for figure in FIGURES if found else ():
            page.add(figure, found[figure])
    _judge(row, told, page)
    row.notes.append(
        "The exchange speaks Deribit's protocol and sends 20,000 tickers a second, each with the time at "
        "which it was written. One client follows every option, merged to 250 ms, by two connections; the "
        "worker has a core for itself there. The page is the chain with all expiries, which follows what is "
        "in view; the browser has a core for itself there, and everything else shares the other."
    )
    return row


def _stage(stage: Stage, measured: str) -> Running:
    port = free_port()
    words = ["-m", "benchmarks.programs.chain_exchange", str(port), str(OPTIONS), str(TICKS_PER_S)]
    stage.start("exchange", [sys.executable, *words], port=port)
    address = f"127.0.0.1:{port}"
    urls = {"VENUE_DERIBIT_WS_URL": f"ws://{address}", "VENUE_DERIBIT_REST_URL": f"http://{address}"}
    web = site.web(stage, OPTIONS, urls, measured=False, program="seed_chain")
    worker = stage.start(
        "ingest", [*site.MANAGE, "ingest"], environment=web.environment, measured=measured == "worker"
    )
    return Running(web, worker)


def _all_lines(bench: Bench) -> Window:
    names = [f"DERIBIT:{native}" for native in natives(OPTIONS)]
    halves = (names[: OPTIONS // 2], names[OPTIONS // 2 :])
    with bench.stage() as stage:
        running = _stage(stage, "worker")
        messages = [site.tickers(half, INTERVAL_MS, "option") for half in halves]
        reader = running.web.reader(2, messages, stamp_key=STAMP, sample=2)
        time.sleep(ASKED_S)
        window = bench.window(running.worker, reader)
        running.worker.check()
        return window


def _page(bench: Bench) -> dict[str, float]:
    with bench.stage() as stage:
        running = _stage(stage, "browser")
        url = f"http://127.0.0.1:{running.web.port}{PAGE}"
        seconds = "3" if bench.quick else "5"
        words = ["-m", "benchmarks.programs.page", url, str(ROWS_IN_VIEW), seconds]
        browser = stage.start("browser", [sys.executable, *words], measured=True)
        if browser.popen.wait(120):
            raise Failed(browser.tail())
        found = json.loads(browser.output.read_text().splitlines()[-1])
        if found["problems"]:
            raise Failed(f"the page reported {found['problems']}")
        return found


def _judge(row: Row, told: Samples, page: Samples) -> None:
    if told.has("busy"):
        row.state("the worker's share of a core", f"{digits(told.median('busy'))} %")
        row.state("lines a second to who follows all", digits(told.median("rows")))
        shown = f"{digits(told.median('p50'))} / {digits(told.median('p99'))} ms"
        row.state("age of a line's newest price there, p50 / p99", shown)
    else:
        row.absent("the worker, and who follows all", "stated", "it did not run here")
    if not page.has("fps"):
        row.absent("main thread, longest task, frames", "≤ 100 ms/s, ≤ 50 ms, ≥ 55/s", "it did not run here")
        return
    busy, longest, fps = (page.median(name) for name in ("TaskDuration", "longest_ms", "fps"))
    why = "style and layout of the cells that changed are most of it"
    row.at_most("main thread's processor time per second", busy, 100, f"{digits(busy)} ms", "≤ 100 ms", why)
    row.at_most("longest task", longest, 50, f"{digits(longest)} ms", "≤ 50 ms", why)
    row.at_least("frames", fps, 55, f"{digits(fps)}/s", "≥ 55/s", "all of the browser shared one core")
    lines = [(shown, spread(page.of(name))) for name, shown in FIGURES.items()]
    row.tables.append(Table(("figure", "value"), lines))
