"""The Bitstamp side: what it writes, agrees to, refuses, and tells by REST."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.fakes.waiting import wait_until
from tests.feeds.bitstamp import frames
from tests.feeds.simulator.clients import get, parse, shape, sides, still, truth, watching

VENUE = "BITSTAMP"
BTC, PERPETUAL = f"{VENUE}:btcusd", f"{VENUE}:btcusd-perp"


def subscribe(channel: str, verb: str = "subscribe") -> dict[str, object]:
    return {"event": f"bts:{verb}", "data": {"channel": channel}}


def fields(message: dict[str, object]) -> object:
    return {key: sorted(value) if isinstance(value, dict) else None for key, value in message.items()}


async def test_frames_have_the_documented_fields() -> None:
    async with still(BTC, PERPETUAL) as simulator, watching(simulator, VENUE.lower()) as watcher:
        for channel in (
            "order_book_btcusd",
            "diff_order_book_btcusd",
            "live_trades_btcusd",
            "funding_rate_btcusd-perp",
        ):
            [agreed] = await watcher.ask(subscribe(channel))
            assert agreed == {"event": "bts:subscription_succeeded", "channel": channel, "data": {}}
        simulator.step(120)
        told = {message["channel"]: message for message in await watcher.new()}

    for channel, event, data in (
        ("order_book_btcusd", "data", frames.PICTURE),
        ("diff_order_book_btcusd", "data", frames.CHANGE),
        ("live_trades_btcusd", "trade", {**frames.OLD_TRADE, "id_str": ""}),
        ("funding_rate_btcusd-perp", "funding_rate_saved", frames.RATE),
    ):
        documented = json.loads(frames.told(event, channel, data))
        assert fields(told[channel]) == fields(documented)
        assert list(told[channel]) == list(documented), "the channel stands behind the data"


async def test_a_picture_is_the_true_book_and_changes_lead_to_it() -> None:
    async with still(BTC, levels=60) as simulator, watching(simulator, VENUE.lower()) as watcher:
        url = simulator.rest_url(VENUE.lower()) + "/api/v2/order_book/btcusd/?group=1"
        begun = parse((await get(url)).text)
        await watcher.ask(subscribe("order_book_btcusd"))
        await watcher.ask(subscribe("diff_order_book_btcusd"))
        simulator.step(300)
        messages = await watcher.new()

        built = {side: {Decimal(p): Decimal(q) for p, q in begun[side]} for side in ("bids", "asks")}
        for message in messages:
            if message["channel"].startswith("diff"):
                for side in built:
                    built[side].update({Decimal(p): Decimal(q) for p, q in message["data"][side]})
        built = {side: {p: q for p, q in levels.items() if q} for side, levels in built.items()}
        assert sides(built) == truth(simulator, BTC)
        last = [message["data"] for message in messages if message["channel"] == "order_book_btcusd"][-1]
        bids, asks = truth(simulator, BTC)
        shown = [[(Decimal(p), Decimal(q)) for p, q in last[side]] for side in ("bids", "asks")]
        assert shown == [bids[:100], asks[:100]]


async def test_a_trade_names_the_side_of_the_later_order() -> None:
    async with still(BTC) as simulator, watching(simulator, VENUE.lower()) as watcher:
        await watcher.ask(subscribe("live_trades_btcusd"))
        simulator.step(200)
        told = [message["data"] for message in await watcher.new()]

        made = [
            (str(each["id"]), ("buy", "sell")[each["type"]], each["price_str"], each["amount_str"])
            for each in told
        ]
        assert made == [each[:4] for each in simulator.trades(BTC)][-len(made) :]
        assert len(made) > 30
        assert all((each["buy_order_id"] > each["sell_order_id"]) == (each["type"] == 0) for each in told)


async def test_what_there_is_not_is_agreed_to_and_silent_and_what_is_no_channel_refused() -> None:
    """As a market in small letters that there is not was found to be in September 2026."""
    async with still(BTC) as simulator, watching(simulator, VENUE.lower()) as watcher:
        [agreed] = await watcher.ask(subscribe("order_book_nousd"))
        assert agreed["event"] == "bts:subscription_succeeded"
        for request, words in (
            (subscribe("order_book_BTC/USD"), "Invalid channel provided."),
            ({"event": "bts:subscribe"}, "Bad subscription string."),
            ("{", "Incorrect JSON format."),
        ):
            [refused] = await watcher.ask(request)
            assert refused == json.loads(frames.REFUSED) | {"data": {"code": None, "message": words}}
        [beat] = await watcher.ask({"event": "bts:heartbeat"})
        assert shape(json.dumps(beat)) == shape(frames.BEAT.decode())


async def test_what_is_left_is_silent() -> None:
    async with still(BTC) as simulator, watching(simulator, VENUE.lower()) as watcher:
        await watcher.ask(subscribe("order_book_btcusd"))
        [left] = await watcher.ask(subscribe("order_book_btcusd", "unsubscribe"))
        simulator.step(50)

        assert left == json.loads(frames.LEFT)
        assert await watcher.new() == []


async def test_a_long_request_and_too_many_channels_end_the_link() -> None:
    async with still(BTC) as simulator:
        exchange = simulator.exchanges[VENUE]
        async with watching(simulator, VENUE.lower()) as watcher:
            await watcher.ws.send(" " * 513)
            await wait_until(lambda: not exchange.links)
        async with watching(simulator, VENUE.lower()) as watcher:
            [link] = exchange.links
            for number in range(1024):
                exchange._subscribers[f"order_book_x{number}"].add(link)
            await watcher.ws.send(json.dumps(subscribe("order_book_btcusd")))
            await wait_until(lambda: not exchange.links)

        assert exchange.counters["bytes_over_limit"] == exchange.counters["channels_over_limit"] == 1


async def test_candles_by_rest_are_the_true_bars() -> None:
    async with still(BTC) as simulator:
        simulator.step(300, every_ms=500)
        root = simulator.rest_url(VENUE.lower()) + "/api/v2"
        rows = parse((await get(root + "/ohlc/btcusd/?step=60&limit=5")).text)["data"]["ohlc"]
        missing = await get(root + "/ticker/nousd/")

        bars = simulator.bars(BTC, 1, 5)
    keys = ("open", "high", "low", "close", "volume")
    told = [(int(row["timestamp"]) * 1_000_000, *(Decimal(row[key]) for key in keys)) for row in rows]
    assert told == [(bar[0], *map(Decimal, bar[1:6])) for bar in bars]
    assert missing.status_code == 404


@pytest.mark.parametrize(("asked", "allowed"), [(400, True), (401, False)])
async def test_more_requests_than_allowed_are_refused(asked: int, allowed: bool) -> None:
    async with still(BTC) as simulator:
        exchange = simulator.exchanges[VENUE]
        answers = [exchange.answer("/api/v2/markets/", {}) for _ in range(asked)]

        assert (answers[-1].status == 200) == allowed
        assert exchange.counters["requests_over_limit"] == (not allowed)
