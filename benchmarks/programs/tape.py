"""A recording laid out for replay: what every ingest program reads. Plain Python, for the peers too.

A folder holds ``about.json`` ({"venue", "symbols": [[native, base, quote], …], "instruments": the venue's
REST answer or null}) and ``tape.jsonl``, in the order of arrival: {"rest": native, "raw": …} for a book
fetched by REST, {"raw": …} for a frame.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Tape(NamedTuple):
    venue: str
    symbols: list[list[str]]
    instruments: object
    records: list[tuple[str, str]]
    """(native symbol of a REST book, or "" for a frame; the text)."""

    @property
    def frames(self) -> int:
        return sum(not rest for rest, _ in self.records)


def load(folder: str) -> Tape:
    about = json.loads(Path(folder, "about.json").read_text())
    with Path(folder, "tape.jsonl").open() as file:
        records = [(one.get("rest", ""), one["raw"]) for one in map(json.loads, file)]
    return Tape(about["venue"], about["symbols"], about["instruments"], records)


def save(folder: Path, tape: Tape) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    about = {"venue": tape.venue, "symbols": tape.symbols, "instruments": tape.instruments}
    (folder / "about.json").write_text(json.dumps(about))
    with (folder / "tape.jsonl").open("w") as file:
        for rest, raw in tape.records:
            file.write(json.dumps({"rest": rest, "raw": raw} if rest else {"raw": raw}) + "\n")


def timed(prepare: Callable[[], Callable[[], object]], at_least_s: float) -> list[int]:
    """Thread time in nanoseconds of several passes; what ``prepare`` does before each is not counted."""
    found: list[int] = []
    prepare()()  # the first pass warms caches and is thrown away
    end = time.monotonic() + at_least_s
    while len(found) < 3 or (time.monotonic() < end and len(found) < 500):
        replay = prepare()
        started = time.thread_time_ns()
        replay()
        found.append(time.thread_time_ns() - started)
    return found


def answer(tape: Tape, ns: list[int], **counts: int) -> None:
    """What the bench reads from a program's standard output."""
    print(json.dumps({"frames": tape.frames, "ns": ns, "counts": counts}))
