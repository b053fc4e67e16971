"""The Bitfinex side: numbers of channels and messages, level by level, checksums, what it refuses."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from feeds.simulator import bitfinex_text as text
from tests.feeds.bitfinex import frames
from tests.feeds.simulator.clients import parse, shape, still, truth, watching

SPOT, PERPETUAL = "BITFINEX:tBTCUSD", "BITFINEX:tBTCF0:USTF0"
FLAGS = {"event": "conf", "flags": 229376}


def subscribe(channel: str, **more: str) -> dict[str, Any]:
    named = {} if channel == "status" else {"symbol": "tBTCUSD"}
    return {"event": "subscribe", "channel": channel, **named, **more}


BOOK = subscribe("book", prec="P0", freq="F0", len="25")


async def test_answers_and_data_have_the_documented_shape() -> None:
    async with still(SPOT, PERPETUAL) as simulator, watching(simulator, "bitfinex", "/ws/2") as watcher:
        for request in (subscribe("ticker"), subscribe("trades"), BOOK):
            await watcher.ask(request)
        await watcher.ask(subscribe("status", key="deriv:tBTCF0:USTF0"))
        simulator.step(60)
        await watcher.texts()

    told = {str(shape(frame)) for frame in watcher.seen}
    for frame in (frames.TICKER_ASKED, frames.TRADES_ASKED, frames.TICKER, frames.EXECUTED, frames.LEVEL):
        assert str(shape(frame.decode())) in told, frame
    status = next(m for m in map(parse, watcher.seen) if isinstance(m, list) and len(m[1]) == 23)
    documented = parse(frames.DERIV.decode())[1]
    assert [each is None for each in status[1][:20]] == [each is None for each in documented[:20]]


async def test_a_book_is_told_level_by_level_and_then_its_checksum() -> None:
    async with still(SPOT) as simulator, watching(simulator, "bitfinex", "/ws/2") as watcher:
        await watcher.ask(FLAGS)
        await watcher.ask(BOOK)
        simulator.step(200)
        told = [m for m in map(parse, [*watcher.seen, *await watcher.texts()]) if isinstance(m, list)]
        true_bids, true_asks = truth(simulator, SPOT, 25)

    book: dict[Any, Any] = {row[0]: row[2] for row in told[0][1]}
    for message in told[1:]:
        if message[1] == "cs":
            continue
        price, count, amount = message[1]
        book.pop(price, None)
        if count:
            book[price] = amount
    assert [message[-2] for message in told] == list(range(1, len(told) + 1)), "numbered over the link"
    bids = sorted((price for price in book if book[price] > 0), reverse=True)
    asks = sorted(price for price in book if book[price] < 0)
    assert [(price, book[price]) for price in bids] == true_bids
    assert [(price, -book[price]) for price in asks] == true_asks
    sums = [message for message in told if message[1] == "cs"]
    assert sums and sums[-1] is told[-1]
    pairs = zip(bids, asks, strict=True)
    words = ":".join(f"{bid}:{book[bid]}:{ask}:{book[ask]}" for bid, ask in pairs)
    assert sums[-1][2] % (1 << 32) == crc32(words.encode())


async def test_what_is_unknown_or_twice_or_too_much_is_refused() -> None:
    async with still(SPOT) as simulator, watching(simulator, "bitfinex", "/ws/2") as watcher:
        await watcher.new()
        [wrong] = await watcher.ask(subscribe("ticker", symbol="tNONE"))
        await watcher.ask(subscribe("ticker"))
        [twice] = [m for m in await watcher.ask(subscribe("ticker")) if isinstance(m, dict)]
        [key] = await watcher.ask(subscribe("status", key="deriv:tBTCUSD"))
        [left] = await watcher.ask({"event": "unsubscribe", "chanId": 5})
        [pong] = await watcher.ask({"event": "ping", "cid": 7})

    assert [each["code"] for each in (wrong, twice, key, left)] == [10300, 10301, 10300, 10400]
    assert (pong["event"], pong["cid"]) == ("pong", 7)


def test_numbers_are_as_javascript_writes_them() -> None:
    for number, written in (("0.00000015", "1.5e-7"), ("0.000001", "0.000001"), ("0", "0"), ("12", "12")):
        assert text.script(number) == written
