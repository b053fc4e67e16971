"""The Coinbase side: wire text as recorded, one sequence over a link, whole books, the maker's side."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.waiting import wait_until
from tests.feeds.simulator.clients import Watcher, applied, get, parse, shape, sides, still, truth, watching

BTC, ETH = "COINBASE:BTC-USD", "COINBASE:ETH-USD"


def subscribe(channel: str, *products: str) -> dict[str, Any]:
    return {"type": "subscribe", "product_ids": list(products), "channel": channel}


def recorded(captures: Path, channel: str, kind: str) -> str:
    """The first recorded message of a channel and kind (snapshot, update, or neither)."""
    (path,) = (captures / "coinbase-advanced").glob("*.gz")
    with gzip.open(path, "rt") as lines:
        for raw in (json.loads(line).get("raw", "") for line in lines):
            if raw.startswith(f'{{"channel":"{channel}"') and kind in raw[:200]:
                return raw
    raise AssertionError(f"no {kind} of {channel} was recorded")


def book_of(messages: list[Any], product: str) -> dict[str, dict[Any, Any]]:
    book: dict[str, dict[Any, Any]] = {"bids": {}, "asks": {}}
    for event in (each["events"][0] for each in messages if each.get("channel") == "l2_data"):
        if event["product_id"] == product:
            levels = {
                side: [(u["price_level"], u["new_quantity"]) for u in event["updates"] if u["side"] == side]
                for side in ("bid", "offer")
            }
            applied(book, levels["bid"], levels["offer"])
    return book


@pytest.mark.parametrize(
    ("channel", "name", "kind"),
    [
        ("level2", "l2_data", "snapshot"),
        ("level2", "l2_data", "update"),
        ("market_trades", "market_trades", "snapshot"),
        ("market_trades", "market_trades", "update"),
        ("ticker", "ticker", "update"),
        ("candles", "candles", "snapshot"),
    ],
)
async def test_frames_have_the_shape_of_recorded_ones(
    captures: Path, channel: str, name: str, kind: str
) -> None:
    async with still(BTC) as simulator, watching(simulator, "coinbase") as watcher:
        await watcher.ask(subscribe(channel, "BTC-USD"))
        simulator.step(120)
        await watcher.texts()

    told = {str(shape(text)) for text in watcher.seen if f'"type":"{kind}"' in text[:200]}
    assert str(shape(recorded(captures, name, kind))) in told


@pytest.mark.parametrize("channel", ["heartbeats", "subscriptions"])
async def test_frames_without_products_have_the_recorded_shape(captures: Path, channel: str) -> None:
    async with still(BTC) as simulator, watching(simulator, "coinbase") as watcher:
        await watcher.ask(subscribe("market_trades", "BTC-USD"))
        await watcher.ask(subscribe("heartbeats"))
        simulator.exchanges["COINBASE"].beat(0.0)
        await watcher.texts()

    texts = [text for text in watcher.seen if text.startswith(f'{{"channel":"{channel}"')]
    assert shape(recorded(captures, channel, channel)) in [shape(text) for text in texts]


async def test_sequence_counts_every_message_of_the_link() -> None:
    async with still(BTC, ETH) as simulator, watching(simulator, "coinbase") as watcher:
        for channel in ("level2", "market_trades", "ticker", "candles", "heartbeats"):
            await watcher.ask(subscribe(channel, "BTC-USD", "ETH-USD"))
        simulator.step(300)
        await watcher.texts()

    numbers = [parse(text)["sequence_num"] for text in watcher.seen]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > 50


async def test_book_is_the_whole_true_one() -> None:
    async with still(BTC, ETH) as simulator, watching(simulator, "coinbase") as watcher:
        messages = await watcher.ask(subscribe("level2", "BTC-USD", "ETH-USD"))
        simulator.step(500)
        messages += await watcher.new()

        for name in (BTC, ETH):
            assert sides(book_of(messages, name.partition(":")[2])) == truth(simulator, name)


async def test_subscription_in_the_middle_of_a_batch_loses_nothing() -> None:
    async with still(BTC) as simulator, watching(simulator, "coinbase") as first:
        await first.ask(subscribe("level2", "BTC-USD"))
        now_ns = simulator.clock.now_ns()
        simulator.engine.run(20, now_ns, now_ns + 1, simulator.publish)
        async with watching(simulator, "coinbase") as second:
            messages = await second.ask(subscribe("level2", "BTC-USD"))
            simulator.step(60)
            messages += await second.new()

            assert sides(book_of(messages, "BTC-USD")) == truth(simulator, BTC)


async def test_trades_name_the_makers_side_newest_first() -> None:
    async with still(BTC) as simulator, watching(simulator, "coinbase") as watcher:
        messages = await watcher.ask(subscribe("market_trades", "BTC-USD"))
        simulator.step(300)
        messages += await watcher.new()

        told = [
            (each["trade_id"], {"SELL": "buy", "BUY": "sell"}[each["side"]], each["price"], each["size"])
            for message in messages if message["channel"] == "market_trades"
            for each in reversed(message["events"][0]["trades"])
        ]  # fmt: skip
        assert told == [each[:4] for each in simulator.trades(BTC)][-len(told) :]
        assert len(told) > 60


async def test_acknowledgement_is_cumulative_and_comes_after_the_data() -> None:
    async with still(BTC, ETH) as simulator, watching(simulator, "coinbase") as watcher:
        first = await watcher.ask(subscribe("ticker", "BTC-USD"))
        second = await watcher.ask(subscribe("market_trades", "ETH-USD"))

    assert [message["channel"] for message in first] == ["ticker", "subscriptions"]
    assert second[-1]["events"] == [
        {"subscriptions": {"market_trades": ["ETH-USD"], "ticker": ["BTC-USD"]}}
    ]  # fmt: skip


async def test_unsubscribed_channel_is_silent() -> None:
    async with still(BTC) as simulator, watching(simulator, "coinbase") as watcher:
        await watcher.ask(subscribe("level2", "BTC-USD"))
        ack = await watcher.ask(subscribe("level2", "BTC-USD") | {"type": "unsubscribe"})
        simulator.step(50)

        assert ack[-1]["events"] == [{"subscriptions": {}}]
        assert await watcher.new() == []


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ("{", "invalid subscription message"),
        (subscribe("weather", "BTC-USD"), "invalid subscription message"),
        (subscribe("ticker", "BTC-USD", "NO-USD"), "failed to subscribe: NO-USD is not a valid product"),
    ],
)
async def test_wrong_requests_are_answered_with_an_error(request_: Any, words: str) -> None:
    async with still(BTC) as simulator, watching(simulator, "coinbase") as watcher:
        assert await watcher.ask(request_) == [{"type": "error", "message": words}]


async def test_link_that_asks_for_nothing_ends_after_five_seconds() -> None:
    async with still(BTC) as simulator, watching(simulator, "coinbase"):
        coinbase = simulator.exchanges["COINBASE"]
        link = next(iter(coinbase.links))
        coinbase.beat(link.opened_s + 4.9)
        assert not coinbase.counters["late_subscribe"]
        coinbase.beat(link.opened_s + 5.1)
        await wait_until(lambda: not coinbase.links)

        assert coinbase.counters["late_subscribe"] == 1


async def _beaten(watcher: Watcher) -> list[Any]:
    return [parse(text) for text in await watcher.texts() if '"heartbeats","timestamp"' in text]


async def test_heartbeats_count_up() -> None:
    async with still(BTC) as simulator, watching(simulator, "coinbase") as watcher:
        await watcher.ask(subscribe("heartbeats"))
        simulator.exchanges["COINBASE"].beat(0.0)
        simulator.exchanges["COINBASE"].beat(0.0)
        counters = [beat["events"][0]["heartbeat_counter"] for beat in await _beaten(watcher)]

    assert counters[-1] - counters[0] == len(counters) - 1 >= 1


async def test_book_of_many_levels_leaves_in_one_frame() -> None:
    async with still(BTC, levels=20_000) as simulator, watching(simulator, "coinbase") as watcher:
        messages = await watcher.ask(subscribe("level2", "BTC-USD"))

        assert len(watcher.seen[0]) > 4_000_000
        assert sides(book_of(messages, "BTC-USD")) == truth(simulator, BTC)


async def test_products_have_the_recorded_fields(captures: Path) -> None:
    example = parse((captures / "examples/coinbase/http_product.json").read_text())
    async with still(BTC) as simulator:
        root = simulator.rest_url("coinbase") + "/api/v3/brokerage/market/products"
        listed, one = (await get(root)).json(), (await get(root + "/BTC-USD")).json()

    # Descriptions and icons, which the venue leaves empty, may be missing.
    assert {key for key, value in example.items() if value != ""} - {"is_alpha_testing"} <= set(one)
    assert listed["products"] == [one]
    assert listed["num_products"] == 1


async def test_candles_come_newest_first_and_agree_with_the_true_bars() -> None:
    async with still(BTC) as simulator:
        simulator.step(300, every_ms=500)
        root = simulator.rest_url("coinbase") + "/api/v3/brokerage/market/products/BTC-USD/candles"
        rows = (await get(root + "?granularity=ONE_MINUTE&limit=5")).json()["candles"]

        bars = simulator.bars(BTC, 1, 5)
    assert [(int(row["start"]) * 1_000_000, *(row[key] for key in ("open", "high", "low", "close", "volume")))
            for row in rows] == [bar[:6] for bar in reversed(bars)]  # fmt: skip


async def test_unknown_product_is_not_found() -> None:
    async with still(BTC) as simulator:
        answer = await get(simulator.rest_url("coinbase") + "/api/v3/brokerage/market/products/NO-USD")

    assert (answer.status_code, answer.json()["error"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("size", [2, 20_000])
async def test_a_body_that_comes_with_a_get_is_ignored(size: int) -> None:
    async with still(BTC) as simulator:
        url = simulator.rest_url("coinbase") + "/api/v3/brokerage/time"
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=20) as client:
            answer = await client.request("GET", url, content=b"{}".ljust(size))

    assert answer.status_code == 200 and answer.json()["epochSeconds"].isdigit()
