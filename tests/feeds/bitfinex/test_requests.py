"""What Bitfinex is asked, by socket and by REST."""

from __future__ import annotations

import json
from zlib import crc32

import pytest

from feeds.codec import InstrumentSpec, RestRequest, Subscription
from feeds.events import Bar
from feeds.symbols import BOOK, FUNDING, LIQUIDATION, MARK, OHLC, TICKER, TRADE
from feeds.venues.bitfinex.public import BitfinexCodec
from feeds.venues.bitfinex.rest import tick_of
from tests.feeds.bitfinex import frames


def wish(channel: str, native: str, depth: int = 0) -> Subscription:
    return Subscription(channel, f"BITFINEX:{native}", native, depth)


def texts(requests) -> list[dict]:
    return [json.loads(request.text) for request in requests]


def test_a_link_asks_for_numbers_times_and_checksums_first() -> None:
    """TIMESTAMP 32768, SEQ_ALL 65536, OB_CHECKSUM 131072: https://docs.bitfinex.com/docs/ws-general#configuration"""
    [text] = BitfinexCodec().greeting()
    assert json.loads(text) == {"event": "conf", "flags": 32768 + 65536 + 131072}


def test_each_channel_is_a_message_of_its_own_and_brings_what_it_can() -> None:
    native = "tBTCF0:USTF0"
    wanted = [wish(c, native) for c in (TICKER, TRADE, OHLC, BOOK, MARK, FUNDING, LIQUIDATION)]
    requests = BitfinexCodec().subscribe(wanted, 3)
    assert texts(requests) == [
        {"event": "subscribe", "channel": "ticker", "symbol": native},
        {"event": "subscribe", "channel": "trades", "symbol": native},
        {"event": "subscribe", "channel": "book", "symbol": native, "prec": "P0", "freq": "F0", "len": "100"},
        {"event": "subscribe", "channel": "status", "key": f"deriv:{native}"},
        {"event": "subscribe", "channel": "status", "key": "liq:global"},
    ]
    assert [len(request.subscriptions) for request in requests] == [1, 2, 1, 2, 1]
    assert [request.req_id for request in requests] == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("depth", "length"), [(0, "100"), (10, "25"), (25, "25"), (100, "100"), (500, "250"), (1000, "250")]
)
def test_a_book_is_as_long_as_the_venue_has_it(depth: int, length: str) -> None:
    [asked] = texts(BitfinexCodec().subscribe([wish(BOOK, "tBTCUSD", depth)], 1))
    assert asked["len"] == length


def test_a_channel_is_left_by_its_number() -> None:
    codec = BitfinexCodec()
    codec.decode(frames.TRADES_ASKED, 1)
    both = [wish(TRADE, "tBTCUSD"), wish(OHLC, "tBTCUSD")]
    assert texts(codec.unsubscribe([*both, wish(BOOK, "tETHUSD")], 9)) == [
        {"event": "unsubscribe", "chanId": 17470},
        {"event": "ping", "cid": 10},
    ]


def test_no_link_has_more_channels_than_the_venue_allows() -> None:
    """ "You can subscribe to 25 channels at the same time on the same connection":
    https://docs.bitfinex.com/docs/ws-public"""
    natives = [f"tA{number:03d}:USD" for number in range(200)]
    channels = (TICKER, TRADE, OHLC, BOOK, MARK, FUNDING, LIQUIDATION)
    plans = BitfinexCodec().links([wish(channel, native) for native in natives for channel in channels])
    codec = BitfinexCodec()
    assert all(len(codec.subscribe(plan.subscriptions, 1)) <= 25 for plan in plans)
    [alone] = [plan for plan in plans if plan.name == "liquidations"]
    assert len(alone.subscriptions) == 200 and len(codec.subscribe(alone.subscriptions, 1)) == 1


@pytest.mark.parametrize(
    ("price", "tick"),
    [
        ("7616.5", "0.1"),
        ("64012", "1"),
        ("103250", "10"),
        ("0.00012340", "0.00000001"),
        ("1.0234", "0.0001"),
        ("", "0.00001"),
        ("0", "0.00001"),
    ],
)
def test_a_tick_is_of_five_digits(price: str, tick: str) -> None:
    """1.0234, 10.234, 120.34, 1234.5, 0.012345 and 0.00012340:
    https://support.bitfinex.com/hc/en-us/articles/115000371105"""
    assert tick_of(price) == tick


def test_the_list_comes_after_prices_and_names_assets_as_others_do() -> None:
    """`pub:map:currency:sym`: "map symbols to their API symbols": https://docs.bitfinex.com/reference/rest-public-conf"""
    codec = BitfinexCodec()
    first = codec.instruments_request()
    prices = b'[["tBTCUSD",1,2,3,4,5,6,64012,8,9,10],["fUSD",1,2,3,4,5,6,7,8,9,0.01,1,2,3],\
["tBTCF0:USTF0",1,2,3,4,5,6,64012.5,8,9,10]]'
    assert codec.decode_instruments(prices) == []
    second = codec.more_instruments(first, prices)
    assert second is not None and second.path.startswith("/v2/conf/pub:list:pair:exchange,")
    listed = b'[["BTCUSD","BTCUST","DUSK:USD","TESTBTC:TESTUSD"],["BTCF0:USTF0","TESTBTCF0:TESTUSDTF0"],\
[["UST","USDt"],["IOT","IOTA"],["BTCF0","BTC"]]]'
    spec = InstrumentSpec
    lot = "0.00000001"
    assert codec.decode_instruments(listed) == [
        spec("BITFINEX", "tBTCUSD", "spot", "BTC", "USD", "USD", "1", lot, "trading"),
        spec("BITFINEX", "tBTCUST", "spot", "BTC", "USDT", "USDT", "0.00001", lot, "trading"),
        spec("BITFINEX", "tDUSK:USD", "spot", "DUSK", "USD", "USD", "0.00001", lot, "trading"),
        # Linear: an amount is one of the base, paid in what it is priced in.
        spec("BITFINEX", "tBTCF0:USTF0", "perpetual", "BTC", "USDT", "USDT", "1", lot, "trading"),
    ]
    assert codec.more_instruments(second, listed) is None
    assert not codec.decode_instruments(b'[["BTCF0:USTF0"]]')[0].inverse


def test_candles_are_read_with_the_close_second() -> None:
    """MTS, OPEN, CLOSE, HIGH, LOW, VOLUME: https://docs.bitfinex.com/reference/rest-public-candles"""
    codec, trades = BitfinexCodec(), wish(TRADE, "tBTCUSD")
    body = (
        b"[[1678465320000,20097,20094,20097,20094,0.07870586],[1678465260000,20100,20099,20101,20090,1e-7]]"
    )
    name, minute_us = "BITFINEX:tBTCUSD", 60_000_000
    older = Bar(name, 1, 1678465260_000_000, "20100", "20101", "20090", "20099", "0.0000001", 0, True, False)
    newer = Bar(
        name, 1, 1678465320_000_000, "20097", "20097", "20094", "20094", "0.07870586", 0, False, False
    )
    assert codec.decode_candles(trades, 1, body, 1678465320_000_000 + minute_us // 2) == [older, newer]
    assert codec.candles_request(trades, 240) is None
    assert codec.candles_request(trades, 1440, 0, 86_400_000_000) == RestRequest(
        "/v2/candles/trade:1D:tBTCUSD/hist?sort=1&limit=5000&start=86400000&end=432086399999"
    )


def test_the_checksum_is_over_prices_and_amounts_in_turn() -> None:
    """As the venue's own library has it in its tests: prices are written out, and where a side has no more
    levels the other goes on: https://github.com/bitfinexcom/bfx-api-node-models"""
    codec = BitfinexCodec()
    bids, asks = [("6000", "1"), ("5900", "2")], [("6100", "3"), ("6200", "4")]
    assert codec.checksum(bids, asks) == crc32(b"6000:1:6100:-3:5900:2:6200:-4")
    tiny = [("6000", "1"), ("0.000000017", "2")]
    assert codec.checksum(tiny, asks) == crc32(b"6000:1:6100:-3:0.000000017:2:6200:-4")
    assert codec.checksum(tiny[:1], asks) == crc32(b"6000:1:6100:-3:6200:-4")
    small = [("6000", "0.00000015"), ("5900", "0.000002"), ("5800", "0.0000001")]
    assert codec.checksum(small, []) == crc32(b"6000:1.5e-7:5900:0.000002:5800:1e-7")
    many = [(str(6000 - at), "1") for at in range(30)]
    assert codec.checksum(many, []) == codec.checksum(many[:25], [])
