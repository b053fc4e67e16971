"""Each venue's own messages, from the wire to the state: what one core takes, beside decoding JSON alone."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.programs.tape import save
from benchmarks.rig import venue_tapes
from benchmarks.rig.bench import Bench, Samples, attempt
from benchmarks.rig.processes import ROOT, Failed
from benchmarks.rig.report import Row, Table, digits, spread
from feeds import venues

STATE, CODEC, LIMIT = "wire to state", "our codec alone", "msgspec alone"
COMMANDS = {
    STATE: ("ingest_ours", "whole"),
    CODEC: ("ingest_ours", "decode"),
    LIMIT: ("ingest_json", ""),
}


def run(bench: Bench) -> Row:
    row = Row("venues", "Venues: wire text → state, every channel, one core")
    table = Table(("venue", "handler", "messages/s", "µs per message"))
    for venue in venues.VENUES:
        tape = attempt(bench, venue, venue_tapes.of_venue, venue, bench.quick)
        if tape is None:
            row.absent(f"{venue}, beside msgspec alone", "stated", "its simulator could not be recorded")
            continue
        with tempfile.TemporaryDirectory(prefix="marketdash-tape-") as folder:
            save(Path(folder), tape)
            found = _measured(bench, venue, folder)
        _state(row, venue, found)
        for name in (each for each in COMMANDS if found.has(each)):
            table.lines.append((venue, name, spread(found.of(name)), digits(1e6 / found.median(name))))
    row.tables.append(table)
    row.notes.append(
        "Recordings of the simulator: ten instruments of each venue, all of their channels, books of "
        "100 levels, over all links that the venue needs; processor time of a thread, whole recordings at a "
        "time. msgspec alone decodes each frame into plain lists and dictionaries and throws them away."
    )
    return row


def _measured(bench: Bench, venue: str, folder: str) -> Samples:
    found = Samples()
    for _, name in bench.interleaved(tuple(COMMANDS)):
        rate = attempt(bench, f"{venue}, {name}", _rate, bench, name, folder)
        if rate is not None:
            found.add(name, rate)
            bench.say(f"{venue}: {name} {digits(rate)}/s")
    return found


def _rate(bench: Bench, name: str, folder: str) -> float:
    """Messages per second of thread time, the median pass."""
    program, part = COMMANDS[name]
    seconds = "0.5" if bench.quick else "2"
    words = [sys.executable, "-m", f"benchmarks.programs.{program}", folder, seconds, part]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, preexec_fn=bench.cores.stay)
    if done.returncode:
        raise Failed(done.stderr[-800:])
    answer = json.loads(done.stdout)
    if resyncs := answer["counts"].get("resync"):
        raise Failed(f"{resyncs} resyncs in a recording without a gap")
    passes = sorted(answer["ns"])
    return answer["frames"] / (passes[len(passes) // 2] / 1e9)


def _state(row: Row, venue: str, found: Samples) -> None:
    if not found.has(STATE) or not found.has(LIMIT):
        row.absent(f"{venue}, beside msgspec alone", "stated", "one of the two did not run here")
        return
    ours, limit = found.median(STATE), found.median(LIMIT)
    shown = f"{digits(ours)}/s : {digits(limit)}/s = {digits(ours / limit)} ×"
    row.state(f"{venue}, beside msgspec alone", shown)
