"""The Coinbase Exchange side: wire text as recorded, whole books, the maker's side, what it refuses."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.waiting import wait_until
from tests.feeds.coinbase import exchange_frames as documented
from tests.feeds.simulator.clients import applied, get, parse, shape, sides, still, truth, watching

VENUE = "COINBASE_EXCHANGE"
BTC, ETH = f"{VENUE}:BTC-USD", f"{VENUE}:ETH-USD"
PUBLIC = ("level2_batch", "matches", "ticker", "heartbeat")


def subscribe(*channels: str, products: tuple[str, ...] = ("BTC-USD",)) -> dict[str, Any]:
    named = [{"name": channel, "product_ids": list(products)} for channel in channels]
    return {"type": "subscribe", "channels": named}


def recorded(captures: Path, kind: str) -> str:
    with gzip.open(captures / "coinbase-exchange/2021-04-17_10pairs.jsonl.gz", "rt") as lines:
        for raw in (json.loads(line).get("raw", "") for line in lines):
            if raw.startswith(f'{{"type":"{kind}"'):
                return raw
    raise AssertionError(f"no {kind} was recorded")


@pytest.mark.parametrize("kind", ["snapshot", "l2update", "match", "last_match"])
async def test_frames_have_the_shape_of_recorded_ones(captures: Path, kind: str) -> None:
    async with still(BTC) as simulator, watching(simulator, VENUE.lower()) as watcher:
        await watcher.ask(subscribe(*PUBLIC))
        simulator.step(120)
        await watcher.texts()

    told = {str(shape(text)) for text in watcher.seen if text.startswith(f'{{"type":"{kind}"')}
    assert str(shape(recorded(captures, kind))) in told


async def test_frames_that_changed_since_have_the_documented_fields() -> None:
    """Sizes of the best prices came in 2022, ``account_ids`` in 2023."""
    async with still(BTC) as simulator, watching(simulator, VENUE.lower()) as watcher:
        await watcher.ask(subscribe(*PUBLIC))
        simulator.step(60)
        simulator.exchanges[VENUE].beat(0.0)
        await watcher.texts()

    told = {message["type"]: message for message in map(parse, watcher.seen)}
    for message in (documented.TICKER, documented.BEAT, documented.SUBSCRIBED):
        assert told[message["type"]].keys() == message.keys()
    assert [each["name"] for each in told["subscriptions"]["channels"]] == ["level2_50", *PUBLIC[1:]]


async def test_book_is_the_whole_true_one() -> None:
    async with still(BTC, ETH) as simulator, watching(simulator, VENUE.lower()) as watcher:
        messages = await watcher.ask(subscribe("level2_batch", products=("BTC-USD", "ETH-USD")))
        simulator.step(500)
        messages += await watcher.new()

        for name in (BTC, ETH):
            assert sides(_book(messages, name.partition(":")[2])) == truth(simulator, name)


def _book(messages: list[Any], product: str) -> dict[str, dict[Any, Any]]:
    book: dict[str, dict[Any, Any]] = {"bids": {}, "asks": {}}
    for message in (each for each in messages if each.get("product_id") == product):
        if message["type"] == "snapshot":
            applied(book, message["bids"], message["asks"])
        elif message["type"] == "l2update":
            changes = {
                side: [row[1:] for row in message["changes"] if row[0] == side] for side in ("buy", "sell")
            }
            applied(book, changes["buy"], changes["sell"])
    return book


async def test_trades_name_the_makers_side_and_count_up() -> None:
    async with still(BTC) as simulator, watching(simulator, VENUE.lower()) as watcher:
        messages = await watcher.ask(subscribe("matches"))
        simulator.step(300)
        messages += await watcher.new()

        told = [
            (str(each["trade_id"]), {"sell": "buy", "buy": "sell"}[each["side"]], each["price"], each["size"])
            for each in messages if each["type"] == "match"
        ]  # fmt: skip
        assert told == [each[:4] for each in simulator.trades(BTC)][-len(told) :]
        numbers = [each["trade_id"] for each in messages if each["type"] in ("last_match", "match")]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert len(told) > 60


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (subscribe("weather"), "weather is not a valid channel"),
        (subscribe("level2"), "level2, level3, and full channels now require authentication"),
        (subscribe("ticker", products=("BTC-USD", "NO-USD")), "NO-USD is not a valid product"),
    ],
)
async def test_what_is_wrong_is_refused_as_a_whole(request_: dict[str, Any], reason: str) -> None:
    async with still(BTC) as simulator, watching(simulator, VENUE.lower()) as watcher:
        refusal = {"type": "error", "message": "Failed to subscribe", "reason": reason}
        assert await watcher.ask(request_) == [refusal]
        assert [each["type"] for each in await watcher.ask("{")] == ["error"]


async def test_the_eleventh_subscription_of_a_product_is_refused() -> None:
    async with still(BTC) as simulator:
        exchange = simulator.exchanges[VENUE]
        exchange._subscribers["ticker", "BTC-USD"] = {object() for _ in range(10)}  # type: ignore[misc]
        async with watching(simulator, VENUE.lower()) as watcher:
            [answer] = await watcher.ask(subscribe("ticker"))

        assert answer["type"] == "error"
        assert exchange.counters["subscriptions_over_limit"] == 1
        exchange._subscribers.clear()


async def test_link_that_asks_for_nothing_ends_after_five_seconds() -> None:
    async with still(BTC) as simulator, watching(simulator, VENUE.lower()):
        exchange = simulator.exchanges[VENUE]
        link = next(iter(exchange.links))
        exchange.beat(link.opened_s + 4.9)
        assert not exchange.counters["late_subscribe"]
        exchange.beat(link.opened_s + 5.1)
        await wait_until(lambda: not exchange.links)


async def test_unsubscribed_channel_is_silent() -> None:
    async with still(BTC) as simulator, watching(simulator, VENUE.lower()) as watcher:
        await watcher.ask(subscribe("level2_batch"))
        [ack] = await watcher.ask(subscribe("level2_batch") | {"type": "unsubscribe"})
        simulator.step(50)

        assert ack["channels"] == []
        assert await watcher.new() == []


async def test_by_rest_the_book_is_the_true_one_and_candles_are_the_true_bars() -> None:
    async with still(BTC) as simulator:
        simulator.step(300, every_ms=500)
        root = simulator.rest_url(VENUE.lower()) + "/products/BTC-USD"
        book = parse((await get(root + "/book?level=2")).text)
        rows = parse((await get(root + "/candles?granularity=60")).text)[:5]
        wide = await get(root + "/candles?granularity=60&start=2025-12-16T00:00:00Z&end=2025-12-18T00:00:00Z")

        bids, asks = ([(Decimal(row[0]), Decimal(row[1])) for row in book[side]] for side in ("bids", "asks"))
        assert (bids, asks) == truth(simulator, BTC)
        bars = simulator.bars(BTC, 1, 5)
    told = [
        (at * 1_000_000, opened, high, low, close, volume) for at, low, high, opened, close, volume in rows
    ]
    assert told == [(bar[0], *map(Decimal, bar[1:6])) for bar in reversed(bars)]
    assert wide.status_code == 400, "more than 300"


@pytest.mark.parametrize("path", ["/products/NO-USD", "/products/BTC-USD/weather", "/weather"])
async def test_what_is_not_there_is_not_found(path: str) -> None:
    async with still(BTC) as simulator:
        answer = await get(simulator.rest_url(VENUE.lower()) + path)

    assert (answer.status_code, answer.json()) == (404, {"message": "NotFound"})
