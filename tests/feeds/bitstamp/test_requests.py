"""What is asked of Bitstamp, by stream and by REST, and what the answers by REST mean."""

from __future__ import annotations

import json

import pytest

from feeds.codec import DecodeError, InstrumentSpec, Subscription
from feeds.events import Bar, BookSnapshot, OpenInterest, Stats
from feeds.symbols import BOOK, CHANNELS, FUNDING, MARK, OHLC, TICKER, TRADE
from feeds.venues.bitstamp.public import PULSE, BitstampCodec
from tests.feeds.bitstamp import frames

NAME, NS = "BITSTAMP:btcusd", 1_786_309_548_642_080_000
MARKETS = [
    {
        "name": "BTC/USD", "market_symbol": "btcusd", "base_currency": "BTC", "base_decimals": 8,
        "counter_currency": "USD", "counter_decimals": 0, "minimum_order_value": "10", "trading": "Enabled",
        "description": "Bitcoin / U.S. dollar", "market_type": "SPOT",
    },
    {
        "name": "BTC/USD-PERP", "market_symbol": "btcusd-perp", "base_currency": "BTC", "base_decimals": 5,
        "counter_currency": "USD", "counter_decimals": 0, "trading": "Disabled", "market_type": "PERPETUAL",
        "underlying_asset": "Kaiko BTC Benchmark Reference Rate", "payoff_type": "Linear",
        "contract_size": "1.00000000", "isin": "EZHKD4DNKHY3",
    },
    {
        "name": "EUR/USD", "market_symbol": "eurusd", "base_decimals": 5, "counter_decimals": 5,
        "trading": "Enabled", "market_type": "SPOT",
    },
    {
        "name": "BTC/USD-INV", "market_symbol": "btcusd-inv", "base_decimals": 5, "counter_decimals": 0,
        "trading": "Enabled", "market_type": "PERPETUAL", "payoff_type": "Inverse",
    },
]  # fmt: skip
OLDER = [
    {
        "trading": "Enabled", "base_decimals": 8, "url_symbol": "btcusd", "name": "BTC/USD",
        "instant_and_market_orders": "Enabled", "minimum_order": "20.0 USD", "counter_decimals": 2,
        "description": "Bitcoin / U.S. dollar",
    }
]  # fmt: skip
DAY = {
    "timestamp": "1686068944", "high": "26252", "last": "26216", "bid": "26208", "vwap": "25681",
    "volume": "3563.13819902", "low": "25350", "ask": "26211", "open": "25730", "open_24": "25895",
    "percent_change_24": "1.24",
}  # fmt: skip


def subscription(channel: str, native: str = "btcusd") -> Subscription:
    return Subscription(channel, f"BITSTAMP:{native}", native)


def channels(requests) -> list[str]:
    return [json.loads(request.text)["data"]["channel"] for request in requests]


@pytest.fixture
def codec() -> BitstampCodec:
    return BitstampCodec()


def test_each_channel_is_asked_for_by_itself_and_once(codec):
    """https://www.bitstamp.net/websocket/v2/: one channel in a message, which has less than 512 bytes."""
    wanted = [subscription(channel) for channel in CHANNELS]

    requests = codec.subscribe(wanted, 7)

    assert [json.loads(request.text)["event"] for request in requests] == ["bts:subscribe"] * 2
    assert channels(requests) == ["order_book_btcusd", "live_trades_btcusd"]
    assert [[item.channel for item in request.subscriptions] for request in requests] == [
        [TICKER, BOOK],
        [TRADE, OHLC],
    ]
    assert [request.req_id for request in requests] == [7, 8]
    assert max(len(request.text) for request in requests) < 512
    assert json.loads(codec.unsubscribe(wanted, 1)[0].text)["event"] == "bts:unsubscribe"


def test_the_pulse_is_never_asked_for_twice_nor_left(codec):
    """It is asked for when a link opens, and follows the perpetual that it is of as well."""
    wanted = [subscription(channel, "btcusd-perp") for channel in (MARK, FUNDING)]

    assert [json.loads(text)["data"]["channel"] for text in codec.greeting()] == [PULSE]
    assert codec.subscribe(wanted, 1) == codec.unsubscribe(wanted, 1) == []
    assert channels(codec.subscribe([subscription(MARK, "ethusd-perp")], 1)) == ["funding_rate_ethusd-perp"]


def test_no_link_has_more_channels_than_it_may(codec):
    """https://www.bitstamp.net/websocket/v2/: 1,024 channels of a connection, the pulse among them."""
    wanted = [subscription(channel, f"x{number}usd") for number in range(900) for channel in codec.channels]

    for plan in codec.links(wanted):
        assert len({codec.stream(item) for item in plan.subscriptions}) < 1024


def test_the_list_of_markets_is_read(codec):
    """https://www.bitstamp.net/api/#tag/Market-info: decimals of base and counter; perpetuals of one unit."""
    spot, perpetual, currencies = codec.decode_instruments(json.dumps(MARKETS).encode())

    assert spot == InstrumentSpec(
        "BITSTAMP", "btcusd", "spot", "BTC", "USD", "USD", "1", "0.00000001", "trading"
    )
    assert perpetual == InstrumentSpec(
        "BITSTAMP", "btcusd-perp", "perpetual", "BTC", "USD", "USD", "1", "0.00001", "halted", pays="linear"
    )
    assert not perpetual.inverse
    assert (currencies.kind, currencies.base, currencies.tick_size) == ("forex", "EUR", "0.00001")
    [older] = codec.decode_instruments(json.dumps(OLDER).encode())
    assert older == spot._replace(tick_size="0.01")


@pytest.mark.parametrize("name", ["BTCUSD", "/USD", "BTC/"])
def test_a_market_without_base_and_counter_is_an_error(codec, name):
    with pytest.raises(DecodeError):
        codec.decode_instruments(json.dumps([{**OLDER[0], "name": name}]).encode())


def test_the_book_by_rest_is_whole_and_dated(codec):
    """https://www.bitstamp.net/api/#tag/Order-book: ``group=1`` is what is at one price as one."""
    book = subscription(BOOK)
    assert codec.snapshot_request(book).path == "/api/v2/order_book/btcusd/?group=1"

    bids, asks = ([tuple(row) for row in frames.BOOK[side]] for side in ("bids", "asks"))
    us = 1583652948955826
    found = codec.decode_snapshot(book, json.dumps(frames.BOOK).encode(), NS)
    assert found == BookSnapshot(NAME, bids, asks, 0, us, None, us, NS)
    undated = {key: value for key, value in frames.BOOK.items() if key != "microtimestamp"}
    assert codec.decode_snapshot(book, json.dumps(undated).encode(), NS).last == 1583652948_000000


def test_what_is_bid_at_zero_is_no_level(codec):
    """https://github.com/thrasher-corp/gocryptotrader/pull/1319: books by REST have such a bid."""
    body = json.dumps({**frames.BOOK, "bids": [["2", "1"], ["0.00", "100.0"]]}).encode()

    assert codec.decode_snapshot(subscription(BOOK), body, NS).bids == [("2", "1")]
    for channel in ("order_book_btcusd", "diff_order_book_btcusd"):
        book, *_ = codec.decode(frames.told("data", channel, json.loads(body)), NS)
        assert book.bids == [("2", "1")]


def test_candles_are_asked_for_by_step_and_span(codec):
    """https://www.bitstamp.net/api/#tag/Market-info/operation/GetOHLCData: seconds a step, 1,000 at most."""
    book = subscription(BOOK)
    assert codec.candles_request(book, 240).path == "/api/v2/ohlc/btcusd/?step=14400&limit=500"
    span = codec.candles_request(book, 1, 0, 1_700_000_040_000_000).path.partition("?")[2]
    assert span == "step=60&limit=1000&start=1700000040&end=1700059980"
    assert codec.candles_request(book, 7) is None


def test_candles_are_bars(codec):
    rows = [
        {"high": "3", "timestamp": "1700000040", "volume": "0.50", "low": "1", "close": "2.5", "open": "2"},
        {"high": "9", "timestamp": "1699999980", "volume": "0.00", "low": "9", "close": "9", "open": "9"},
    ]
    body = json.dumps({"data": {"ohlc": rows, "pair": "BTC/USD"}}).encode()

    first, second = codec.decode_candles(subscription(BOOK), 1, body, 1_700_000_050_000_000)

    assert second == Bar(NAME, 1, 1700000040_000000, "2", "3", "1", "2.5", "0.50", 0, False, False)
    assert (first.start_us, first.closed) == (1699999980_000000, True)
    with pytest.raises(DecodeError):
        codec.decode_candles(subscription(BOOK), 1, body.replace(b'"2.5"', b'"x"'), 0)


def test_the_figures_of_a_day_are_as_old_as_the_venue_says(codec):
    """https://www.bitstamp.net/api/#tag/Tickers: ``open_24`` is 24 hours ago, ``open`` the day's by UTC."""
    assert codec.poll_request(subscription(TICKER)).path == "/api/v2/ticker/btcusd/"
    assert codec.poll_request(subscription(BOOK)) is None

    [found] = codec.decode_poll(subscription(TICKER), json.dumps(DAY).encode(), NS)

    us = 1686068944_000000
    figures = "26216", "3563.13819902", "26252", "25350", "321", "1.24"
    assert found == Stats(NAME, *figures, us, us * 1000)


def test_an_old_ticker_has_no_change(codec):
    old = {key: value for key, value in DAY.items() if key not in ("open_24", "percent_change_24")}

    [found] = codec.decode_poll(subscription(TICKER), json.dumps(old).encode(), NS)

    assert (found.last, found.change, found.change_pct) == ("26216", "", "")


def test_a_perpetual_has_an_open_interest_in_units_of_its_base(codec):
    """Its contract is of one unit: https://www.bitstamp.net/derivatives/perpetual-futures/contract-specifications/"""
    body = json.dumps({**DAY, "market_type": "PERPETUAL", "open_interest": "1786.142"}).encode()

    _, held = codec.decode_poll(subscription(TICKER, "ethusd-perp"), body, NS)

    us = 1686068944_000000
    assert held == OpenInterest("BITSTAMP:ethusd-perp", "1786.142", "base", us, us * 1000)
