"""What we ask of Coinbase, and what it answers by REST."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from feeds.codec import DecodeError, InstrumentSpec, Subscription
from feeds.events import Bar
from feeds.symbols import BOOK, OHLC, TICKER, TRADE
from feeds.venues.coinbase.public import CoinbaseCodec

codec = CoinbaseCodec()


def wanted(native: str, *channels: str) -> list[Subscription]:
    return [Subscription(channel, f"COINBASE:{native}", native) for channel in channels]


def test_one_channel_a_message_and_heartbeats_with_it():
    asked = [*wanted("BTC-USD", TICKER, TRADE, OHLC, BOOK), *wanted("ETH-USD", BOOK)]

    requests = codec.subscribe(asked, 3)

    assert [(json.loads(request.text), request.req_id) for request in requests] == [
        ({"type": "subscribe", "channel": "heartbeats"}, 3),
        ({"type": "subscribe", "product_ids": ["BTC-USD"], "channel": "ticker"}, 4),
        ({"type": "subscribe", "product_ids": ["BTC-USD"], "channel": "market_trades"}, 5),
        ({"type": "subscribe", "product_ids": ["BTC-USD", "ETH-USD"], "channel": "level2"}, 6),
    ]
    assert sorted(sub for request in requests for sub in request.subscriptions) == sorted(asked)


def test_unsubscribing_leaves_the_heartbeats():
    [request] = codec.unsubscribe(wanted("BTC-USD", BOOK), 9)

    assert json.loads(request.text) == {
        "type": "unsubscribe",
        "product_ids": ["BTC-USD"],
        "channel": "level2",
    }


def test_a_link_carries_ten_books_at_most():
    books = [sub for n in range(500) for sub in wanted(f"A{n}-USD", TICKER, TRADE, BOOK)]
    others = [sub for n in range(500) for sub in wanted(f"B{n}-USD", TICKER)]

    plans = codec.links(books + others)

    assert sorted(sub for plan in plans for sub in plan.subscriptions) == sorted(books + others)
    assert max(sum(sub.channel == BOOK for sub in plan.subscriptions) for plan in plans) <= 10
    assert len({plan.name for plan in plans}) == len(plans) < 120


def test_one_more_book_moves_at_most_half_of_a_link():
    books = [sub for n in range(200) for sub in wanted(f"A{n}-USD", BOOK)]
    before = {sub: plan.name for plan in codec.links(books) for sub in plan.subscriptions}
    for n in range(20):
        more = codec.links([*books, *wanted(f"NEW{n}-USD", BOOK)])
        after = {sub: plan.name for plan in more for sub in plan.subscriptions}

        assert sum(after[sub] != name for sub, name in before.items()) <= 9


def test_candles_are_asked_for_by_a_span_of_at_most_350():
    now_us = 1_786_309_548_228_568

    request = codec.candles_request(wanted("BTC-USD", OHLC)[0], 5, now_us)

    address = urlsplit(request.path)
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert address.path == "/api/v3/brokerage/market/products/BTC-USD/candles"
    assert query == {
        "granularity": "FIVE_MINUTE",
        "limit": "350",
        "start": str(1_786_309_500 - 349 * 300),
        "end": "1786309548",
    }
    assert codec.candles_request(wanted("BTC-USD", OHLC)[0], 7, now_us) is None


def test_candles_come_oldest_first_and_know_whether_they_are_closed():
    body = (
        b'{"candles":[{"start":"1712192400","low":"66055.14","high":"66331.99","open":"66312.4",'
        b'"close":"66181.6","volume":"355.82896243"},{"start":"1712188800","low":"65857.35",'
        b'"high":"66387.77","open":"65984.18","close":"66314.59","volume":"358.74851052"}]}'
    )

    bars = codec.decode_candles(wanted("BTC-USD", OHLC)[0], 60, body, 1712192400_000000)

    older = ("65984.18", "66387.77", "65857.35", "66314.59", "358.74851052", 0, True, False)
    newer = ("66312.4", "66331.99", "66055.14", "66181.6", "355.82896243", 0, False, False)
    assert bars == [
        Bar("COINBASE:BTC-USD", 60, 1712188800_000000, *older),
        Bar("COINBASE:BTC-USD", 60, 1712192400_000000, *newer),
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [("start", "soon"), ("start", "9" * 40), ("open", "NaN"), ("volume", "-1"), ("low", "")],
)
def test_odd_numbers_in_a_candle_are_refused(field, value):
    candle = {"start": "1712192400", "low": "1", "high": "1", "open": "1", "close": "1", "volume": "1"}
    body = json.dumps({"candles": [candle | {field: value}]}).encode()

    with pytest.raises(DecodeError, match="plain numbers"):
        codec.decode_candles(wanted("BTC-USD", OHLC)[0], 60, body, 0)


@pytest.mark.parametrize("body", [b"", b'{"error":"NOT_FOUND"}', b"<html>", b"[" * 90_000])
def test_an_answer_that_is_none_is_an_error(body):
    for decode in (
        lambda: codec.decode_instruments(body),
        lambda: codec.decode_candles(wanted("BTC-USD", OHLC)[0], 1, body, 0),
        lambda: codec.decode_snapshot(wanted("BTC-USD", BOOK)[0], body, 0),
    ):
        with pytest.raises(DecodeError):
            decode()


def test_aliases_and_futures_are_not_offered(captures: Path):
    folder = captures / "examples/coinbase"

    assert codec.decode_instruments((folder / "http_products.json").read_bytes()) == [
        InstrumentSpec("COINBASE", "BTC-USD", "spot", "BTC", "USD", "USD", "0.01", "0.00000001", "trading")
    ]
    assert codec.decode_instruments((folder / "http_products_future.json").read_bytes()) == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, "trading"),
        ({"status": "delisted", "trading_disabled": True}, "delisted"),
        ({"trading_disabled": True}, "halted"),
        ({"is_disabled": True}, "halted"),
        ({"view_only": True}, "halted"),
        ({"cancel_only": True}, "halted"),
        ({"post_only": True, "limit_only": True}, "trading"),
        ({"status": "offline"}, "halted"),
    ],
)
def test_what_may_not_trade_is_halted(captures: Path, change, status):
    product = json.loads((captures / "examples/coinbase/http_product.json").read_bytes()) | change

    [spec] = codec.decode_instruments(json.dumps({"products": [product]}).encode())

    assert spec.status == status
