"""What we ask of Coinbase Exchange, and what it answers by REST."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from feeds.codec import DecodeError, InstrumentSpec, Subscription
from feeds.events import Bar, BookSnapshot
from feeds.symbols import BOOK, OHLC, TICKER, TRADE
from feeds.venues.coinbase.exchange import ExchangeCodec

codec = ExchangeCodec()
NOW_US = 1_786_309_548_228_568


def wanted(native: str, *channels: str) -> list[Subscription]:
    return [Subscription(channel, f"COINBASE_EXCHANGE:{native}", native) for channel in channels]


def channels_of(text: str) -> dict[str, list[str]]:
    return {each["name"]: each["product_ids"] for each in json.loads(text)["channels"]}


def test_each_channel_is_asked_for_with_the_heartbeats_of_its_products():
    asked = [*wanted("BTC-USD", TICKER, TRADE, OHLC, BOOK), *wanted("ETH-USD", BOOK)]

    requests = codec.subscribe(asked, 3)

    btc, both = ["BTC-USD"], ["BTC-USD", "ETH-USD"]
    assert [(channels_of(request.text), request.req_id) for request in requests] == [
        ({"ticker": btc, "heartbeat": btc}, 3),
        ({"matches": btc, "heartbeat": btc}, 4),
        ({"level2_batch": both, "heartbeat": both}, 5),
    ]
    assert sorted(sub for request in requests for sub in request.subscriptions) == sorted(asked)


def test_products_are_named_by_channel():
    """Those beside all channels are refused since 2023: each channel has to name its own."""
    [request] = codec.subscribe(wanted("BTC-USD", TICKER), 1)

    assert json.loads(request.text).keys() == {"type", "channels"}


def test_leaving_a_channel_leaves_the_heartbeats():
    [request] = codec.unsubscribe(wanted("BTC-USD", BOOK), 9)

    assert json.loads(request.text) == {
        "type": "unsubscribe",
        "channels": [{"name": "level2_batch", "product_ids": ["BTC-USD"]}],
    }


def test_trades_and_bars_are_one_stream():
    streams = [codec.stream(item) for item in wanted("BTC-USD", TICKER, TRADE, OHLC, BOOK)]

    assert streams == ["", "matches:BTC-USD", "matches:BTC-USD", ""]


def test_five_hundred_products_are_on_few_links_each_on_one():
    asked = [item for n in range(500) for item in wanted(f"A{n}-USD", TICKER, TRADE, BOOK)]

    plans = codec.links(asked)

    products = [{item.native for item in plan.subscriptions} for plan in plans]
    assert sum(map(len, products)) == len(set().union(*products)) == 500
    assert max(map(len, products)) <= 50
    # Two links a second, each with three messages: what an address may ask for, and done in time.
    requests = sum(len(codec.subscribe(wanted("X-USD", TICKER, TRADE, BOOK), 1)) for _ in plans)
    assert requests / codec.limits.messages_per_s + len(plans) / codec.limits.connects < 30


def test_the_list_of_products_is_as_recorded(captures: Path):
    with gzip.open(captures / "coinbase-exchange/2021-04-17_10pairs.jsonl.gz", "rt") as lines:
        body = next(record["raw"] for record in map(json.loads, lines) if record["k"] == "http")

    found = codec.decode_instruments(body.encode())

    assert len(found) == 162
    assert {spec.status for spec in found} == {"trading"}
    sizes = "0.0001", "0.1", "trading"
    assert found[0] == InstrumentSpec("COINBASE_EXCHANGE", "SKL-EUR", "spot", "SKL", "EUR", "EUR", *sizes)


def test_candles_are_asked_for_by_a_span_of_at_most_300():
    [bars] = wanted("BTC-USD", OHLC)

    assert codec.candles_request(bars, 5, NOW_US).path == (
        "/products/BTC-USD/candles?granularity=300&start=2026-08-08T20:10:00Z&end=2026-08-09T21:05:48Z"
    )
    assert codec.candles_request(bars, 60, NOW_US, 1_786_147_200_000_000).path == (
        "/products/BTC-USD/candles?granularity=3600&start=2026-08-08T00:00:00Z&end=2026-08-09T21:05:48Z"
    )
    assert codec.candles_request(bars, 1440).path == "/products/BTC-USD/candles?granularity=86400"


@pytest.mark.parametrize("interval", [240, 7])
def test_there_are_no_candles_of_four_hours(interval: int):
    """60, 300, 900, 3600, 21600 and 86400 seconds, as
    https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products/get-product-candles says."""
    assert codec.candles_request(wanted("BTC-USD", OHLC)[0], interval, NOW_US) is None


def test_a_candle_is_time_low_high_open_close_volume():
    body = b"[[1712192400,66055.14,66331.990,66312.4,66181.6,355.82896243],[1712188800,1,4,2,3,1e-8]]"

    bars = codec.decode_candles(wanted("BTC-USD", OHLC)[0], 60, body, 1712192400_000000)

    newer = ("66312.4", "66331.990", "66055.14", "66181.6", "355.82896243", 0, False, False)
    older = ("2", "4", "1", "3", "0.00000001", 0, True, False)
    assert bars == [
        Bar("COINBASE_EXCHANGE:BTC-USD", 60, 1712188800_000000, *older),
        Bar("COINBASE_EXCHANGE:BTC-USD", 60, 1712192400_000000, *newer),
    ]


@pytest.mark.parametrize("row", ["[-1,1,1,1,1,1]", "[1,-1,1,1,1,1]", '[1,"x",1,1,1,1]', "[1,1,1,1,1,null]"])
def test_odd_numbers_in_a_candle_are_refused(row: str):
    with pytest.raises(DecodeError):
        codec.decode_candles(wanted("BTC-USD", OHLC)[0], 60, f"[{row}]".encode(), 0)


def test_a_book_to_compare_with_has_its_zeros_back():
    """As https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products/get-product-book shows
    it: price, size, number of orders."""
    body = (
        b'{"sequence":13051505638,"bids":[["6247.57","1",3],["6247.58","6.3578146",2]],'
        b'"asks":[["6251.52","2",1]],"time":"2021-02-12T01:09:23.334Z"}'
    )
    [book] = wanted("BTC-USD", BOOK)

    assert codec.audit_request(book).path == "/products/BTC-USD/book?level=2"
    bids = [("6247.58", "6.35781460"), ("6247.57", "1.00000000")]
    asks = [("6251.52", "2.00000000")]
    assert codec.decode_audit(book, body, 7) == BookSnapshot(
        "COINBASE_EXCHANGE:BTC-USD", bids, asks, 2000, 0, None, 0, 7
    )


@pytest.mark.parametrize("level", ['["x","1",1]', '["nan","1",1]', '["1","-1",1]', '["1","1"]', '[1,"1",1]'])
def test_odd_numbers_in_a_book_are_refused(level: str):
    body = f'{{"sequence":1,"bids":[{level}],"asks":[]}}'.encode()

    with pytest.raises(DecodeError):
        codec.decode_audit(wanted("BTC-USD", BOOK)[0], body, 0)


@pytest.mark.parametrize("body", [b"", b'{"message":"NotFound"}', b"<html>", b"[" * 90_000])
def test_an_answer_that_is_none_is_an_error(body: bytes):
    [book] = wanted("BTC-USD", BOOK)
    for decode in (
        lambda: codec.decode_instruments(body),
        lambda: codec.decode_candles(book, 1, body, 0),
        lambda: codec.decode_snapshot(book, body, 0),
        lambda: codec.decode_audit(book, body, 0),
    ):
        with pytest.raises(DecodeError):
            decode()
