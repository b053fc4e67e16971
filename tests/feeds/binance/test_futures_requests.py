"""What we ask of Binance's futures, and what they answer by REST."""

from __future__ import annotations

import json

import pytest

from feeds.basics import in_parts
from feeds.codec import DecodeError, RestRequest, Subscription
from feeds.events import Bar, BookSnapshot, OpenInterest
from feeds.symbols import (
    BOOK,
    FUNDING,
    INTERVALS,
    LIQUIDATION,
    MARK,
    STATS,
    TICKER,
    TRADE,
    channels_of,
    derivatives_of,
)
from feeds.venues.binance.futures import CoinmCodec, UsdmCodec

USDM, COINM = UsdmCodec(), CoinmCodec()
NS = 1_700_000_000_000_000_001
T0_MS = 1_700_000_040_000


def wanted(codec: UsdmCodec | CoinmCodec, native: str, *channels: str, depth: int = 0) -> list[Subscription]:
    return [Subscription(channel, f"{codec.venue}:{native}", native, depth) for channel in channels]


def asked(codec: UsdmCodec | CoinmCodec, native: str, *channels: str) -> dict[str, list[str]]:
    """By the path of the link, the streams that are asked for there."""
    plans = codec.links(in_parts(codec, wanted(codec, native, *channels)))
    return {
        plan.path.partition("?")[0]: [
            stream
            for request in codec.subscribe(plan.subscriptions, 1)
            for stream in json.loads(request.text)["params"]
        ]
        for plan in plans
    }


def test_each_stream_is_asked_for_on_its_own_path():
    """As in "Important WebSocket Change Notice": depth and book tickers are public, the rest is market."""
    assert asked(USDM, "BTCUSDT", TICKER, TRADE, BOOK, *derivatives_of("perpetual")) == {
        "/public/stream": ["btcusdt@bookTicker", "btcusdt@depth@100ms"],
        "/market/stream": [
            "btcusdt@ticker",
            "btcusdt@aggTrade",
            "btcusdt@markPrice@1s",
            "btcusdt@markPrice",
            "btcusdt@forceOrder",
        ],
    }


def test_the_coin_margined_market_has_one_path():
    assert asked(COINM, "BTCUSD_PERP", TICKER, MARK) == {
        "/stream": ["btcusd_perp@bookTicker", "btcusd_perp@ticker", "btcusd_perp@markPrice@1s"]
    }


@pytest.mark.parametrize("codec", [USDM, COINM], ids=lambda codec: codec.venue)
def test_every_link_carries_a_pulse_of_its_own_path(codec):
    plans = codec.links(in_parts(codec, wanted(codec, "ETHUSDT", *channels_of("perpetual"))))
    pulses = {"/public/stream": "@depth5@500ms", "/market/stream": "@miniTicker", "/stream": "@miniTicker"}
    for plan in plans:
        path, _, query = plan.path.partition("?streams=")
        assert pulses[path] in query
        streams = {stream for request in codec.subscribe(plan.subscriptions, 1)
                   for stream in json.loads(request.text)["params"]}  # fmt: skip
        assert not streams & set(query.split("/")), "a pulse must not be ended by an unsubscribe"


def test_five_hundred_contracts_keep_the_limits_of_links_and_requests():
    many = [item for n in range(500) for item in wanted(USDM, f"1000COIN{n}USDT", *channels_of("perpetual"))]

    plans = USDM.links(in_parts(USDM, many))

    assert len(plans) < 10
    for plan in plans:
        requests = USDM.subscribe(plan.subscriptions, 1)
        streams = {stream for request in requests for stream in json.loads(request.text)["params"]}
        assert len(streams) + plan.path.count("@") + plan.path.count("!") <= 1024
        assert max(len(request.text.encode()) for request in requests) <= 4088


@pytest.mark.parametrize("codec", [USDM, COINM], ids=lambda codec: codec.venue)
def test_a_ticker_is_of_two_parts_and_what_the_venue_has_not_of_none(codec):
    """Figures of a day prove no best price, which they come without, on whichever path."""
    found = in_parts(codec, wanted(codec, "BTCUSD_PERP", TICKER, "novelty"))

    assert [item.channel for item in found] == [TICKER, STATS]


# REST


def test_a_snapshot_is_asked_for_deep_enough_at_its_weight():
    """Weights of "Order Book": 5, 10, 20, 50 are 2; 100 is 5; 500 is 10; 1,000 is 20."""
    asked = {
        depth: USDM.snapshot_request(wanted(USDM, "BTCUSDT", BOOK, depth=depth)[0])
        for depth in (0, 100, 500, 1000)
    }
    assert asked[100] == RestRequest("/fapi/v1/depth?symbol=BTCUSDT&limit=500", 10)
    assert {asked[depth].weight for depth in (0, 500, 1000)} == {20}
    assert COINM.snapshot_request(wanted(COINM, "BTCUSD_PERP", BOOK)[0]).path.startswith("/dapi/v1/depth")


def test_a_snapshot_stands_at_its_id():
    body = b'{"lastUpdateId":1027024,"E":1589436922972,"T":1,"bids":[["4.0","431"]],"asks":[["5","1"]]}'
    [book] = wanted(USDM, "BTCUSDT", BOOK, depth=100)
    assert USDM.decode_snapshot(book, body, NS) == BookSnapshot(
        "BINANCE_USDM:BTCUSDT", [("4.0", "431")], [("5", "1")], 500, 1027024, None, 1589436922972_000, NS
    )


COINM_INFO = b"""{"symbols":[
{"filters":[{"filterType":"PRICE_FILTER","maxPrice":"4520958","minPrice":"1000","tickSize":"0.1"},
{"filterType":"LOT_SIZE","maxQty":"1000000","minQty":"1","stepSize":"1"}],"liquidationFee":"0.015000",
"orderTypes":["LIMIT"],"timeInForce":["GTC"],"symbol":"BTCUSD_PERP","pair":"BTCUSD",
"contractType":"PERPETUAL","deliveryDate":4133404800000,"onboardDate":1597042800000,
"contractStatus":"TRADING","contractSize":100,"marginAsset":"BTC","maintMarginPercent":"2.5000",
"baseAsset":"BTC","quoteAsset":"USD","pricePrecision":1,"quantityPrecision":0},
{"filters":[],"symbol":"ETHUSD_261225","pair":"ETHUSD","contractType":"CURRENT_QUARTER",
"deliveryDate":1798185600000,"onboardDate":1790323200000,"contractStatus":"PENDING_TRADING",
"contractSize":10,"marginAsset":"ETH","baseAsset":"ETH","quoteAsset":"USD","pricePrecision":2,
"quantityPrecision":0}]}"""


def test_a_coin_margined_quantity_is_contracts_of_so_many_dollars():
    """``contractSize`` of ``GET /dapi/v1/exchangeInfo`` (documentation: 100 for BTCUSD; the contract
    specification says 100 USD for BTC and 10 USD for all others), settled in the ``marginAsset``."""
    bitcoin, ether = COINM.decode_instruments(COINM_INFO)

    assert (bitcoin.native, bitcoin.kind, bitcoin.contract_size) == ("BTCUSD_PERP", "perpetual", "100")
    assert (bitcoin.base, bitcoin.quote, bitcoin.settle, bitcoin.inverse) == ("BTC", "USD", "BTC", True)
    assert (bitcoin.tick_size, bitcoin.lot_size, bitcoin.expiry_us) == ("0.1", "1", 0)
    assert (bitcoin.status, bitcoin.listed_us) == ("trading", 1597042800000_000)
    assert (ether.kind, ether.contract_size, ether.status) == ("future", "10", "halted")
    assert ether.expiry_us == 1798185600000_000
    assert (ether.tick_size, ether.lot_size) == ("0.01", "1"), "without filters by its precision"


def test_an_open_interest_is_counted_as_its_market_counts():
    """ "Open Interest" of both: in the base at USDⓈ-M, in contracts at COIN-M."""
    [usdm], [coinm] = wanted(USDM, "BTCUSDT", MARK), wanted(COINM, "BTCUSD_PERP", MARK)

    assert USDM.poll_request(usdm)[:2] == ("/fapi/v1/openInterest?symbol=BTCUSDT", 1)
    body = b'{"openInterest":"10659.509","symbol":"BTCUSDT","time":1589437530011}'
    found = USDM.decode_poll(usdm, body, NS)
    assert found == [OpenInterest("BINANCE_USDM:BTCUSDT", "10659.509", "base", 1589437530011_000, NS)]
    body = (
        b'{"symbol":"BTCUSD_PERP","pair":"BTCUSD","openInterest":"15004","contractType":"PERPETUAL","time":1}'
    )
    assert [event.unit for event in COINM.decode_poll(coinm, body, NS)] == ["contracts"]
    for other in (TICKER, BOOK, FUNDING, LIQUIDATION, TRADE):
        assert USDM.poll_request(wanted(USDM, "BTCUSDT", other)[0]) is None
    for wrong in (b"<html>", b'{"symbol":"ETHUSDT","openInterest":"1"}', body.replace(b"15004", b"1e5")):
        with pytest.raises(DecodeError):
            COINM.decode_poll(coinm, wrong, NS)


def test_candles_are_asked_for_with_an_end():
    """ "Kline" of COIN-M: with a start alone, the last ones before 200 days after it are answered."""
    [item] = wanted(COINM, "BTCUSD_PERP", TRADE)
    for interval in INTERVALS:
        path = COINM.candles_request(item, interval, 0, T0_MS * 1000).path
        start, end = (
            int(path.partition(f"{name}=")[2].partition("&")[0]) for name in ("startTime", "endTime")
        )
        assert start == T0_MS
        assert end + 1 - start == COINM.candles_page * interval * 60_000 <= 200 * 86_400_000
    assert COINM.candles_request(item, 7) is None


def test_a_candle_counts_what_trades_count():
    """Index 5 is the volume: of USDⓈ-M in the base, of COIN-M in contracts; 7 is in the other unit."""
    row = [T0_MS, "9610.2", "9612.0", "9609.9", "9611.1", "125", T0_MS + 59_999, "1.3", 12, "50", "0.5", "0"]
    quiet = [T0_MS + 60_000, "1", "1", "1", "1", "0", T0_MS + 119_999, "0", 0, "0", "0", "0"]
    [item] = wanted(COINM, "BTCUSD_PERP", TRADE)
    bars = COINM.decode_candles(item, 1, json.dumps([row, quiet]).encode(), (T0_MS + 60_000) * 1000)
    start_us = T0_MS * 1000
    name = "BINANCE_COINM:BTCUSD_PERP"
    assert bars == [Bar(name, 1, start_us, "9610.2", "9612.0", "9609.9", "9611.1", "125", 12, True, False)]
