"""The Kraken side: wire text as recorded, checksums, depth, acknowledgements."""

from __future__ import annotations

import zlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.feeds.simulator.clients import Watcher, applied, get, parse, shape, sides, still, truth, watching

BTC = "KRAKEN:BTC/USD"
V2 = "/v2"


def subscribe(channel: str, *symbols: str, **params: Any) -> dict[str, Any]:
    return {
        "method": "subscribe",
        "params": {"channel": channel, "symbol": list(symbols)} | params,
        "req_id": 7,
    }


def crc(bids: list[Any], asks: list[Any]) -> int:
    """The venue's recipe, on the digits of the wire."""
    digits = "".join(
        str(number).replace(".", "").lstrip("0") for level in (*asks[:10], *bids[:10]) for number in level
    )
    return zlib.crc32(digits.encode())


def follow(messages: list[Any], depth: int) -> tuple[dict[str, dict[Any, Any]], int]:
    """The book a client keeps, and how many checksums were right; a wrong one fails."""
    book: dict[str, dict[Any, Any]] = {"bids": {}, "asks": {}}
    right = 0
    for data in (message["data"][0] for message in messages if message.get("channel") == "book"):
        levels = [[(level["price"], level["qty"]) for level in data[side]] for side in ("bids", "asks")]
        applied(book, *levels)
        bids, asks = sides(book, depth)
        book = {"bids": dict(bids), "asks": dict(asks)}
        assert crc(bids, asks) == data["checksum"]
        right += 1
    return book, right


def recorded(captures: Path) -> list[str]:
    return (captures / "kraken-v2/2026-08-24_btcusd_book10_8msgs.raw.jsonl").read_text().splitlines()


async def test_frames_have_the_shape_of_recorded_ones(captures: Path) -> None:
    status, ack, snapshot, heartbeat, *_, update = recorded(captures)
    async with still(BTC) as simulator, watching(simulator, "kraken", V2) as watcher:
        await watcher.ask({k: v for k, v in subscribe("book", "BTC/USD", depth=10).items() if k != "req_id"})
        simulator.step(30)
        await watcher.texts()

    updates = {str(shape(text)) for text in watcher.seen[3:] if "book" in text}
    assert [shape(text) for text in watcher.seen[:3]] == [shape(text) for text in (status, ack, snapshot)]
    assert str(shape(update)) in updates
    assert parse(heartbeat) == {"channel": "heartbeat"}


@pytest.mark.parametrize("name", ["ticker_snapshot", "trade_update"])
async def test_other_channels_have_the_documented_keys(captures: Path, name: str) -> None:
    channel = name.partition("_")[0]
    example = parse((captures / f"examples/kraken/ws_{name}.json").read_text())
    async with still(BTC) as simulator, watching(simulator, "kraken", V2) as watcher:
        message = (await watcher.ask(subscribe(channel, "BTC/USD")))[-1]

    assert list(message) == list(example)
    assert list(message["data"][0]) == list(example["data"][0])
    assert {key: type(value) for key, value in message["data"][0].items()} == {
        key: type(value) for key, value in example["data"][0].items()
    }


async def test_bars_have_the_documented_keys(captures: Path) -> None:
    example = parse((captures / "examples/kraken/ws_ohlc_update.json").read_text())
    async with still(BTC) as simulator, watching(simulator, "kraken", V2) as watcher:
        message = (await watcher.ask(subscribe("ohlc", "BTC/USD", interval=5)))[-1]

    assert set(example["data"][0]) <= set(message["data"][0])
    assert message["data"][-1]["interval"] == 5


async def test_numbers_are_bare_and_keep_all_their_decimals() -> None:
    async with still(BTC) as simulator, watching(simulator, "kraken", V2) as watcher:
        level = (await watcher.ask(subscribe("book", "BTC/USD")))[-1]["data"][0]["bids"][0]

    assert isinstance(level["price"], Decimal)
    assert -level["price"].as_tuple().exponent == 1
    assert -level["qty"].as_tuple().exponent == 8


@pytest.mark.parametrize("depth", [10, 25, 100])
async def test_every_checksum_is_right_and_the_cut_book_is_the_true_one(depth: int) -> None:
    async with still(BTC) as simulator, watching(simulator, "kraken", V2) as watcher:
        await watcher.ask(subscribe("book", "BTC/USD", depth=depth))
        simulator.step(600)
        await watcher.texts()

        book, right = follow([parse(text) for text in watcher.seen], depth)
        assert right > 100
        assert sides(book) == truth(simulator, BTC, depth)


async def test_levels_pushed_out_of_view_are_not_deleted() -> None:
    async with still(BTC) as simulator, watching(simulator, "kraken", V2) as watcher:
        await watcher.ask(subscribe("book", "BTC/USD", depth=10))
        simulator.step(600)
        await watcher.texts()

        deleted = {
            (side, level["price"])
            for message in map(parse, watcher.seen) if message.get("channel") == "book"
            for side in ("bids", "asks") for level in message["data"][0][side] if not level["qty"]
        }  # fmt: skip
        gone = [
            (side, price) for side, price in deleted
            if price not in dict(truth(simulator, BTC)[side == "asks"])
        ]  # fmt: skip
        assert deleted
        assert len(gone) > len(deleted) / 2


async def test_each_symbol_gets_its_acknowledgement_and_unknown_ones_an_error() -> None:
    async with still(BTC, "KRAKEN:EUR/USD") as simulator, watching(simulator, "kraken", V2) as watcher:
        await watcher.new()
        replies = await watcher.ask(subscribe("trade", "BTC/USD", "NO/SUCH", "EUR/USD"))

    acks = [reply for reply in replies if "method" in reply]
    assert [(ack["success"], ack["req_id"]) for ack in acks] == [(True, 7), (False, 7), (True, 7)]
    assert acks[1]["error"] == "Currency pair not supported NO/SUCH"
    assert acks[1]["symbol"] == "NO/SUCH"
    assert acks[0]["result"] == {"channel": "trade", "snapshot": True, "symbol": "BTC/USD"}


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ("{", "Malformed request"),
        ("[]", "Malformed request"),
        ({"method": "dance"}, "Unsupported method"),
        (subscribe("book", "BTC/USD", depth=11), "Depth 11 not supported"),
        (subscribe("weather", "BTC/USD"), "Channel weather does not exist"),
        (
            {"method": "unsubscribe", "params": {"channel": "trade", "symbol": ["BTC/USD"]}},
            "Subscription Not Found",
        ),
    ],
)
async def test_wrong_requests_are_answered_in_words(request_: Any, problem: str) -> None:
    async with still(BTC) as simulator, watching(simulator, "kraken", V2) as watcher:
        reply = (await watcher.ask(request_))[-1]

    assert (reply["success"], reply["error"]) == (False, problem)


async def test_unsubscribed_symbol_is_silent_and_a_new_subscription_brings_a_new_book() -> None:
    async with still(BTC) as simulator, watching(simulator, "kraken", V2) as watcher:
        await watcher.ask(subscribe("book", "BTC/USD"))
        ack = (await watcher.ask(subscribe("book", "BTC/USD") | {"method": "unsubscribe"}))[-1]
        simulator.step(50)
        silence = await watcher.new()
        again = await watcher.ask(subscribe("book", "BTC/USD"))

    assert ack["result"] == {"channel": "book", "depth": 10, "symbol": "BTC/USD"}
    assert silence == []
    assert again[-1]["type"] == "snapshot"


async def test_trades_are_the_true_ones_with_the_last_fifty_first() -> None:
    async with still(BTC) as simulator, watching(simulator, "kraken", V2) as watcher:
        await watcher.ask(subscribe("trade", "BTC/USD"))
        simulator.step(300)
        await watcher.texts()

        messages = [message for message in map(parse, watcher.seen) if message.get("channel") == "trade"]
        told = [
            (str(each["trade_id"]), each["side"], str(each["price"]), str(each["qty"]))
            for message in messages for each in message["data"]
        ]  # fmt: skip
        assert len(messages[0]["data"]) == 50
        assert told == [each[:4] for each in simulator.trades(BTC)]


async def test_ticker_by_quote_shows_the_touch() -> None:
    async with still(BTC) as simulator, watching(simulator, "kraken", V2) as watcher:
        await watcher.ask(subscribe("ticker", "BTC/USD", event_trigger="bbo"))
        simulator.step(200)
        last = (await watcher.new())[-1]["data"][0]

        bids, asks = truth(simulator, BTC, 1)
        assert [(last["bid"], last["bid_qty"]), (last["ask"], last["ask_qty"])] == [bids[0], asks[0]]


async def test_ping_is_answered_with_its_number() -> None:
    async with still(BTC) as simulator, watching(simulator, "kraken", V2) as watcher:
        pong = (await watcher.ask({"method": "ping", "req_id": 42}))[-1]

    assert list(pong) == ["method", "req_id", "time_in", "time_out"]
    assert (pong["method"], pong["req_id"]) == ("pong", 42)


async def _heartbeats(watcher: Watcher) -> int:
    return sum(text == '{"channel":"heartbeat"}' for text in await watcher.texts())


async def test_heartbeats_come_once_something_is_subscribed() -> None:
    async with still(BTC) as simulator, watching(simulator, "kraken", V2) as watcher:
        kraken = simulator.exchanges["KRAKEN"]
        link = next(iter(kraken.links))
        kraken.beat(link.opened_s + 10)
        before = await _heartbeats(watcher)
        await watcher.ask(subscribe("book", "BTC/USD"))
        kraken.beat(link.sent_s + 1)

        assert before == 0
        assert await _heartbeats(watcher) >= 1


async def test_rest_has_the_shape_of_the_examples(captures: Path) -> None:
    examples = captures / "examples/kraken"
    async with still(BTC) as simulator:
        root = simulator.rest_url("kraken") + "/0/public/"
        bars = (await get(root + "OHLC?pair=XBTUSD&interval=1")).text
        book = (await get(root + "Depth?pair=BTC/USD&count=5")).json()["result"]["XXBTZUSD"]
        pair = (await get(root + "AssetPairs")).json()["result"]["XXBTZUSD"]

    pairs = parse((examples / "http_asset_pairs.json").read_text())["result"]["XBTUSDT"]
    assert set(pairs) - set(pair) == {"long_position_limit", "short_position_limit"}
    assert pair["wsname"] == "XBT/USD"
    assert str(shape((examples / "http_ohlc.json").read_text())["result"]["XBTUSDT"]) == str(
        shape(bars)["result"]["XXBTZUSD"]
    )
    shown = parse((examples / "http_order_book.json").read_text())["result"]["XBTUSDT"]
    assert [len(book["asks"]), len(book["asks"][0])] == [5, 3]
    assert digits(book["asks"][0]) == digits(shown["asks"][0])


def digits(row: list[Any]) -> list[int]:
    """Decimals of price and quantity."""
    return [len(text.partition(".")[2]) for text in row[:2]]


async def test_rest_bars_end_with_the_running_one() -> None:
    async with still(BTC) as simulator:
        simulator.step(200, every_ms=500)
        result = (await get(simulator.rest_url("kraken") + "/0/public/OHLC?pair=BTC/USD&interval=1")).json()[
            "result"
        ]

        rows = result["XXBTZUSD"]
        running = simulator.bars(BTC, 1, 1)[0]
        assert len(rows) == 720
        assert rows[-1] == [
            running.start_us // 1_000_000, running.open, running.high, running.low, running.close,
            rows[-1][5], running.volume, running.trades,
        ]  # fmt: skip
        assert result["last"] == rows[-2][0]


async def test_rest_knows_no_other_pair() -> None:
    async with still(BTC) as simulator:
        answer = await get(simulator.rest_url("kraken") + "/0/public/OHLC?pair=NO")

    assert answer.json() == {"error": ["EQuery:Unknown asset pair"]}


async def test_rest_ticker_and_assets_agree_with_what_is_true() -> None:
    async with still(BTC) as simulator:
        simulator.step(200, every_ms=500)
        root = simulator.rest_url("kraken") + "/0/public/"
        day = (await get(root + "Ticker?pair=XBTUSD")).json()["result"]["XXBTZUSD"]
        assets = (await get(root + "Assets")).json()["result"]
        bids, asks = simulator.book(BTC, 1)[:2]
        last = simulator.trades(BTC)[-1]

    assert (day["b"][0], day["b"][2]) == bids[0]
    assert (day["a"][0], day["a"][2]) == asks[0]
    assert day["c"] == [last.price, last.qty]
    assert float(day["l"][1]) <= float(day["p"][1]) <= float(day["h"][1])
    assert {code: asset["altname"] for code, asset in assets.items()} == {"XXBT": "XBT", "ZUSD": "USD"}
