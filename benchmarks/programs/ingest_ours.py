"""Ours: python -m benchmarks.programs.ingest_ours TAPE SECONDS [decode]; wire text → state, or codec alone.

Every event takes effect in a :class:`MarketState` (books, tape, bars, last values) and is handed to an
``emit`` that takes it; the first pass, which is not timed, counts.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable

from benchmarks.programs.tape import Tape, answer, load, timed
from feeds import symbols, venues
from feeds.clock import SystemClock
from feeds.codec import Codec, Subscription
from feeds.state import MarketState, Resync
from marketdash import collector

LINK, ARRIVED_NS = "bench", 1_800_000_000_000_000_000
DEPTH, DEPTHS = 100, {"BINANCE": 1000, "KRAKEN": 1000, "COINBASE": 1000}


def subscriptions(tape: Tape) -> list[Subscription]:
    channels = [name for name in venues.codec(tape.venue).channels if name != symbols.OHLC]
    depth = DEPTHS.get(tape.venue, DEPTH)
    return [
        Subscription(channel, f"{tape.venue}:{native}", native, depth * (channel == symbols.BOOK))
        for native, _, _ in tape.symbols
        for channel in channels
    ]


def state_of(tape: Tape, codec: Codec, calls: Counter[str]) -> MarketState:
    def counting(event: object) -> None:
        calls[type(event).__name__] += 1

    def taking(event: object) -> None:
        """Timed passes: to take it is all."""

    def resync(request: Resync) -> None:
        calls["resync"] += 1

    state = MarketState(codec, SystemClock(), emit=taking if calls else counting, resync=resync)
    state.watch(subscriptions(tape), LINK)
    return state


def whole(tape: Tape, calls: Counter[str]) -> Callable[[], Callable[[], None]]:
    books = {one.native: one for one in subscriptions(tape) if one.channel == symbols.BOOK}
    records = [(rest, raw.encode()) for rest, raw in tape.records]

    def prepare() -> Callable[[], None]:
        codec = venues.codec(tape.venue)
        state = state_of(tape, codec, calls)
        return lambda: replay(codec, state)

    def replay(codec: Codec, state: MarketState) -> None:
        decode, apply = codec.decode, state.apply
        for rest, raw in records:
            if rest:
                apply(codec.decode_snapshot(books[rest], raw, ARRIVED_NS), LINK)
                continue
            for event in decode(raw, ARRIVED_NS):
                apply(event, LINK)

    return prepare


def codec_alone(tape: Tape) -> Callable[[], Callable[[], None]]:
    frames = [raw.encode() for rest, raw in tape.records if not rest]

    def prepare() -> Callable[[], None]:
        decode = venues.codec(tape.venue).decode

        def replay() -> None:
            for frame in frames:
                decode(frame, ARRIVED_NS)

        return replay

    return prepare


def main(folder: str, seconds: float, part: str) -> None:
    tape, calls = load(folder), Counter()
    collector.settle()  # as the worker does after its start
    ns = timed(codec_alone(tape) if part == "decode" else whole(tape, calls), seconds)
    answer(tape, ns, **calls)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
