"""OKX's side: wire text as documented, acknowledgements, numbers of books, limits, REST."""

from __future__ import annotations

import json
from typing import Any

import pytest

from feeds.simulator import Simulator, okx_listing
from feeds.simulator.link import now_s
from tests.feeds.okx import frames
from tests.feeds.simulator.clients import START_NS, Watcher, applied, get, sides, still, truth, watching

SPOT, SWAP = "OKX:BTC-USDT", "OKX:BTC-USDT-SWAP"
CHAIN = okx_listing.chains(START_NS)
PATH = "/ws/v5/public"


def asking(*args: dict[str, str], op: str = "subscribe", number: str = "7") -> dict[str, Any]:
    return {"id": number, "op": op, "args": list(args)}


def of(channel: str, native: str) -> dict[str, str]:
    return {"channel": channel, "instId": native}


async def begun(watcher: Watcher, native: str) -> tuple[dict[str, dict[Any, Any]], int]:
    """A book as its snapshot has it, and its number."""
    _, snapshot = await watcher.ask(asking(of("books", native)))
    [row] = snapshot["data"]
    assert (snapshot["action"], row["prevSeqId"], row["checksum"]) == ("snapshot", -1, 0)
    return _levels({"bids": {}, "asks": {}}, row), row["seqId"]


def _levels(book: dict[str, dict[Any, Any]], row: Any) -> dict[str, dict[Any, Any]]:
    applied(book, *([level[:2] for level in row[side]] for side in ("bids", "asks")))
    return book


@pytest.mark.parametrize(
    ("arg", "documented"),
    [
        (of("tickers", "BTC-USDT-SWAP"), frames.frame("tickers", "X", frames.TICKER)),
        (of("trades", "BTC-USDT-SWAP"), frames.frame("trades", "X", frames.TRADE)),
        (of("mark-price", "BTC-USDT-SWAP"), frames.frame("mark-price", "X", frames.MARK)),
        (of("index-tickers", "BTC-USDT"), frames.frame("index-tickers", "X", frames.INDEX)),
        (of("open-interest", "BTC-USDT-SWAP"), frames.frame("open-interest", "X", frames.INTEREST)),
        (of("funding-rate", "BTC-USDT-SWAP"), frames.frame("funding-rate", "X", frames.FUNDING)),
        (of("price-limit", "BTC-USDT-SWAP"), frames.frame("price-limit", "X", frames.LIMIT)),
        ({"channel": "liquidation-orders", **frames.SWAPS},
         frames.frame("liquidation-orders", frames.SWAPS, frames.LIQUIDATION)),
        ({"channel": "opt-summary", **frames.BTC_OPTIONS},
         frames.frame("opt-summary", frames.BTC_OPTIONS, frames.SUMMARY)),
        ({"channel": "status"}, frames.frame("status", {"channel": "status"}, frames.MAINTENANCE)),
    ],
)  # fmt: skip
async def test_frames_have_the_keys_of_documented_ones(arg: dict[str, str], documented: bytes) -> None:
    async with still(SWAP, CHAIN[1]) as simulator, watching(simulator, "okx", PATH) as watcher:
        await watcher.ask(asking(arg))
        simulator.step(900, every_ms=20)
        texts = [*watcher.seen, *await watcher.texts()]

    expected = _keys(documented.decode())
    assert expected in [_keys(text) for text in texts if '"data"' in text]


def _keys(text: str) -> Any:
    """Names, whatever their order: the documentation has several."""
    message = json.loads(text)
    row = message["data"][0]
    inner = row["details"][0] if "details" in row else {}
    return sorted(message["arg"]), sorted(row), sorted(inner)


async def test_a_book_is_the_true_one_by_its_numbers() -> None:
    async with still(SWAP) as simulator, watching(simulator, "okx", PATH) as watcher:
        book, last = await begun(watcher, "BTC-USDT-SWAP")
        simulator.step(400, every_ms=20)
        for message in await watcher.new():
            [row] = message["data"]
            assert (message["action"], row["prevSeqId"], row["checksum"]) == ("update", last, 0)
            book, last = _levels(book, row), row["seqId"]

        assert sides(book, 300) == truth(simulator, SWAP, 300)


async def test_a_book_is_a_window_of_four_hundred() -> None:
    async with still(SPOT, levels=450) as simulator, watching(simulator, "okx", PATH) as watcher:
        book, _ = await begun(watcher, "BTC-USDT")
        simulator.step(300, every_ms=20)
        for message in await watcher.new():
            book = _levels(book, message["data"][0])

        assert sides(book) == tuple(side[:400] for side in truth(simulator, SPOT))
        assert {len(side) for side in book.values()} == {400}


async def test_a_book_by_rest_stands_at_a_number_of_the_stream() -> None:
    async with still(SPOT) as simulator, watching(simulator, "okx", PATH) as watcher:
        simulator.exchanges["OKX"].begins = False
        assert [each.get("event") for each in await watcher.ask(asking(of("books", "BTC-USDT")))] == [
            "subscribe"
        ]
        simulator.step(200, every_ms=20)
        [row] = (await get(f"{simulator.rest_url('OKX')}/api/v5/market/books?instId=BTC-USDT&sz=400")).json()[
            "data"
        ]
        simulator.step(200, every_ms=20)
        book = _levels({"bids": {}, "asks": {}}, row)
        rows = [message["data"][0] for message in await watcher.new()]
        kept = [each for each in rows if each["seqId"] > row["seqId"]]
        assert kept[0]["prevSeqId"] <= row["seqId"] < kept[0]["seqId"]
        for each in kept:
            book = _levels(book, each)

        assert sides(book, 300) == truth(simulator, SPOT, 300)


async def test_each_stream_has_an_answer_and_what_is_missing_names_itself() -> None:
    async with still(SPOT) as simulator, watching(simulator, "okx", PATH) as watcher:
        args = of("trades", "BTC-USDT"), of("trades", "NONE-USDT")
        agreed, refused = await watcher.ask(asking(*args))

        assert (agreed["event"], agreed["arg"], agreed["id"]) == ("subscribe", args[0], "7")
        assert (refused["event"], refused["code"], refused["id"]) == ("error", "60018", "7")
        assert "channel:trades,instId:NONE-USDT doesn't exist" in refused["msg"]
        [left] = await watcher.ask(asking(args[0], op="unsubscribe"))
        assert left["event"] == "unsubscribe"
        simulator.step(300, every_ms=20)
        assert await watcher.new() == []


@pytest.mark.parametrize("message", ["[1]", '{"op":"subscribe"}', '{"op":"subscribe","args":[1]}', "{"])
async def test_what_is_no_request_is_refused(message: str) -> None:
    async with still(SPOT) as simulator, watching(simulator, "okx", PATH) as watcher:
        [refused] = await watcher.ask(message)

    assert (refused["event"], refused["code"]) == ("error", "60012")


async def test_ping_and_pong_are_no_json() -> None:
    async with still(SPOT) as simulator, watching(simulator, "okx", PATH) as watcher:
        await watcher.ws.send("ping")
        assert await watcher.ws.recv() == "pong"


async def test_a_link_on_which_nothing_moves_is_cut() -> None:
    async with still(SPOT) as simulator, watching(simulator, "okx", PATH) as watcher:
        exchange = simulator.exchanges["OKX"]
        exchange.beat(now_s() + 31)

        await watcher.ws.wait_closed()
        assert watcher.ws.close_code == 4004
        assert exchange.counters["quiet_closed"] == 1


async def test_more_requests_than_an_hour_allows_end_the_link() -> None:
    async with still(SPOT) as simulator, watching(simulator, "okx", PATH) as watcher:
        for _ in range(481):
            await watcher.ws.send(json.dumps(asking(of("trades", "BTC-USDT"))))

        await watcher.ws.wait_closed()
        assert simulator.exchanges["OKX"].counters["requests_over_limit"] == 1


async def test_lists_candles_and_refusals_by_rest() -> None:
    async with Simulator(instruments=[SPOT, SWAP, *CHAIN[:3]], paused=True, start_ns=START_NS) as simulator:
        root = f"{simulator.rest_url('OKX')}/api/v5"

        async def asked(path: str) -> Any:
            return (await get(f"{root}/{path}")).json()

        assert (await asked("public/underlying?instType=OPTION"))["data"] == [["BTC-USD"]]
        options = await asked("public/instruments?instType=OPTION&instFamily=BTC-USD")
        assert [row["instId"] for row in options["data"]] == [name.partition(":")[2] for name in CHAIN[1:3]]
        assert (await asked("public/instruments?instType=OPTION"))["code"] != "0"
        candles = (await asked("market/candles?instId=BTC-USDT&bar=1m&limit=5"))["data"]
        assert [row[8] for row in candles] == ["0", "1", "1", "1", "1"]
        before, after = candles[4][0], candles[1][0]
        between = await asked(f"market/history-candles?instId=BTC-USDT&bar=1m&before={before}&after={after}")
        assert between["data"] == candles[2:4]
        assert (await asked("market/books?instId=NONE"))["code"] == "51001"


async def test_who_asks_too_often_is_told_to_wait() -> None:
    async with still(SPOT) as simulator:
        url = f"{simulator.rest_url('OKX')}/api/v5/market/history-candles?instId=BTC-USDT"
        answers = [await get(url) for _ in range(21)]

    assert {answer.status_code for answer in answers[:20]} == {200}
    assert answers[20].status_code == 429
    assert answers[20].json()["code"] == "50011"
