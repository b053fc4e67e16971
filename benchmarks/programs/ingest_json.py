"""The limit of any program here: python -m benchmarks.programs.ingest_json TAPE SECONDS; frames decoded by
msgspec into whatever they hold, and thrown away."""

from __future__ import annotations

import sys
from collections.abc import Callable

import msgspec

from benchmarks.programs.tape import answer, load, timed


def main(folder: str, seconds: float) -> None:
    tape = load(folder)
    frames = [raw.encode() for rest, raw in tape.records if not rest and raw[:1] in ("{", "[")]
    decode = msgspec.json.Decoder().decode

    def prepare() -> Callable[[], None]:
        def replay() -> None:
            for frame in frames:
                decode(frame)

        return replay

    answer(tape, timed(prepare, seconds))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
