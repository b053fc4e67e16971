"""Kraken's executions: what the socket and the history say of an account's orders and fills."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.codec import DecodeError
from feeds.events import Ack, Heartbeat, LinkSequence, Unknown
from feeds.private import Credentials, Fill, OrderUpdate, Pair
from feeds.venues.kraken.private import KrakenPrivate
from tests.feeds.hostile import BYTES, JSON, changes, only_decode_errors

CODEC = KrakenPrivate()
NAMES = {"XXBTZUSD": Pair("BTC/USD", "BTC", "USD"), "ETHUSDT": Pair("ETH/USDT", "ETH", "USDT")}


def row(**changes: object) -> dict[str, object]:
    """The trade of https://docs.kraken.com/api/docs/websocket-v2/executions"""
    return {
        "order_id": "OK4GJX-KSTLS-7DZZO5", "order_userref": 3, "exec_id": "TGBB7L-HT5LX-J3BZ4A",
        "exec_type": "trade", "trade_id": 62887576, "symbol": "BTC/USD", "side": "sell", "last_qty": 0.005,
        "last_price": 26599.9, "liquidity_ind": "t", "cost": 132.9995, "order_type": "limit",
        "timestamp": "2023-09-22T10:33:05.709993Z", "order_status": "partially_filled", "cum_qty": 0.005,
        "cum_cost": 132.9995, "avg_price": 26599.9, "fee_usd_equiv": 0.3458,
        "fees": [{"asset": "USD", "qty": 0.3458}],
    } | changes  # fmt: skip


def frame(*rows: dict[str, object], sequence: int = 10) -> bytes:
    return json.dumps(
        {"channel": "executions", "type": "update", "data": rows, "sequence": sequence}
    ).encode()


def answer(result: object = None, *errors: str) -> bytes:
    return json.dumps({"error": errors, "result": result}).encode()


# the stream


def test_the_greeting_asks_for_open_orders_and_no_old_trades():
    (text,) = CODEC.greetings(Credentials("KEY", ""), "token of the socket", 0, 1)

    assert json.loads(text) == {
        "method": "subscribe",
        "params": {
            "channel": "executions", "token": "token of the socket", "snap_orders": True, "snap_trades": False
        },
        "req_id": 1,
    }  # fmt: skip


def test_a_trade_is_an_order_that_moved_on_and_a_fill():
    us = 1_695_378_785_709_993

    assert CODEC.decode(frame(row()), 7, {}) == [
        LinkSequence(10),
        OrderUpdate("KRAKEN:BTC/USD", "OK4GJX-KSTLS-7DZZO5", "", "sell", "limit", "partially_filled", "", "",
                    "0.005", us, 7),
        Fill("KRAKEN:BTC/USD", "TGBB7L-HT5LX-J3BZ4A", "OK4GJX-KSTLS-7DZZO5", "sell", "26599.9", "0.005",
             (("USD", "0.3458"),), "BTC", "USD", "taker", us, 7, "stream", "132.9995"),
    ]  # fmt: skip


def test_an_order_is_new_from_when_it_was_received_and_later_says_only_its_number():
    first = row(exec_type="pending_new", order_status="pending_new", order_qty=0.005, limit_price=26500.0,
                cl_ord_id="mine", timestamp="2023-09-22T10:33:05.709950Z")  # fmt: skip
    for name in ("exec_id", "last_qty", "last_price", "cum_qty", "fees"):
        del first[name]
    second = {"timestamp": "2023-09-22T10:33:05.709982Z", "order_status": "new", "exec_type": "new",
              "order_userref": 3, "order_id": "OK4GJX-KSTLS-7DZZO5"}  # fmt: skip

    assert CODEC.decode(frame(first, second), 7, {})[1:] == [
        OrderUpdate("KRAKEN:BTC/USD", "OK4GJX-KSTLS-7DZZO5", "mine", "sell", "limit", "new", "26500.0",
                    "0.005", "", 1_695_378_785_709_950, 7),
        OrderUpdate("", "OK4GJX-KSTLS-7DZZO5", "", "", "", "new", "", "", "", 1_695_378_785_709_982, 7),
    ]  # fmt: skip


def test_digits_stay_as_the_venue_wrote_them():
    text = b'{"channel":"executions","sequence":1,"data":[{"order_id":"O","exec_id":"T",' \
           b'"exec_type":"trade","symbol":"SHIB/USD","side":"buy",' \
           b'"last_qty":1234567890.12345678,"last_price":0.00000587,' \
           b'"order_status":"filled","liquidity_ind":"m","timestamp":"2026-01-01T00:00:00Z",' \
           b'"fees":[{"asset":"USD","qty":0.10000000000000003},{"asset":"KFEE","qty":-1e-8}]}]}'  # fmt: skip

    fill = CODEC.decode(text, 0, {})[2]

    assert (fill.price, fill.qty, fill.liquidity) == ("0.00000587", "1234567890.12345678", "maker")
    assert fill.fees == (("USD", "0.10000000000000003"), ("KFEE", "-0.00000001"))


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ('{"channel":"heartbeat"}', Heartbeat("KRAKEN", 0, 7)),
        ('{"method":"subscribe","result":{"channel":"executions"},"success":true,"req_id":1}',
         Ack(True, "", "executions", "", 1)),
        ('{"error":"ESession:Invalid session","method":"subscribe","success":false,"req_id":1}',
         Ack(False, "ESession:Invalid session", "executions", "", 1)),
        ('{"channel":"status","data":[{"system":"online"}],"type":"update"}', Unknown("status")),
        ('{"channel":"balances","data":[]}', Unknown("balances")),
        ("{}", Unknown("frame")),
    ],
)  # fmt: skip
def test_what_else_comes(text: str, event: object):
    assert CODEC.decode(text.encode(), 7, {}) == [event]


def test_a_status_that_is_new_to_us_is_counted():
    assert CODEC.decode(frame(row(order_status="pondering")), 7, {})[1:] == [Unknown("execution pondering")]


@pytest.mark.parametrize(
    "changed",
    [
        {"last_qty": 0}, {"last_qty": -1}, {"last_price": None}, {"last_price": "26599.9"}, {"exec_id": ""},
        {"side": "both"}, {"symbol": "BTC"}, {"symbol": ""}, {"symbol": "<b>/USD"}, {"timestamp": "soon"},
        {"fees": [{"asset": "USD", "qty": None}]}, {"last_qty": 10**21}, {"cost": "x"}, {"order_id": 5},
        {"timestamp": "19999-01-01T00:00:00Z"},
    ],
)  # fmt: skip
def test_a_trade_that_cannot_be_is_a_decode_error(changed: dict[str, object]):
    with pytest.raises(DecodeError, match="expected an execution"):
        CODEC.decode(frame(row(**changed)), 7, {})


# REST

TRADE = {
    "ordertxid": "OQCLML-BW3P3-BUCMWZ", "postxid": "TKH2SE-M7IF5-CFI7LT", "pair": "XXBTZUSD",
    "time": 1688667796.8802, "type": "buy", "ordertype": "limit", "price": "30010.00000",
    "cost": "600.20000", "fee": "0.96032", "vol": "0.02000000", "margin": "0.00000", "misc": "",
    "trade_id": 40274859, "maker": True,
}  # fmt: skip


def history(trades: dict[str, object], count: int) -> bytes:
    return answer({"trades": trades, "count": count})


def test_the_history_is_asked_from_a_second_before():
    (query,) = CODEC.fills_queries(1_688_667_796_000_000, 0, ())

    assert (query.path, query.weight) == ("/0/private/TradesHistory", 2)
    assert query.params == (("start", "1688667795"), ("ofs", "0"), ("consolidate_taker", "true"))


def test_a_recorded_trade_is_the_same_fill():
    (query,) = CODEC.fills_queries(0, 0, ())

    page = CODEC.decode_fills(query, history({"THVRQM-33VKH-UCI7BS": TRADE}, 1), 9, NAMES)

    assert page.more is None
    assert page.fills == [
        Fill("KRAKEN:BTC/USD", "THVRQM-33VKH-UCI7BS", "OQCLML-BW3P3-BUCMWZ", "buy", "30010.00000",
             "0.02000000", (("USD", "0.96032"),), "BTC", "USD", "maker", 1_688_667_796_880_200, 9, "rest",
             "600.20000")
    ]  # fmt: skip


def test_pages_go_on_until_all_are_there():
    (query,) = CODEC.fills_queries(5_000_000, 0, ())
    first = CODEC.decode_fills(query, history({"T1": TRADE, "T2": TRADE}, 3), 0, NAMES)

    assert dict(first.more.params) == {"start": "4", "ofs": "2", "consolidate_taker": "true"}
    assert CODEC.decode_fills(first.more, history({"T3": TRADE}, 3), 0, NAMES).more is None
    # Fewer than were counted, because one was struck out in between: no endless asking.
    assert CODEC.decode_fills(first.more, history({}, 3), 0, NAMES).more is None


def test_a_market_that_is_not_listed_is_named_and_the_others_are_read():
    trades = {"T1": TRADE, "T2": TRADE | {"pair": "GONEUSD"}}

    page = CODEC.decode_fills(CODEC.fills_queries(0, 0, ())[0], history(trades, 2), 0, NAMES)

    assert [fill.trade_id for fill in page.fills] == ["T1"]
    assert page.unknown == ("GONEUSD",)


def test_every_way_to_write_a_pair_is_one_name():
    pair = {"wsname": "XBT/USD", "altname": "XBTUSD", "pair_decimals": 1, "lot_decimals": 8}
    dog = {"wsname": "XDG/EUR", "altname": "XDGEUR", "pair_decimals": 1, "lot_decimals": 8}

    names = CODEC.decode_names(answer({"XXBTZUSD": pair, "XDGEUR": dog}))

    assert names["XXBTZUSD"] == names["XBTUSD"] == names["BTC/USD"] == Pair("BTC/USD", "BTC", "USD")
    assert names["XDGEUR"] == Pair("DOGE/EUR", "DOGE", "EUR")


# hostile

FIELDS = st.sampled_from([*row(), "order_qty", "limit_price", "cl_ord_id"])


@given(changes(FIELDS), JSON)
@example([("last_price", 1e308)], None)
@example([("timestamp", "9999999-01-01T00:00:00Z")], None)
def test_no_execution_breaks_more_than_its_frame(changed: list[tuple[str, object]], sequence: object):
    body = {"channel": "executions", "data": [row(**dict(changed))], "sequence": sequence}
    only_decode_errors(CODEC.decode, json.dumps(body).encode(), 0, {})


@given(changes(st.sampled_from(list(TRADE))), JSON)
@example([("time", 10**400)], 1)
@example([("time", "1e999999")], 1)
def test_no_history_breaks_more_than_its_page(changed: list[tuple[str, object]], count: object):
    body = answer({"trades": {"T": TRADE | dict(changed)}, "count": count})
    only_decode_errors(CODEC.decode_fills, CODEC.fills_queries(0, 0, ())[0], body, 0, NAMES)


@given(BYTES)
@example(b"[" * 100_000)
@example(b'{"channel":"executions","data":' + b"[" * 100_000)
def test_no_bytes_break_anything(body: bytes):
    only_decode_errors(CODEC.decode, body, 0, {})
    for decode in (CODEC.decode_permissions, CODEC.decode_token, CODEC.decode_names):
        only_decode_errors(decode, body)
