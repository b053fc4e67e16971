"""What the markets page costs in a real browser while its prices move."""

from __future__ import annotations

import json
import sys

from benchmarks.rig import pipeline
from benchmarks.rig.bench import Bench, Samples, attempt
from benchmarks.rig.processes import Failed
from benchmarks.rig.report import Row, Table, digits, spread

ROWS, UPDATES_PER_S = 200, 2000
FIGURES = {
    "TaskDuration": "main thread, processor time, ms/s",
    "ScriptDuration": "of it script, ms/s",
    "LayoutDuration": "of it layout, ms/s",
    "RecalcStyleDuration": "of it style, ms/s",
    "wall_ms": "main thread by the wall clock, waits for the core included, ms/s",
    "longest_ms": "longest task by the wall clock, ms",
    "longest_cpu_ms": "longest task, processor time, ms",
    "fps": "frames/s",
    "gap_ms": "longest gap between frames, ms",
    "changes_per_s": "changes of the document/s",
    "heap_mib": "JavaScript heap, MiB",
}


def run(bench: Bench) -> Row:
    row = Row("browser", f"Browser: {ROWS} rows, {UPDATES_PER_S:,} updates/s upstream")
    samples = Samples()
    for _, name in bench.interleaved(("page",)):
        found = attempt(bench, name, measure, bench)
        for figure in FIGURES if found else ():
            samples.add(figure, found[figure])
        if found:
            bench.say(f"main thread {digits(found['TaskDuration'])} ms/s, {digits(found['fps'])} frames/s")
    _judge(row, samples)
    row.notes.append(
        "Headless Chromium with software raster, alone on the measured core; the whole pipeline behind it "
        "runs on the other. The page is the markets page as anybody gets it. What is judged is the processor "
        "time of its main thread, as in every other row: by the wall clock, which is stated too, a task also "
        "counts the turns that raster, compositor and browser take on that one core."
    )
    return row


def measure(bench: Bench) -> dict[str, float]:
    with bench.stage() as stage:
        running = pipeline.metronome(stage, ROWS, UPDATES_PER_S, measured="browser")
        url = f"http://127.0.0.1:{running.web.port}/"
        seconds = 3.0 if bench.quick else 5.0
        words = ["-m", "benchmarks.programs.page", url, str(ROWS), str(seconds)]
        browser = stage.start("browser", [sys.executable, *words], measured=True)
        if browser.popen.wait(90):
            raise Failed(browser.tail())
        found = json.loads(browser.output.read_text().splitlines()[-1])
        if found["problems"]:
            raise Failed(f"the page reported {found['problems']}")
        return found


def _judge(row: Row, samples: Samples) -> None:
    why = "style and layout of the cells that changed are most of it"
    if not samples.has("fps"):
        row.absent(
            "main thread, longest task, frames", "≤ 100 ms/s, ≤ 50 ms, ≥ 55/s", "the page did not run here"
        )
        return
    busy, longest, fps = (samples.median(name) for name in ("TaskDuration", "longest_ms", "fps"))
    row.at_most("main thread's processor time per second", busy, 100, f"{digits(busy)} ms", "≤ 100 ms", why)
    row.state("main thread per second by the wall clock", f"{digits(samples.median('wall_ms'))} ms")
    row.at_most("longest task", longest, 50, f"{digits(longest)} ms", "≤ 50 ms", why)
    row.at_least("frames", fps, 55, f"{digits(fps)}/s", "≥ 55/s", "all of the browser shared one core")
    lines = [(shown, spread(samples.of(name))) for name, shown in FIGURES.items()]
    row.tables.append(Table(("figure", "value"), lines))
