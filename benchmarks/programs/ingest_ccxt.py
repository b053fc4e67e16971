"""The peer ccxt.pro: python ingest_ccxt.py TAPE SECONDS; its client's JSON parser and its message handler."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import ccxt.pro
from ccxt.async_support.base.ws.client import Client, json_parser
from tape import Tape, answer, load, timed

URL = "wss://stream.binance.com:9443/stream"


def market(native: str, base: str, quote: str) -> dict[str, object]:
    return {
        "id": native,
        "symbol": f"{base}/{quote}",
        "base": base,
        "quote": quote,
        "baseId": base,
        "quoteId": quote,
        "type": "spot",
        "spot": True,
        "active": True,
        **dict.fromkeys(("contract", "swap", "future", "option", "margin", "linear", "inverse"), False),
        "precision": {"amount": 1e-8, "price": 1e-8},
        "limits": {},
    }


def exchange_of(tape: Tape) -> tuple[object, object]:
    made = ccxt.pro.binance({"newUpdates": True})
    made.set_markets([market(*symbol) for symbol in tape.symbols])
    client = Client(URL, None, None, None, None)
    return made, client


def place_books(made: object, tape: Tape) -> None:
    """The recorded REST books, through its own parser, as ``watch_order_book`` would place them."""
    for native, raw in ((rest, raw) for rest, raw in tape.records if rest):
        symbol = made.safe_symbol(native, None, None, "spot")
        body = json_parser.loads(raw)
        parsed = made.parse_order_book(body, symbol, None)
        parsed["nonce"] = body["lastUpdateId"]
        book = made.order_book({}, 1000)
        book.reset(parsed)
        made.orderbooks[symbol] = book


def main(folder: str, seconds: float) -> None:
    tape, last = load(folder), {}
    frames = [raw for rest, raw in tape.records if not rest]

    def prepare() -> Callable[[], None]:
        made, client = exchange_of(tape)
        last["made"] = made

        def replay() -> None:
            place_books(made, tape)
            handle, parse = made.handle_message, json_parser.loads
            for frame in frames:
                handle(client, parse(frame))

        return replay

    async def run() -> list[int]:
        return timed(prepare, seconds)

    ns = asyncio.run(run())
    made = last["made"]
    counts = {"books": sum(book["nonce"] is not None for book in made.orderbooks.values())}
    answer(tape, ns, **counts, tapes=len(made.trades), tickers=len(made.bidsasks))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
