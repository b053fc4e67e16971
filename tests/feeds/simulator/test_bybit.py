"""The side of Bybit's markets: wire text as documented, numbers that grow by one, refusals, pages, limits."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from feeds.simulator.listing import listed_at
from tests.feeds.bybit import frames
from tests.feeds.simulator.clients import applied, get, shape, sides, still, truth, watching

SPOT, LINEAR, INVERSE = "BYBIT:BTCUSDT", "BYBIT_LINEAR:BTCUSDT", "BYBIT_INVERSE:BTCUSD"
[OPTION] = listed_at("BYBIT_OPTION", 1)


def path(name: str) -> str:
    market = {"BYBIT": "spot"}.get(name.partition(":")[0], name.partition(":")[0].rpartition("_")[2].lower())
    return f"/v5/public/{market}"


def venue(name: str) -> str:
    return name.partition(":")[0].lower()


def asked(*args: str, op: str = "subscribe") -> dict[str, Any]:
    return {"op": op, "args": list(args), "req_id": "7"}


def folded(events: list[Any]) -> dict[str, dict[Any, Any]]:
    """By the venue's rules: a snapshot replaces, each change follows the one before."""
    book: dict[str, dict[Any, Any]] = {"bids": {}, "asks": {}}
    last = 0
    for event in events:
        data = event["data"]
        if event["type"] == "snapshot":
            book = {"bids": {}, "asks": {}}
        else:
            assert data["u"] == last + 1
        last = data["u"]
        applied(book, data["b"], data["a"])
    return book


@pytest.mark.parametrize(("name", "depth"), [(SPOT, 50), (LINEAR, 200), (INVERSE, 50), (OPTION, 25)])
async def test_a_window_of_the_book_is_the_true_one(name: str, depth: int) -> None:
    native = name.partition(":")[2]
    async with still(name) as simulator, watching(simulator, venue(name), path(name)) as watcher:
        first = await watcher.ask(asked(f"orderbook.{depth}.{native}"))
        simulator.step(300, every_ms=20)
        events = [event for event in (*first, *await watcher.new()) if "topic" in event]

        assert {event["type"] for event in events} == {"snapshot", "delta"}
        assert sides(folded(events)) == truth(simulator, name, depth), "and no level beyond the window"


@pytest.mark.parametrize(
    ("name", "topic", "documented"),
    [
        (LINEAR, "orderbook.1.BTCUSDT", frames.BEST),
        (LINEAR, "orderbook.50.BTCUSDT", frames.CHANGE),
        (LINEAR, "publicTrade.BTCUSDT", frames.TRADE),
        (LINEAR, "allLiquidation.BTCUSDT", frames.LIQUIDATION),
        (LINEAR, "kline.5.BTCUSDT", frames.KLINE),
    ],
)
async def test_frames_have_the_fields_of_documented_ones(name: str, topic: str, documented: bytes) -> None:
    async with still(name) as simulator, watching(simulator, venue(name), path(name)) as watcher:
        await watcher.ask(asked(topic))
        simulator.step(900, every_ms=20)
        texts = await watcher.texts()

    expected, found = json.loads(documented), [json.loads(text) for text in texts]
    [first, *_] = [each for each in found if each.get("type") == expected["type"]]
    assert first.keys() == expected.keys()
    data, told = (
        each["data"][0] if isinstance(each["data"], list) else each["data"] for each in (expected, first)
    )
    assert told.keys() - {"L", "RPI"} == data.keys() - {"L", "RPI"}


async def test_the_option_ticker_is_a_line_as_documented() -> None:
    async with still(OPTION) as simulator, watching(simulator, venue(OPTION), path(OPTION)) as watcher:
        await watcher.ask(asked(f"tickers.{OPTION.partition(':')[2]}"))
        simulator.step(5, every_ms=300)
        [text, *_] = await watcher.texts()

    documented = json.loads(frames.OPTION_TICKER)
    line = json.loads(text)
    assert list(line) == list(documented), "the identifier first"
    assert line["data"].keys() == documented["data"].keys() - {"totalVolume", "totalTurnover"}
    assert 0 < Decimal(line["data"]["markPriceIv"]) < 5, "a fraction"
    assert shape(text)


async def test_a_contracts_ticker_is_told_whole_and_then_what_changed() -> None:
    async with still(LINEAR) as simulator, watching(simulator, venue(LINEAR), path(LINEAR)) as watcher:
        first, *_ = [m for m in await watcher.ask(asked("tickers.BTCUSDT")) if "topic" in m]
        simulator.step(200, every_ms=20)
        later = await watcher.new()

    assert first["type"] == "snapshot" and {each["type"] for each in later} == {"delta"}  # noqa: PT018
    known = first["data"]
    for change in later:
        told = {name: text for name, text in change["data"].items() if name != "symbol"}
        assert told and all(known[name] != text for name, text in told.items())
        known = {**known, **change["data"]}
    assert Decimal(known["openInterest"]) == 2 * Decimal(known["singleOpenInterest"])


async def test_best_prices_are_repeated_after_three_quiet_seconds() -> None:
    async with still(SPOT) as simulator, watching(simulator, venue(SPOT), path(SPOT)) as watcher:
        await watcher.ask(asked("orderbook.1.BTCUSDT"))
        for _ in range(8):
            simulator.clock.advance(1_000_000_000)
            simulator._run(0, simulator._now_ns, simulator.clock.now_ns())
        told = [(message["type"], message["data"]["u"]) for message in await watcher.new()]

    assert len(told) == 2 and len(set(told)) == 1 and told[0][0] == "snapshot"  # noqa: PT018


@pytest.mark.parametrize(
    ("name", "args", "words"),
    [
        (LINEAR, ["tickers.BTCUSDT", "tickers.NOPE"], "error:handler not found,topic:tickers.NOPE"),
        (LINEAR, ["orderbook.30.BTCUSDT"], "error:handler not found,topic:orderbook.30.BTCUSDT"),
        (SPOT, ["allLiquidation.BTCUSDT"], "error:handler not found,topic:allLiquidation.BTCUSDT"),
        (SPOT, ["tickers.BTCUSDT"] * 11, "error:args size >10"),
    ],
)
async def test_one_wrong_topic_refuses_the_request(name: str, args: list[str], words: str) -> None:
    async with still(name) as simulator, watching(simulator, venue(name), path(name)) as watcher:
        [answer] = await watcher.ask(asked(*args))
        assert (answer["success"], answer["ret_msg"], answer["req_id"]) == (False, words, "7")
        simulator.step(50, every_ms=20)
        assert await watcher.new() == []


async def test_a_topic_that_is_there_already_is_refused_until_it_is_left() -> None:
    async with still(LINEAR) as simulator, watching(simulator, venue(LINEAR), path(LINEAR)) as watcher:
        request = asked("publicTrade.BTCUSDT")
        [agreed] = await watcher.ask(request)
        [again] = await watcher.ask(request)
        [left] = await watcher.ask({**request, "op": "unsubscribe"})
        [anew] = await watcher.ask(request)

    assert [each["success"] for each in (agreed, again, left, anew)] == [True, False, True, True]
    assert again["ret_msg"] == "error:already subscribed,topic:publicTrade.BTCUSDT"


async def test_options_agree_to_each_topic_for_itself() -> None:
    native = OPTION.partition(":")[2]
    async with still(OPTION) as simulator, watching(simulator, venue(OPTION), path(OPTION)) as watcher:
        answer, *_ = await watcher.ask(asked(f"orderbook.25.{native}", "tickers.NOPE", "publicTrade.BTC"))

    assert (answer["type"], answer["data"]["failTopics"]) == ("COMMAND_RESP", ["tickers.NOPE"])
    assert answer["data"]["successTopics"] == [f"orderbook.25.{native}", "publicTrade.BTC"]


@pytest.mark.parametrize(
    ("name", "documented"), list(zip((SPOT, LINEAR, OPTION), frames.PONGS[:3], strict=True))
)
async def test_each_market_answers_a_ping_in_its_own_way(name: str, documented: bytes) -> None:
    async with still(name) as simulator, watching(simulator, venue(name), path(name)) as watcher:
        [answer] = await watcher.ask({"op": "ping", "req_id": ""})

    assert list(answer) == list(json.loads(documented)) or answer.keys() == json.loads(documented).keys()


async def test_the_list_comes_in_pages() -> None:
    names = listed_at("BYBIT_LINEAR", 5)
    async with still(*names) as simulator:
        url = f"{simulator.rest_url('BYBIT_LINEAR')}/v5/market/instruments-info?category=linear&limit=2"
        found, cursor = [], ""
        for _ in range(3):
            result = (await get(f"{url}&cursor={cursor}" if cursor else url)).json()["result"]
            found += [row["symbol"] for row in result["list"]]
            cursor = result["nextPageCursor"]
        wrong = (await get(url.replace("category=linear", "category=spot"))).json()

    assert [f"BYBIT_LINEAR:{native}" for native in found] == names
    assert cursor == ""
    assert wrong["retCode"] == 10001


async def test_an_inverse_candle_counts_dollars() -> None:
    async with still(INVERSE) as simulator:
        url = (
            f"{simulator.rest_url('BYBIT_INVERSE')}/v5/market/kline?category=inverse&symbol=BTCUSD&interval=D"
        )
        first, second = (await get(f"{url}&limit=2")).json()["result"]["list"]

    assert int(first[0]) - int(second[0]) == 86_400_000, "newest first"
    assert Decimal(second[5]) / Decimal(second[4]) == pytest.approx(Decimal(second[6]), rel=Decimal("0.001"))


async def test_who_asks_too_much_is_sent_away_for_ten_minutes() -> None:
    async with still(SPOT) as simulator:
        simulator.fault("rate_limit", venue="BYBIT")
        url = f"{simulator.rest_url('BYBIT')}/v5/market/time?category=spot"
        answers = [await get(url) for _ in range(2)]
        counted = simulator.exchanges["BYBIT"].counters

    assert [(each.status_code, each.text) for each in answers] == [(403, "403, access too frequent")] * 2
    assert counted["requests_while_banned"] == 1
