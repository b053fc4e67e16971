"""A short Binance tape made long: played again and again with numbers and times that go on.

After each pass one depth message a symbol takes the book back to where the recording began, so that the
next pass finds the book that it was recorded on.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import NamedTuple

from benchmarks.programs.tape import Tape

_NUMBER = re.compile(r'"(E|T|U|u|t)":(\d+)')
Sides = dict[str, dict[str, str]]


class Shift(NamedTuple):
    """What a pass adds to the numbers of one symbol."""

    updates: int
    trades: int
    time_ms: int


def passes(tape: Tape, count: int, start_ms: int) -> list[str]:
    """Frames of ``count`` passes; the first exchange time becomes ``start_ms``."""
    frames = [raw for rest, raw in tape.records if not rest]
    ends = _ends(tape)
    first_ms, last_ms = _times(frames)
    texts: list[str] = []
    for number in range(count):
        time_ms = start_ms - first_ms + number * (last_ms - first_ms + 100)
        shifts = {
            symbol: Shift(number * end.updates, number * end.trades, time_ms) for symbol, end in ends.items()
        }
        texts += [_shifted(frame, shifts) for frame in frames]
        texts += [_shifted(end.back, shifts) for end in ends.values()]
    return texts


class _End(NamedTuple):
    """How far one pass moves a symbol's numbers, and the message that takes its book back."""

    updates: int
    trades: int
    back: str


def _ends(tape: Tape) -> dict[str, _End]:
    began = {rest: json.loads(raw) for rest, raw in tape.records if rest}
    books: dict[str, Sides] = {
        name: {side: dict(body[side]) for side in ("bids", "asks")} for name, body in began.items()
    }
    last_update: dict[str, int] = {name: body["lastUpdateId"] for name, body in began.items()}
    trades: dict[str, list[int]] = defaultdict(list)
    time_ms = 0
    for rest, raw in tape.records:
        if rest:
            continue
        data = json.loads(raw)["data"]
        if data.get("e") == "depthUpdate":
            books[data["s"]]["bids"].update(data["b"])
            books[data["s"]]["asks"].update(data["a"])
            last_update[data["s"]], time_ms = data["u"], data["E"]
        elif data.get("e") == "trade":
            trades[data["s"]].append(data["t"])
    return {
        name: _end(name, began[name], books[name], last_update[name], trades[name], time_ms) for name in began
    }


def _end(name: str, began: dict, book: Sides, last: int, trades: list[int], time_ms: int) -> _End:
    changes = {side: _difference(book[side], dict(began[side])) for side in ("bids", "asks")}
    data = {"e": "depthUpdate", "E": time_ms, "s": name, "U": last + 1, "u": last + 1}
    stream = f"{name.lower()}@depth@100ms"
    body = {"stream": stream, "data": {**data, "b": changes["bids"], "a": changes["asks"]}}
    moved = last + 1 - began["lastUpdateId"]
    return _End(
        moved, max(trades, default=0) - min(trades, default=0) + 1, json.dumps(body, separators=(",", ":"))
    )


def _difference(now: dict[str, str], then: dict[str, str]) -> list[list[str]]:
    gone = [[price, "0.00000000"] for price, qty in now.items() if price not in then and qty.strip("0.")]
    return gone + [[price, qty] for price, qty in then.items() if now.get(price) != qty]


def _times(frames: list[str]) -> tuple[int, int]:
    times = [int(found[1]) for frame in frames if (found := re.search(r'"E":(\d+)', frame))]
    return min(times), max(times)


def _shifted(frame: str, shifts: dict[str, Shift]) -> str:
    shift = shifts[frame[11 : frame.index("@")].upper()]
    moves = {
        "E": shift.time_ms,
        "T": shift.time_ms,
        "U": shift.updates,
        "u": shift.updates,
        "t": shift.trades,
    }
    return _NUMBER.sub(lambda found: f'"{found[1]}":{int(found[2]) + moves[found[1]]}', frame)
