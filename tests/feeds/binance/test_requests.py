"""What we ask of Binance, and what it answers by REST."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from feeds.codec import DecodeError, InstrumentSpec, RestRequest, Subscription
from feeds.events import Bar, BookSnapshot
from feeds.symbols import BOOK, CHANNELS, INTERVALS, OHLC, TICKER, TRADE
from feeds.venues.binance.public import BinanceCodec

codec = BinanceCodec()


def wanted(native: str, *channels: str, depth: int = 0) -> list[Subscription]:
    return [Subscription(channel, f"BINANCE:{native}", native, depth) for channel in channels]


def streams(text: str) -> list[str]:
    return json.loads(text)["params"]


def test_streams_are_asked_for_in_lower_case_and_once():
    [request] = codec.subscribe(wanted("BTCUSDT", TICKER, TRADE, OHLC, BOOK), 7)

    assert json.loads(request.text) == {
        "method": "SUBSCRIBE",
        "params": ["btcusdt@bookTicker", "btcusdt@ticker", "btcusdt@trade", "btcusdt@depth@100ms"],
        "id": 7,
    }
    assert (request.req_id, request.subscriptions) == (
        7,
        tuple(wanted("BTCUSDT", TICKER, TRADE, OHLC, BOOK)),
    )


def test_unsubscribing_names_the_same_streams():
    [request] = codec.unsubscribe(wanted("BTCUSDT", BOOK), 8)

    assert json.loads(request.text) == {"method": "UNSUBSCRIBE", "params": ["btcusdt@depth@100ms"], "id": 8}


def test_requests_stay_below_the_length_that_is_never_answered():
    many = [sub for n in range(400) for sub in wanted(f"1000000COIN{n}FDUSD", *CHANNELS)]

    requests = codec.subscribe(many, 1)

    assert max(len(request.text.encode()) for request in requests) <= 4088
    assert [request.req_id for request in requests] == list(range(1, len(requests) + 1))
    assert [sub for request in requests for sub in request.subscriptions] == many


def test_links_hold_no_more_streams_than_the_venue_allows():
    many = [sub for n in range(1500) for sub in wanted(f"S{n}USDT", TICKER, TRADE, BOOK)]

    plans = codec.links(many)

    assert sorted(sub for plan in plans for sub in plan.subscriptions) == sorted(many)
    for plan in plans:
        texts = [request.text for request in codec.subscribe(plan.subscriptions, 1)]
        assert len({name for text in texts for name in streams(text)}) + 1 <= 1024
    assert {plan.path for plan in plans} == {"/stream?streams=btcusdt@miniTicker"}


def test_one_more_instrument_leaves_almost_all_where_they_are():
    many = [sub for n in range(600) for sub in wanted(f"S{n}USDT", TICKER, TRADE, BOOK)]
    before = {sub: plan.name for plan in codec.links(many) for sub in plan.subscriptions}
    after = {
        sub: plan.name
        for plan in codec.links(many + wanted("NEWUSDT", *CHANNELS))
        for sub in plan.subscriptions
    }

    assert sum(after[sub] != name for sub, name in before.items()) <= len(many) / 2


@pytest.mark.parametrize(
    ("depth", "limit", "weight"),
    [(0, 1000, 50), (10, 500, 25), (100, 500, 25), (250, 1000, 50), (1000, 5000, 250)],
)
def test_a_snapshot_reaches_beyond_what_is_shown_and_is_paid_for(depth, limit, weight):
    request = codec.snapshot_request(wanted("BTCUSDT", BOOK, depth=depth)[0])

    assert request == RestRequest(f"/api/v3/depth?symbol=BTCUSDT&limit={limit}", weight)


def test_a_snapshot_is_decoded_whole():
    subscription = wanted("BTCUSDT", BOOK, depth=100)[0]
    bids, asks = b'[["4.00000000","431.00000000"]]', b'[["4.00000200","12.00000000"]]'
    body = b'{"lastUpdateId":1027024,"bids":' + bids + b',"asks":' + asks + b"}"

    assert codec.decode_snapshot(subscription, body, 5) == BookSnapshot(
        "BINANCE:BTCUSDT",
        [("4.00000000", "431.00000000")],
        [("4.00000200", "12.00000000")],
        500,
        1027024,
        None,
        0,
        5,
    )


@pytest.mark.parametrize("body", [b"", b'{"code":-1121,"msg":"Invalid symbol."}', b"<html>", b"[" * 90_000])
def test_an_answer_that_is_none_is_an_error(body):
    subscription = wanted("BTCUSDT", BOOK)[0]

    for decode in (
        lambda: codec.decode_snapshot(subscription, body, 5),
        lambda: codec.decode_instruments(body),
        lambda: codec.decode_candles(subscription, 1, body, 0),
    ):
        with pytest.raises(DecodeError):
            decode()


def test_symbols_outside_ascii_are_quoted():
    subscription = wanted("币安人生USDT", BOOK)[0]

    assert "symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&" in codec.snapshot_request(subscription).path


def test_every_interval_has_candles():
    paths = [codec.candles_request(wanted("BTCUSDT", OHLC)[0], interval).path for interval in INTERVALS]

    assert [path.partition("interval=")[2] for path in paths] == [
        f"{name}&limit=500" for name in ("1m", "5m", "15m", "1h", "4h", "1d")
    ]
    assert codec.candles_request(wanted("BTCUSDT", OHLC)[0], 7) is None


def test_candles_know_whether_they_are_closed():
    body = (
        b'[[1499040000000,"0.01634790","0.80000000","0.01575800","0.01577100","148976.11427815",1499040059999,'
        b'"2434.19055334",308,"1756.87402397","28.46694368","0"],'
        b'[1499040060000,"0.01577100","0.01577100","0.01577100","0.01577100","1.00000000",1499040119999,'
        b'"0.01577100",1,"1","1","0"]]'
    )

    bars = codec.decode_candles(wanted("BTCUSDT", OHLC)[0], 1, body, 1499040060000000)

    name = "BINANCE:BTCUSDT"
    first = ("0.01634790", "0.80000000", "0.01575800", "0.01577100", "148976.11427815", 308, True, False)
    second = ("0.01577100", "0.01577100", "0.01577100", "0.01577100", "1.00000000", 1, False, False)
    assert bars == [Bar(name, 1, 1499040000000000, *first), Bar(name, 1, 1499040060000000, *second)]


def test_candles_of_times_without_trades_are_left_out_and_odd_numbers_refused():
    row = b'[[1499040000000,"1","1","1","1","0",1499040059999,"0",0,"0","0","0"]]'
    subscription = wanted("BTCUSDT", OHLC)[0]

    assert codec.decode_candles(subscription, 1, row, 0) == []
    with pytest.raises(DecodeError, match="plain numbers"):
        codec.decode_candles(subscription, 1, row.replace(b'"0",0', b'"0",9').replace(b'"1"', b'"1E999"'), 0)


def test_instruments_carry_their_increments_and_state():
    body = {
        "symbols": [
            symbol("ETHBTC", "TRADING", tick="0.00000100", step="0.00010000"),
            symbol("LUNABTC", "BREAK", tick="0.00000000", step="0.01000000"),
            symbol("币安人生USDT", "CANCEL_ONLY", tick="0.01000000", step="1.00000000"),
            symbol("<img src=x>", "TRADING", tick="1", step="1"),
            symbol("NONEUSDT", "TRADING") | {"filters": []},
        ]
    }

    found = codec.decode_instruments(json.dumps(body).encode())

    def spec(native, tick, lot, status):
        return InstrumentSpec("BINANCE", native, "spot", "BASE", "QUOTE", "QUOTE", tick, lot, status)

    assert found == [
        spec("ETHBTC", "0.00000100", "0.00010000", "trading"),
        spec("LUNABTC", "0.00000001", "0.01000000", "halted"),
        spec("币安人生USDT", "0.01000000", "1.00000000", "halted"),
        spec("NONEUSDT", "0.00000001", "0.00000001", "trading"),
    ]


def symbol(name: str, status: str, *, tick: str = "", step: str = "") -> dict:
    filters = [
        {"filterType": "PRICE_FILTER", "minPrice": tick, "tickSize": tick},
        {"filterType": "LOT_SIZE", "minQty": step, "stepSize": step},
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
    ]
    return {"symbol": name, "status": status, "baseAsset": "BASE", "quoteAsset": "QUOTE", "filters": filters}


def test_the_documented_answers_are_understood(captures: Path):
    folder = captures / "examples/binance/spot/http_json"
    subscription = wanted("BTCUSDT", BOOK)[0]

    def body(name: str) -> bytes:
        return (folder / f"{name}_response.json").read_bytes()

    assert codec.decode_snapshot(subscription, body("depth"), 5).bids
    assert codec.decode_candles(subscription, 1, body("klines"), 0)
    assert codec.decode_instruments(body("exchange_info"))
