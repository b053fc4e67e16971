"""The side of Binance's futures: wire text as documented, numbers with holes, paths, contracts, limits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from feeds.simulator.listing import listings
from tests.feeds.binance import futures_frames as frames
from tests.feeds.simulator.clients import applied, get, shape, sides, still, truth, watching

USDM, COINM = "BINANCE_USDM:BTCUSDT", "BINANCE_COINM:BTCUSD_PERP"
PUBLIC, MARKET = "/public/stream?streams=", "/market/stream?streams="


def streams(*kinds: str, symbol: str = "btcusdt") -> str:
    return "/".join(f"{symbol}@{kind}" for kind in kinds)


def spliced(snapshot: Any, events: list[Any]) -> dict[str, dict[Any, Any]]:
    """The venue's own procedure for a local book; a hole fails."""
    book: dict[str, dict[Any, Any]] = {"bids": {}, "asks": {}}
    applied(book, snapshot["bids"], snapshot["asks"])
    kept = [each for each in events if each["u"] >= snapshot["lastUpdateId"]]
    assert kept[0]["pu"] <= snapshot["lastUpdateId"] <= kept[0]["u"]
    assert all(after["pu"] == before["u"] for before, after in zip(kept, kept[1:], strict=False))
    for event in kept:
        applied(book, event["b"], event["a"])
    return book


@pytest.mark.parametrize(
    ("path", "kind", "documented"),
    [
        (PUBLIC, "depth@100ms", frames.DEPTH),
        (PUBLIC, "bookTicker", frames.QUOTE),
        (MARKET, "aggTrade", frames.TRADE),
        (MARKET, "ticker", frames.TICKER),
        (MARKET, "markPrice@1s", frames.MARK),
        (MARKET, "forceOrder", frames.LIQUIDATION),
    ],
)
async def test_frames_have_the_shape_of_documented_ones(path: str, kind: str, documented: bytes) -> None:
    async with still(USDM) as simulator, watching(simulator, "binance_usdm", path + streams(kind)) as watcher:
        simulator.step(900, every_ms=20)
        texts = await watcher.texts()

    assert str(shape(documented.decode())) in {str(shape(text)) for text in texts}


@pytest.mark.parametrize(("name", "path"), [(USDM, PUBLIC), (COINM, "/stream?streams=")])
async def test_rest_and_stream_are_the_true_book_by_what_came_before(name: str, path: str) -> None:
    venue, _, native = name.partition(":")
    stream = streams("depth@100ms", symbol=native.lower())
    async with still(name) as simulator, watching(simulator, venue.lower(), path + stream) as watcher:
        simulator.step(200, every_ms=20)
        root = simulator.rest_url(venue) + simulator.exchanges[venue].rest_prefix
        snapshot = (await get(f"{root}depth?symbol={native}&limit=1000")).json()
        simulator.step(400, every_ms=20)
        events = [message["data"] for message in await watcher.new()]

        assert any(event["U"] > event["pu"] + 1 for event in events), "ids are counted over all contracts"
        assert sides(spliced(snapshot, events)) == truth(simulator, name)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        (PUBLIC, {"bookTicker", "depth@100ms"}),
        (MARKET, {"aggTrade", "markPrice@1s"}),
        ("/stream?streams=", {"bookTicker", "depth@100ms"}),
    ],
)
async def test_a_stream_on_another_path_is_agreed_to_and_silent(path: str, sent: set[str]) -> None:
    async with still(USDM) as simulator, watching(simulator, "binance_usdm", path) as watcher:
        asked = ["bookTicker", "depth@100ms", "aggTrade", "markPrice@1s"]
        params = [f"btcusdt@{kind}" for kind in asked]
        assert await watcher.ask({"method": "SUBSCRIBE", "params": params, "id": 1}) == [
            {"result": None, "id": 1}
        ]
        simulator.step(300, every_ms=20)
        found = {message["stream"].partition("@")[2] for message in await watcher.new()}

    assert found == sent


async def test_the_coin_margined_market_has_no_paths() -> None:
    async with still(COINM) as simulator:
        exchange = simulator.exchanges["BINANCE_COINM"]
        assert exchange.speaks("/stream") and not exchange.speaks("/public/stream")


async def test_marks_come_each_second_though_nobody_trades() -> None:
    async with (
        still(USDM) as simulator,
        watching(simulator, "binance_usdm", MARKET + streams("markPrice@1s", "markPrice")) as watcher,
    ):
        for _ in range(9):
            simulator.clock.advance(1_000_000_000)
            simulator._run(0, simulator._now_ns, simulator.clock.now_ns())
        told = [message["stream"].partition("@")[2] for message in await watcher.new()]

    assert told.count("markPrice@1s") == 9
    assert told.count("markPrice") == 3


async def test_a_future_is_charged_no_funding_and_expires() -> None:
    name = "BINANCE_USDM:BTCUSDT_361226"
    path = MARKET + streams("markPrice@1s", symbol="btcusdt_361226")
    async with still(name) as simulator, watching(simulator, "binance_usdm", path) as watcher:
        simulator.step(60, every_ms=20)
        mark = (await watcher.new())[0]["data"]
        info = (await get(simulator.rest_url("BINANCE_USDM") + "/fapi/v1/exchangeInfo")).json()

    assert (mark["r"], mark["T"]) == ("", 0)
    [row] = info["symbols"]
    assert (row["contractType"], row["deliveryDate"]) == ("CURRENT_QUARTER", 2113891200000)


async def test_an_inverse_contract_counts_in_dollars() -> None:
    async with still(COINM) as simulator:
        root = simulator.rest_url("BINANCE_COINM") + "/dapi/v1"
        [row] = (await get(f"{root}/exchangeInfo")).json()["symbols"]
        interest = (await get(f"{root}/openInterest?symbol=BTCUSD_PERP")).json()
        [candle] = (await get(f"{root}/klines?symbol=BTCUSD_PERP&interval=1d&limit=1")).json()

    assert (row["contractSize"], row["marginAsset"], row["contractStatus"]) == (100, "BTC", "TRADING")
    assert interest["openInterest"].isdecimal()
    dollars = Decimal(candle[5]) * 100
    assert dollars / Decimal(candle[4]) == pytest.approx(Decimal(candle[7]), rel=Decimal("0.001"))


async def test_candles_of_the_inverse_market_want_an_end_within_200_days() -> None:
    async with still(COINM) as simulator:
        url = f"{simulator.rest_url('BINANCE_COINM')}/dapi/v1/klines?symbol=BTCUSD_PERP&interval=1d"
        start = simulator.clock.now_ns() // 1_000_000 - 400 * 86_400_000
        alone = (await get(f"{url}&startTime={start}&limit=10")).json()
        ended = (await get(f"{url}&startTime={start}&endTime={start + 10 * 86_400_000 - 1}&limit=10")).json()
        refused = await get(f"{url}&startTime={start}&endTime={start + 300 * 86_400_000}")

    assert alone[0][0] > start + 180 * 86_400_000, "the last ones before 200 days after the start"
    assert start <= ended[0][0] < start + 86_400_000
    assert len(ended) == 10
    assert refused.status_code == 400


async def test_who_asks_too_much_is_refused_by_each_market_for_itself() -> None:
    async with still(USDM, COINM) as simulator:
        for _ in range(121):
            simulator.exchanges["BINANCE_USDM"].budget.spend(20)
        usdm = await get(simulator.rest_url("BINANCE_USDM") + "/fapi/v1/depth?symbol=BTCUSDT&limit=1000")
        coinm = await get(
            simulator.rest_url("BINANCE_COINM") + "/dapi/v1/depth?symbol=BTCUSD_PERP&limit=1000"
        )

    assert (usdm.status_code, coinm.status_code) == (429, 200)


async def test_a_contract_that_stops_is_told() -> None:
    path = MARKET + "!contractInfo"
    async with still(USDM) as simulator, watching(simulator, "binance_usdm", path) as watcher:
        simulator.fault("halt", symbol=USDM)
        [message] = await watcher.new()

    assert (message["data"]["s"], message["data"]["cs"], message["data"]["st"]) == ("BTCUSDT", "SETTLING", 1)


def test_contracts_are_there_by_name_alone() -> None:
    assert not any(listing.settle for listing in listings(500))
    assert [listing.kind for listing in listings([USDM, COINM])] == ["perpetual", "perpetual"]
