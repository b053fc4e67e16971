"""One run of the bench: how long each measurement lasts, how often, and what every row needs."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, ParamSpec, TypeVar

from benchmarks.rig.cores import Cores
from benchmarks.rig.processes import Failed, Process, Stage
from benchmarks.rig.reader import Reader, Reading
from benchmarks.rig.report import median

T = TypeVar("T")
P = ParamSpec("P")


class Window(NamedTuple):
    """What a server did while its clients were counted."""

    reading: Reading
    cpu_s: float
    seconds: float

    @property
    def us_per_frame(self) -> float:
        return self.cpu_s * 1e6 / self.reading.frames if self.reading.frames else float("inf")

    @property
    def frames_per_s(self) -> float:
        return self.reading.frames / self.seconds

    @property
    def busy(self) -> float:
        """Share of one core."""
        return self.cpu_s / self.seconds


@dataclass(slots=True)
class Bench:
    """``quick``: one round of short windows, to see that everything runs; figures are rough."""

    quick: bool
    full_rounds: int = 3
    cores: Cores = field(default_factory=Cores)
    kept: dict[str, Window] = field(default_factory=dict)
    """What a row found that a later one would measure again, were this not a quick run."""

    @property
    def rounds(self) -> int:
        return 1 if self.quick else self.full_rounds

    @property
    def window_s(self) -> float:
        return 1.0 if self.quick else 3.0

    def stage(self) -> Stage:
        return Stage(self.cores)

    def say(self, text: str) -> None:
        print(f"  {text}", file=sys.stderr, flush=True)

    def interleaved(self, names: Iterable[T]) -> Iterator[tuple[int, T]]:
        """Every name once a round, so that a slow minute of the machine hits all of them."""
        listed = list(names)
        for round_number in range(self.rounds):
            for name in listed:
                yield round_number, name

    def window(self, process: Process, reader: Reader, *, warm_s: float = 1.0) -> Window:
        """CPU of ``process`` and what all clients got in ``window_s``, after ``warm_s`` of the same."""
        time.sleep(min(warm_s, self.window_s))
        reader.reset()
        cpu_ns, started = process.cpu_ns(), time.monotonic()
        time.sleep(self.window_s)
        used_ns, seconds = process.cpu_ns() - cpu_ns, time.monotonic() - started
        reading = reader.report()
        process.check()
        if reading.closed:
            raise Failed(f"{process.name} closed {reading.closed} clients, code {reading.close_code}")
        return Window(reading, used_ns / 1e9, seconds)


class Samples:
    """Figures of several rounds by name."""

    def __init__(self) -> None:
        self._values: dict[object, list[float]] = {}

    def add(self, name: object, value: float) -> None:
        self._values.setdefault(name, []).append(value)

    def has(self, name: object) -> bool:
        return name in self._values

    def of(self, name: object) -> list[float]:
        return self._values[name]

    def median(self, name: object) -> float:
        return median(self._values[name])


def attempt(bench: Bench, name: str, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """The result, or None with a line that says what failed: one peer's trouble does not end the run."""
    try:
        return action(*args, **kwargs)
    except Exception as problem:  # what one of them does wrong must not cost the others their figures
        if not isinstance(problem, Failed):
            traceback.print_exc()
        bench.say(f"{name}: {problem}")
        return None
