"""What we ask of Deribit, and what it answers by REST."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from feeds.codec import DecodeError, RestRequest, Subscription
from feeds.events import Bar
from feeds.symbols import BOOK, INTERVALS, TICKER, TRADE, channels_of
from feeds.venues.deribit.public import DeribitCodec

CODEC = DeribitCodec()
NS = 1_700_000_000_000_000_001


def wanted(native: str, *channels: str) -> list[Subscription]:
    return [Subscription(channel, f"DERIBIT:{native}", native, 0) for channel in channels]


def asked(native: str, *channels: str) -> list[str]:
    """Channels of the venue, as they are asked for."""
    requests = CODEC.subscribe(wanted(native, *channels), 1)
    return [name for request in requests for name in json.loads(request.text)["params"]["channels"]]


@pytest.mark.parametrize(
    ("native", "kind", "names"),
    [
        ("BTC-PERPETUAL", "perpetual", ["ticker", "trades", "book"]),
        ("BTC-27MAR26", "future", ["ticker", "trades", "book"]),
        ("XRP_USDC-27MAR26-0d65-P", "option", ["ticker", "trades", "book"]),
        ("BTC_USDC", "spot", ["ticker", "trades", "book"]),
    ],
)
def test_three_channels_bring_all_of_an_instrument(native: str, kind: str, names: list[str]) -> None:
    """``raw`` needs an account: https://docs.deribit.com/articles/notifications"""
    assert asked(native, *channels_of(kind)) == [f"{name}.{native}.100ms" for name in names]


@pytest.mark.parametrize(
    ("native", "name"),
    [
        ("btc_usd", "deribit_price_index.btc_usd"),
        ("drbfix-btc_usdc", "deribit_price_index.drbfix-btc_usdc"),
        ("dvol_btc_usd", "deribit_volatility_index.btc_usd"),
    ],
)
def test_an_index_has_a_channel_of_its_own(native: str, name: str) -> None:
    assert asked(native, TICKER) == [name]


def test_what_comes_together_is_one_stream() -> None:
    streams = {
        item.channel: CODEC.stream(item) for item in wanted("BTC-PERPETUAL", *channels_of("perpetual"))
    }

    assert streams == {
        **dict.fromkeys(("ticker", "mark", "funding"), "ticker.BTC-PERPETUAL.100ms"),
        **dict.fromkeys(("trade", "ohlc", "liquidation"), "trades.BTC-PERPETUAL.100ms"),
        "book": "",
    }


def test_a_request_is_json_rpc() -> None:
    [request] = CODEC.unsubscribe(wanted("BTC-PERPETUAL", BOOK), 7)

    assert json.loads(request.text) == {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "public/unsubscribe",
        "params": {"channels": ["book.BTC-PERPETUAL.100ms"]},
    }


def test_a_link_begins_with_a_heartbeat_and_the_news() -> None:
    """Not below 10 s: https://docs.deribit.com/api-reference/session-management/public-set_heartbeat"""
    heartbeat, news = map(json.loads, CODEC.greeting())

    assert (heartbeat["method"], heartbeat["params"]) == ("public/set_heartbeat", {"interval": 10})
    assert heartbeat["params"]["interval"] < CODEC.limits.data_idle_s
    assert "instrument.state.option.any" in news["params"]["channels"]


def test_three_thousand_instruments_keep_the_limits_of_connections_and_requests() -> None:
    """32 connections an address (https://docs.deribit.com/articles/connection-management-best-practices), and
    no request of more than 250 channels, which is "too large"."""
    many = [item for n in range(3000) for item in wanted(f"BTC-27MAR26-{n}000-C", *channels_of("option"))]

    plans = CODEC.links(many)

    assert len(plans) <= 24
    for plan in plans:
        requests = CODEC.subscribe(plan.subscriptions, 1)
        counts = [len(json.loads(request.text)["params"]["channels"]) for request in requests]
        assert max(counts) <= 100
        assert max(len(request.text) for request in requests) < 8_000


# REST


def test_the_list_comes_in_two_answers() -> None:
    """All currencies and kinds in one, which may be asked for once a second:
    https://docs.deribit.com/api-reference/market-data/public-get_instruments"""
    first = CODEC.instruments_request()
    second = CODEC.more_instruments(first, b"")

    assert (first.path, first.weight) == (
        "/api/v2/public/get_instruments?currency=any&expired=false",
        CODEC.limits.rest_weight,
    )
    assert second == RestRequest("/api/v2/public/get_index_price_names")
    assert CODEC.more_instruments(second, b"") is None


def test_a_linear_option_with_a_small_strike_is_what_its_row_says() -> None:
    row = {
        "instrument_name": "XRP_USDC-27MAR26-0d65-P", "kind": "option", "base_currency": "XRP",
        "quote_currency": "USDC", "settlement_currency": "USDC", "counter_currency": "USDC", "strike": 0.65,
        "option_type": "put", "tick_size": 1e-4, "min_trade_amount": 1000.0, "contract_size": 1000.0,
        "is_active": True, "state": "open", "expiration_timestamp": 1774598400000,
        "creation_timestamp": 1766736000000, "settlement_period": "month", "price_index": "xrp_usdc",
        "tick_size_steps": [{"above_price": 0.01, "tick_size": 0.001}],
    }  # fmt: skip
    [spec] = CODEC.decode_instruments(json.dumps({"result": [row]}).encode())

    assert spec == (
        "DERIBIT", "XRP_USDC-27MAR26-0d65-P", "option", "XRP", "USDC", "USDC", "0.0001", "1000", "trading",
        1774598400000_000, "0.65", "put", "1", 1766736000000_000, "",
    )  # fmt: skip
    assert not spec.inverse


def test_amounts_are_dollars_where_the_contract_is_inverse_and_never_contracts(captures: Path) -> None:
    """ "For perpetual and inverse futures the amount is in USD units": 75 contracts of 10 dollars are 750.
    https://docs.deribit.com/api-reference/market-data/public-get_instruments"""
    body = (captures / "examples/deribit/http_get_instruments.json").read_bytes()
    specs = {spec.native: spec for spec in CODEC.decode_instruments(body)}
    trade = json.loads((captures / "examples/deribit/ws_trades.json").read_bytes())["params"]["data"][1]

    perpetual = specs["BTC-PERPETUAL"]
    assert (perpetual.contract_size, perpetual.inverse, perpetual.lot_size) == ("1", True, "10")
    assert trade["amount"] == trade["contracts"] * 10
    assert list(specs) == ["BTC-PERPETUAL", "BTC-27DEC24", "BTC-27DEC24-100000-C"], "no combinations"


@pytest.mark.parametrize(
    "names",
    ['["btc_usd","eth_usd","btcdvol_usdc","usdc_usdt"]',
     '[{"name":"btc_usd"},{"name":"eth_usd"},{"name":"btcdvol_usdc"},{"name":"usdc_usdt"}]'],
)  # fmt: skip
def test_indexes_are_listed_with_volatilities(names: str) -> None:
    specs = CODEC.decode_instruments(f'{{"jsonrpc":"2.0","result":{names}}}'.encode())

    assert [(spec.native, spec.base, spec.quote) for spec in specs] == [
        ("btc_usd", "BTC", "USD"),
        ("eth_usd", "ETH", "USD"),
        ("btcdvol_usdc", "BTCDVOL", "USDC"),
        ("usdc_usdt", "USDC", "USDT"),
        ("dvol_btc_usd", "BTCDVOL", "%"),
    ]
    assert {spec.kind for spec in specs} == {"index"}


@pytest.mark.parametrize(
    "row",
    [
        '{"instrument_name":"X"}',
        "7",
        '{"nobody":"x"}',
        '{"instrument_name":"X","kind":"spot","tick_size":"x"}',
    ],
)
def test_a_list_that_makes_no_sense_is_an_error(row: str) -> None:
    with pytest.raises(DecodeError):
        CODEC.decode_instruments(f'{{"result":[{row}]}}'.encode())


def test_candles_are_asked_for_by_span_in_the_lengths_that_there_are() -> None:
    """https://docs.deribit.com/api-reference/market-data/public-get_tradingview_chart_data"""
    [item] = wanted("BTC-PERPETUAL", TRADE)
    lengths = [each for each in INTERVALS if CODEC.candles_request(item, each, NS // 1000) is not None]

    assert lengths == [1, 5, 15, 60, 1440]
    assert CODEC.candles_request(wanted("btc_usd", TICKER)[0], 1, NS // 1000) is None
    path = CODEC.candles_request(item, 1440, 0, 1_700_000_000_000_000).path
    assert path == (
        "/api/v2/public/get_tradingview_chart_data?instrument_name=BTC-PERPETUAL"
        "&start_timestamp=1700000000000&end_timestamp=1786399999999&resolution=1D"
    )


def test_candles_count_what_trades_count(captures: Path) -> None:
    """``cost`` is in dollars, as amounts of an inverse contract are; ``volume`` in the base."""
    body = (captures / "examples/deribit/http_get_tradingview_chart_data.json").read_bytes()
    [inverse], [linear] = wanted("BTC-PERPETUAL", TRADE), wanted("BTC_USDC-PERPETUAL", TRADE)
    name, now_us = "DERIBIT:BTC-PERPETUAL", 1766483700000_000

    *_, before, last = CODEC.decode_candles(inverse, 1, body, now_us)
    volume = CODEC.decode_candles(linear, 1, body, now_us)[-1].volume

    figures = "87456.0", "87456.5", "87456.0", "87456.0"
    assert before == Bar(name, 1, 1766483640000_000, *figures, "8370.0", 0, True, False)
    assert last == Bar(name, 1, 1766483700000_000, *figures, "8910.0", 0, False, False)
    assert volume == "0.1018798"


def test_times_without_a_trade_are_left_out() -> None:
    [item] = wanted("BTC-PERPETUAL", TRADE)
    chart = {name: [1.5, 1.5] for name in ("open", "high", "low", "close")}
    chart |= {"ticks": [60_000, 120_000], "volume": [0.0, 2.0], "cost": [0.0, 3.0], "status": "ok"}

    bars = CODEC.decode_candles(item, 1, json.dumps({"result": chart}).encode(), NS // 1000)

    assert [bar.start_us for bar in bars] == [120_000_000]


@pytest.mark.parametrize("body", [b"", b'{"result":{"ticks":[1]}}', b'{"error":{"code":-32602}}'])
def test_candles_that_make_no_sense_are_an_error(body: bytes) -> None:
    [item] = wanted("BTC-PERPETUAL", TRADE)
    with pytest.raises(DecodeError):
        CODEC.decode_candles(item, 1, body, NS // 1000)
