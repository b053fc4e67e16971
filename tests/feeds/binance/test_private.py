"""Binance's user data: what the socket and REST say of an account's orders and fills."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.codec import DecodeError
from feeds.events import Ack, Reconnect, Unknown
from feeds.private import Fill, OrderUpdate, Pair, UnknownSymbol
from feeds.venues.binance.private import BinancePrivate
from tests.feeds.hostile import BYTES, JSON, changes, only_decode_errors

CODEC = BinancePrivate()
NAMES = {"ETHBTC": Pair("ETHBTC", "ETH", "BTC"), "BNBBTC": Pair("BNBBTC", "BNB", "BTC")}


def report(**changed: object) -> dict[str, object]:
    """The order update of https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream"""
    return {
        "e": "executionReport", "E": 1499405658658, "s": "ETHBTC", "c": "mUvoqJxFIILMdfAW5iGSOW",
        "S": "BUY", "o": "LIMIT", "f": "GTC", "q": "1.00000000", "p": "0.10264410", "P": "0.00000000",
        "F": "0.00000000", "g": -1, "C": "", "x": "NEW", "X": "NEW", "r": "NONE", "i": 4293153,
        "l": "0.00000000", "z": "0.00000000", "L": "0.00000000", "n": "0", "N": None, "T": 1499405658657,
        "t": -1, "v": 3, "I": 8641984, "w": True, "m": False, "M": False, "O": 1499405658657,
        "Z": "0.00000000", "Y": "0.00000000", "Q": "0.00000000", "W": 1499405658657, "V": "NONE",
    } | changed  # fmt: skip


TRADE = {"x": "TRADE", "X": "PARTIALLY_FILLED", "l": "0.40000000", "L": "0.10264400", "z": "0.40000000",
         "n": "0.00040000", "N": "ETH", "t": 77, "m": True, "Y": "0.04105760"}  # fmt: skip


def frame(event: object) -> bytes:
    return json.dumps({"subscriptionId": 0, "event": event}).encode()


def order(status: str, filled: str, **changed: str) -> OrderUpdate:
    fields = {"client": "mUvoqJxFIILMdfAW5iGSOW", "kind": "limit", "price": "0.10264410"} | changed
    return OrderUpdate("BINANCE:ETHBTC", "4293153", fields["client"], "buy", fields["kind"], status,
                       fields["price"], "1.00000000", filled, 1_499_405_658_657_000, 7)  # fmt: skip


def test_a_new_order_is_acknowledged():
    assert CODEC.decode(frame(report()), 7, NAMES) == [order("new", "0.00000000")]


def test_a_trade_is_an_order_that_moved_on_and_a_fill():
    assert CODEC.decode(frame(report(**TRADE)), 7, NAMES) == [
        order("partially_filled", "0.40000000"),
        Fill("BINANCE:ETHBTC", "77", "4293153", "buy", "0.10264400", "0.40000000", (("ETH", "0.00040000"),),
             "ETH", "BTC", "maker", 1_499_405_658_657_000, 7, "stream", "0.04105760"),
    ]  # fmt: skip


def test_a_trade_without_a_fee_has_none():
    _, fill = CODEC.decode(frame(report(**TRADE | {"n": "0", "N": None})), 7, NAMES)

    assert fill.fees == ()


def test_a_canceled_order_keeps_the_name_that_its_owner_gave_it():
    canceled = report(x="CANCELED", X="CANCELED", c="web_cancel", C="mUvoqJxFIILMdfAW5iGSOW")

    assert CODEC.decode(frame(canceled), 7, NAMES) == [order("canceled", "0.00000000")]


def test_a_market_order_has_no_price():
    market = report(o="MARKET", p="0.00000000")

    assert CODEC.decode(frame(market), 7, NAMES) == [order("new", "0.00000000", kind="market", price="")]


@pytest.mark.parametrize(
    ("status", "said"),
    [("EXPIRED_IN_MATCH", "expired"), ("EXPIRED", "expired"), ("REJECTED", "rejected"), ("FILLED", "filled")],
)
def test_every_end_of_an_order_has_a_name(status: str, said: str):
    (update,) = CODEC.decode(frame(report(X=status, x="EXPIRED")), 7, NAMES)

    assert update.status == said


def test_a_fill_in_a_market_that_nobody_listed_asks_for_the_list():
    with pytest.raises(UnknownSymbol, match="ETHBTC"):
        CODEC.decode(frame(report(**TRADE)), 7, {})


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ('{"id":1,"status":200,"result":{"subscriptionId":0}}', Ack(True, "", "user", "", 1)),
        ('{"id":1,"status":401,"error":{"code":-2015,"msg":"Invalid API-key"}}',
         Ack(False, "Invalid API-key (-2015)", "user", "", 1)),
        ('{"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":1728973001334}}',
         Reconnect("Binance ended the stream: eventStreamTerminated")),
        ('{"e":"serverShutdown","E":1}', Reconnect("Binance ended the stream: serverShutdown")),
        ('{"subscriptionId":0,"event":{"e":"balanceUpdate","E":1,"a":"BTC","d":"100.00000000","T":1}}',
         Unknown("balanceUpdate")),
        ('{"id":null,"status":400}', Unknown("frame")),
    ],
)  # fmt: skip
def test_what_else_comes(text: str, event: object):
    assert CODEC.decode(text.encode(), 7, {}) == [event]


def test_a_status_that_is_new_to_us_is_counted():
    assert CODEC.decode(frame(report(X="PONDERING")), 7, {}) == [Unknown("execution PONDERING")]


@pytest.mark.parametrize(
    "changed",
    [{"l": "0"}, {"l": "-1"}, {"L": ""}, {"S": "BOTH"}, {"i": "x"}, {"T": "soon"}, {"n": "NaN"}, {"Y": "x"},
     {"T": 10**18}, {"l": 1}],
)  # fmt: skip
def test_a_trade_that_cannot_be_is_a_decode_error(changed: dict[str, object]):
    with pytest.raises(DecodeError, match="expected an event"):
        CODEC.decode(frame(report(**TRADE | changed)), 7, NAMES)


# REST

DAY_US = 24 * 3600 * 1_000_000
MINE = {
    "symbol": "BNBBTC", "id": 28457, "orderId": 100234, "orderListId": -1, "price": "4.00000100",
    "qty": "12.00000000", "quoteQty": "48.000012", "commission": "10.10000000", "commissionAsset": "BNB",
    "time": 1499865549590, "isBuyer": True, "isMaker": False, "isBestMatch": True,
}  # fmt: skip


def asked(since_us: int, until_us: int) -> list[dict[str, str]]:
    return [dict(query.params) for query in CODEC.fills_queries(since_us, until_us, ["A", "B"])]


def test_each_market_is_asked_a_day_at_a_time():
    start = 100 * DAY_US

    assert asked(start, start + DAY_US // 2) == [
        {"symbol": name, "startTime": "8640000000", "endTime": "8726400000", "limit": "1000"} for name in "AB"
    ]
    assert [(each["symbol"], each["startTime"]) for each in asked(start, start + 2 * DAY_US - 1)] == [
        ("A", "8640000000"), ("A", "8726400000"), ("B", "8640000000"), ("B", "8726400000")
    ]  # fmt: skip


def test_long_ago_is_asked_from_the_first_trade_on():
    assert asked(1, 100 * DAY_US) == [{"symbol": name, "fromId": "0", "limit": "1000"} for name in "AB"]


def test_a_recorded_trade_is_a_fill_with_what_it_cost():
    (query,) = CODEC.fills_queries(0, 0, ["BNBBTC"])

    page = CODEC.decode_fills(query, json.dumps([MINE]).encode(), 9, NAMES)

    assert page.more is None
    assert page.fills == [
        Fill("BINANCE:BNBBTC", "28457", "100234", "buy", "4.00000100", "12.00000000",
             (("BNB", "10.10000000"),), "BNB", "BTC", "taker", 1_499_865_549_590_000, 9, "rest", "48.000012")
    ]  # fmt: skip


def test_a_full_page_goes_on_behind_its_last_trade():
    (query,) = CODEC.fills_queries(0, 0, ["BNBBTC"])
    full = [MINE | {"id": number} for number in range(1000)]

    page = CODEC.decode_fills(query, json.dumps(full).encode(), 9, NAMES)

    assert dict(page.more.params) == {"symbol": "BNBBTC", "fromId": "1000", "limit": "1000"}


def test_trades_of_a_market_that_is_not_listed_are_named():
    (query,) = CODEC.fills_queries(0, 0, ["GONE"])

    assert CODEC.decode_fills(query, json.dumps([MINE]).encode(), 9, NAMES).unknown == ("GONE",)
    assert CODEC.decode_fills(query, b"[]", 9, NAMES).unknown == ()


def test_open_orders_are_read():
    open_order = {
        "symbol": "LTCBTC", "orderId": 1, "clientOrderId": "myOrder1", "price": "0.1", "origQty": "1.0",
        "executedQty": "0.5", "status": "PARTIALLY_FILLED", "type": "STOP_LOSS_LIMIT", "side": "SELL",
        "time": 1499827319559, "updateTime": 1499827319560,
    }  # fmt: skip
    (query,) = CODEC.orders_queries([])

    assert query.weight == 80
    assert CODEC.decode_orders(query, json.dumps([open_order]).encode(), 9, NAMES) == [
        OrderUpdate("BINANCE:LTCBTC", "1", "myOrder1", "sell", "stop-loss-limit", "partially_filled", "0.1",
                    "1.0", "0.5", 1_499_827_319_560_000, 9)
    ]  # fmt: skip


def test_markets_are_named_by_the_venues_list():
    row = {"symbol": "ETHBTC", "status": "BREAK", "baseAsset": "ETH", "quoteAsset": "BTC", "filters": []}

    assert CODEC.decode_names(json.dumps({"symbols": [row]}).encode()) == {"ETHBTC": NAMES["ETHBTC"]}


# hostile


@given(changes(st.sampled_from(list(report()))))
@example([("T", 10**400)])
def test_no_report_breaks_more_than_its_frame(changed: list[tuple[str, object]]):
    only_decode_errors(
        CODEC.decode, frame(report(**TRADE) | dict(changed)), 0, {**NAMES, "": NAMES["ETHBTC"]}
    )


@given(changes(st.sampled_from(list(MINE))), JSON)
def test_no_history_breaks_more_than_its_page(changed: list[tuple[str, object]], other: object):
    (query,) = CODEC.fills_queries(0, 0, ["BNBBTC"])
    only_decode_errors(CODEC.decode_fills, query, json.dumps([MINE | dict(changed)]).encode(), 0, NAMES)
    only_decode_errors(CODEC.decode_fills, query, json.dumps([other]).encode(), 0, NAMES)


@given(BYTES)
@example(b"[" * 100_000)
@example(b'{"event":' + b"[" * 100_000)
def test_no_bytes_break_anything(body: bytes):
    only_decode_errors(CODEC.decode, body, 0, {})
    only_decode_errors(CODEC.decode_orders, CODEC.orders_queries([])[0], body, 0, {})
    for decode in (CODEC.decode_permissions, CODEC.decode_names):
        only_decode_errors(decode, body)
    CODEC.denied(400, body)
