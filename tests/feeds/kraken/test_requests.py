"""What is asked of Kraken, over how many sockets, and what its REST answers become."""

from __future__ import annotations

import json

import pytest

from feeds.codec import DecodeError, InstrumentSpec, Subscription
from feeds.events import Bar
from feeds.venues.kraken.public import KrakenCodec

CODEC = KrakenCodec()


def wanted(channel: str, *natives: str, depth: int = 0) -> list[Subscription]:
    return [Subscription(channel, f"KRAKEN:{native}", native, depth) for native in natives]


def params(request) -> dict:
    return json.loads(request.text)["params"]


def test_one_request_carries_a_channels_instruments():
    requests = CODEC.subscribe(
        [*wanted("ticker", "BTC/USD", "EUR/USD"), *wanted("book", "BTC/USD", depth=25)], 7
    )

    assert [request.req_id for request in requests] == [7, 8]
    ticker = {"channel": "ticker", "symbol": ["BTC/USD", "EUR/USD"], "event_trigger": "bbo", "snapshot": True}
    assert params(requests[0]) == ticker
    assert params(requests[1]) == {"channel": "book", "symbol": ["BTC/USD"], "depth": 25, "snapshot": True}
    assert json.loads(requests[0].text)["req_id"] == 7
    assert requests[1].subscriptions == tuple(wanted("book", "BTC/USD", depth=25))


@pytest.mark.parametrize(("depth", "asked"), [(0, 100), (10, 10), (11, 25), (500, 500), (5000, 1000)])
def test_the_depth_is_one_that_kraken_offers(depth, asked):
    (item,) = wanted("book", "BTC/USD", depth=depth)

    assert params(CODEC.subscribe([item], 1)[0])["depth"] == asked
    assert params(CODEC.unsubscribe([item], 1)[0])["depth"] == asked
    assert CODEC.book_depth(item) == asked


def test_bars_ask_for_trades_once():
    both = [*wanted("trade", "BTC/USD"), *wanted("ohlc", "BTC/USD")]

    (request,) = CODEC.subscribe(both, 1)

    assert params(request)["channel"] == "trade"
    assert params(request)["symbol"] == ["BTC/USD"]
    assert request.subscriptions == tuple(both)


def test_long_lists_are_cut():
    names = [f"A{at}/USD" for at in range(120)]

    requests = CODEC.subscribe(wanted("trade", *names), 1)

    assert [len(params(request)["symbol"]) for request in requests] == [50, 50, 20]
    assert [request.req_id for request in requests] == [1, 2, 3]


def test_an_instruments_channels_share_a_link_and_links_are_few():
    names = [f"A{at}/USD" for at in range(500)]
    everything = [item for channel in ("ticker", "trade", "book") for item in wanted(channel, *names)]

    plans = CODEC.links(everything)

    assert 3 <= len(plans) <= 8
    assert sorted(item for plan in plans for item in plan.subscriptions) == sorted(everything)
    assert {plan.path for plan in plans} == {"/v2"}
    homes = [{item.instrument for item in plan.subscriptions} for plan in plans]
    assert sum(map(len, homes)) == 500
    assert len(CODEC.links(everything[:1])) == 1


def test_pairs_become_instruments(captures):
    body = (captures / "examples/kraken/http_asset_pairs.json").read_bytes()
    stock = (captures / "examples/kraken/http_asset_pairs_tokenized.json").read_bytes()

    names = ("KRAKEN", "BTC/USDT", "spot", "BTC", "USDT", "USDT", "0.1", "0.00000001", "trading")
    assert CODEC.decode_instruments(body) == [InstrumentSpec(*names)]
    assert [(spec.native, spec.kind) for spec in CODEC.decode_instruments(stock)] == [("AAPLx/USD", "equity")]


def pair(wsname: str, **more) -> dict:
    return {"wsname": wsname, "pair_decimals": 5, "lot_decimals": 8, **more}


def test_kinds_names_and_states_of_pairs():
    pairs = {
        "ZEURZUSD": pair("EUR/USD"),
        "XDGUSD": pair("XDG/USD", status="cancel_only"),
        "DARK": {"pair_decimals": 1, "lot_decimals": 8},
        "EVIL": pair("<img src=x>/USD"),
        "USDTZUSD": pair("USDT/USD", status="limit_only", tick_size="0.00001"),
    }

    specs = CODEC.decode_instruments(json.dumps({"error": [], "result": pairs}).encode())

    assert [(spec.native, spec.kind, spec.tick_size, spec.status) for spec in specs] == [
        ("EUR/USD", "forex", "0.00001", "trading"),
        ("DOGE/USD", "spot", "0.00001", "halted"),
        ("USDT/USD", "spot", "0.00001", "trading"),
    ]


def test_candles_are_asked_for_by_the_rest_name():
    (item,) = wanted("ohlc", "BTC/USD")

    assert CODEC.candles_request(item, 5).path == "/0/public/OHLC?pair=XBTUSD&interval=5"
    since = CODEC.candles_request(item, 5, 0, 1_762_777_200_000_000).path
    assert since == "/0/public/OHLC?pair=XBTUSD&interval=5&since=1762777199"
    assert CODEC.instruments_request().path == "/0/public/AssetPairs"
    assert CODEC.snapshot_request(item) is None


def test_candles_without_trades_are_left_out_and_the_last_one_is_running(captures):
    (item,) = wanted("ohlc", "BTC/USDT")
    body = (captures / "examples/kraken/http_ohlc.json").read_bytes()

    bars = CODEC.decode_candles(item, 1, body, (1762777200 + 30) * 1_000_000)

    prices = ("106038.1", "106044.3", "106038.1", "106040.1", "0.08317981")
    assert bars[1] == Bar("KRAKEN:BTC/USDT", 1, 1_762_777_200_000_000, *prices, 3, False, True)
    assert (bars[0].closed, bars[0].incomplete) == (True, False)
    assert all(bar.trades for bar in bars)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>busy</html>",
        b'{"error":["EQuery:Unknown asset pair"]}',
        b'{"error":[],"result":{"X":[[1,2]]}}',
        b'{"error":[],"result":{"X":[[1,"NaN","1","1","1","1","1",1]]}}',
        b'{"error":[],"result":{"X":' + b"[" * 100_000,
        b"\xff",
    ],
)
def test_a_rest_answer_of_the_wrong_shape_is_a_decode_error(body):
    (item,) = wanted("ohlc", "BTC/USD")

    with pytest.raises(DecodeError):
        CODEC.decode_candles(item, 1, body, 0)
    with pytest.raises(DecodeError):
        CODEC.decode_snapshot(item, body, 0)
