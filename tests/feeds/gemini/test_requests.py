"""What we ask of Gemini, and what it answers by REST."""

from __future__ import annotations

import json

import pytest

from feeds.codec import DecodeError, Subscription
from feeds.events import Bar
from feeds.symbols import INTERVALS, channels_of
from feeds.venues.gemini.public import GeminiCodec
from tests.feeds.gemini import frames

CODEC = GeminiCodec()
NOW_US = 1_559_755_880_000_000


def wanted(native: str, *channels: str) -> list[Subscription]:
    return [Subscription(channel, f"GEMINI:{native}", native, 0) for channel in channels]


def test_streams_are_asked_for_by_name_in_small_letters() -> None:
    """https://developer.gemini.com/websocket/message-format"""
    items = wanted("BTCUSD", "ticker", "trade", "ohlc", "book") + wanted("BTCGUSDPERP", "mark", "funding")

    [request] = CODEC.subscribe(items, 7)

    assert json.loads(request.text) == {
        "id": 7,
        "method": "subscribe",
        "params": [
            "btcusd@bookTicker", "btcusd@trade", "btcusd@depth@100ms",
            "btcgusdperp@markPrice", "btcgusdperp@fundingAmount",
        ],
    }  # fmt: skip
    [left] = CODEC.unsubscribe(wanted("BTCUSD", "book"), 1)
    assert json.loads(left.text) == {"id": 1, "method": "unsubscribe", "params": ["btcusd@depth@100ms"]}


def test_bars_come_with_trades_and_everything_else_by_itself() -> None:
    streams = {item.channel: CODEC.stream(item) for item in wanted("BTCUSD", *channels_of("perpetual"))}

    assert {name: stream for name, stream in streams.items() if stream} == {
        "trade": "btcusd@trade",
        "ohlc": "btcusd@trade",
    }


def test_a_link_asks_for_whole_books_and_has_a_pulse() -> None:
    """``snapshot=-1``: https://developer.gemini.com/websocket/introduction. Best levels come each second."""
    [plan] = CODEC.links(wanted("BTCUSD", "book"))

    assert CODEC.ws_url + plan.path == "wss://ws.gemini.com/?snapshot=-1"
    [greeting] = CODEC.greeting()
    assert json.loads(greeting)["params"] == ["btcusd@depth5"]


def test_five_hundred_instruments_keep_the_limits_of_connections_and_requests() -> None:
    """300 attempts to connect in five minutes, as ``conninfo`` said on 15 September 2026."""
    many = [item for n in range(500) for item in wanted(f"SIM{n}USD", *channels_of("spot"))]

    plans = CODEC.links(many)

    assert len(plans) <= 16 < CODEC.limits.connects
    requests = [request for plan in plans for request in CODEC.subscribe(plan.subscriptions, 1)]
    assert len(requests) / len(plans) / CODEC.limits.messages_per_s < 4, "seconds until all are asked for"
    assert max(len(request.text) for request in requests) < 16_000


# REST


def test_the_list_says_what_is_what_and_in_what_steps() -> None:
    """``tick_size`` is of quantities, ``quote_increment`` of prices; the contract is linear, of one of the
    base: https://developer.gemini.com/rest/market-data"""
    assert CODEC.instruments_request().path == "/v1/symbols/details/all"

    specs = {spec.native: spec for spec in CODEC.decode_instruments(frames.LIST)}

    rest = ("GEMINI", "BTCUSD", "spot", "BTC", "USD", "USD", "0.01", "0.00000001", "trading")
    assert specs["BTCUSD"][:9] == rest
    assert specs["EURUSD"][2:9] == ("forex", "EUR", "USD", "USD", "0.00001", "0.000001", "trading")
    perpetual = specs["BTCUSDCPERP"]
    assert perpetual[2:9] == ("perpetual", "BTC", "USDC", "USDC", "0.5", "0.0001", "trading")
    assert perpetual.contract_size == "1" and not perpetual.inverse
    assert (specs["EFILFIL"].status, specs["EFILFIL"].lot_size) == ("halted", "0.00000000000001")


def test_details_of_one_symbol_are_a_list_of_one() -> None:
    """As others recorded them: https://developer.gemini.com/rest/market-data"""
    one = frames.LIST[frames.LIST.index(b"{") : frames.LIST.index(b"}") + 1]

    assert [spec.native for spec in CODEC.decode_instruments(one)] == ["BTCUSD"]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("open", "trading"),
        ("limit_only", "trading"),
        ("post_only", "halted"),
        ("cancel_only", "halted"),
        ("closed", "halted"),
        ("new", "halted"),
    ],
)
def test_only_where_somebody_can_trade_it_is_trading(word: str, status: str) -> None:
    body = frames.LIST.replace(b'"open"', f'"{word}"'.encode(), 1)

    assert CODEC.decode_instruments(body)[0].status == status


@pytest.mark.parametrize("step", [b'"x"', b"0", b"-1", b"null", b"1e-400"])
def test_a_list_with_a_step_that_is_none_is_no_list(step: bytes) -> None:
    with pytest.raises(DecodeError):
        CODEC.decode_instruments(frames.LIST.replace(b"1E-8", step))


def test_candles_are_all_that_the_venue_keeps_without_the_times_in_which_nothing_traded() -> None:
    """https://developer.gemini.com/trading/rest-api/market-data/list-candles: time in ms, open, high, low,
    close, volume; newest first."""
    [item] = wanted("BTCUSD", "ohlc")
    assert CODEC.candles_request(item, 1).path == "/v2/candles/BTCUSD/1m"
    assert CODEC.candles_request(item, 60, NOW_US, 1).path == "/v2/candles/BTCUSD/1hr"
    assert [i for i in INTERVALS if CODEC.candles_request(item, i)] == [1, 5, 15, 60, 1440]
    assert CODEC.candles_kept <= 1344 and CODEC.candles_kept_of == {1440: 365}, "a year of days"

    bars = CODEC.decode_candles(item, 1, frames.CANDLES, NOW_US)

    assert bars == [
        Bar(
            "GEMINI:BTCUSD", 1, 1_559_755_800_000_000, "7781.6", "7829.46", "7776.56", "7817.28",
            "43.4228281059", 0, True, False,
        ),
        Bar(
            "GEMINI:BTCUSD", 1, 1_559_755_860_000_000, "7781.6", "7820.23", "7776.56", "7819.39",
            "34.7624802159", 0, False, False,
        ),
    ]  # fmt: skip


def test_perpetuals_have_candles_of_a_minute_alone() -> None:
    """https://developer.gemini.com/trading/rest-api/market-data/list-derivative-candles"""
    [item] = wanted("BTCGUSDPERP", "ohlc")

    assert CODEC.candles_request(item, 1).path == "/v2/derivatives/candles/BTCGUSDPERP/1m"
    assert [i for i in INTERVALS if CODEC.candles_request(item, i)] == [1]


@pytest.mark.parametrize(
    "body",
    [b'{"result":"error"}', b"[[1,2]]", b'[["1",1,1,1,1,1]]', b'[[1,"NaN",1,1,1,1]]', b"[[-1,1,1,1,1,1]]"],
)
def test_candles_of_another_shape_are_an_error(body: bytes) -> None:
    with pytest.raises(DecodeError):
        CODEC.decode_candles(wanted("BTCUSD", "ohlc")[0], 1, body, NOW_US)


def test_nothing_is_asked_again_and_again_that_a_stream_tells() -> None:
    polled = [item for item in wanted("BTCUSD", *channels_of("perpetual")) if CODEC.poll_request(item)]

    assert [item.channel for item in polled] == ["ticker"]
    for body in (b"", b"<html>", b"[]", b'{"open":1}'):
        with pytest.raises(DecodeError):
            CODEC.decode_poll(polled[0], body, 1)
