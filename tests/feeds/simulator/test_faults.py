"""Faults of a link: each does what it says, to whom it says, and no more."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from feeds.simulator import Simulator
from feeds.simulator.faults import LinkFault, passed
from tests.fakes.waiting import wait_until
from tests.feeds.simulator.clients import Watcher, applied, get, parse, sides, still, truth, watching

KRAKEN, BINANCE, COINBASE = "KRAKEN:BTC/USD", "BINANCE:BTCUSDT", "COINBASE:BTC-USD"
DEPTH = "/stream?streams=btcusdt@depth@100ms"
BOOK = {"method": "subscribe", "params": {"channel": "book", "symbol": ["BTC/USD"], "depth": 10}}
LEVEL2 = {"type": "subscribe", "product_ids": ["BTC-USD"], "channel": "level2"}


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with still(KRAKEN, "KRAKEN:ETH/USD", BINANCE, COINBASE) as running:
        yield running


async def _events(watcher: Watcher) -> list[Any]:
    return [message["data"] for message in await watcher.new()]


async def test_gap_drops_so_many_deltas(simulator: Simulator) -> None:
    async with watching(simulator, "binance", DEPTH) as watcher:
        simulator.step(40, every_ms=50)
        simulator.fault("gap", symbol=BINANCE, n=2)
        simulator.step(40, every_ms=50)
        events = await _events(watcher)

    holes = [after["U"] - before["u"] for before, after in zip(events, events[1:], strict=False)]
    assert [hole for hole in holes if hole != 1] != []
    assert sum(hole != 1 for hole in holes) == 1


async def test_gap_on_coinbase_leaves_a_hole_in_the_links_sequence(simulator: Simulator) -> None:
    async with watching(simulator, "coinbase") as watcher:
        await watcher.ask(LEVEL2)
        simulator.fault("gap", venue="coinbase", n=3)
        for _ in range(6):
            simulator.step(30)
        numbers = [message["sequence_num"] for message in await watcher.new()]

    assert numbers[0] == 5
    assert numbers == list(range(5, 5 + len(numbers)))


async def test_duplicate_repeats_the_same_delta(simulator: Simulator) -> None:
    async with watching(simulator, "binance", DEPTH) as watcher:
        simulator.fault("duplicate", symbol=BINANCE)
        simulator.step(40, every_ms=50)
        events = await _events(watcher)

    assert events[0] == events[1]
    assert events[2]["U"] == events[1]["u"] + 1


def test_what_is_repeated_and_shuffled_at_once_leaves_all_the_same() -> None:
    faults = [LinkFault("duplicate"), LinkFault("shuffle", 2)]

    assert passed(faults, b"a", "", "book", {}, re.compile(rb"(?!)")) == [b"a", b"a"]
    assert faults == []


async def test_shuffle_reorders_and_loses_nothing(simulator: Simulator) -> None:
    async with watching(simulator, "binance", DEPTH) as watcher:
        simulator.fault("shuffle", symbol=BINANCE, n=5)
        simulator.step(60, every_ms=50)
        ids = [event["U"] for event in await _events(watcher)]

    assert ids[:5] != sorted(ids[:5])
    assert ids[5:] == sorted(ids[5:])
    assert len(set(ids)) == len(ids)


async def test_corrupt_level_under_a_stale_checksum(simulator: Simulator) -> None:
    async with watching(simulator, "kraken", "/v2") as watcher:
        await watcher.ask(BOOK)
        simulator.fault("corrupt", symbol=KRAKEN)
        simulator.step(100)
        frames = [text for text in await watcher.texts() if '"update"' in text]

    book, first_wrong = await _first_wrong_level(simulator, [*watcher.seen])
    assert first_wrong is not None
    assert len(frames) > 10
    assert book


async def _first_wrong_level(simulator: Simulator, frames: list[str]) -> tuple[dict[str, Any], Any]:
    """The same run without the fault shows which level was changed."""
    async with (
        still(KRAKEN, "KRAKEN:ETH/USD", BINANCE, COINBASE) as again,
        watching(again, "kraken", "/v2") as clean,
    ):
        await clean.ask(BOOK)
        again.step(100)
        await clean.texts()
    pairs = [(a, b) for a, b in zip(_books(frames), _books(clean.seen), strict=True) if a != b]
    assert len(pairs) == 1
    wrong, right = pairs[0]
    assert wrong["checksum"] == right["checksum"]
    return wrong, [level for side in ("bids", "asks") for level in wrong[side] if level not in right[side]][0]


def _books(frames: list[str]) -> list[Any]:
    return [message["data"][0] for message in map(parse, frames) if message.get("channel") == "book"]


async def test_corrupt_level_under_a_valid_sequence(simulator: Simulator) -> None:
    async with watching(simulator, "binance", DEPTH) as watcher:
        snapshot = (
            await get(simulator.rest_url("binance") + "/api/v3/depth?symbol=BTCUSDT&limit=5000")
        ).json()
        simulator.fault("corrupt", symbol=BINANCE)
        simulator.step(5)
        events = await _events(watcher)
        book: dict[str, Any] = {"bids": {}, "asks": {}}
        for each in (snapshot, *({"bids": e["b"], "asks": e["a"]} for e in events)):
            applied(book, each["bids"], each["asks"])

        assert events[0]["U"] == snapshot["lastUpdateId"] + 1
        assert sides(book) != truth(simulator, BINANCE)


@pytest.mark.parametrize(
    ("part", "value"), [("qty", "-1"), ("qty", "NaN"), ("price", "1E999"), ("price", "0")]
)
async def test_poison_puts_any_text_into_a_level(simulator: Simulator, part: str, value: str) -> None:
    async with watching(simulator, "binance", DEPTH) as watcher:
        simulator.fault("poison", symbol=BINANCE, value=value, part=part)
        simulator.step(20)
        event = (await _events(watcher))[0]

    level = (event["b"] or event["a"])[0]
    assert level[part == "qty"] == value


async def test_stalled_link_says_nothing_but_answers(simulator: Simulator) -> None:
    async with watching(simulator, "kraken", "/v2") as watcher:
        await watcher.ask(BOOK)
        simulator.fault("stall", venue="kraken")
        simulator.step(50)
        simulator.exchanges["KRAKEN"].beat(1e9)
        silence = await watcher.texts()
        pong = await watcher.ask({"method": "ping", "req_id": 1})

        assert silence == []
        assert pong[0]["method"] == "pong"
        simulator.fault("clear", venue="kraken")
        simulator.step(50)
        assert await watcher.new()


async def test_stall_lasts_as_long_as_asked(simulator: Simulator) -> None:
    async with watching(simulator, "kraken", "/v2") as watcher:
        await watcher.ask(BOOK)
        simulator.fault("stall", venue="kraken", seconds=0.05)
        await wait_until(lambda: not watcher.link.faults)
        simulator.step(50)

        assert await watcher.new()


async def test_stall_of_all_links_meets_new_ones_too(simulator: Simulator) -> None:
    simulator.fault("stall", venue="kraken", value="all")
    async with watching(simulator, "kraken", "/v2") as watcher:
        ack = await watcher.ask(BOOK)
        simulator.step(50)

        assert [message.get("method") for message in ack] == ["subscribe"]
        assert await watcher.new() == []


async def test_fault_of_one_symbol_spares_the_others(simulator: Simulator) -> None:
    request = json.loads(json.dumps(BOOK))
    request["params"]["symbol"] = ["BTC/USD", "ETH/USD"]
    async with watching(simulator, "kraken", "/v2") as watcher:
        await watcher.ask(request)
        simulator.fault("stall", symbol=KRAKEN)
        simulator.step(200)

        assert {message["data"][0]["symbol"] for message in await watcher.new()} == {"ETH/USD"}


async def test_reset_half_close_and_close_end_links_in_three_ways(simulator: Simulator) -> None:
    endings = []
    for kind in ("reset", "half_close", "close"):
        async with watching(simulator, "kraken", "/v2") as watcher:
            await watcher.new()
            assert simulator.fault(kind, venue="kraken", value="1012") == 1
            with pytest.raises(ConnectionClosed) as caught:
                await watcher.ws.recv()
            endings.append(
                (caught.value.rcvd.code if caught.value.rcvd else None, type(caught.value.__cause__))
            )

    assert endings[0] == (None, ConnectionResetError)
    assert endings[1][0] is None
    assert endings[2] == (1012, type(None))


async def test_oversize_and_garbage_frames_arrive_as_asked(simulator: Simulator) -> None:
    async with watching(simulator, "kraken", "/v2") as watcher:
        await watcher.new()
        simulator.fault("oversize", venue="kraken", n=3_000_000)
        simulator.fault("garbage", venue="kraken")
        simulator.fault("garbage", venue="kraken", value="not json")
        texts = await watcher.texts()

    assert len(texts[0]) > 3_000_000
    assert texts[1:] == ['{"channel": <html>502', "not json"]


async def test_drift_renames_a_key(simulator: Simulator) -> None:
    async with watching(simulator, "kraken", "/v2") as watcher:
        await watcher.ask(BOOK)
        simulator.fault("drift", symbol=KRAKEN, value="checksum:crc")
        simulator.step(60)
        keys = [list(message["data"][0]) for message in await watcher.new()]

    assert keys[0] == ["symbol", "bids", "asks", "crc", "timestamp"]
    assert keys[1] == ["symbol", "bids", "asks", "checksum", "timestamp"]


def _checksum(book: dict[str, dict[Any, Any]]) -> int:
    """As the venue documents it: the best ten, asks first, digits without point and leading zeros."""
    bids, asks = sides(book, 10)
    texts = [str(number).replace(".", "").lstrip("0") for level in (*asks, *bids) for number in level]
    return zlib.crc32("".join(texts).encode())


async def test_ghosts_are_removals_that_no_checksum_misses(simulator: Simulator) -> None:
    book: dict[str, dict[Any, Any]] = {"bids": {}, "asks": {}}
    request = {"method": "subscribe", "params": BOOK["params"] | {"depth": 1000}}
    async with watching(simulator, "kraken", "/v2") as watcher:
        told = [each for each in await watcher.ask(request) if each.get("channel") == "book"]
        simulator.fault("ghost", symbol=KRAKEN, n=24)
        while watcher.link.faults:
            simulator.step(1)
        told += await watcher.new()

    for data in (message["data"][0] for message in told):
        applied(book, *([(row["price"], row["qty"]) for row in data[side]] for side in ("bids", "asks")))
        assert _checksum(book) == data["checksum"]
    pairs = list(zip(sides(book), truth(simulator, KRAKEN), strict=True))
    assert 12 < sum(len(set(ours) - set(theirs)) for ours, theirs in pairs) <= 24
    assert not any(set(theirs) - set(ours) for ours, theirs in pairs)
