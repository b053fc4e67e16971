"""What we ask of Bybit's markets, and what they answer by REST."""

from __future__ import annotations

import json

import pytest

from feeds.basics import in_parts
from feeds.codec import DecodeError, Subscription
from feeds.events import Bar
from feeds.symbols import (
    BOOK,
    CHANNELS,
    FUNDING,
    INTERVALS,
    LIQUIDATION,
    MARK,
    OHLC,
    OPTION,
    STATS,
    TICKER,
    TRADE,
)
from feeds.venues.bybit.public import InverseCodec, LinearCodec, MarketCodec, OptionCodec, SpotCodec

SPOT, LINEAR, INVERSE, OPTIONS = SpotCodec(), LinearCodec(), InverseCodec(), OptionCodec()
ALL = (SPOT, LINEAR, INVERSE, OPTIONS)
CALL = "BTC-27MAR26-70000-C-USDT"
T0_MS = 1_700_000_040_000


def wanted(codec: MarketCodec, native: str, *channels: str, depth: int = 0) -> list[Subscription]:
    found = [
        Subscription(each, f"{codec.venue}:{native}", native, depth * (each == BOOK)) for each in channels
    ]
    return in_parts(codec, found)


def args(codec: MarketCodec, items: list[Subscription], verb: str = "subscribe") -> list[str]:
    return [topic for request in getattr(codec, verb)(items, 1) for topic in json.loads(request.text)["args"]]


@pytest.mark.parametrize(
    ("codec", "native", "channels", "topics"),
    [
        (SPOT, "BTCUSDT", SPOT.channels, ["orderbook.1.BTCUSDT", "tickers.BTCUSDT", "publicTrade.BTCUSDT",
                                          "orderbook.200.BTCUSDT"]),
        (LINEAR, "BTCUSDT", LINEAR.channels, ["orderbook.1.BTCUSDT", "tickers.BTCUSDT", "publicTrade.BTCUSDT",
                                              "orderbook.200.BTCUSDT", "allLiquidation.BTCUSDT"]),
        (OPTIONS, CALL, OPTIONS.channels, [f"tickers.{CALL}", "publicTrade.BTC", f"orderbook.100.{CALL}"]),
    ],
    ids=lambda value: getattr(value, "venue", ""),
)  # fmt: skip
def test_a_topic_is_asked_for_once_whatever_it_brings(codec, native, channels, topics):
    items = wanted(codec, native, *channels, depth=100)

    assert args(codec, items) == args(codec, items, "unsubscribe") == topics
    asked = [item for request in codec.subscribe(items, 1) for item in request.subscriptions]
    assert sorted(asked) == sorted(items)


@pytest.mark.parametrize(
    ("codec", "shares"),
    [
        (SPOT, {TRADE, OHLC}),
        (LINEAR, {STATS, MARK, FUNDING, TRADE, OHLC}),
        (OPTIONS, {TICKER, MARK, OPTION, TRADE, OHLC}),
    ],
    ids=lambda value: getattr(value, "venue", ""),
)
def test_what_comes_together_says_so(codec, shares: set[str]):
    items = wanted(codec, CALL, *codec.channels)
    assert {item.channel for item in items if codec.stream(item)} == shares
    assert {codec.stream(item) for item in items if item.channel == MARK} <= {f"tickers.{CALL}"}


def test_options_of_one_base_share_their_trades():
    """https://bybit-exchange.github.io/docs/v5/websocket/public/trade: "option uses baseCoin"."""
    items = [item for strike in (1, 2) for item in wanted(OPTIONS, f"ETH-27MAR26-{strike}-P", TRADE)]
    assert {OPTIONS.stream(item) for item in items} == {"publicTrade.ETH"}
    assert args(OPTIONS, items) == ["publicTrade.ETH"]


@pytest.mark.parametrize(
    ("codec", "depths"),
    [
        (LINEAR, {0: 200, 10: 50, 50: 50, 100: 200, 500: 1000, 1000: 1000}),
        (OPTIONS, {0: 100, 10: 25, 100: 100, 1000: 100}),
    ],
    ids=lambda value: getattr(value, "venue", ""),
)
def test_a_book_is_asked_for_as_deep_as_it_is_wanted(codec, depths: dict[int, int]):
    for depth, offered in depths.items():
        assert args(codec, wanted(codec, "X", BOOK, depth=depth)) == [f"orderbook.{offered}.X"]


@pytest.mark.parametrize("codec", ALL, ids=lambda codec: codec.venue)
def test_five_hundred_instruments_keep_the_limits_of_links_and_requests(codec):
    """https://bybit-exchange.github.io/docs/v5/ws/connect: at most 21,000 characters of "args" for a
    connection, of spot ten in a request, of options two thousand on a connection."""
    names = [
        f"1000COIN{n}USDT" if codec is not OPTIONS else f"BTC-27MAR26-{70000 + n}-P-USDT" for n in range(500)
    ]
    items = [item for native in names for item in wanted(codec, native, *codec.channels)]

    plans = codec.links(items)

    assert {plan.path for plan in plans} == {f"/v5/public/{codec.category}"}
    assert 1 < len(plans) <= 8
    for plan in plans:
        requests = codec.subscribe(plan.subscriptions, 1)
        topics = [json.loads(request.text)["args"] for request in requests]
        assert sum(len(json.dumps(each)) for each in topics) <= 21_000
        assert sum(map(len, topics)) <= 2000
        assert max(map(len, topics)) <= (100 if codec is OPTIONS else 10)
        assert len(requests) / codec.limits.messages_per_s < 10


def test_all_markets_together_keep_what_one_host_allows():
    """500 connections in 5 minutes, 600 requests in 5 s: of one address, whatever the market."""
    assert sum(codec.limits.connects for codec in ALL) <= 500
    assert sum(codec.limits.rest_weight for codec in ALL) <= 600
    assert {(codec.limits.connects_window_s, codec.limits.rest_window_s) for codec in ALL} == {(300, 5)}
    assert {(403 in codec.limits.banned, codec.limits.banned_s) for codec in ALL} == {(True, 600)}


def test_a_ping_is_an_operation():
    assert {codec.ping(1) for codec in ALL} == {'{"op":"ping"}'}


# candles


def test_candles_are_asked_for_with_an_end():
    [item] = wanted(LINEAR, "BTCUSDT", TRADE)
    for interval in INTERVALS:
        path = LINEAR.candles_request(item, interval, 0, T0_MS * 1000).path
        assert path.startswith("/v5/market/kline?category=linear&symbol=BTCUSDT&interval=")
        start, end = (int(path.partition(f"{name}=")[2].partition("&")[0]) for name in ("start", "end"))
        assert start == T0_MS
        assert end + 1 - start == LINEAR.candles_page * interval * 60_000
        assert path.endswith("limit=1000")
    assert "interval=D&" in LINEAR.candles_request(item, 1440).path
    assert LINEAR.candles_request(item, 7) is None
    assert OPTIONS.candles_request(item, 1) is None, "it covers spot and contracts"


def test_candles_are_turned_and_those_without_a_trade_left_out():
    """https://bybit-exchange.github.io/docs/v5/market/kline: "Sort in reverse by `startTime`"."""
    rows = [
        [str(T0_MS + 120_000), "3", "4", "2", "3.5", "0.125", "9"],
        [str(T0_MS + 60_000), "3", "3", "3", "3", "0", "0"],
        [str(T0_MS), "1", "2", "0.5", "3", "7.50", "9"],
    ]
    answer = json.dumps({"retCode": 0, "result": {"category": "linear", "symbol": "BTCUSDT", "list": rows}})
    [item] = wanted(LINEAR, "BTCUSDT", TRADE)
    found = LINEAR.decode_candles(item, 1, answer.encode(), (T0_MS + 130_000) * 1000)
    name = "BYBIT_LINEAR:BTCUSDT"
    assert found == [
        Bar(name, 1, T0_MS * 1000, "1", "2", "0.5", "3", "7.50", 0, True, False),
        Bar(name, 1, (T0_MS + 120_000) * 1000, "3", "4", "2", "3.5", "0.125", 0, False, False),
    ]
    for wrong in (
        b"<html>",
        answer.replace("7.50", "1e5").encode(),
        answer.replace(f'"{T0_MS}"', '"x"').encode(),
    ):
        with pytest.raises(DecodeError):
            LINEAR.decode_candles(item, 1, wrong, 0)


def test_what_an_unreadable_frame_speaks_of_is_known_by_its_topic():
    for codec in ALL:
        for item in wanted(codec, "BTC-1", *codec.channels, depth=100):
            if item.channel != OHLC:
                head = b'{"topic":"%b"' % codec.topic(item).encode()
                assert any(mark in head for mark in codec.marks[item.channel]), item
    assert not any(mark in b'"orderbook.1.X"' for mark in LINEAR.marks[BOOK])
    assert not any(mark in b'"orderbook.1000.X"' for mark in LINEAR.marks[TICKER])
    assert set(CHANNELS) - {OHLC} <= set(SPOT.marks) and LIQUIDATION in INVERSE.marks
