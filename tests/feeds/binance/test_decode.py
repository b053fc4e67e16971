"""Each message of Binance's streams, whole, as the event it means."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from feeds.codec import DecodeError
from feeds.events import Ack, BookDelta, BookSnapshot, Heartbeat, Quote, Reconnect, Stats, Trade, Unknown
from feeds.venues.binance.public import BinanceCodec

NS = 1_700_000_000_000_000_001

DEPTH = (
    b'{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1617566591307,"s":"BTCUSDT",'
    b'"U":9893032989,"u":9893032991,"b":[["55000.00000000","135.66466600"]],'
    b'"a":[["58042.29000000","0.00000000"],["58055.02000000","0.75000000"]]}}'
)
TRADE = (
    b'{"stream":"btcusdt@trade","data":{"e":"trade","E":1617566591315,"s":"BTCUSDT","t":745522877,'
    b'"p":"58001.03000000","q":"0.08620500","T":1617566591314,"m":true,"M":true}}'
)
BOOK_TICKER = (
    b'{"stream":"nknusdt@bookTicker","data":{"u":499869768,"s":"NKNUSDT","b":"0.35210000",'
    b'"B":"672.00000000","a":"0.35260000","A":"3199.00000000"}}'
)
TICKER = (
    b'{"stream":"bnbbtc@ticker","data":{"e":"24hrTicker","E":1672515782136,"s":"BNBBTC","p":"-0.00150000",'
    b'"P":"-2.500","w":"0.0018","x":"0.0009","c":"0.00250000","Q":"10","b":"0.0024","B":"10","a":"0.0026",'
    b'"A":"100","o":"0.0010","h":"0.00260000","l":"0.00100000","v":"10000.00000000","q":"18","O":0,'
    b'"C":86400000,"F":0,"L":18150,"n":18151}}'
)


@pytest.fixture
def codec() -> BinanceCodec:
    return BinanceCodec()


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(
    ("frame", "event"),
    [
        (
            DEPTH,
            BookDelta(
                "BINANCE:BTCUSDT",
                [("55000.00000000", "135.66466600")],
                [("58042.29000000", "0.00000000"), ("58055.02000000", "0.75000000")],
                9893032989,
                9893032991,
                None,
                None,
                1617566591307000,
                NS,
            ),
        ),
        (
            TRADE,
            Trade(
                "BINANCE:BTCUSDT",
                "745522877",
                "sell",
                "58001.03000000",
                "0.08620500",
                1617566591314000,
                NS,
            ),
        ),
        (
            BOOK_TICKER,
            Quote("BINANCE:NKNUSDT", "0.35210000", "672.00000000", "0.35260000", "3199.00000000", 0, NS),
        ),
        (
            TICKER,
            Stats(
                "BINANCE:BNBBTC",
                "0.00250000",
                "10000.00000000",
                "0.00260000",
                "0.00100000",
                "-0.00150000",
                "-2.500",
                1672515782136000,
                NS,
                quote=Quote("BINANCE:BNBBTC", "0.0024", "10", "0.0026", "100", 1672515782136000, NS),
            ),
        ),
        (
            b'{"stream":"btcusdt@miniTicker","data":{"e":"24hrMiniTicker","E":1672515782136,"s":"BTCUSDT"}}',
            Heartbeat("BINANCE", 1672515782136000, NS),
        ),
        (
            b'{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}',
            Reconnect("serverShutdown"),
        ),
        (b'{"e":"serverShutdown","E":1770123456789}', Reconnect("serverShutdown")),
        (b'{"result":null,"id":12}', Ack(True, "", "", "", 12)),
        (
            b'{"error":{"code":4,"msg":"Too many subscriptions"},"id":19}',
            Ack(False, "Too many subscriptions", "", "", 19),
        ),
        (
            b'{"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"}',
            Ack(False, "Invalid JSON: expected value at line 1 column 1", "", "", 0),
        ),
        (
            b'{"stream":"ethusdt@kline_1m","data":{"e":"kline","E":1617566591776,"s":"ETHUSDT","k":{}}}',
            Unknown("kline_1m"),
        ),
        (b'{"stream":"!miniTicker@arr","data":[{"s":"BTCUSDT"}]}', Unknown("message")),
        (b'{"e":"somethingNew"}', Unknown("somethingNew")),
        (b"{}", Unknown("message")),
    ],
)
def test_a_message_is_the_event_it_means_however_often_it_comes(codec, frame, event, times):
    for _ in range(times):
        assert codec.decode(frame, NS) == [event]


def test_the_buyer_is_the_aggressor_when_the_seller_was_the_maker(codec):
    frame = TRADE.replace(b'"m":true', b'"m":false')

    assert codec.decode(frame, NS)[0].side == "buy"


def test_an_aggregate_trade_of_older_recordings_is_a_trade(codec):
    frame = TRADE.replace(b"trade", b"aggTrade").replace(b'"t":745522877', b'"a":665076760')

    [trade] = codec.decode(frame, NS)

    assert trade == replace(BinanceCodec().decode(TRADE, NS)[0], trade_id="665076760")


@pytest.mark.parametrize("swapped", [False, True])
def test_trades_that_two_streams_tell_count_once(codec, swapped):
    other = TRADE.replace(b"trade", b"aggTrade").replace(b'"t":745522877', b'"a":665076760')
    first, second = (other, TRADE) if swapped else (TRADE, other)

    kinds = [type(codec.decode(frame, NS)[0]) for frame in (first, second) * 3]

    assert kinds == [Trade, Unknown] * 3
    assert type(codec.decode(second.replace(b"btcusdt", b"ethusdt").replace(b"BTC", b"ETH"), NS)[0]) is Trade


@pytest.mark.parametrize("frame", [DEPTH, TRADE, BOOK_TICKER, TICKER])
def test_a_payload_without_its_stream_is_the_same(codec, frame):
    """A link of ``/ws`` has no envelope, and a book ticker then nothing that says what it is."""
    payload = frame[frame.index(b'"data":') + 7 : -1]

    for _ in range(2):
        assert codec.decode(payload, NS) == BinanceCodec().decode(frame, NS)
    with pytest.raises(DecodeError):
        codec.decode(payload.replace(b'"s":"', b'"s":"<'), NS)


@pytest.mark.parametrize("suffix", ["depth5", "depth10", "depth20@100ms"])
def test_the_best_levels_alone_are_a_book_unless_the_whole_one_comes(codec, suffix):
    """ "Partial Book Depth Streams", of
    https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams: no symbol."""
    told = (
        f'{{"stream":"btcusdt@{suffix}","data":{{"lastUpdateId":160,"bids":[["1","2"]],"asks":[]}}}}'.encode()
    )
    depth = int(suffix[5:7].strip("@"))

    for _ in range(2):
        assert codec.decode(told, NS) == [
            BookSnapshot("BINANCE:BTCUSDT", [("1", "2")], [], depth, 160, None, 0, NS)
        ]

    whole = BinanceCodec()
    whole.decode(DEPTH.replace(b"bnbbtc", b"btcusdt").replace(b"BNBBTC", b"BTCUSDT"), NS)
    assert whole.decode(told, NS) == [Unknown(suffix)]


def test_a_stream_of_all_symbols_is_that_of_each(codec):
    payload = BOOK_TICKER[BOOK_TICKER.index(b'"data":') + 7 : -1]

    assert codec.decode(b'{"stream":"!bookTicker","data":%b}' % payload, NS) == codec.decode(BOOK_TICKER, NS)


@pytest.mark.parametrize("frame", [DEPTH, TRADE, TICKER])
def test_times_may_be_microseconds(codec, frame):
    """``timeUnit=MICROSECOND``: sixteen digits, and no zeros put behind them."""
    [event] = codec.decode(frame, NS)

    [finer] = codec.decode(re.sub(rb'"([ET])":(\d{13})', rb'"\1":\g<2>123', frame), NS)

    later = {"exchange_us": event.exchange_us + 123}
    within = {"quote": replace(event.quote, **later)} if frame is TICKER else {}
    assert finer == replace(event, **later, **within)


@pytest.mark.parametrize("suffix", ["depth7", "ticker_1h", "avgPrice", "kline_1d"])
def test_streams_that_no_reader_is_for_are_named(codec, suffix):
    frame = f'{{"stream":"btcusdt@{suffix}","data":{{"lastUpdateId":1,"bids":[["1","2"]],"asks":[]}}}}'

    assert codec.decode(frame.encode(), NS) == [Unknown(suffix)]


@pytest.mark.parametrize("zero", [b"0.00000000", b"0", b"0.0"])
def test_a_side_without_orders_is_empty(codec, zero):
    frame = BOOK_TICKER.replace(b"0.35210000", zero).replace(b"672.00000000", b"0.00000000")

    assert codec.decode(frame, NS) == [Quote("BINANCE:NKNUSDT", "", "", "0.35260000", "3199.00000000", 0, NS)]


def test_the_smallest_price_is_not_taken_for_an_empty_side(codec):
    frame = BOOK_TICKER.replace(b"0.35210000", b"0.00000001")

    assert codec.decode(frame, NS)[0].bid == "0.00000001"


def test_a_symbol_outside_ascii_keeps_its_letters(codec):
    data = '{"u":1,"s":"币安人生USDT","b":"1","B":"2","a":"3","A":"4"}'
    frame = '{"stream":"币安人生usdt@bookTicker","data":' + data + "}"

    for text in (frame, frame.replace("币", "\\u5e01")):
        assert codec.decode(text.encode(), NS) == [Quote("BINANCE:币安人生USDT", "1", "2", "3", "4", 0, NS)]


def test_the_order_of_keys_and_blanks_mean_nothing(codec):
    turned = (
        b'{ "data": {"A":"3199.00000000","a":"0.35260000","B":"672.00000000","b":"0.35210000","s":"NKNUSDT"},'
        b' "stream" : "nknusdt@bookTicker"}'
    )

    assert codec.decode(turned, NS) == codec.decode(BOOK_TICKER, NS)


@pytest.mark.parametrize(
    "frame",
    [
        TRADE.replace(b'"t":745522877', b'"t":"745522877"'),
        TRADE.replace(b'"t":745522877', b'"t":-1'),
        TRADE.replace(b'"T":1617566591314', b'"T":1e400'),
        TRADE.replace(b'"T":1617566591314', b'"T":1617566591314000000000'),
        TRADE.replace(b'"p":"58001.03000000",', b""),
        DEPTH.replace(b'["58055.02000000","0.75000000"]', b'["58055.02000000"]'),
        DEPTH.replace(b'"135.66466600"', b"135.66466600"),
        DEPTH[:-1],
        BOOK_TICKER.replace(b'"672.00000000"', b"null"),
        BOOK_TICKER.replace(b"NKNUSDT", b"ETHUSDT"),
        b'{"stream":"nknusdt@bookTicker"}',
        b'{"stream":"<img>@bookTicker","data":{"s":"<IMG>","b":"1","B":"1","a":"2","A":"1"}}',
        b'{"stream":"a\\ud800@bookTicker","data":{"s":"A\\ud800","b":"1","B":"1","a":"2","A":"1"}}',
    ],
)
def test_a_known_message_of_the_wrong_shape_says_so(codec, frame):
    with pytest.raises(DecodeError, match="frame starts"):
        codec.decode(frame, NS)


def test_a_route_that_was_learnt_does_not_soften_the_check(codec):
    codec.decode(TRADE, NS)

    with pytest.raises(DecodeError):
        codec.decode(TRADE.replace(b'"p":"58001.03000000",', b""), NS)
