"""What Python cannot do without: python -m benchmarks.programs.ingest_floor TAPE SECONDS.

Binance's frames as typed text, each depth put into two dictionaries, each trade on a list, the last quote
kept; a frame's reader is known beforehand. No sequence, check, bar, event or state: nothing that is right
can be faster in this language.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.programs.tape import Tape, answer, load, timed
from feeds.venues.binance.messages import DECODERS
from marketdash import collector

_STREAM = re.compile(r'\{"stream":"([^@"]*)@([^"]*)"')
DEPTH, QUOTE = "depth@100ms", "bookTicker"


def frames(tape: Tape) -> list[tuple[str, str, Callable[[bytes], Any], bytes]]:
    """(native symbol, stream, decoder, frame) of all that are read."""
    found = [(_STREAM.match(raw), raw) for rest, raw in tape.records if not rest]
    known = [(match, raw) for match, raw in found if match and match[2] in DECODERS]
    return [(match[1], match[2], DECODERS[match[2]], raw.encode()) for match, raw in known]


def main(folder: str, seconds: float) -> None:
    tape = load(folder)
    rows = frames(tape)

    def prepare() -> Callable[[], None]:
        books: dict[str, tuple[dict[str, str], dict[str, str]]] = {native: ({}, {}) for native, *_ in rows}
        last: dict[str, object] = {}
        trades: list[object] = []

        def replay() -> None:
            for native, stream, decode, frame in rows:
                data = decode(frame).data
                if stream == DEPTH:
                    bids, asks = books[native]
                    bids.update(data.b)
                    asks.update(data.a)
                elif stream == QUOTE:
                    last[native] = data
                else:
                    trades.append(data)

        return replay

    collector.settle()  # as for ours
    answer(tape, timed(prepare, seconds))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
