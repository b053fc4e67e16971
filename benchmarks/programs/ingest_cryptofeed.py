"""The peer cryptofeed: python ingest_cryptofeed.py TAPE SECONDS; its own handler."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Callable

from cryptofeed.defines import CANDLES, L2_BOOK, TICKER, TRADES
from cryptofeed.exchanges import Binance, Coinbase, Kraken
from cryptofeed.symbols import Symbol, Symbols
from tape import Tape, answer, load, timed

FEEDS = {"BINANCE": Binance, "COINBASE": Coinbase, "KRAKEN": Kraken}
ARRIVED_S = 1_700_000_000.0


class StoredBooks:
    """In the place of its HTTP connection: the recorded snapshots."""

    def __init__(self, tape: Tape) -> None:
        self._books = {rest: raw for rest, raw in tape.records if rest}

    async def read(self, address: str, **_: object) -> str:
        return self._books[address.split("symbol=")[1].split("&")[0]]


def know_symbols(feed: type, tape: Tape) -> None:
    """Its table of symbols, from the venue's own answer or from the tape's list."""
    if tape.instruments is not None:
        Symbols.set(feed.id, *feed._parse_symbol_data(tape.instruments))
        return
    names = {Symbol(base, quote).normalized: native for native, base, quote in tape.symbols}
    Symbols.set(feed.id, names, {"instrument_type": dict.fromkeys(names, "spot"), "tick_size": {}})


def feed_of(tape: Tape, calls: Counter[str]) -> object:
    feed = FEEDS[tape.venue]
    know_symbols(feed, tape)

    def callback(channel: str) -> Callable:
        async def counting(_: object, __: float) -> None:
            calls[channel] += 1

        async def taking(_: object, __: float) -> None:
            """Timed passes: to take it is all."""

        return taking if counted else counting

    counted = bool(calls)

    channels = [name for name in (L2_BOOK, TRADES, TICKER, CANDLES) if name in feed.websocket_channels]
    checks = {"KRAKEN": {"checksum_validation": True}, "COINBASE": {"cross_check": True}}
    made = feed(
        symbols=list(Symbols.get(feed.id)[0]),
        channels=channels,
        callbacks={name: callback(name) for name in channels},
        candle_closed_only=False,
        **checks.get(tape.venue, {}),
    )
    made.http_conn = StoredBooks(tape)
    return made


def main(folder: str, seconds: float) -> None:
    logging.disable()  # it would write a line for each message that it does not know
    tape, calls = load(folder), Counter()
    frames = [raw for rest, raw in tape.records if not rest]
    loop = asyncio.new_event_loop()

    def prepare() -> Callable[[], None]:
        feed = feed_of(tape, calls)
        if hasattr(feed, "_reset"):
            feed._reset()

        async def replay() -> None:
            handler = feed.message_handler
            for frame in frames:
                await handler(frame, None, ARRIVED_S)

        return lambda: loop.run_until_complete(replay())

    ns = timed(prepare, seconds)
    answer(tape, ns, **calls)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
