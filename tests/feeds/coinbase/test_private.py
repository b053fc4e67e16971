"""Coinbase's orders and fills: what the channel ``user`` says, and what REST says of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.codec import DecodeError
from feeds.events import Ack, Heartbeat, LinkSequence, Unknown
from feeds.private import Ask, Fill, OrderUpdate
from feeds.venues.coinbase.private import CoinbasePrivate
from tests.feeds.hostile import BYTES, JSON, changes, only_decode_errors

CODEC = CoinbasePrivate()
US = 1_675_974_837_609_931


def order(**changed: object) -> dict[str, object]:
    """https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels"""
    return {
        "avg_price": "50000", "cancel_reason": "", "client_order_id": "mine", "completion_percentage": "0",
        "contract_expiry_type": "UNKNOWN_CONTRACT_EXPIRY_TYPE", "cumulative_quantity": "0",
        "filled_value": "0", "leaves_quantity": "0.01", "limit_price": "50000", "number_of_fills": "0",
        "order_id": "9bc1eb3b-5b46-4b71-9628-ae2ed0cca75b", "order_side": "BUY", "order_type": "Limit",
        "outstanding_hold_amount": "0", "post_only": "false", "product_id": "BTC-USD",
        "product_type": "SPOT", "reject_reason": "", "status": "OPEN", "stop_price": "",
        "time_in_force": "GOOD_UNTIL_CANCELLED", "total_fees": "0", "total_value_after_fees": "0",
        "trigger_status": "INVALID_ORDER_TYPE", "creation_time": "2023-02-09T20:33:57.609931463Z",
    } | changed  # fmt: skip


def frame(*orders: dict[str, object], kind: str = "update", number: int = 7) -> bytes:
    return json.dumps({
        "channel": "user", "client_id": "", "timestamp": "2023-02-09T20:33:57.609931463Z",
        "sequence_num": number, "events": [{"type": kind, "orders": orders, "positions": {}}],
    }).encode()  # fmt: skip


def update(status: str, qty: str, filled: str, **changed: str) -> OrderUpdate:
    fields = {"kind": "limit", "price": "50000"} | changed
    return OrderUpdate("COINBASE:BTC-USD", "9bc1eb3b-5b46-4b71-9628-ae2ed0cca75b", "mine", "buy",
                       fields["kind"], status, fields["price"], qty, filled, US, 9)  # fmt: skip


def ask_for(filled: str) -> Ask:
    (query,) = [event.query for event in CODEC.decode(frame(order(cumulative_quantity="1")), 9, {})[2:]]
    return Ask(query, filled)


def test_a_new_order_is_acknowledged():
    assert CODEC.decode(frame(order()), 9, {}) == [LinkSequence(7), update("new", "0.01", "0")]


def test_an_order_of_which_something_was_filled_asks_rest_what():
    partly = order(cumulative_quantity="0.004", leaves_quantity="0.006")

    assert CODEC.decode(frame(partly), 9, {})[1:] == [
        update("partially_filled", "0.010", "0.004"), ask_for("0.004")
    ]  # fmt: skip
    assert dict(ask_for("0.004").query.params) == {
        "order_ids": "9bc1eb3b-5b46-4b71-9628-ae2ed0cca75b", "limit": "250"
    }  # fmt: skip


def test_what_was_filled_before_is_left_to_the_history():
    partly = order(cumulative_quantity="0.004", leaves_quantity="0.006")

    assert CODEC.decode(frame(partly, kind="snapshot"), 9, {})[1:] == [
        update("partially_filled", "0.010", "0.004")
    ]


@pytest.mark.parametrize(
    ("status", "said"),
    [("PENDING", "new"), ("QUEUED", "new"), ("CANCEL_QUEUED", "new"), ("FILLED", "filled"),
     ("CANCELLED", "canceled"), ("EXPIRED", "expired"), ("FAILED", "rejected")],
)  # fmt: skip
def test_every_status_has_a_name(status: str, said: str):
    assert CODEC.decode(frame(order(status=status)), 9, {})[1] == update(said, "0.01", "0")


def test_a_market_order_has_no_price():
    market = order(order_type="MARKET", limit_price="")

    assert CODEC.decode(frame(market), 9, {})[1] == update("new", "0.01", "0", kind="market", price="")


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ('{"channel":"subscriptions","timestamp":"","sequence_num":1,"events":[{"subscriptions":{}}]}',
         [LinkSequence(1), Ack(True, "", "user", "", 0)]),
        ('{"type":"error","message":"authentication failure"}',
         [Ack(False, "authentication failure", "user", "", 0)]),
        ('{"channel":"heartbeats","sequence_num":3,"events":[{"heartbeat_counter":3}]}',
         [LinkSequence(3), Heartbeat("COINBASE", 0, 9)]),
        ('{"channel":"futures_balance_summary","sequence_num":4,"events":[]}',
         [LinkSequence(4), Unknown("futures_balance_summary")]),
    ],
)  # fmt: skip
def test_what_else_comes(text: str, events: list[object]):
    assert CODEC.decode(text.encode(), 9, {}) == events


def test_a_status_that_is_new_to_us_is_counted():
    assert CODEC.decode(frame(order(status="PONDERING")), 9, {})[1:] == [Unknown("order PONDERING")]


@pytest.mark.parametrize("changed", [{"order_side": "BOTH"}, {"product_id": "a b"}, {"order_id": 5}])
def test_an_order_that_cannot_be_is_a_decode_error(changed: dict[str, object]):
    with pytest.raises(DecodeError, match="expected orders"):
        CODEC.decode(frame(order(**changed)), 9, {})


# REST

FILL = {
    "entry_id": "22222-2222222-22222222", "trade_id": "1111-11111-111111", "order_id": "0000-000000-000000",
    "trade_time": "2021-05-31T09:59:59.123456789Z", "trade_type": "FILL", "price": "10000.00",
    "size": "0.001", "commission": "1.25", "product_id": "BTC-USD",
    "sequence_timestamp": "2021-05-31T09:58:59Z", "liquidity_indicator": "MAKER", "size_in_quote": False,
    "user_id": "3333-333333-3333333", "side": "BUY",
}  # fmt: skip


def fills(*rows: dict[str, object], cursor: str = "") -> bytes:
    return json.dumps({"fills": rows, "cursor": cursor}).encode()


def made(qty: str = "0.001", cost: str = "") -> Fill:
    return Fill("COINBASE:BTC-USD", "1111-11111-111111", "0000-000000-000000", "buy", "10000.00", qty,
                (("USD", "1.25"),), "BTC", "USD", "maker", 1_622_455_199_123_456, 9,
                "rest", cost)  # fmt: skip


def test_fills_are_asked_from_a_second_on():
    (query,) = CODEC.fills_queries(1_622_455_199_123_456, 0, ())

    assert query.params == (("start_sequence_timestamp", "2021-05-31T09:59:59Z"), ("limit", "250"))


def test_a_recorded_fill_is_one():
    page = CODEC.decode_fills(CODEC.fills_queries(0, 0, ())[0], fills(FILL), 9, {})

    assert (page.fills, page.more, page.unknown) == ([made()], None, ())


def test_a_size_in_what_was_paid_is_divided_and_the_cost_kept():
    paid = FILL | {"size": "25.00", "size_in_quote": True, "price": "10000.00"}

    assert CODEC.decode_fills(CODEC.fills_queries(0, 0, ())[0], fills(paid), 9, {}).fills == [
        made("0.0025", "25.00")
    ]


def test_a_cursor_leads_to_the_next_page():
    (query,) = CODEC.fills_queries(0, 0, ())
    first = CODEC.decode_fills(query, fills(FILL, cursor="789100"), 9, {})
    second = CODEC.decode_fills(first.more, fills(FILL, cursor="789200"), 9, {})

    assert first.more.params == (*query.params, ("cursor", "789100"))
    assert second.more.params == (*query.params, ("cursor", "789200"))
    # A cursor without fills would be asked for ever.
    assert CODEC.decode_fills(query, fills(cursor="789300"), 9, {}).more is None


@pytest.mark.parametrize("kind", ["REVERSAL", "CORRECTION", "SYNTHETIC"])
def test_what_takes_a_trade_back_is_no_fill_and_is_said(kind: str):
    page = CODEC.decode_fills(
        CODEC.fills_queries(0, 0, ())[0], fills(FILL, FILL | {"trade_type": kind}), 9, {}
    )

    assert (len(page.fills), page.unknown) == (1, (f"BTC-USD {kind}",))


@pytest.mark.parametrize(
    "changed",
    [{"size": "0"}, {"price": "x"}, {"side": "BOTH"}, {"product_id": "BTC"}, {"trade_id": ""},
     {"trade_time": "soon"}, {"commission": "NaN"}, {"size_in_quote": True, "price": "0"}],
)  # fmt: skip
def test_a_fill_that_cannot_be_is_a_decode_error(changed: dict[str, object]):
    with pytest.raises(DecodeError, match="expected fills"):
        CODEC.decode_fills(CODEC.fills_queries(0, 0, ())[0], fills(FILL | changed), 9, {})


# hostile


@given(changes(st.sampled_from(list(order()))), JSON)
@example([("cumulative_quantity", "9" * 400)], None)
def test_no_order_breaks_more_than_its_frame(changed: list[tuple[str, object]], kind: object):
    body = {"channel": "user", "timestamp": "2023-02-09T20:33:57Z", "events": [
        {"type": kind, "orders": [order(**dict(changed))]}]}  # fmt: skip
    only_decode_errors(CODEC.decode, json.dumps(body).encode(), 0, {})
    only_decode_errors(CODEC.decode, frame(order(**dict(changed))), 0, {})


@given(changes(st.sampled_from(list(FILL))), JSON)
@example([("size_in_quote", True), ("size", "9" * 20), ("price", "0." + "0" * 19 + "1")], "")
def test_no_history_breaks_more_than_its_page(changed: list[tuple[str, object]], cursor: object):
    body = json.dumps({"fills": [FILL | dict(changed)], "cursor": cursor}).encode()
    only_decode_errors(CODEC.decode_fills, CODEC.fills_queries(0, 0, ())[0], body, 0, {})


@given(BYTES)
@example(b"[" * 100_000)
@example(b'{"channel":"user","events":' + b"[" * 100_000)
def test_no_bytes_break_anything(body: bytes):
    only_decode_errors(CODEC.decode, body, 0, {})
    only_decode_errors(CODEC.decode_permissions, body)
    CODEC.denied(401, body)
