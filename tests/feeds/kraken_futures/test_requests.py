"""What we ask of Kraken's derivatives, and what they answer by REST."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from feeds.codec import DecodeError, Subscription
from feeds.events import Bar
from feeds.symbols import INTERVALS, TRADE, channels_of
from feeds.venues.kraken_futures.public import KrakenFuturesCodec

CODEC = KrakenFuturesCodec()
NS = 1_700_000_000_000_000_001


def wanted(native: str, *channels: str) -> list[Subscription]:
    return [Subscription(channel, f"KRAKEN_FUTURES:{native}", native, 0) for channel in channels]


def test_three_feeds_bring_all_of_a_contract() -> None:
    """https://docs.kraken.com/exchange/api-reference/futures-websocket"""
    items = wanted("PF_XBTUSD", *channels_of("perpetual")) + wanted("PI_XBTUSD", "ticker")

    requests = CODEC.subscribe(items, 7)

    assert [(request.req_id, json.loads(request.text)) for request in requests] == [
        (7, {"event": "subscribe", "feed": "ticker", "product_ids": ["PF_XBTUSD", "PI_XBTUSD"]}),
        (8, {"event": "subscribe", "feed": "trade", "product_ids": ["PF_XBTUSD"]}),
        (9, {"event": "subscribe", "feed": "book", "product_ids": ["PF_XBTUSD"]}),
    ]
    [left] = CODEC.unsubscribe(wanted("PF_XBTUSD", "book"), 1)
    assert json.loads(left.text) == {"event": "unsubscribe", "feed": "book", "product_ids": ["PF_XBTUSD"]}


def test_what_comes_together_is_one_stream() -> None:
    streams = {item.channel: CODEC.stream(item) for item in wanted("PF_XBTUSD", *channels_of("perpetual"))}

    assert streams == {
        **dict.fromkeys(("ticker", "mark", "funding"), "ticker:PF_XBTUSD"),
        **dict.fromkeys(("trade", "ohlc", "liquidation"), "trade:PF_XBTUSD"),
        "book": "",
    }


def test_a_link_begins_with_the_heartbeat_and_is_pinged() -> None:
    """A ping "at least every 60 seconds": https://docs.kraken.com/exchange/api-reference/futures-websocket"""
    [greeting] = CODEC.greeting()

    assert json.loads(greeting) == {"event": "subscribe", "feed": "heartbeat"}
    assert CODEC.limits.pinged


def test_five_hundred_contracts_keep_the_limits_of_connections_and_requests() -> None:
    """100 connections, 100 requests a second: https://docs.kraken.com/exchange/guides/futures/ratelimits"""
    many = [item for n in range(500) for item in wanted(f"PF_SIM{n}USD", *channels_of("perpetual"))]

    plans = CODEC.links(many)

    assert len(plans) <= 16
    requests = [request for plan in plans for request in CODEC.subscribe(plan.subscriptions, 1)]
    assert len(requests) / CODEC.limits.messages_per_s < 4, "seconds until all are asked for"
    assert max(len(json.loads(request.text)["product_ids"]) for request in requests) <= 50


# REST


def test_the_list_is_of_contracts_in_the_units_that_they_count(captures: Path) -> None:
    """ "All multi-collateral contracts have a lot size of 1 unit of the base currency", and inverse ones a
    contract size of 1 USD: https://support.kraken.com/hc/en-us/articles/4844359082772, …/360022835911"""
    body = (captures / "examples/kraken/http_futures_instruments.json").read_bytes()
    specs = {spec.native: spec for spec in CODEC.decode_instruments(body)}

    inverse, linear = specs["PI_XBTUSD"], specs["PF_ETHUSD"]
    assert inverse == (
        "KRAKEN_FUTURES", "PI_XBTUSD", "perpetual", "BTC", "USD", "BTC", "0.5", "1", "trading",
        0, "", "", "1", 1535673600_000_000, "inverse",
    )  # fmt: skip
    assert linear == (
        "KRAKEN_FUTURES", "PF_ETHUSD", "perpetual", "ETH", "USD", "USD", "0.1", "0.001", "trading",
        0, "", "", "1", 1647955125_000_000, "linear",
    )  # fmt: skip
    assert inverse.inverse and not linear.inverse
    pepe = specs["PF_PEPEUSD"]
    assert (pepe.tick_size, pepe.lot_size) == ("0.0000000001", "1000")
    assert specs["PF_AAPLxUSD"].base == "AAPLx"


def row(**fields: object) -> bytes:
    told = {
        "symbol": "FF_XBTUSD_261225",
        "type": "flexible_futures",
        "tickSize": 1,
        "contractSize": 1,
        "contractValueTradePrecision": 4,
        "tradeable": True,
        "lastTradingTime": "2026-12-25T16:00:00.000Z",
        "base": "BTC",
        "quote": "USD",
    }
    rows = [told | fields, {"symbol": "in_xbtusd", "type": "spot index", "tradeable": False}]
    return json.dumps({"result": "success", "instruments": rows}).encode()


def test_what_has_a_last_trading_time_is_a_future() -> None:
    [future] = CODEC.decode_instruments(row())

    assert (future.kind, future.expiry_us, future.settle) == ("future", 1798214400_000_000, "USD")
    [inverse] = CODEC.decode_instruments(row(type="futures_inverse", base="", quote="", pair="XBT:USD"))
    assert (inverse.base, inverse.settle, inverse.inverse) == ("XBT", "XBT", True)


@pytest.mark.parametrize(
    ("symbol", "native", "assets"),
    [
        ("fi_xbtusd_210326", "FI_XBTUSD_210326", ("XBT", "USD", "XBT")),
        ("pv_xrpxbt", "PV_XRPXBT", ("XRP", "XBT", "XBT")),
    ],
)
def test_an_old_list_says_what_a_contract_is_made_of_in_its_name_alone(
    symbol: str, native: str, assets: tuple[str, ...]
) -> None:
    """As recordings have it, whose messages write the name large."""
    sort = "futures_vanilla" if "v_" in symbol else "futures_inverse"
    [spec] = CODEC.decode_instruments(row(symbol=symbol, type=sort, base="", quote=""))

    assert (spec.native, (spec.base, spec.quote, spec.settle)) == (native, assets)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, "trading"),
        ({"tradeable": False}, "halted"),
        ({"postOnly": True}, "halted"),
        ({"isExpired": True, "tradeable": False}, "delisted"),
    ],
)
def test_what_may_be_done_with_a_contract(fields: dict[str, object], status: str) -> None:
    [spec] = CODEC.decode_instruments(row(**fields))

    assert spec.status == status


@pytest.mark.parametrize(
    "fields",
    [
        {"tickSize": "x"},
        {"contractValueTradePrecision": 400},
        {"base": "", "quote": "", "symbol": "NOVELTY"},
        {"lastTradingTime": "soon"},
    ],
)
def test_a_list_that_makes_no_sense_is_an_error(fields: dict[str, object]) -> None:
    with pytest.raises(DecodeError):
        CODEC.decode_instruments(row(**fields))


def test_candles_are_asked_for_by_span_in_seconds() -> None:
    """https://docs.kraken.com/api-reference/candles/market-candles"""
    [item] = wanted("PF_XBTUSD", TRADE)

    assert all(CODEC.candles_request(item, each, NS // 1000) for each in INTERVALS)
    path = CODEC.candles_request(item, 240, 0, 1_700_000_000_000_000).path
    assert path == "/api/charts/v1/trade/PF_XBTUSD/4h?from=1700000000&to=1714399999"


def test_candles_are_text_and_count_what_trades_count(captures: Path) -> None:
    body = (captures / "examples/kraken/http_futures_candles_trade.json").read_bytes()
    [item] = wanted("PI_XBTUSD", TRADE)

    bars = CODEC.decode_candles(item, 60, body, 1731722400000_000)

    figures = "91069", "91373.5", "90956", "91045.5", "319499"
    assert bars[0] == Bar("KRAKEN_FUTURES:PI_XBTUSD", 60, 1731715200000_000, *figures, 0, True, False)
    assert [bar.closed for bar in bars] == [True, True, False]


def test_times_without_a_trade_are_left_out() -> None:
    [item] = wanted("PF_XBTUSD", TRADE)
    candle = {"time": 60_000, "open": "1", "high": "1", "low": "1", "close": "1", "volume": "0"}

    assert CODEC.decode_candles(item, 1, json.dumps({"candles": [candle]}).encode(), NS // 1000) == []


@pytest.mark.parametrize("body", [b"", b"Invalid resolution", b'{"candles":[{"time":1}]}'])
def test_candles_that_make_no_sense_are_an_error(body: bytes) -> None:
    [item] = wanted("PF_XBTUSD", TRADE)
    with pytest.raises(DecodeError):
        CODEC.decode_candles(item, 1, body, NS // 1000)
