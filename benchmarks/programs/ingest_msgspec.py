"""The limit: python ingest_msgspec.py TAPE SECONDS; Binance's frames into typed structs, no more.

The decoder is chosen by the letter after the stream's ``@``, as nothing cheaper tells the kinds apart.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import msgspec
from tape import answer, load, timed


class Depth(msgspec.Struct):
    s: str
    E: int
    U: int
    u: int
    b: list[tuple[float, float]]
    a: list[tuple[float, float]]


class Trade(msgspec.Struct):
    s: str
    p: float
    q: float
    T: int
    m: bool


class BookTicker(msgspec.Struct):
    s: str
    b: float
    B: float
    a: float
    A: float


class Candle(msgspec.Struct):
    t: int
    o: float
    h: float
    l: float  # noqa: E741 (the venue's own name)
    c: float
    v: float
    x: bool


class Kline(msgspec.Struct):
    s: str
    k: Candle


class Ticker(msgspec.Struct):
    s: str
    c: float
    v: float
    h: float
    l: float  # noqa: E741
    p: float
    P: float


def decoder(kind: type) -> msgspec.json.Decoder:
    frame = msgspec.defstruct("Frame", [("data", kind)])
    return msgspec.json.Decoder(frame, strict=False)


DECODERS = {
    ord(letter): decoder(kind)
    for letter, kind in {"d": Depth, "a": Trade, "b": BookTicker, "k": Kline}.items()
}
BY_NAME = {b"trade": decoder(Trade), b"ticke": decoder(Ticker)}


def main(folder: str, seconds: float) -> None:
    tape = load(folder)
    frames = [raw.encode() for rest, raw in tape.records if not rest and '"stream"' in raw[:12]]

    def prepare() -> Callable[[], None]:
        return replay

    def replay() -> None:
        for frame in frames:
            at = frame.index(b"@") + 1
            one = DECODERS.get(frame[at]) or BY_NAME[frame[at : at + 5]]
            one.decode(frame)

    answer(tape, timed(prepare, seconds))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
