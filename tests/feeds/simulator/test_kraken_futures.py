"""The side of Kraken's derivatives: wire text as documented, books by numbers, pings that are owed, words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.feeds.kraken_futures import frames
from tests.feeds.simulator.clients import applied, get, parse, shape, sides, still, truth, watching

LINEAR, INVERSE = "KRAKEN_FUTURES:PF_XBTUSD", "KRAKEN_FUTURES:PI_XBTUSD"
PATH = "/ws/v1"


def asked(feed: str, *natives: str, event: str = "subscribe") -> dict[str, Any]:
    return {"event": event, "feed": feed, "product_ids": list(natives)}


def told(messages: list[dict[str, Any]], feed: str) -> list[dict[str, Any]]:
    return [message for message in messages if message.get("feed") == feed and "event" not in message]


@pytest.mark.parametrize(
    ("feed", "kind", "documented"),
    [
        ("ticker", "ticker", frames.INVERSE),
        ("trade", "trade", frames.TRADE),
        ("book", "book", frames.CHANGE),
    ],
)
async def test_messages_have_the_keys_of_documented_ones(feed: str, kind: str, documented: bytes) -> None:
    async with still(INVERSE) as simulator, watching(simulator, "kraken_futures", PATH) as watcher:
        await watcher.ask(asked(feed, "PI_XBTUSD"))
        simulator.step(900, every_ms=20)
        texts = await watcher.texts()

    last = [text for text in texts if f'"feed":"{kind}"' in text][-1]
    assert set(shape(last)[""]) == set(shape(documented.decode())[""])


async def test_changes_follow_one_another_to_the_true_book() -> None:
    book: dict[str, dict[Any, Any]] = {"bids": {}, "asks": {}}
    async with still(LINEAR) as simulator, watching(simulator, "kraken_futures", PATH) as watcher:
        simulator.step(200, every_ms=20)
        messages = await watcher.ask(asked("book", "PF_XBTUSD"))
        simulator.step(300, every_ms=20)
        messages += await watcher.new()
        [snapshot] = told(messages, "book_snapshot")
        assert set(snapshot) == set(parse(frames.SNAPSHOT.decode()))
        last = snapshot["seq"]
        applied(book, *([(row["price"], row["qty"]) for row in snapshot[side]] for side in ("bids", "asks")))
        for change in told(messages, "book"):
            assert change["seq"] == last + 1
            last, level = change["seq"], [(change["price"], change["qty"])]
            applied(book, *((level, []) if change["side"] == "buy" else ([], level)))

        assert len(told(messages, "book")) > 100
        assert sides(book) == truth(simulator, LINEAR)


async def test_trades_of_before_come_first_and_newest_first() -> None:
    async with still(LINEAR) as simulator, watching(simulator, "kraken_futures", PATH) as watcher:
        messages = await watcher.ask(asked("trade", "PF_XBTUSD"))

    [before] = told(messages, "trade_snapshot")
    numbers = [row["seq"] for row in before["trades"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len({row["uid"] for row in before["trades"]}) == len(numbers) == 50


async def test_what_is_not_listed_is_refused_without_a_name() -> None:
    async with still(LINEAR) as simulator, watching(simulator, "kraken_futures", PATH) as watcher:
        agreed, refused, *_ = (
            message
            for message in await watcher.ask(asked("ticker", "PF_XBTUSD", "PF_NOBODYUSD"))
            if message.get("event") in ("subscribed", "error")
        )
        [wrong] = await watcher.ask(asked("novelty", "PF_XBTUSD"))

    assert agreed == {"event": "subscribed", "feed": "ticker", "product_ids": ["PF_XBTUSD"]}
    assert refused == {"event": "error", "message": "Invalid product id"}
    assert wrong["message"] == "Invalid feed"


async def test_whoever_never_pings_is_cut_off() -> None:
    async with still(LINEAR) as simulator, watching(simulator, "kraken_futures", PATH) as watcher:
        await watcher.ask({"event": "subscribe", "feed": "heartbeat"})
        exchange = simulator.exchanges["KRAKEN_FUTURES"]
        [link] = exchange.links
        exchange.beat(link.opened_s + 30)
        heard = [parse(text) for text in await watcher.texts()]
        assert any(message.get("feed") == "heartbeat" and "time" in message for message in heard)
        exchange.beat(link.opened_s + 61)

        assert exchange.counters["idle_closed"] == 1


async def test_a_request_too_many_in_a_second_is_counted() -> None:
    async with still(LINEAR) as simulator, watching(simulator, "kraken_futures", PATH) as watcher:
        for _ in range(101):
            await watcher.ws.send("{}")
        await watcher.ask({})

        assert simulator.exchanges["KRAKEN_FUTURES"].counters["requests_over_limit"] > 0


async def test_lists_are_told_by_rest() -> None:
    async with still(LINEAR, INVERSE) as simulator:
        root = simulator.rest_url("KRAKEN_FUTURES")
        rows = (await get(f"{root}/derivatives/api/v3/instruments")).json()["instruments"]
        wrong = await get(f"{root}/api/charts/v1/trade/PF_XBTUSD/2m")

    assert [(row["symbol"], row["type"], row["base"]) for row in rows] == [
        ("PF_XBTUSD", "flexible_futures", "BTC"),
        ("PI_XBTUSD", "futures_inverse", "BTC"),
    ]
    assert (wrong.status_code, wrong.text) == (400, "Invalid resolution")
