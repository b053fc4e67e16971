"""The Binance side: wire text as recorded, update ids over stream and REST, the venue's limits."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.fakes.waiting import wait_until
from tests.feeds.simulator.clients import applied, get, parse, shape, sides, still, truth, watching

BTC = "BINANCE:BTCUSDT"


def streams(*kinds: str) -> str:
    return "/stream?streams=" + "/".join(f"btcusdt@{kind}" for kind in kinds)


def recorded(captures: Path, kind: str) -> str:
    """The first recorded message of a stream whose name ends in ``kind``."""
    for name in ("2021-10-12_4pairs", "2021-04-04_btc-eth-dot"):
        with gzip.open(captures / f"binance-spot/{name}.jsonl.gz", "rt") as lines:
            for raw in (json.loads(line).get("raw", "") for line in lines):
                if f'@{kind}"' in raw and '"b":[],' not in raw and '"a":[]' not in raw:
                    return raw
    raise AssertionError(f"no {kind} was recorded")


def spliced(snapshot: Any, events: list[Any]) -> dict[str, dict[Any, Any]]:
    """The venue's own procedure for a local book; a hole fails."""
    book: dict[str, dict[Any, Any]] = {"bids": {}, "asks": {}}
    applied(book, snapshot["bids"], snapshot["asks"])
    last = snapshot["lastUpdateId"]
    for event in (each for each in events if each["u"] > last):
        assert event["U"] <= last + 1
        applied(book, event["b"], event["a"])
        last = event["u"]
    return book


@pytest.mark.parametrize("kind", ["depth@100ms", "bookTicker", "aggTrade", "kline_1m"])
async def test_frames_have_the_shape_of_recorded_ones(captures: Path, kind: str) -> None:
    async with still(BTC) as simulator, watching(simulator, "binance", streams(kind)) as watcher:
        simulator.step(120)
        texts = await watcher.texts()

    assert str(shape(recorded(captures, kind))) in {str(shape(text)) for text in texts}


async def test_update_ids_continue_and_rest_plus_stream_is_the_true_book() -> None:
    async with still(BTC) as simulator, watching(simulator, "binance", streams("depth@100ms")) as watcher:
        simulator.step(200, every_ms=20)
        snapshot = (
            await get(simulator.rest_url("binance") + "/api/v3/depth?symbol=BTCUSDT&limit=5000")
        ).json()
        simulator.step(400, every_ms=20)
        events = [message["data"] for message in await watcher.new()]

        assert len(events) > 50
        assert all(after["U"] == before["u"] + 1 for before, after in zip(events, events[1:], strict=False))
        assert sides(spliced(snapshot, events)) == truth(simulator, BTC)
        assert events[-1]["u"] == simulator.book(BTC).last


async def test_snapshot_between_two_depth_events_splices_too() -> None:
    async with still(BTC) as simulator, watching(simulator, "binance", streams("depth@100ms")) as watcher:
        simulator.engine.run(5, simulator.clock.now_ns(), simulator.clock.now_ns() + 1, simulator.publish)
        snapshot = (
            await get(simulator.rest_url("binance") + "/api/v3/depth?symbol=BTCUSDT&limit=5000")
        ).json()
        simulator.step(40)
        events = [message["data"] for message in await watcher.new()]

        assert events[0]["U"] <= snapshot["lastUpdateId"] <= events[0]["u"]
        assert sides(spliced(snapshot, events)) == truth(simulator, BTC)


async def test_limited_snapshot_is_the_best_levels() -> None:
    async with still(BTC) as simulator:
        answer = await get(simulator.rest_url("binance") + "/api/v3/depth?symbol=BTCUSDT&limit=5")

        book = simulator.book(BTC, 5)
    assert list(answer.json()) == ["lastUpdateId", "bids", "asks"]
    assert [tuple(level) for level in answer.json()["bids"]] == book.bids
    assert [tuple(level) for level in answer.json()["asks"]] == book.asks


async def test_trades_are_the_true_ones_and_say_who_was_maker() -> None:
    async with still(BTC) as simulator, watching(simulator, "binance", streams("trade")) as watcher:
        simulator.step(300)
        told = [message["data"] for message in await watcher.new()]

        expected = simulator.trades(BTC)[50:]
    assert [(str(each["t"]), "sell" if each["m"] else "buy", each["p"], each["q"]) for each in told] == [
        each[:4] for each in expected
    ]


async def test_aggregates_cover_every_trade_once() -> None:
    async with (
        still(BTC) as simulator,
        watching(simulator, "binance", streams("trade", "aggTrade")) as watcher,
    ):
        simulator.step(400)
        data = [message["data"] for message in await watcher.new()]

    trades = [each["t"] for each in data if each["e"] == "trade"]
    aggregates = [each for each in data if each["e"] == "aggTrade"]
    assert [number for each in aggregates for number in range(each["f"], each["l"] + 1)] == trades
    assert [each["a"] for each in aggregates] == list(
        range(aggregates[0]["a"], aggregates[0]["a"] + len(aggregates))
    )


async def test_book_ticker_is_the_touch_at_its_update_id() -> None:
    async with still(BTC) as simulator, watching(simulator, "binance", streams("bookTicker")) as watcher:
        simulator.step(200)
        last = (await watcher.new())[-1]["data"]

        book = simulator.book(BTC, 1)
    assert list(last) == ["u", "s", "b", "B", "a", "A"]
    assert [(last["b"], last["B"]), (last["a"], last["A"])] == [book.bids[0], book.asks[0]]


async def test_closed_bar_comes_once_before_the_next() -> None:
    async with still(BTC) as simulator, watching(simulator, "binance", streams("kline_1m")) as watcher:
        simulator.step(600, every_ms=200)
        bars = [message["data"]["k"] for message in await watcher.new()]

        closed = [bar for bar in bars if bar["x"]]
        true = {bar.start_us // 1000: bar for bar in simulator.bars(BTC, 1, 5)}
    assert len(closed) == len({bar["t"] for bar in bars}) - 1
    for bar in closed:
        expected = true[bar["t"]]
        assert (bar["o"], bar["h"], bar["l"], bar["c"], bar["v"], bar["n"]) == (
            expected.open, expected.high, expected.low, expected.close, expected.volume, expected.trades,
        )  # fmt: skip


async def test_requests_are_answered_as_the_venue_does() -> None:
    async with still(BTC) as simulator, watching(simulator, "binance", "/stream") as watcher:
        subscribed = await watcher.ask(
            {"method": "SUBSCRIBE", "params": ["btcusdt@trade", "nonono@trade"], "id": 1}
        )
        listed = await watcher.ask({"method": "LIST_SUBSCRIPTIONS", "id": "two"})
    async with still(BTC) as simulator, watching(simulator, "binance", "/stream") as watcher:
        wrong = await watcher.ask({"method": "SUBSCRIBE", "params": ["btcusdt@weather"], "id": 3})
        strange = await watcher.ask({"method": "DANCE", "id": 4})
    async with still(BTC) as simulator, watching(simulator, "binance", "/stream") as watcher:
        broken = await watcher.ask("{")

    assert subscribed == [{"result": None, "id": 1}]
    assert listed == [{"result": ["btcusdt@trade", "nonono@trade"], "id": "two"}]
    assert broken[0]["code"] == 3
    assert wrong == [{"code": 2, "msg": "Invalid request: invalid stream btcusdt@weather", "id": 3}]
    assert (strange[0]["code"], strange[0]["id"]) == (2, 4)


async def test_raw_socket_has_no_envelope() -> None:
    async with still(BTC) as simulator, watching(simulator, "binance", "/ws/btcusdt@trade") as watcher:
        simulator.step(100)
        messages = await watcher.new()

    assert {message["e"] for message in messages} == {"trade"}


async def test_microseconds_come_when_asked_for() -> None:
    path = "/stream?streams=btcusdt@trade&timeUnit=MICROSECOND"
    async with still(BTC) as simulator, watching(simulator, "binance", path) as watcher:
        simulator.step(100)
        times = [message["data"]["T"] for message in await watcher.new()]

        assert times == [trade.time_us for trade in simulator.trades(BTC)[50:]]


async def test_unsubscribed_stream_is_silent() -> None:
    async with still(BTC) as simulator, watching(simulator, "binance", streams("depth@100ms")) as watcher:
        await watcher.ask({"method": "UNSUBSCRIBE", "params": ["btcusdt@depth@100ms"], "id": 1})
        simulator.step(50)

        assert await watcher.new() == []


async def test_sixth_message_in_a_second_ends_the_link() -> None:
    async with still(BTC) as simulator, watching(simulator, "binance", "/stream") as watcher:
        for number in range(6):
            await watcher.ws.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": number}))
        with pytest.raises(ConnectionClosed):
            while True:
                await watcher.ws.recv()

        assert watcher.ws.close_code == 1008
        assert simulator.stats()["venues"]["BINANCE"]["messages_over_limit"] == 1


async def test_more_than_1024_streams_end_the_link() -> None:
    many = [f"s{number}@trade" for number in range(1025)]
    async with still(BTC) as simulator, watching(simulator, "binance", "/stream") as watcher:
        await watcher.ws.send(json.dumps({"method": "SUBSCRIBE", "params": many, "id": 1}))
        await wait_until(lambda: simulator.exchanges["BINANCE"].counters["streams_over_limit"])


async def test_server_pings_and_the_link_lives_on_its_pongs() -> None:
    async with still(BTC) as simulator, watching(simulator, "binance", streams("trade")):
        binance = simulator.exchanges["BINANCE"]
        link = next(iter(binance.links))
        binance.beat(link.opened_s + 20)
        link.write(0.0)
        await wait_until(lambda: link.controls, what="a pong")

        assert binance.links == {link}


async def test_link_without_pongs_ends_after_a_minute() -> None:
    async with still(BTC) as simulator, watching(simulator, "binance", streams("trade")):
        binance = simulator.exchanges["BINANCE"]
        link = next(iter(binance.links))
        binance.beat(link.opened_s + 20)
        link.out.clear()
        binance.beat(link.opened_s + 81)
        await wait_until(lambda: not binance.links)

        assert binance.counters["pong_timeout"] == 1


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("depth?symbol=BTCUSDT", "depth_response"),
        ("klines?symbol=BTCUSDT&interval=1m", "klines_response"),
        ("ticker/24hr?symbol=BTCUSDT", "ticker_24hr_response"),
        ("time", "server_time_response"),
        ("ping", "ping_response"),
    ],
)
async def test_rest_has_the_shape_of_the_examples(captures: Path, path: str, example: str) -> None:
    text = (captures / f"examples/binance/spot/http_json/{example}.json").read_text()
    async with still(BTC) as simulator:
        answer = await get(f"{simulator.rest_url('binance')}/api/v3/{path}")

    assert shape(answer.text) == shape(text)


async def test_instruments_have_the_documented_fields_and_their_steps(captures: Path) -> None:
    example = parse((captures / "examples/binance/spot/http_json/exchange_info_response.json").read_text())
    async with still(BTC) as simulator:
        symbol = (await get(simulator.rest_url("binance") + "/api/v3/exchangeInfo")).json()["symbols"][0]

    optional = {"opoAllowed", "amendAllowed", "pegInstructionsAllowed"}
    assert set(example["symbols"][0]) - optional <= set(symbol)
    filters = {each["filterType"]: each for each in symbol["filters"]}
    assert filters["PRICE_FILTER"]["tickSize"] == "0.01000000"
    assert filters["LOT_SIZE"]["stepSize"] == "0.00001000"


async def test_klines_begin_where_asked() -> None:
    async with still(BTC) as simulator:
        root = simulator.rest_url("binance") + "/api/v3/klines?symbol=BTCUSDT&interval=5m"
        start = (simulator.clock.now_ns() // 1_000_000 // 300_000 - 40) * 300_000
        rows = (await get(f"{root}&startTime={start}&limit=7")).json()
        last = (await get(f"{root}&limit=3")).json()

    assert [row[0] for row in rows] == [start + at * 300_000 for at in range(7)]
    assert last[-1][0] == start + 40 * 300_000


async def test_weight_adds_up_in_the_header() -> None:
    async with still(BTC) as simulator:
        root = simulator.rest_url("binance") + "/api/v3/"
        first = await get(root + "depth?symbol=BTCUSDT&limit=5000")
        second = await get(root + "time")

    used = [int(answer.headers["X-MBX-USED-WEIGHT-1M"]) for answer in (first, second)]
    assert used[0] == 250
    assert used[1] in (251, 1)  # a new minute may have begun


async def test_weight_over_the_limit_is_refused_and_asking_on_is_counted() -> None:
    async with still(BTC) as simulator:
        simulator.exchanges["BINANCE"].budget.spend(6001)
        root = simulator.rest_url("binance") + "/api/v3/time"
        refused, banned = await get(root), await get(root)

        counted = simulator.stats()["venues"]["BINANCE"]
    assert (refused.status_code, banned.status_code) == (429, 418)
    assert int(refused.headers["Retry-After"]) == 5
    assert (counted["weight_over_limit"], counted["requests_while_banned"]) == (1, 1)


async def test_unknown_symbol_is_refused_by_rest() -> None:
    async with still(BTC) as simulator:
        answer = await get(simulator.rest_url("binance") + "/api/v3/depth?symbol=NO")

    assert (answer.status_code, answer.json()) == (400, {"code": -1121, "msg": "Invalid symbol."})
